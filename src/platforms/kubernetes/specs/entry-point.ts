/** How application properties and arguments reach a container: as arguments, as variables or as JSON. Pure. */
import { InvalidLaunchRequestError } from '../../platform.js';
import type { Pairs } from './pairs.js';
import type { KubernetesSettings } from './settings.js';
import { isVariableName, VARIABLE_NAME_RULE } from './values.js';

/** What the container's program is given. */
export interface EntryPoint {
  readonly args: readonly string[];
  /** Plain environment variables, those of the settings included. */
  readonly variables: Pairs;
}

/** Spring Boot reads properties from it. */
const JSON_VARIABLE = 'SPRING_APPLICATION_JSON';
const ADMIN = 'spring.cloud.streamapp.security.admin-';

/**
 * SCDF's three entry point styles: `exec` passes properties as `--key=value` before the arguments, `boot` as JSON in a variable,
 * `shell` passes properties and arguments as variables, as programs want that know nothing of Spring.
 *
 * @throws InvalidLaunchRequestError for what a style cannot pass
 */
export function entryPoint(
  settings: KubernetesSettings,
  appProperties: Pairs,
  commandLineArguments: readonly string[],
): EntryPoint {
  const variables = settings.environmentVariables ?? {};
  switch (settings.entryPointStyle ?? 'exec') {
    case 'exec':
      return {
        args: [
          ...propertyArguments(appProperties, commandLineArguments),
          ...commandLineArguments,
          ...Object.entries(adminProperties(settings)).map(([key, value]) => `--${key}=${value}`),
        ],
        variables,
      };
    case 'boot':
      if (JSON_VARIABLE in variables) {
        throw new InvalidLaunchRequestError(
          `Deployment property 'kubernetes.environmentVariables' sets ${JSON_VARIABLE}, ` +
            "which the entry point style 'boot' needs for the application's properties. Choose the style exec, or leave it out.",
        );
      }
      return {
        args: commandLineArguments,
        variables: { ...variables, [JSON_VARIABLE]: JSON.stringify(appProperties) },
      };
    case 'shell':
      return {
        args: [],
        variables: {
          ...variables,
          ...Object.fromEntries(Object.entries(appProperties).map(([key, value]) => [shellName(key), value])),
          ...Object.fromEntries(commandLineArguments.map(shellVariable)),
          ...adminProperties(settings),
        },
      };
  }
}

/** Properties without a value are left out, and so are those that an argument of the same name gives. */
function propertyArguments(appProperties: Pairs, commandLineArguments: readonly string[]): string[] {
  const given = new Set(commandLineArguments.map((argument) => optionName(argument)));
  return Object.entries(appProperties)
    .filter(([key, value]) => value.trim() !== '' && !given.has(key))
    .map(([key, value]) => `--${key}=${value}`);
}

function optionName(argument: string): string {
  return (argument.split('=', 1)[0] ?? '').trim().replace(/^--/, '');
}

function shellVariable(argument: string, index: number): [string, string] {
  const equals = argument.indexOf('=');
  if (equals < 0) {
    throw new InvalidLaunchRequestError(
      `Argument number ${index + 1} has no '='. The entry point style 'shell' passes arguments as environment variables, ` +
        'so each must be name=value; choose the style exec or boot to pass it as it is.',
    );
  }
  return [shellName(argument.slice(0, equals).trim().replace(/^--/, '')), argument.slice(equals + 1)];
}

function shellName(key: string): string {
  const name = key.replaceAll('.', '_').toUpperCase();
  if (!isVariableName(name)) {
    throw new InvalidLaunchRequestError(
      `The entry point style 'shell' cannot pass '${key.slice(0, 100)}' as an environment variable: names must be made of ` +
        `${VARIABLE_NAME_RULE}.`,
    );
  }
  return name;
}

/** What SCDF adds for an account's `appAdmin`: at the very end. */
function adminProperties({ appAdminUser, appAdminPassword }: KubernetesSettings): Pairs {
  if (appAdminUser === undefined || appAdminPassword === undefined) return {};
  return { [`${ADMIN}password`]: appAdminPassword, [`${ADMIN}user`]: appAdminUser };
}
