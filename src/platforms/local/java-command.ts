/** Which Java runs a jar. */
import { join } from 'node:path';
import { PlatformLaunchError } from '../platform.js';
import type { LocalSettings } from './local-settings.js';
import { findCommand } from './program-file.js';

/** Java homes for the two generations of Spring Boot, where the server's configuration sets them for all accounts. */
export interface JavaHomePaths {
  readonly boot2: string | undefined;
  readonly boot3: string | undefined;
}

/**
 * A launch's `java-home-path.<boot version>` or `java-cmd`, then the account's, then
 * `spring.cloud.dataflow.defaults.boot<n>.local.javaHomePath`, then `java` of the PATH, then JAVA_HOME.
 * @param settings the account's settings with the launch's laid over them
 * @throws PlatformLaunchError naming the command that is not there and where it was set
 */
export async function findJava(
  bootVersion: '2' | '3',
  settings: LocalSettings,
  account: LocalSettings,
  defaults: JavaHomePaths,
  parent: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const home = `java-home-path.${bootVersion}`;
  const java = (directory: string | undefined) =>
    directory === undefined ? undefined : join(directory, 'bin', 'java');
  const ofLaunch = settings.javaHomePath[bootVersion] === account.javaHomePath[bootVersion] ? undefined : home;
  const cmdOfLaunch = settings.javaCmd !== account.javaCmd;
  const candidates: readonly (readonly [string, string | undefined])[] = [
    [`local.${home}`, ofLaunch === undefined ? undefined : java(settings.javaHomePath[bootVersion])],
    ['local.java-cmd', cmdOfLaunch ? settings.javaCmd : undefined],
    [home, java(settings.javaHomePath[bootVersion])],
    ['java-cmd', settings.javaCmd],
    [`spring.cloud.dataflow.defaults.boot${bootVersion}.local.javaHomePath`, java(defaults[`boot${bootVersion}`])],
  ];
  const chosen = candidates.find(([, command]) => command !== undefined);
  if (chosen?.[1] !== undefined) {
    const found = await findCommand(chosen[1], parent['PATH']);
    if (found !== undefined) return found;
    throw new PlatformLaunchError(`There is no Java at ${chosen[1]}, which '${chosen[0]}' sets.`);
  }
  const found = (await findCommand('java', parent['PATH'])) ?? (await findInJavaHome(parent['JAVA_HOME']));
  if (found !== undefined) return found;
  throw new PlatformLaunchError(
    `There is no Java on this machine to run the jar with: 'java' is not in the PATH, and neither 'java-cmd' nor '${home}' is set.`,
  );
}

async function findInJavaHome(home: string | undefined): Promise<string | undefined> {
  return home === undefined ? undefined : findCommand(join(home, 'bin', 'java'), undefined);
}
