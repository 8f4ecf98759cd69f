import { describe, expect, it } from '@jest/globals';
import { type BatchStatus, batchStatusOf, permittedActions } from './job-history.js';

describe('what can be done about a job', () => {
  it.each<[BatchStatus, boolean, boolean, boolean]>([
    ['COMPLETED', false, false, false],
    ['STARTING', false, false, true],
    ['STARTED', false, false, true],
    ['STOPPING', false, true, false],
    ['STOPPED', true, true, false],
    ['FAILED', true, true, false],
    ['ABANDONED', false, false, false],
    ['UNKNOWN', false, true, false],
  ])('%s: restart %s, abandon %s, stop %s', (status, restartable, abandonable, stoppable) => {
    expect(permittedActions(status)).toEqual({ restartable, abandonable, stoppable });
  });
});

it.each([
  ['COMPLETED', 'COMPLETED'],
  [null, 'UNKNOWN'],
  ['completed', 'UNKNOWN'],
  ['toString', 'UNKNOWN'],
])('the stored status %s means %s', (stored, status) => {
  expect(batchStatusOf(stored)).toBe(status);
});
