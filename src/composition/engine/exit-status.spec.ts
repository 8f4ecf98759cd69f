import { describe, expect, it } from '@jest/globals';
import { mergeExitStatus, runnerExitCode, stepOutcome } from './exit-status.js';

describe('the outcome of a step', () => {
  const ended = {
    kind: 'ended',
    exitCode: 0,
    exitMessage: null,
    errorMessage: null,
    ignoreExitMessage: false,
  } as const;
  const NON_ZERO = 'Task returned a non zero exit code.';

  it.each([
    ['code 0', {}, 'COMPLETED', 'COMPLETED', ''],
    ['a blank message', { exitMessage: ' ' }, 'COMPLETED', 'COMPLETED', ''],
    ['code 1', { exitCode: 1 }, 'FAILED', 'FAILED', NON_ZERO],
    ['no code', { exitCode: null }, 'FAILED', 'FAILED', 'Task returned a null exit code.'],
    ['an error', { exitCode: 3, errorMessage: 'no disk' }, 'FAILED', 'FAILED', `${NON_ZERO} no disk`],
    ['a message and code 0', { exitMessage: 'MORE' }, 'COMPLETED', 'MORE', ''],
    ['a message and code 1', { exitCode: 1, exitMessage: 'MORE' }, 'FAILED', 'MORE', NON_ZERO],
    ['a message that says FAILED, code 0', { exitMessage: 'FAILED' }, 'COMPLETED', 'FAILED', ''],
    ['a message that says COMPLETED, code 1', { exitCode: 1, exitMessage: 'COMPLETED' }, 'FAILED', 'FAILED', NON_ZERO],
    ['a message that is ignored, code 0', { exitMessage: 'X', ignoreExitMessage: true }, 'COMPLETED', 'COMPLETED', ''],
    [
      'a message that is ignored, code 1',
      { exitCode: 1, exitMessage: 'X', ignoreExitMessage: true },
      'FAILED',
      'FAILED',
      NON_ZERO,
    ],
  ])('%s', (_title, given, status, exitStatus, exitDescription) => {
    expect(stepOutcome({ ...ended, ...given })).toEqual({ status, exitStatus, exitDescription });
  });

  it('of a child that took too long names its execution', () => {
    expect(stepOutcome({ kind: 'timeout', phase: 'run', taskExecutionId: 7 })).toEqual({
      status: 'FAILED',
      exitStatus: 'FAILED',
      exitDescription: 'Timeout occurred while processing task with Execution Id 7',
    });
    expect(stepOutcome({ kind: 'timeout', phase: 'start', taskExecutionId: 7 }).exitDescription).toBe(
      'Timeout occurred during startup of task with Execution Id 7',
    );
  });

  it('of a child that was not launched or was stopped', () => {
    expect(stepOutcome({ kind: 'not-launched', reason: 'no such task' })).toMatchObject({
      status: 'FAILED',
      exitDescription: 'no such task',
    });
    expect(stepOutcome({ kind: 'stopped' })).toMatchObject({ status: 'STOPPED', exitStatus: 'STOPPED' });
  });

  it('fits its columns', () => {
    const outcome = stepOutcome({
      ...ended,
      exitCode: 1,
      exitMessage: 'X'.repeat(9_999),
      errorMessage: '😀'.repeat(9_999),
    });
    expect(outcome.exitStatus).toHaveLength(2_500);
    expect(outcome.exitDescription.length).toBeLessThanOrEqual(2_500);
    expect(outcome.exitDescription).not.toMatch(/[\uD800-\uDBFF]$/);
  });
});

describe('two exit statuses together', () => {
  const order = ['EXECUTING', 'COMPLETED', 'NOOP', 'STOPPED', 'FAILED', 'UNKNOWN', 'ANYTHING'];

  it.each(order.flatMap((one, i) => order.map((other, j) => [one, other, order[Math.max(i, j)] ?? ''] as const)))(
    '%s and %s: %s',
    (one, other, merged) => {
      expect(mergeExitStatus(one, other)).toBe(merged);
    },
  );

  it.each([
    ['FAILED', 'FAILED BADLY', 'FAILED BADLY'],
    ['COMPLETED', 'COMPLETED WITH SKIPS', 'COMPLETED WITH SKIPS'],
    ['B', 'A', 'B'],
    ['FAILED', null, 'FAILED'],
  ])('%s and %s: %s', (one, other, merged) => {
    expect(mergeExitStatus(one, other)).toBe(merged);
  });
});

describe("the runner's own exit code", () => {
  it.each([
    ['COMPLETED', true, 0],
    ['FAILED', false, 0],
    ['FAILED', true, 1],
    ['STOPPED', true, 0],
  ] as const)('%s, fail on failure %s: %s', (status, failOnJobFailure, code) => {
    expect(runnerExitCode(status, failOnJobFailure)).toBe(code);
  });
});
