import { TaskApp } from '../../dsl/facts.js';
import { encodeKey } from './base64-keys.js';

/** The name under which properties address the runner itself. */
export const RUNNER = 'composed-task-runner';

/** What of a launch's properties goes to whom. */
export interface RunnerProperties {
  /** For the runner: what no child takes, `app.composed-task-runner.*` and the like, as given. */
  readonly own: ReadonlyMap<string, string>;
  /** The runner's `composed-task-properties`, which name their child by its full name: `app.<parent>-<c>.app.<app>.x`. */
  readonly composedTaskProperties: ReadonlyMap<string, string>;
  /** The runner's `composed-task-app-properties`, with plain keys: `app.<c>.x`, `app.*.x` and the same of `deployer`. */
  readonly composedTaskAppProperties: ReadonlyMap<string, string>;
  /** Names after `app.`, `deployer.` and `version.` that are no child's; a launch may refuse them or warn. */
  readonly strangers: readonly string[];
}

/**
 * Sorts the properties of a composed task's launch, as SCDF's server does it. `<c>` in them is a child's label, or its app
 * name if it has none.
 *
 * @param apps all apps of the task, see `taskApps`
 */
export function runnerProperties(
  parent: string,
  apps: readonly TaskApp[],
  launch: ReadonlyMap<string, string>,
): RunnerProperties {
  const children = new Map(apps.filter(({ endState }) => !endState).map((app) => [app.label ?? app.name, app]));
  const known = new Set(['*', RUNNER, parent, ...children.keys(), ...apps.flatMap((app) => [app.name, app.childName])]);
  const own = new Map<string, string>();
  const composed = new Map<string, string>();
  const forApps = new Map<string, string>();
  const strangers = new Set<string>();
  for (const [key, value] of launch) {
    const [, kind = '', rest = ''] = /^(app|deployer|version)\.(.*)$/s.exec(key) ?? [];
    const [name, property] = splitAt(rest);
    const [child, ofChild] = name === parent ? splitAt(property) : ['', ''];
    const app = children.get(child);
    if (kind === 'version') {
      const versioned = [...children].find(([c, { childName }]) => name === c || name === childName);
      if (versioned === undefined) own.set(key, value);
      else composed.set(`version.${versioned[1].childName}.${versioned[0]}`, value);
    } else if (kind !== '' && app !== undefined && ofChild !== '') {
      composed.set(`${kind}.${app.childName}.${kind}.${app.name}.${ofChild}`, value);
    } else if (kind !== '' && property !== '' && (name === '*' || children.has(name))) {
      forApps.set(key, value);
    } else {
      own.set(key, value);
    }
    if (kind !== '' && !known.has(name)) strangers.add(name);
  }
  return {
    own,
    composedTaskProperties: composed,
    composedTaskAppProperties: forApps,
    strangers: [...strangers],
  };
}

/** `composed-task-properties` as one text, as SCDF's server writes it. */
export function joinProperties(properties: ReadonlyMap<string, string>): string {
  return [...properties].map(([key, value]) => `${key}=${value}`).join(', ');
}

/** `composed-task-app-properties` as properties of the runner, `app.composed-task-runner.composed-task-app-properties.…`. */
export function appPropertiesOfRunner(properties: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    [...properties].map(([key, value]) => [`app.${RUNNER}.composed-task-app-properties.${encodeKey(key)}`, value]),
  );
}

/**
 * The arguments of a composed task's launch in the form in which the runner gets and records them: arguments for children,
 * `app.<c>.<number>=<argument>`, become `--composed-task-app-arguments.<key>=<argument>`; all others are the runner's own.
 */
export function runnerArguments(launch: readonly string[]): readonly string[] {
  return launch.map((argument) => {
    const bare = argument.replace(/^--(?=app\.)/, '');
    if (!bare.startsWith('app.')) return argument;
    const equals = bare.indexOf('=');
    if (equals < 0) return `--composed-task-app-arguments.${bare}`;
    return `--composed-task-app-arguments.${encodeKey(bare.slice(0, equals))}=${bare.slice(equals + 1)}`;
  });
}

/** The children that arguments of a launch name although the task has none such. */
export function strangersInArguments(apps: readonly TaskApp[], launch: readonly string[]): readonly string[] {
  const known = new Set(['*', ...apps.flatMap(({ name, label }) => [name, label])]);
  const named = launch.flatMap((argument) => /^(?:--)?app\.([^.=]+)\.\d+=/.exec(argument)?.[1] ?? []);
  return [...new Set(named.filter((name) => !known.has(name)))];
}

function splitAt(text: string): [string, string] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)];
}
