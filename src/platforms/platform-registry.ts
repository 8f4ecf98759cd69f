import type { TaskPlatform } from './platform.js';

/** All platform accounts of this server, by name. Account names are unique over all platform types. */
export class PlatformRegistry {
  private readonly byName: ReadonlyMap<string, TaskPlatform>;

  constructor(platforms: readonly TaskPlatform[]) {
    this.byName = new Map(platforms.map((platform) => [platform.accountName, platform]));
  }

  /** In the order of the configuration. */
  all(): readonly TaskPlatform[] {
    return [...this.byName.values()];
  }

  /** The account's names, for messages. */
  names(): readonly string[] {
    return [...this.byName.keys()];
  }

  /** @returns undefined for an account that does not exist */
  find(accountName: string): TaskPlatform | undefined {
    return this.byName.get(accountName);
  }
}
