import { Module } from '@nestjs/common';
import { CompositionModule } from '../composition/composition.module.js';
import { ExecutionsModule } from '../executions/executions.module.js';
import { LaunchingModule } from '../launching/launching.module.js';
import { PlatformsModule } from '../platforms/platforms.module.js';
import { ExecutionLogs } from './execution-logs.service.js';
import { LogArchiveModule } from './log-archive.module.js';

/** Logs of executions, read and followed wherever they are. */
@Module({
  imports: [CompositionModule, ExecutionsModule, LaunchingModule, LogArchiveModule, PlatformsModule],
  providers: [ExecutionLogs],
  exports: [ExecutionLogs],
})
export class LogsModule {}
