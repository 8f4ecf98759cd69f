import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { RegistryModule } from '../registry/registry.module.js';
import { DefinitionsService } from './definitions.service.js';

/** Task definitions. */
@Module({ imports: [AuditModule, RegistryModule], providers: [DefinitionsService], exports: [DefinitionsService] })
export class DefinitionsModule {}
