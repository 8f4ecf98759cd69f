import type { LaunchFacts } from './launch-record.js';

/** The states of a launch that is not over. */
export const OPEN_STATES = ['queued', 'accepted', 'launched'] as const;

export type OpenState = (typeof OPEN_STATES)[number];

/** A launch as people follow it: where it stands, and where it waits. Queues of one account in several places are several. */
export interface TrackedLaunch extends LaunchFacts {
  /** From 1; null for a launch that does not wait for room. */
  readonly position: number | null;
  readonly acceptedAt: Date;
  readonly launchedAt: Date | null;
  /** Why the last attempt failed, or how the launch ended; null when all went well. */
  readonly reason: string | null;
}

/** For people: what a launch that has not reached its platform waits for; null when there is nothing to say. */
export function reasonToWait({ state, position, platformAccount, reason }: TrackedLaunch): string | null {
  if (state !== 'queued') return reason;
  return `Waits for room on platform account '${platformAccount}', at position ${position ?? 1} of the queue.`;
}
