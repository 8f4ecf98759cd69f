import type { TaskPlatform } from '../platforms/platform.js';
import type { PlatformRegistry } from '../platforms/platform-registry.js';
import { NoSuchLauncherError } from './executions.errors.js';

/**
 * The platform account that a client names.
 * @throws NoSuchLauncherError when there is none of that name
 */
export function platformNamed(platforms: PlatformRegistry, name: string): TaskPlatform {
  const platform = platforms.find(name);
  if (platform === undefined) throw new NoSuchLauncherError(name, platforms.names());
  return platform;
}
