import { Global, Module } from '@nestjs/common';
import { CONFIGURATION, INSTANCE_ID, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from './database.js';
import { RowCounts } from './row-counts.js';
import { DatabaseUpkeep } from './upkeep.js';

/** Gives every room the {@link Database}, {@link INSTANCE_ID} and {@link RowCounts}; needs a provider of {@link CONFIGURATION}. */
@Global()
@Module({
  providers: [
    {
      provide: Database,
      inject: [CONFIGURATION],
      useFactory: (configuration: MillraceConfiguration) => Database.open(configuration),
    },
    {
      provide: INSTANCE_ID,
      inject: [Database],
      useFactory: ({ instanceId }: Database) => instanceId,
    },
    RowCounts,
    DatabaseUpkeep,
  ],
  exports: [Database, INSTANCE_ID, RowCounts],
})
export class DatabaseModule {}
