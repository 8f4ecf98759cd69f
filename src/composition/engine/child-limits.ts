import { StepOutcome } from './exit-status.js';
import { childOptions } from './child-options.js';
import { SettingsError } from './settings-error.js';

/** What Millrace adds to SCDF's runner: how often a child is tried, and how long it may take. */
export interface ChildLimits {
  /** How often the child is launched at most before its failure counts; 1 means no retry. */
  readonly maxAttempts: number;
  /** Milliseconds before the second attempt; before each further one twice as long, an hour at most. */
  readonly backoff: number;
  /** Milliseconds that one attempt may take; null for no limit of its own (`max-wait-time` holds all the same). */
  readonly timeout: number | null;
}

/** Options of a child with values that cannot be used. */
export class ChildLimitsError extends SettingsError {}

const DEFAULTS: ChildLimits = { maxAttempts: 1, backoff: 10_000, timeout: null };
const MOST_ATTEMPTS = 100;
const HOUR = 3_600_000;
const LONGEST = 30 * 24 * HOUR;

/** The account of a child (`childLaunch`), and its place in the queue, which is read where launches are accepted. */
const READ_ELSEWHERE = ['platformname', 'priority'];

/**
 * Reads `deployer.<c>.millrace.retry.max-attempts`, `.retry.backoff` and `.timeout` of a child. What is said of the child
 * by its name wins over what is said of all children (`*`).
 *
 * @param child the child's name, for messages
 * @param properties the properties of the child's launch, see `childLaunch`
 * @throws ChildLimitsError with a sentence for each value or name that is wrong
 */
export function childLimits(child: string, properties: ReadonlyMap<string, string>): ChildLimits {
  const problems: string[] = [];
  const found: { -readonly [name in keyof ChildLimits]?: ChildLimits[name] } = {};
  const entries = childOptions(properties).filter(({ name }) => !READ_ELSEWHERE.includes(name));
  const refuse = (key: string, value: string, allowed: string): void => {
    problems.push(`The property '${key}' of '${child}' is '${value.slice(0, 100)}', but must be ${allowed}.`);
  };
  const duration = (key: string, value: string): number | undefined => {
    const read = parseDuration(value);
    if (read === undefined) refuse(key, value, DURATION_RULE);
    return read;
  };
  for (const { key, value, name } of entries) {
    if (name === 'retry.maxattempts') {
      const attempts = /^\d{1,4}$/.test(value) ? Number(value) : 0;
      if (attempts < 1 || attempts > MOST_ATTEMPTS) refuse(key, value, `a whole number from 1 to ${MOST_ATTEMPTS}`);
      else found.maxAttempts = attempts;
    } else if (name === 'retry.backoff') {
      found.backoff = duration(key, value) ?? DEFAULTS.backoff;
    } else if (name === 'timeout') {
      const timeout = duration(key, value);
      if (timeout === 0) refuse(key, value, 'longer than nothing; leave it out for no limit');
      found.timeout = timeout ?? null;
    } else {
      problems.push(
        `The property '${key}' of '${child}' is not known; there are millrace.retry.max-attempts, millrace.retry.backoff, millrace.timeout and millrace.platform-name.`,
      );
    }
  }
  if (problems.length > 0) throw new ChildLimitsError(problems);
  return { ...DEFAULTS, ...found };
}

/**
 * How long to wait before a child is launched once more, in milliseconds; null if its outcome counts. A stopped child and
 * one that completed are not tried again, whatever their exit messages say.
 *
 * @param attempts how often it has been launched, at least 1
 */
export function retryDelay(
  { maxAttempts, backoff }: ChildLimits,
  attempts: number,
  outcome: StepOutcome,
): number | null {
  if (outcome.status !== 'FAILED' || attempts >= maxAttempts) return null;
  return Math.max(backoff, Math.min(HOUR, backoff * 2 ** (attempts - 1)));
}

const UNITS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, m: 60_000, h: HOUR, d: 24 * HOUR };

/** What {@link parseDuration} takes. */
export const DURATION_RULE = 'a duration such as 500ms, 30s, 5m, 1h or 1d, of 30 days at most';

/** Milliseconds of `30s` and the like; a plain number is one of milliseconds. Undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,12})\s?(ms|s|m|h|d)?$/i.exec(text) ?? [];
  if (number === '') return undefined;
  const duration = Number(number) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  return duration <= LONGEST ? duration : undefined;
}
