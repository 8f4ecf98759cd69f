import { Global, Module } from '@nestjs/common';
import { CONFIGURATION } from '../configuration/configuration-token.js';
import type { MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from './database.js';
import { RowCounts } from './row-counts.js';
import { DatabaseUpkeep } from './upkeep.js';

/** Gives every room the {@link Database} and {@link RowCounts}; needs a provider of {@link CONFIGURATION}. */
@Global()
@Module({
  providers: [
    {
      provide: Database,
      inject: [CONFIGURATION],
      useFactory: (configuration: MillraceConfiguration) => Database.open(configuration),
    },
    RowCounts,
    DatabaseUpkeep,
  ],
  exports: [Database, RowCounts],
})
export class DatabaseModule {}
