/** How a container image is run with docker or podman: argument list and environment of the engine's command. Pure. */
import type { LaunchRequest } from '../platform.js';
import { debugOptions, propertyArguments, type CommandLine, type LaunchInput } from './launch-command.js';
import { inheritedVariables } from './launch-environment.js';
import type { LocalSettings } from './local-settings.js';

/** What of the server's environment the engine's own command needs: where the engine is, proxies, credentials' place. */
const ENGINE_VARIABLES = [
  'PATH',
  'HOME',
  'USER',
  'XDG_.*',
  'DOCKER_.*',
  'CONTAINER_.*',
  'CONTAINERS_.*',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  '(?:https?|HTTPS?|no|NO)_(?:proxy|PROXY)',
];

/** Labels that tell our containers, and which execution each is. */
export const EXECUTION_LABEL = 'millrace.execution-id';
export const SCHEMA_TARGET_LABEL = 'millrace.schema-target';
export const INSTANCE_LABEL = 'millrace.instance-id';

/** The environment for calls of the engine's command. */
export function engineEnvironment(parent: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return inheritedVariables(parent, ENGINE_VARIABLES);
}

/**
 * `docker run`, attached: its output is the container's, its exit code too. The container bears the execution's name, so a
 * second one of the same execution cannot come up. Values of variables travel in the environment of the command, not in
 * its arguments, which every user of the machine can list.
 */
export function containerCommand(
  engine: string,
  image: string,
  request: LaunchInput & Pick<LaunchRequest, 'externalExecutionId' | 'execution'>,
  settings: LocalSettings,
  parent: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const { docker } = settings;
  const variables = containerVariables(request, settings);
  return {
    argv: [
      engine,
      'run',
      `--name=${request.externalExecutionId}`,
      ...(docker.network === '' ? [] : [`--network=${docker.network}`]),
      ...(docker.deleteContainerOnExit ? ['--rm'] : []),
      `--label=${EXECUTION_LABEL}=${request.execution.id}`,
      `--label=${SCHEMA_TARGET_LABEL}=${request.execution.schemaTarget}`,
      `--label=${INSTANCE_LABEL}=${request.execution.instanceId}`,
      ...Object.keys(variables).map((name) => `--env=${name}`),
      ...publishedPorts(request, settings).map((mapping) => `--publish=${mapping}`),
      ...docker.volumeMounts.map((mapping) => `--volume=${mapping}`),
      ...docker.additionalHosts.map((mapping) => `--add-host=${mapping}`),
      ...(settings.memory === undefined ? [] : [`--memory=${settings.memory}m`]),
      ...(settings.cpu === undefined ? [] : [`--cpus=${settings.cpu}`]),
      image,
      ...(settings.useSpringApplicationJson ? [] : propertyArguments(request.appProperties)),
      ...request.arguments,
      ...request.springArguments,
    ],
    environment: { ...engineEnvironment(parent), ...variables },
  };
}

function containerVariables(input: LaunchInput, settings: LocalSettings): Record<string, string> {
  const [debug] = debugOptions(settings);
  return {
    ...(settings.useSpringApplicationJson ? { SPRING_APPLICATION_JSON: JSON.stringify(input.appProperties) } : {}),
    ...(debug === undefined ? {} : { JAVA_TOOL_OPTIONS: debug }),
  };
}

/** SCDF publishes the web port and the debugger's port under their own numbers, besides `docker.port-mappings`. */
function publishedPorts(input: LaunchInput, settings: LocalSettings): readonly string[] {
  const debugPort = /(\d+)$/.exec(settings.debugAddress ?? String(settings.debugPort ?? ''))?.[1];
  const own = [debugPort, input.appProperties['server.port']].filter((port) => /^[1-9]\d*$/.test(port ?? ''));
  return [...own.map((port) => `${port}:${port}`), ...settings.docker.portMappings];
}
