import { describe, expect, it } from '@jest/globals';
import type { RetentionRules } from '../configuration/configuration.js';
import { executionName } from '../launching/launch-record.js';
import { type Candidate, earliestSpared, hasAnyLimit, rulesOf, type TaskFacts, TaskJudge } from './retention-policy.js';

const DAY = 86_400_000;
const NOW = new Date('2026-11-01T00:00:00Z');

const NO_RULES: RetentionRules = {
  removes: true,
  maxAge: undefined,
  maxPerTask: undefined,
  statuses: ['COMPLETE', 'ERROR'],
  failedMaxAge: undefined,
  keepLast: false,
  keepLastFailed: false,
};

/** Executions from the latest to the first as `status@days`: `C` complete, `E` error, `R` running, `c` complete child. */
function due(rules: Partial<RetentionRules>, history: string, facts: Partial<TaskFacts> = {}): string[] {
  const judge = new TaskJudge({ ...NO_RULES, ...rules }, { last: new Set(), failedLater: false, ...facts }, NOW);
  const words = history.split(' ');
  return words.filter((word, index) => {
    const [letter = '', days] = word.split('@');
    const candidate: Candidate = {
      schemaTarget: 'boot2',
      id: words.length - index,
      endTime: letter === 'R' ? null : new Date(NOW.getTime() - Number(days) * DAY),
      status: letter === 'R' ? 'RUNNING' : letter === 'E' ? 'ERROR' : 'COMPLETE',
      isChild: letter === 'c',
    };
    return judge.isDue(candidate);
  });
}

describe('what is due', () => {
  it.each<[string, Partial<RetentionRules>, string, string]>([
    ['nothing without a limit', {}, 'C@1 E@900', ''],
    ['what is older than allowed', { maxAge: 10 * DAY }, 'C@9 C@10 C@11 E@12', 'C@11 E@12'],
    ['what is beyond the number', { maxPerTask: 2 }, 'C@1 E@2 C@3 E@4', 'C@3 E@4'],
    ['by either limit', { maxPerTask: 3, maxAge: 2 * DAY }, 'C@1 C@3 C@4 C@5', 'C@3 C@4 C@5'],
    ['running ones are neither due nor counted', { maxPerTask: 1 }, 'R@0 C@1 R@2 C@3', 'C@3'],
    ['children are neither due nor counted', { maxPerTask: 1, maxAge: 5 * DAY }, 'c@0 C@1 c@9 C@2', 'C@2'],
    ['only of a status', { maxAge: DAY, statuses: ['COMPLETE'] }, 'C@2 E@3', 'C@2'],
    ['others are counted all the same', { maxPerTask: 1, statuses: ['COMPLETE'] }, 'E@1 C@2 E@3', 'C@2'],
    ['failed ones later', { maxAge: DAY, failedMaxAge: 5 * DAY }, 'C@2 E@3 E@6 C@7', 'C@2 E@6 C@7'],
    ['failed ones by their age alone', { maxPerTask: 1, failedMaxAge: 5 * DAY }, 'C@1 E@2 C@3 E@6', 'C@3 E@6'],
    ['failed ones alone', { failedMaxAge: 5 * DAY }, 'C@9 E@9', 'E@9'],
    ['but the last failed', { maxAge: DAY, keepLastFailed: true }, 'C@2 E@3 E@4 C@5', 'C@2 E@4 C@5'],
    ['all failed where a later one stays', { maxAge: 3 * DAY, keepLastFailed: true }, 'E@1 E@4', 'E@4'],
    ['nothing of a task that is left out', { removes: false, maxAge: DAY, maxPerTask: 1 }, 'C@2 C@3', ''],
  ])('%s', (_name, rules, history, expected) => {
    expect(due(rules, history).join(' ')).toBe(expected);
  });

  it('leaves the last one, whichever its status', () => {
    const last = new Set([executionName({ schemaTarget: 'boot2', id: 3 })]);
    expect(due({ maxAge: DAY, keepLast: true }, 'E@2 C@3 C@4', { last })).toEqual(['C@3', 'C@4']);
    expect(due({ maxAge: DAY, keepLast: false }, 'E@2 C@3 C@4', { last })).toEqual(['E@2', 'C@3', 'C@4']);
  });

  it('keeps no failed one for another that failed later than the walk began', () => {
    const rules = { maxAge: DAY, keepLastFailed: true };
    expect(due(rules, 'E@2 E@3', { failedLater: true })).toEqual(['E@2', 'E@3']);
    expect(due(rules, 'E@2 E@3', { failedLater: false })).toEqual(['E@3']);
  });
});

describe('where a walk may begin', () => {
  it.each<[string, Partial<RetentionRules>, number | undefined]>([
    ['by age', { maxAge: 3 * DAY }, 3],
    ['by the shorter age', { maxAge: 3 * DAY, failedMaxAge: 9 * DAY }, 3],
    ['by that of failed ones', { failedMaxAge: 9 * DAY }, 9],
    ['at the latest where they are counted', { maxAge: 3 * DAY, maxPerTask: 5 }, undefined],
  ])('%s', (_name, rules, days) => {
    const expected = days === undefined ? undefined : new Date(NOW.getTime() - days * DAY);
    expect(earliestSpared({ ...NO_RULES, ...rules }, NOW)).toEqual(expected);
  });
});

describe('rules of a task', () => {
  const own = { ...NO_RULES, maxAge: DAY };
  const policy = { enabled: true, interval: 1, dryRun: false, cleanUp: true, rules: NO_RULES, tasks: { own } };

  it('are its own, else those of all', () => {
    expect(rulesOf(policy, 'own')).toBe(own);
    for (const name of ['other', 'toString', '']) expect(rulesOf(policy, name)).toBe(NO_RULES);
  });

  it('are a limit also where only one task has one', () => {
    expect(hasAnyLimit(policy)).toBe(true);
    expect(hasAnyLimit({ ...policy, tasks: { own: { ...own, removes: false } } })).toBe(false);
    expect(hasAnyLimit({ ...policy, tasks: {} })).toBe(false);
  });
});
