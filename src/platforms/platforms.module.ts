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
  if (!configuration.features.tasksEnabled) return new PlatformRegistry([]);
  const local = await localAccounts(configuration, instanceId, resources, logger);
  const kubernetes = await kubernetesAccounts(configuration, instanceId, logger);
  return new PlatformRegistry([...local, ...kubernetes]);
}

async function localAccounts(
  { platforms, millrace, environment: parentEnvironment, task: { javaHomePaths } }: MillraceConfiguration,
  instanceId: string,
  resources: ResourceResolver,
  logger: ServerLogger,
): Promise<readonly TaskPlatform[]> {
  const accounts = Object.entries(platforms.local);
  if (accounts.length === 0) return [];
  const { LocalPlatform } = await import('./local/local-platform.js');
  return accounts.map(([accountName, settings]) => {
    const workingDirectory = join(millrace.dataDir, 'tasks', accountName);
    const common = { accountName, settings, instanceId, workingDirectory, resources, logger };
    return new LocalPlatform({ ...common, javaHomePaths, parentEnvironment });
  });
}

async function kubernetesAccounts(
  { platforms, environment, kubernetes }: MillraceConfiguration,
  instanceId: string,
  logger: ServerLogger,
): Promise<readonly TaskPlatform[]> {
  const accounts = Object.entries(platforms.kubernetes);
  if (accounts.length === 0) return [];
  const { KubernetesPlatform } = await import('./kubernetes/kubernetes-platform.js');
  const { boundsOf } = await import('./kubernetes/account-bounds.js');
  const common = { instanceId, environment, logger, ...boundsOf(kubernetes) };
  return accounts.map(([accountName, settings]) => new KubernetesPlatform({ accountName, settings, ...common }));
}
