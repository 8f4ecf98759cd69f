import { byExecutionId } from './alignment.js';
import type { Pair } from './alignment.js';

/** Whether a server is not yet where the recording was: the question that replaces fixed pauses. */

type Pairing = (recorded: readonly unknown[], actual: readonly unknown[], field: string) => Pair[] | undefined;

const ranks: Readonly<Record<string, number>> = {
  UNKNOWN: 0,
  STARTING: 0,
  RUNNING: 1,
  STARTED: 1,
  STOPPING: 2,
  COMPLETE: 3,
  ERROR: 3,
  COMPLETED: 3,
  FAILED: 3,
  STOPPED: 3,
  ABANDONED: 3,
};

const setOnTheWay = new Set(['startTime', 'endTime', 'exitCode', 'exitMessage', 'errorMessage', 'lastTaskExecution']);
const growing = new Set(['arguments', 'jobExecutionIds', 'stepExecutions', 'jobExecutions', 'values']);

/**
 * Whether the actual answer shows an earlier state than the recorded one: a time that is not set yet, a status that comes
 * before, a list with fewer elements. Any other difference is not one that waiting mends.
 *
 * @param pair the elements of a list with their counterparts, where they do not go by position
 */
export function isBehind(recorded: unknown, actual: unknown, pair: Pairing = byPosition, field = ''): boolean {
  if (Array.isArray(recorded) && Array.isArray(actual)) {
    if ((growing.has(field) || field.endsWith('ResourceList')) && actual.length < recorded.length) {
      return true;
    }
    const arrange = field === 'jobExecutions' ? byExecutionId : (list: readonly unknown[]) => list;
    const [expected, found] = [arrange(recorded), arrange(actual)];
    const pairs = pair(expected, found, field) ?? byPosition(expected, found);
    return pairs.some((elements) => elements.length === 2 && isBehind(...elements, pair, field));
  }
  if (isObject(recorded) && isObject(actual)) {
    if (hasEnded(recorded) && hasEnded(actual)) return false;
    return Object.entries(recorded).some(([name, value]) =>
      name in actual ? isBehind(value, actual[name], pair, name) : name === '_embedded',
    );
  }
  if (setOnTheWay.has(field)) {
    return recorded !== null && recorded !== '' && (actual === null || actual === '');
  }
  if (field === 'stepExecutionCount') {
    return Number(actual) < Number(recorded);
  }
  if (field === 'status' || field === 'taskExecutionStatus') {
    return (ranks[String(actual)] ?? 0) < (ranks[String(recorded)] ?? 0);
  }
  return isLogOfTask(recorded) && typeof actual === 'string' && !isLogOfTask(actual);
}

/** An execution that has ended is what it will be, also where it will never be as recorded. */
function hasEnded(execution: Readonly<Record<string, unknown>>): boolean {
  return typeof execution['endTime'] === 'string' && execution['endTime'] !== '';
}

function byPosition(recorded: readonly unknown[], actual: readonly unknown[]): Pair[] {
  return recorded.map((element, index) => (index < actual.length ? [element, actual[index]] : [element]));
}

function isLogOfTask(body: unknown): boolean {
  return typeof body === 'string' && body.includes('TIMESTAMP: ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
