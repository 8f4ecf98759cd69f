import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import { ResourceResolver } from './resource-resolver.js';

/** Brings jars and programs to this machine. */
@Module({
  providers: [
    {
      provide: ResourceResolver,
      inject: [CONFIGURATION, LOGGER],
      useFactory: ({ millrace, maven }: MillraceConfiguration, logger: ServerLogger) =>
        new ResourceResolver({
          cacheDirectory: join(millrace.dataDir, 'cache'),
          maven,
          warn: (message) => logger.warn(message),
        }),
    },
  ],
  exports: [ResourceResolver],
})
export class ResourcesModule {}
