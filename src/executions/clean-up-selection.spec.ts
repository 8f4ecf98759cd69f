import { describe, expect, it } from '@jest/globals';
import { type CleanUpSelection, readSelection, writeSelection } from './clean-up-selection.js';

const upTo = { boot2: 9_007_199_254_740_991, boot3: 0 };

describe('what a clean-up was asked for', () => {
  it.each<CleanUpSelection>([
    { completedOnly: false, actions: ['CLEANUP'], upTo },
    { taskName: '', completedOnly: true, actions: ['REMOVE_DATA', 'CLEANUP'], upTo },
    {
      taskName: 'a',
      completedOnly: true,
      endedBefore: new Date('2026-01-02T03:04:05.678Z'),
      actions: ['REMOVE_DATA'],
      upTo,
    },
  ])('is read from the database as it was written: %j', (selection) => {
    const stored = JSON.parse(JSON.stringify(writeSelection(selection))) as Record<string, unknown>;
    expect(readSelection(stored)).toEqual(selection);
  });

  it.each<Record<string, unknown>>([
    {},
    { completedOnly: true, actions: ['REMOVE_DATA'] },
    { completedOnly: true, actions: ['REMOVE_ALL'], upTo },
    { completedOnly: true, actions: ['CLEANUP'], upTo, endedBefore: 'long ago' },
    { completedOnly: true, actions: ['CLEANUP'], upTo: { boot2: -1, boot3: 0 } },
  ])('is not carried on when it cannot be read: %j', (stored) => {
    expect(readSelection(stored)).toBeUndefined();
  });
});
