import { describe, expect, it } from '@jest/globals';
import { Batches } from './batches.js';

/** Work that writes down its batches; it refuses those that hold a negative number. */
function doubling(size = 10) {
  const batches: (readonly number[])[] = [];
  const work = async (items: readonly number[]) => {
    batches.push(items);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (items.some((item) => item < 0)) throw new RangeError(`one of ${items.length}`);
    return items.map((item) => item * 2);
  };
  const mayBeOneItem = (error: unknown) => error instanceof RangeError;
  return { batches, doubled: new Batches({ size, work, mayBeOneItem }) };
}

describe('Batches', () => {
  it('does one that comes alone alone', async () => {
    const { batches, doubled } = doubling();
    await expect(doubled.add(1)).resolves.toBe(2);
    await expect(doubled.add(2)).resolves.toBe(4);
    expect(batches).toEqual([[1], [2]]);
  });

  it('does together what arrives together or while a batch is under way', async () => {
    const { batches, doubled } = doubling();
    const first = [1, 2].map((item) => doubled.add(item));
    await new Promise((resolve) => setImmediate(resolve));
    const second = [3, 4, 5].map((item) => doubled.add(item));
    await expect(Promise.all([...first, ...second])).resolves.toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it('waits for company where it is told to', async () => {
    const batches: (readonly number[])[] = [];
    const work = (items: readonly number[]) => {
      batches.push(items);
      return Promise.resolve(items);
    };
    const lingering = new Batches({ size: 10, linger: 50, work, mayBeOneItem: () => false });
    const first = lingering.add(1);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    await expect(Promise.all([first, lingering.add(2)])).resolves.toEqual([1, 2]);
    await expect(lingering.add(3)).resolves.toBe(3);
    expect(batches).toEqual([[1, 2], [3]]);
  });

  it('keeps to the size of a batch', async () => {
    const { batches, doubled } = doubling(2);
    await expect(Promise.all([1, 2, 3, 4, 5].map((item) => doubled.add(item)))).resolves.toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('lets none suffer from another', async () => {
    const { batches, doubled } = doubling();
    const outcomes = await Promise.allSettled([1, -1, 2].map((item) => doubled.add(item)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(batches).toEqual([[1, -1, 2], [1], [-1], [2]]);
    await expect(doubled.add(3)).resolves.toBe(6);
  });

  it('tells all of them of trouble that is nobody’s own', async () => {
    let tries = 0;
    const away = new Batches<number, number>({
      size: 10,
      work: () => Promise.reject(new Error(`away ${(tries += 1)}`)),
      mayBeOneItem: () => false,
    });
    const outcomes = await Promise.allSettled([1, 2].map((item) => away.add(item)));
    expect(outcomes).toEqual([
      { status: 'rejected', reason: new Error('away 1') },
      { status: 'rejected', reason: new Error('away 1') },
    ]);
  });
});
