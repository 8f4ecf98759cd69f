/**
 * An iteration that can be left while it waits: `return()` aborts the signal first, so that a pending `next()` comes back at
 * once. That of a generator alone waits for its turn, behind a `next()` that a silent connection may hold for ever.
 * @param make begins the iteration; it ends, or throws, soon after the signal was aborted
 */
export function stoppable<T>(make: (signal: AbortSignal) => AsyncGenerator<T, void>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<T, void> {
      const stopping = new AbortController();
      const values = make(stopping.signal);
      return {
        async next() {
          try {
            return await values.next();
          } catch (error) {
            if (stopping.signal.aborted) return { done: true, value: undefined };
            throw error;
          }
        },
        async return() {
          stopping.abort();
          await values.return().catch(() => undefined);
          return { done: true, value: undefined };
        },
      };
    },
  };
}
