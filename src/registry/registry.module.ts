import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ResourcesModule } from '../resources/resources.module.js';
import { ImportReader } from './import-reader.js';
import { AppMetadataService } from './metadata/app-metadata.service.js';
import { IMAGE_LABEL_READER, type ImageLabelReader } from './metadata/image-label-reader.js';
import { RegistryService } from './registry.service.js';

const unread: ImageLabelReader = { labels: () => Promise.resolve(undefined) };

/** App registrations and what is known of the apps behind them. */
@Module({
  imports: [AuditModule, ResourcesModule],
  providers: [RegistryService, AppMetadataService, ImportReader, { provide: IMAGE_LABEL_READER, useValue: unread }],
  exports: [RegistryService, AppMetadataService, ImportReader],
})
export class RegistryModule {}
