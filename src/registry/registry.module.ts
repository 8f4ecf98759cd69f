import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ResourcesModule } from '../resources/resources.module.js';
import { ContainerRegistries } from './containers/container-registries.js';
import { ImportReader } from './import-reader.js';
import { AppMetadataService } from './metadata/app-metadata.service.js';
import { IMAGE_LABEL_READER } from './metadata/image-label-reader.js';
import { RegistryService } from './registry.service.js';

/** App registrations and what is known of the apps behind them. */
@Module({
  imports: [AuditModule, ResourcesModule],
  providers: [
    RegistryService,
    AppMetadataService,
    ImportReader,
    { provide: IMAGE_LABEL_READER, useClass: ContainerRegistries },
  ],
  exports: [RegistryService, AppMetadataService, ImportReader],
})
export class RegistryModule {}
