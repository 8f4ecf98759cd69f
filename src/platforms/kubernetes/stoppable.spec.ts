import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { stoppable } from './stoppable.js';

describe('stoppable', () => {
  it('comes back from a wait without end when it is left', async () => {
    let released = false;
    const iterator = stoppable(async function* (signal) {
      try {
        yield 'first';
        await delay(600_000, undefined, { signal });
        yield 'never';
      } finally {
        released = true;
      }
    })[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 'first' });
    const pending = iterator.next();
    await iterator.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(released).toBe(true);
  });

  it('hands on what goes wrong by itself', async () => {
    const failing = stoppable(async function* (): AsyncGenerator<string, void> {
      await Promise.resolve();
      throw new Error('the log is gone');
    });
    await expect(failing[Symbol.asyncIterator]().next()).rejects.toThrow('the log is gone');
  });
});
