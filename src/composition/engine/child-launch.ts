import { composedArgument } from './composed-arguments.js';
import { decodeKey } from './base64-keys.js';
import { childOptions } from './child-options.js';

const PARENT_ID = 'spring.cloud.task.parent-execution-id';
const PARENT_SCHEMA = 'spring.cloud.task.parent-schema-target';
const PLATFORM_NAME = 'spring.cloud.dataflow.task.platformName';

/** What is the same for all children of a run. */
export interface ChildrenSettings {
  /** The composed task's name. */
  readonly parent: string;
  /** The names of all children, see `childrenOf`. */
  readonly children: ReadonlySet<string>;
  /** The runner's property of that name; null if it was not given. */
  readonly composedTaskArguments: string | null;
  /** `composed-task-properties`, taken apart. */
  readonly composedTaskProperties: ReadonlyMap<string, string>;
  /** `composed-task-app-arguments` in the order of the launch; keys plain or in Base64 form. */
  readonly composedTaskAppArguments: ReadonlyMap<string, string>;
  /** `composed-task-app-properties`; keys plain or in Base64 form. */
  readonly composedTaskAppProperties: ReadonlyMap<string, string>;
  /** The platform account of children that have none of their own; null for the default one. */
  readonly platformName: string | null;
  /** The runner's own task execution. */
  readonly parentExecutionId: number;
  readonly parentSchemaTarget: 'boot2' | 'boot3';
}

/** How a child is launched: as if through `POST /tasks/executions/launch`. */
export interface ChildLaunch {
  readonly taskName: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly arguments: readonly string[];
  /** Whether the step's outcome looks at the exit code only. The option's presence is enough: `=false` means it too. */
  readonly ignoreExitMessage: boolean;
}

/**
 * The launch of a child, by the rules of SCDF's runner.
 *
 * Properties: those of `composed-task-properties` under the child's full name, without it; over them those of
 * `composed-task-app-properties` for its short name `<c>` or for all (`*`), as they are. A property
 * `deployer.<c>.millrace.platform-name`, which SCDF does not have, names the child's own platform account. Arguments:
 * what `composed-task-arguments` has for it as one argument, then those of `composed-task-app-arguments`.
 *
 * @param recordedArguments `task-arguments` of the step's last execution when a restart repeats it; they replace all others
 * @throws ComposedArgumentsError
 */
export function childLaunch(
  settings: ChildrenSettings,
  child: string,
  recordedArguments: readonly string[] | null = null,
): ChildLaunch {
  const properties = propertiesOf(settings, child);
  const given = recordedArguments ?? argumentsOf(settings, child);
  const all = [
    ...given.filter((argument) => !isParentArgument(argument)),
    `--${PARENT_ID}=${settings.parentExecutionId}`,
    `--${PARENT_SCHEMA}=${settings.parentSchemaTarget}`,
  ];
  return { taskName: child, properties, arguments: all, ignoreExitMessage: ignoresExitMessage(properties, all) };
}

function propertiesOf(settings: ChildrenSettings, child: string): ReadonlyMap<string, string> {
  const { composedTaskProperties, composedTaskAppProperties, platformName } = settings;
  const properties = new Map<string, string>();
  for (const [key, value] of composedTaskProperties) {
    for (const prefix of [`app.${child}.`, `deployer.${child}.`]) {
      if (key.startsWith(prefix)) properties.set(key.slice(prefix.length), value);
    }
    if (key.startsWith(`version.${child}.`)) properties.set(`version.${key.slice(`version.${child}.`.length)}`, value);
  }
  const short = shortName(settings, child);
  const prefixes = ['app', 'deployer'].flatMap((kind) => [`${kind}.${short}.`, `${kind}.*.`]);
  for (const [key, value] of composedTaskAppProperties) {
    const plain = decodeKey(key);
    if (prefixes.some((prefix) => plain.startsWith(prefix))) properties.set(plain, value);
  }
  const own = childOptions(properties).findLast(({ name }) => name === 'platformname');
  const platform = own?.value ?? platformName?.trim() ?? '';
  if (platform !== '') properties.set(PLATFORM_NAME, platform);
  return properties;
}

function argumentsOf(settings: ChildrenSettings, child: string): readonly string[] {
  const { composedTaskArguments: text, composedTaskAppArguments, parent, children } = settings;
  const forAll = text === null || text.trim() === '' ? null : composedArgument(text, parent, child, children);
  const own = `app.${shortName(settings, child)}.`;
  const byName = [...composedTaskAppArguments].filter(([key]) => {
    const plain = decodeKey(key);
    return plain.startsWith(own) || plain.startsWith('app.*.');
  });
  return [...(forAll === null ? [] : [forAll]), ...byName.map(([, value]) => value)];
}

function shortName({ parent }: ChildrenSettings, child: string): string {
  return child.startsWith(`${parent}-`) ? child.slice(parent.length + 1) : child;
}

/** SCDF writes them with `%` in place of `=` in one case. */
function isParentArgument(argument: string): boolean {
  return [PARENT_ID, PARENT_SCHEMA].some((name) => new RegExp(`^--${name}[=%]`).test(argument));
}

function ignoresExitMessage(properties: ReadonlyMap<string, string>, given: readonly string[]): boolean {
  const isOption = (name: string): boolean => name.replace(/[^a-z\d]/gi, '').toLowerCase() === 'ignoreexitmessage';
  const names = given.flatMap((argument) => argument.split(/\s/)).filter((word) => word.includes('='));
  return (
    [...properties.keys()].some((key) => isOption(key.slice(key.lastIndexOf('.') + 1))) ||
    names.some((word) => isOption(word.slice(0, word.indexOf('='))))
  );
}
