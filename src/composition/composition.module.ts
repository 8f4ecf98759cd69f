import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DefinitionsModule } from '../definitions/definitions.module.js';
import { LaunchingModule } from '../launching/launching.module.js';
import { RegistryModule } from '../registry/registry.module.js';
import { ChildDefinitions } from './child-definitions.service.js';
import { ComposedLaunchService } from './composed-launch.service.js';
import { ComposedRunSignals } from './composed-run-signals.js';
import { TaskLauncher } from './task-launcher.service.js';

/** Composed tasks, run inside the server; and the launch of tasks of either kind. */
@Module({
  imports: [AuditModule, DefinitionsModule, LaunchingModule, RegistryModule],
  providers: [TaskLauncher, ComposedLaunchService, ChildDefinitions, ComposedRunSignals],
  exports: [TaskLauncher, ComposedRunSignals],
})
export class CompositionModule {}
