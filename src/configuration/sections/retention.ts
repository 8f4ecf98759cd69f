import type { RetentionConfiguration, RetentionRules } from '../configuration.js';
import { optionalProperty, type Property, property } from '../property.js';
import type { PropertyReader } from '../property-reader.js';
import { bool, duration, integer, textList } from '../property-types.js';

const P = 'millrace.retention';
const TASK = `${P}.tasks.<task>`;

/** Below this an interval or an age is a mistake, most likely a number without unit, ms. */
const SHORTEST_INTERVAL = 1_000;
const SHORTEST_AGE = 60_000;

/** `millrace.retention.*` for all tasks. */
export const retentionProperties = {
  enabled: property(`${P}.enabled`, {
    type: bool,
    default: 'false',
    meaning: 'Whether ended executions are removed by and by, as the policy says.',
  }),
  interval: property(`${P}.interval`, {
    type: duration(),
    default: '1h',
    meaning: 'How often the policy is applied; by one of the servers of a database.',
  }),
  dryRun: property(`${P}.dry-run`, {
    type: bool,
    default: 'false',
    meaning: 'Whether runs only say what they would remove.',
  }),
  cleanUp: property(`${P}.clean-up`, {
    type: bool,
    default: 'true',
    meaning: 'Whether pods, jobs and files that are left of a removed execution are removed with it.',
  }),
  maxAge: optionalProperty(`${P}.max-age`, {
    type: duration(),
    meaning: 'How long after its end an execution stays, such as 90d; without a limit if not set.',
  }),
  maxPerTask: optionalProperty(`${P}.max-per-task`, {
    type: integer(1, 100_000_000),
    meaning: 'How many ended executions of each task stay, the latest ones; without a limit if not set.',
  }),
  statuses: property(`${P}.statuses`, {
    type: textList,
    default: 'COMPLETE,ERROR',
    meaning: 'Which ended executions are removed at all: COMPLETE, ERROR or both.',
  }),
  failedMaxAge: optionalProperty(`${P}.failed.max-age`, {
    type: duration(),
    meaning: 'How long failed executions stay, whatever max-age and max-per-task say.',
  }),
  keepLast: property(`${P}.keep-last`, {
    type: bool,
    default: 'true',
    meaning: 'Whether the last execution of each task stays: the next launch takes its properties from it.',
  }),
  keepLastFailed: property(`${P}.keep-last-failed`, {
    type: bool,
    default: 'false',
    meaning: 'Whether the last failed execution of each task stays.',
  }),
} as const;

/** The same for one task; what is not set there is as for all. */
export const taskRetentionProperties = {
  enabled: property(`${TASK}.enabled`, {
    type: bool,
    default: 'true',
    meaning: 'Whether executions of this task are removed at all; the name of the task exactly as it is defined.',
  }),
  maxAge: optionalProperty(`${TASK}.max-age`, { type: duration(), meaning: 'The same for one task.' }),
  maxPerTask: optionalProperty(`${TASK}.max-per-task`, {
    type: integer(1, 100_000_000),
    meaning: 'The same for one task.',
  }),
  statuses: optionalProperty(`${TASK}.statuses`, { type: textList, meaning: 'The same for one task.' }),
  failedMaxAge: optionalProperty(`${TASK}.failed.max-age`, { type: duration(), meaning: 'The same for one task.' }),
  keepLast: optionalProperty(`${TASK}.keep-last`, { type: bool, meaning: 'The same for one task.' }),
  keepLastFailed: optionalProperty(`${TASK}.keep-last-failed`, { type: bool, meaning: 'The same for one task.' }),
} as const;

/** Reads `millrace.retention.*`. */
export function readRetention(reader: PropertyReader): RetentionConfiguration {
  const p = retentionProperties;
  const enabled = reader.value(p.enabled);
  const interval = reader.value(p.interval);
  if (interval < SHORTEST_INTERVAL) reader.reject(p.interval, 'at least 1s');
  const rules: RetentionRules = {
    removes: true,
    maxAge: ageOf(reader, p.maxAge),
    maxPerTask: reader.value(p.maxPerTask),
    statuses: statusesOf(reader, p.statuses, reader.value(p.statuses)),
    failedMaxAge: ageOf(reader, p.failedMaxAge),
    keepLast: reader.value(p.keepLast),
    keepLastFailed: reader.value(p.keepLastFailed),
  };
  const tasks: Record<string, RetentionRules> = {};
  for (const task of reader.keys(`${P}.tasks`)) tasks[task] = readTask(reader, task, rules);
  if (enabled && ![rules, ...Object.values(tasks)].some(limits)) {
    reader.reject(p.enabled, 'a limit beside it: millrace.retention.max-age, max-per-task or failed.max-age');
  }
  const dryRun = reader.value(p.dryRun);
  return { enabled, interval, dryRun, cleanUp: reader.value(p.cleanUp), rules, tasks };
}

function readTask(reader: PropertyReader, task: string, all: RetentionRules): RetentionRules {
  const p = taskRetentionProperties;
  const statuses = reader.value(p.statuses, task);
  return {
    removes: reader.value(p.enabled, task),
    maxAge: ageOf(reader, p.maxAge, task) ?? all.maxAge,
    maxPerTask: reader.value(p.maxPerTask, task) ?? all.maxPerTask,
    statuses: statuses === undefined ? all.statuses : statusesOf(reader, p.statuses, statuses, task),
    failedMaxAge: ageOf(reader, p.failedMaxAge, task) ?? all.failedMaxAge,
    keepLast: reader.value(p.keepLast, task) ?? all.keepLast,
    keepLastFailed: reader.value(p.keepLastFailed, task) ?? all.keepLastFailed,
  };
}

function limits({ removes, maxAge, maxPerTask, failedMaxAge }: RetentionRules): boolean {
  return removes && (maxAge !== undefined || maxPerTask !== undefined || failedMaxAge !== undefined);
}

function ageOf(
  reader: PropertyReader,
  age: Property<number | undefined>,
  ...keys: readonly string[]
): number | undefined {
  const value = reader.value(age, ...keys);
  if (value !== undefined && value < SHORTEST_AGE) {
    reader.reject(age, 'at least 1m, with its unit (90d, 12h): a plain number is milliseconds', ...keys);
  }
  return value;
}

const STATUSES = ['COMPLETE', 'ERROR'] as const;

function statusesOf<T>(
  reader: PropertyReader,
  property: Property<T>,
  words: readonly string[],
  ...keys: readonly string[]
): RetentionRules['statuses'] {
  const named = words.map((word) => word.toUpperCase());
  if (named.length === 0 || named.some((word) => !STATUSES.some((status) => status === word))) {
    reader.reject(property, 'one or both of COMPLETE, ERROR', ...keys);
  }
  return STATUSES.filter((status) => named.includes(status));
}
