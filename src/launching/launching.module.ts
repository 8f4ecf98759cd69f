import { type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DefinitionsModule } from '../definitions/definitions.module.js';
import { PlatformsModule } from '../platforms/platforms.module.js';
import { RegistryModule } from '../registry/registry.module.js';
import { ApplicationPropertiesService } from './application-properties.service.js';
import { LaunchAttempts } from './launch-attempts.service.js';
import { ExecutionEnds } from './execution-ends.js';
import { LaunchCancellation } from './launch-cancellation.service.js';
import { FreeRoom } from './free-room.js';
import { LaunchAdmission } from './launch-admission.service.js';
import { LaunchQueueService } from './launch-queue.service.js';
import { LaunchIntake } from './launch-intake.service.js';
import { LaunchRecordsService } from './launch-records.service.js';
import { LaunchTargets } from './launch-targets.service.js';
import { LaunchRecovery } from './launch-recovery.service.js';
import { LaunchingService } from './launching.service.js';
import { MarkedLaunches } from './marked-launches.middleware.js';
import { PlatformDomains } from './platform-domains.service.js';

/** Launches of tasks: from the request to the platform, exactly once. */
@Module({
  imports: [AuditModule, RegistryModule, DefinitionsModule, PlatformsModule],
  providers: [
    LaunchingService,
    LaunchTargets,
    LaunchAttempts,
    LaunchIntake,
    LaunchAdmission,
    LaunchQueueService,
    FreeRoom,
    ExecutionEnds,
    LaunchCancellation,
    LaunchRecovery,
    LaunchRecordsService,
    PlatformDomains,
    ApplicationPropertiesService,
  ],
  exports: [
    LaunchingService,
    LaunchTargets,
    LaunchIntake,
    LaunchRecordsService,
    LaunchQueueService,
    LaunchAdmission,
    LaunchCancellation,
    ExecutionEnds,
    PlatformDomains,
    ApplicationPropertiesService,
  ],
})
export class LaunchingModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(MarkedLaunches)
      // One launch does not wait for the other.
      .exclude(
        { path: 'tasks/executions', method: RequestMethod.POST },
        { path: 'tasks/executions/launch', method: RequestMethod.POST },
      )
      .forRoutes('tasks/{*path}', 'jobs/{*path}', 'millrace/{*path}');
  }
}
