import type { RunEnd } from './advance.js';
import { DURATION_RULE, parseDuration } from './child-limits.js';
import { canonicalName } from './setting-names.js';
import { SettingsError } from './settings-error.js';

/** What Millrace adds to SCDF's runner for a run as a whole. */
export interface RunLimits {
  /** Milliseconds that the run may take; null for no limit. */
  readonly timeout: number | null;
  /** How many children may run at once; null for no limit beside that of the account and of splits. */
  readonly maxAtOnce: number | null;
}

/** Options of the runner with values or names that cannot be used. */
export class RunLimitsError extends SettingsError {}

/** The end of a run that its own time limit may have stopped: then it has failed. */
export function endAfterDeadline(finished: RunEnd, { timeout }: Pick<RunLimits, 'timeout'>): RunEnd {
  if (finished.batchStatus !== 'STOPPED') return finished;
  const exitDescription = `The run was ended after ${timeout} ms, the time that its property millrace.timeout allows.`;
  return { batchStatus: 'FAILED', exitStatus: 'FAILED', exitDescription };
}

const KEY = /^(?:deployer|app)\.composed-task-runner\.millrace\.(.+)$/s;

/**
 * Reads `deployer.composed-task-runner.millrace.timeout` and `.max-at-once`, or the same with `app` in front.
 *
 * @param properties the properties of the composed task's launch
 * @throws RunLimitsError with a sentence for each value or name that is wrong
 */
export function runLimits(properties: ReadonlyMap<string, string>): RunLimits {
  const problems: string[] = [];
  let timeout: number | null = null;
  let maxAtOnce: number | null = null;
  for (const [key, written] of properties) {
    const [, found] = KEY.exec(key) ?? [];
    const value = written.trim();
    // A blank value unsets what an earlier launch said.
    if (found === undefined || value === '') continue;
    const name = canonicalName(found);
    if (name === 'timeout') {
      const read = parseDuration(value);
      if (read === undefined || read === 0)
        problems.push(wrong(key, value, `${DURATION_RULE}, and longer than nothing`));
      else timeout = read;
    } else if (name === 'maxatonce') {
      const read = /^\d{1,6}$/.test(value) ? Number(value) : 0;
      if (read < 1) problems.push(wrong(key, value, 'a whole number from 1 to 999999'));
      else maxAtOnce = read;
    } else {
      problems.push(`The property '${key}' is not known; there are millrace.timeout and millrace.max-at-once.`);
    }
  }
  if (problems.length > 0) throw new RunLimitsError(problems);
  return { timeout, maxAtOnce };
}

function wrong(key: string, value: string, allowed: string): string {
  return `The property '${key}' is '${value.slice(0, 100)}', but must be ${allowed}.`;
}
