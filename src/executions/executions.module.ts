import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CompositionModule } from '../composition/composition.module.js';
import { LaunchingModule } from '../launching/launching.module.js';
import { LogArchiveModule } from '../logs/log-archive.module.js';
import { PlatformsModule } from '../platforms/platforms.module.js';
import { CleanUps } from './clean-ups.service.js';
import { ExecutionControlService } from './execution-control.service.js';
import { ExecutionFollowUp } from './execution-follow-up.service.js';
import { ExecutionHistoryService } from './execution-history.service.js';
import { ExecutionRemovalService } from './execution-removal.service.js';
import { OrphansService } from './orphans.service.js';
import { RemovalBatches } from './removal-batches.service.js';
import { RemovalRuns } from './removal-runs.service.js';
import { StartHindrances } from './start-hindrances.service.js';

/** Task executions: what ran, what runs, and the end of both. */
@Module({
  imports: [AuditModule, CompositionModule, LaunchingModule, LogArchiveModule, PlatformsModule],
  providers: [
    CleanUps,
    ExecutionHistoryService,
    ExecutionControlService,
    ExecutionRemovalService,
    ExecutionFollowUp,
    OrphansService,
    RemovalBatches,
    RemovalRuns,
    StartHindrances,
  ],
  exports: [
    ExecutionHistoryService,
    ExecutionControlService,
    ExecutionRemovalService,
    OrphansService,
    RemovalBatches,
    RemovalRuns,
  ],
})
export class ExecutionsModule {}
