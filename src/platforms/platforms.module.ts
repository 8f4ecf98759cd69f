import { join } from 'node:path';
import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, INSTANCE_ID, type MillraceConfiguration } from '../configuration/configuration.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import { ResourceResolver } from '../resources/resource-resolver.js';
import { ResourcesModule } from '../resources/resources.module.js';
import { PlatformRegistry } from './platform-registry.js';
import type { TaskPlatform } from './platform.js';

/** The platform accounts of the configuration; each type's code is loaded only when an account of it is configured. */
@Module({
  imports: [ResourcesModule],
  providers: [
    {
      provide: PlatformRegistry,
      inject: [CONFIGURATION, INSTANCE_ID, ResourceResolver, LOGGER],
      useFactory: createRegistry,
    },
  ],
  exports: [PlatformRegistry],
})
export class PlatformsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(PlatformRegistry) private readonly platforms: PlatformRegistry) {}

  async onApplicationBootstrap(): Promise<void> {
    await Promise.all(this.platforms.all().map((platform) => platform.start()));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.platforms.all().map((platform) => platform.close()));
  }
}

async function createRegistry(
  configuration: MillraceConfiguration,
  instanceId: string,
  resources: ResourceResolver,
  logger: ServerLogger,
): Promise<PlatformRegistry> {
  const platforms: TaskPlatform[] = [];
  if (!configuration.features.tasksEnabled) return new PlatformRegistry(platforms);
  const local = Object.entries(configuration.platforms.local);
  if (local.length > 0) {
    const { LocalPlatform } = await import('./local/local-platform.js');
    for (const [accountName, settings] of local) {
      const workingDirectory = join(configuration.millrace.dataDir, 'tasks', accountName);
      const { environment: parentEnvironment, task } = configuration;
      const { javaHomePaths } = task;
      platforms.push(
        new LocalPlatform({
          accountName,
          settings,
          instanceId,
          workingDirectory,
          resources,
          javaHomePaths,
          parentEnvironment,
          logger,
        }),
      );
    }
  }
  return new PlatformRegistry(platforms);
}
