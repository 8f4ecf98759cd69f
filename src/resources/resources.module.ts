import { Module } from '@nestjs/common';
import { ResourceResolver } from './resource-resolver.js';

/** Brings jars and programs to this machine. */
@Module({
  providers: [{ provide: ResourceResolver, useFactory: () => new ResourceResolver() }],
  exports: [ResourceResolver],
})
export class ResourcesModule {}
