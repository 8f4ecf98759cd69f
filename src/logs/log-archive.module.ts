import { Module } from '@nestjs/common';
import { PlatformsModule } from '../platforms/platforms.module.js';
import { LogArchive } from './log-archive.service.js';

/** What outlives pods and files: the logs of ended executions. */
@Module({
  imports: [PlatformsModule],
  providers: [LogArchive],
  exports: [LogArchive],
})
export class LogArchiveModule {}
