import { setTimeout as sleep } from 'node:timers/promises';

/** How long to go on trying, and how often. Times are in milliseconds. */
export interface Patience {
  /** Before the second attempt; before each further one twice as long. */
  readonly first: number;
  readonly longest: number;
  /** From the first failure on; then the last failure counts. */
  readonly altogether: number;
}

/** For a database or a server that is away: they are restarted and upgraded in less. */
export const WHILE_AWAY: Patience = { first: 500, longest: 10_000, altogether: 15 * 60_000 };

/**
 * Waits, longer after each failure.
 */
export class Retry {
  private failures = 0;
  private since: number | undefined;

  constructor(
    private readonly patience: Patience,
    private readonly signal?: AbortSignal,
  ) {}

  /**
   * Waits before the next attempt; ends early when the signal is given.
   * @returns false once patience is over: there is no next attempt
   */
  async wait(): Promise<boolean> {
    const now = performance.now();
    this.since ??= now;
    const left = this.since + this.patience.altogether - now;
    if (left <= 0 || this.signal?.aborted === true) return false;
    const delay = Math.min(this.patience.longest, this.patience.first * 2 ** Math.min(this.failures, 30), left);
    this.failures += 1;
    await sleep(delay, undefined, { signal: this.signal }).catch(() => undefined);
    return true;
  }
}

/**
 * Does something again while it fails for a reason that passes.
 * @param signal ends the waiting, after one more attempt
 * @throws what it throws, once patience is over or when the reason does not pass
 */
export async function patiently<Result>(
  work: () => Promise<Result>,
  passes: (error: unknown) => boolean,
  {
    patience = WHILE_AWAY,
    tell,
    signal,
  }: { readonly patience?: Patience; readonly tell?: (error: unknown) => void; readonly signal?: AbortSignal } = {},
): Promise<Result> {
  const retry = new Retry(patience, signal);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!passes(error)) throw error;
      tell?.(error);
      if (!(await retry.wait())) throw error;
    }
  }
}
