/** What callers did in one slice of time. */
export interface Slice {
  readonly done: number;
  readonly failed: number;
  /** s, until the last call that was begun in time had its answer. */
  readonly seconds: number;
  /** Of the calls that succeeded, ms. */
  readonly times: readonly number[];
}

/**
 * Has callers make one call after the other until the time is up or enough calls were begun.
 * @param milliseconds after which none is begun any more
 * @param call resolves to whether it succeeded; it does not throw
 */
export async function runSlice(
  callers: number,
  milliseconds: number,
  call: () => Promise<boolean>,
  atMost = Infinity,
): Promise<Slice> {
  const times: number[] = [];
  let begun = 0;
  let failed = 0;
  const begin = performance.now();
  const caller = async () => {
    while (begun < atMost && performance.now() - begin < milliseconds) {
      begun += 1;
      const asked = performance.now();
      if (await call()) times.push(performance.now() - asked);
      else failed += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { done: times.length, failed, seconds: (performance.now() - begin) / 1000, times };
}
