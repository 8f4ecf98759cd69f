import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CompositionModule } from '../composition/composition.module.js';
import { DefinitionsModule } from '../definitions/definitions.module.js';
import { ExecutionsModule } from '../executions/executions.module.js';
import { LaunchingModule } from '../launching/launching.module.js';
import { PlatformsModule } from '../platforms/platforms.module.js';
import { AutomaticRecovery } from './automatic-recovery.service.js';
import { JobRecoveryService } from './job-recovery.service.js';
import { JobRestartService } from './job-restart.service.js';
import { JobStatistics } from './job-statistics.service.js';
import { JobStopService } from './job-stop.service.js';
import { JobsService } from './jobs.service.js';
import { ProcessWitness } from './process-witness.service.js';

/** The Spring Batch history, and what operators do with it. */
@Module({
  imports: [AuditModule, CompositionModule, DefinitionsModule, ExecutionsModule, LaunchingModule, PlatformsModule],
  providers: [
    JobsService,
    JobStatistics,
    JobRestartService,
    JobStopService,
    JobRecoveryService,
    ProcessWitness,
    AutomaticRecovery,
  ],
  exports: [JobsService, JobStatistics, JobRestartService, JobStopService, JobRecoveryService],
})
export class JobsModule {}
