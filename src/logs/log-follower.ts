import type { LogPiece } from './log-pieces.js';

/** One client that follows a log. Whoever gets one iterates it to its end, or calls `return()`. */
export class LogFollower implements AsyncIterableIterator<LogPiece, undefined> {
  readonly #pieces: AsyncGenerator<LogPiece, undefined>;
  readonly #stopping = new AbortController();
  readonly #onEnd: (error?: unknown) => void;
  #ended = false;

  /**
   * @param pieces makes what is followed; the signal is aborted when nobody wants it any more
   * @param onEnd called once, when the follower needs nothing any more; with the error, if one has ended it
   */
  constructor(pieces: (signal: AbortSignal) => AsyncGenerator<LogPiece, undefined>, onEnd: (error?: unknown) => void) {
    this.#pieces = pieces(this.#stopping.signal);
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @throws Error when the log cannot be read on; the client may come back with the position that it has */
  async next(): Promise<IteratorResult<LogPiece, undefined>> {
    let step: IteratorResult<LogPiece, undefined>;
    try {
      step = await this.#pieces.next();
    } catch (error) {
      this.#end(error);
      throw error;
    }
    if (step.done !== true) return step;
    this.#end();
    // Cut short is not ended: a client that takes it for the end would miss the rest.
    if (this.#stopping.signal.aborted) throw new Error('following was stopped');
    return step;
  }

  async return(): Promise<IteratorResult<LogPiece, undefined>> {
    this.#stopping.abort();
    this.#end();
    // Not waited for: it ends when the platform has noticed.
    void this.#pieces.return(undefined).catch(() => undefined);
    return { done: true, value: undefined };
  }

  #end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd(error);
  }
}
