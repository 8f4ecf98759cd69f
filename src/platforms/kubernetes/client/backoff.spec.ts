import { describe, expect, it } from '@jest/globals';
import { backoffDelay } from './backoff.js';

describe('backoffDelay', () => {
  const bounds = { first: 100, longest: 1_000 };
  it.each([
    [0, 0, 50],
    [0, 1, 100],
    [1, 0, 100],
    [1, 0.5, 150],
    [3, 1, 800],
    [4, 1, 1_000],
    [4, 0, 500],
    [5_000, 1, 1_000],
  ])('after %p failures with chance %p: %p ms', (attempt, random, expected) => {
    expect(backoffDelay(attempt, bounds, random)).toBe(expected);
  });
});
