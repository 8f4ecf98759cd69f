import { Global, Module } from '@nestjs/common';
import { CONFIGURATION } from '../configuration/configuration-token.js';
import type { MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from './database.js';

/** Gives every room the {@link Database}; needs a provider of {@link CONFIGURATION}. */
@Global()
@Module({
  providers: [
    {
      provide: Database,
      inject: [CONFIGURATION],
      useFactory: (configuration: MillraceConfiguration) => Database.open(configuration),
    },
  ],
  exports: [Database],
})
export class DatabaseModule {}
