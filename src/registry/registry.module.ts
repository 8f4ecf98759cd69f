import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ImportReader } from './import-reader.js';
import { AppMetadataService } from './metadata/app-metadata.service.js';
import { RegistryService } from './registry.service.js';

/** App registrations and what is known of the apps behind them. */
@Module({
  imports: [AuditModule],
  providers: [RegistryService, AppMetadataService, ImportReader],
  exports: [RegistryService, AppMetadataService, ImportReader],
})
export class RegistryModule {}
