/** From a launch request to a command that can be executed here: files fetched and looked at, commands found. */
import { PlatformLaunchError, type LaunchRequest } from '../platform.js';
import { parseResourceUri } from '../../resources/resource-uri.js';
import { UnresolvableResourceError } from '../../resources/resource-errors.js';
import { containerCommand } from './container-command.js';
import { findJava, type JavaHomePaths } from './java-command.js';
import { jarCommand, programCommand, type CommandLine } from './launch-command.js';
import type { LocalSettings } from './local-settings.js';
import { inspectFile } from './program-file.js';

/** Where preparation finds what it needs. */
export interface PreparationContext {
  readonly account: LocalSettings;
  readonly javaHomePaths: JavaHomePaths;
  readonly parentEnvironment: Readonly<Record<string, string | undefined>>;
  /** The container engine's command; only for images. */
  readonly engine: string | undefined;
  /** Brings a `file:`, `http(s):` or `maven:` resource to this machine. */
  readonly resources: { resolve(uri: string): Promise<string> };
}

/**
 * @throws PlatformLaunchError when the task can never run here so; other errors are passing (a repository is unreachable)
 */
export async function prepareCommand(
  asked: LaunchRequest,
  settings: LocalSettings,
  context: PreparationContext,
): Promise<CommandLine> {
  const request = { ...asked, appProperties: { ...asked.dataSource, ...asked.appProperties } };
  const resource = parseResourceUri(request.resourceUri);
  const parent = context.parentEnvironment;
  if (resource.kind === 'docker') {
    if (context.engine === undefined) throw new PlatformLaunchError('This machine cannot run container images.');
    return containerCommand(context.engine, resource.image, request, settings, parent);
  }
  const path = await fetchResource(request.resourceUri, context);
  const file = await inspectFile(path);
  if (file.kind === 'program') return programCommand(file.argv, request, settings, parent);
  const java = await findJava(request.bootVersion, settings, context.account, context.javaHomePaths, parent);
  return jarCommand(java, path, request, settings, parent, Math.random());
}

async function fetchResource(uri: string, context: PreparationContext): Promise<string> {
  try {
    return await context.resources.resolve(uri);
  } catch (error) {
    if (error instanceof UnresolvableResourceError) throw new PlatformLaunchError(error.message);
    throw error;
  }
}
