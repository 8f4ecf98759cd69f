import type { TaskApp } from '../dsl/facts.js';
import { mergeProperties, parseLaunchProperties } from '../launching/launch-properties.js';
import { schemaProperties } from '../launching/schema-properties.js';
import { SCHEMA_TARGETS, schemaTargetOf } from '../schema/schema-target.js';
import { appPropertiesOfRunner, joinProperties, RUNNER, runnerProperties } from './engine/runner-launch.js';
import { canonicalName } from './engine/setting-names.js';

/** The properties of a composed task's launch. */
export interface ComposedProperties {
  /** What the next launch finds in the manifest: what was asked for now over what earlier launches asked for. */
  readonly kept: ReadonlyMap<string, string>;
  /** What this run goes by: the same with blank values, which unset what a child keeps from its own earlier launches. */
  readonly ofRun: ReadonlyMap<string, string>;
  /** Names in what was asked for that are no child's. SCDF ignores them, and so do launches here. */
  readonly strangers: readonly string[];
}

const RUNNER_PREFIX = `app.${RUNNER}.`;
const COMPOSED_PROPERTIES = `${RUNNER_PREFIX}composed-task-properties`;

/**
 * Sorts the properties of a launch in the runner's form, as SCDF writes them in manifests, and merges them with those of
 * earlier launches. `composed-task-properties`, one text for all children, is merged property by property.
 *
 * @param apps all apps of the task
 * @param last the properties of the last launch's manifest
 * @throws InvalidLaunchPropertiesError for `composed-task-properties` that cannot be taken apart
 */
export function composedProperties(
  parent: string,
  apps: readonly TaskApp[],
  asked: ReadonlyMap<string, string>,
  last: ReadonlyMap<string, string>,
): ComposedProperties {
  const { own, composedTaskProperties, composedTaskAppProperties, strangers } = runnerProperties(parent, apps, asked);
  const text = takeText(new Map([...own, ...composedTaskAppProperties]));
  const lastText = takeText(last);
  const askedNow = new Map([...text.others, ...appPropertiesOfRunner(composedTaskAppProperties)]);
  const merged = mergeProperties(lastText.others, askedNow, [RUNNER]);
  const children = mergeProperties(
    text.value === null ? parseLeniently(lastText.value) : parseLaunchProperties(text.value),
    composedTaskProperties,
    [],
  );
  const blanks = [...askedNow].filter(([key, value]) => value.trim() === '' && !merged.has(key));
  const blankChildren = [...composedTaskProperties].filter(([, value]) => value.trim() === '');
  return {
    kept: withText(merged, children),
    ofRun: withText(new Map([...merged, ...blanks]), new Map([...children, ...blankChildren])),
    strangers,
  };
}

/**
 * What the server adds to the properties of a composed task's launch, as SCDF does: the tables that runner and children find
 * their rows in.
 *
 * @param generations of the apps, by the names of the children
 */
export function injectedProperties(
  parent: string,
  apps: readonly TaskApp[],
  generations: ReadonlyMap<string, '2' | '3'>,
): ReadonlyMap<string, string> {
  const injected = new Map<string, string>();
  for (const name of [parent, RUNNER]) {
    for (const [key, value] of Object.entries(schemaProperties('2'))) injected.set(`app.${name}.${key}`, value);
  }
  for (const { name, label, childName, endState } of apps) {
    if (endState) continue;
    const { taskPrefix, batchPrefix } = SCHEMA_TARGETS[schemaTargetOf(generations.get(childName) ?? '2')];
    for (const child of [childName, label ?? name]) {
      injected.set(
        `${RUNNER_PREFIX}composed-task-app-properties.app.${child}.spring.cloud.task.tablePrefix`,
        taskPrefix,
      );
    }
    injected.set(`app.${childName}.spring.batch.jdbc.table-prefix`, batchPrefix);
    injected.set(`app.${name}.spring.batch.jdbc.table-prefix`, batchPrefix);
  }
  return injected;
}

/** Takes `composed-task-properties` out, however it is spelled. */
function takeText(properties: ReadonlyMap<string, string>): {
  readonly value: string | null;
  readonly others: ReadonlyMap<string, string>;
} {
  const others = new Map(properties);
  let value: string | null = null;
  for (const [key, text] of properties) {
    if (!key.startsWith(RUNNER_PREFIX)) continue;
    if (canonicalName(key.slice(RUNNER_PREFIX.length)) !== 'composedtaskproperties') continue;
    value = text;
    others.delete(key);
  }
  return { value, others };
}

/** What an earlier launch left behind must not keep a task from being launched. */
function parseLeniently(text: string | null): ReadonlyMap<string, string> {
  try {
    return parseLaunchProperties(text ?? '');
  } catch {
    return new Map();
  }
}

function withText(properties: ReadonlyMap<string, string>, children: ReadonlyMap<string, string>) {
  return children.size === 0 ? properties : new Map([...properties, [COMPOSED_PROPERTIES, joinProperties(children)]]);
}
