import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DefinitionsModule } from '../definitions/definitions.module.js';
import { LaunchingModule } from '../launching/launching.module.js';
import { RegistryModule } from '../registry/registry.module.js';
import { ChildDefinitions } from './child-definitions.service.js';
import { ComposedLaunchService } from './composed-launch.service.js';
import { ComposedDriver } from './composed-driver.service.js';
import { ComposedRoundWriter } from './composed-round-writer.service.js';
import { ComposedRounds } from './composed-rounds.service.js';
import { ComposedRunSignals } from './composed-run-signals.js';
import { ComposedStops } from './composed-stops.service.js';
import { ComposedStories } from './composed-stories.service.js';
import { Plans } from './plans.service.js';
import { TaskLauncher } from './task-launcher.service.js';

/** Composed tasks, run inside the server; and the launch of tasks of either kind. */
@Module({
  imports: [AuditModule, DefinitionsModule, LaunchingModule, RegistryModule],
  providers: [
    TaskLauncher,
    ComposedLaunchService,
    ChildDefinitions,
    ComposedRunSignals,
    Plans,
    ComposedRoundWriter,
    ComposedRounds,
    ComposedDriver,
    ComposedStops,
    ComposedStories,
  ],
  exports: [TaskLauncher, ComposedRunSignals, ComposedDriver, ComposedStops, ComposedStories],
})
export class CompositionModule {}
