/** How long to wait before the next try: further and further apart, and never in step with others. */
import { setTimeout as delay } from 'node:timers/promises';

/** Bounds of a back-off, ms. */
export interface BackoffBounds {
  readonly first: number;
  readonly longest: number;
}

/**
 * Exponential with equal jitter: between half of and the whole of `first * 2^attempt`, at most `longest`.
 * @param attempt 0 for the first wait
 * @param random from 0 (included) to 1
 * @returns ms
 */
export function backoffDelay(attempt: number, bounds: BackoffBounds, random: number = Math.random()): number {
  const ceiling = Math.min(bounds.first * 2 ** Math.min(attempt, 30), bounds.longest);
  return ceiling / 2 + (ceiling / 2) * random;
}

/** Waits; ends early, without an error, when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
