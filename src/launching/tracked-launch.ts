import type { SchemaTargetName } from '../platforms/platform.js';
import type { LaunchState } from './launch-record.js';

/** The states of a launch that is not over. */
export const OPEN_STATES = ['queued', 'accepted', 'launched'] as const;

export type OpenState = (typeof OPEN_STATES)[number];

/** A launch as people follow it: where it stands, and where it waits. */
export interface TrackedLaunch {
  readonly schemaTarget: SchemaTargetName;
  readonly executionId: number;
  readonly taskName: string;
  readonly platformAccount: string;
  /** See {@link import('./launch-record.js').domainOf}: queues of one account in several places are several queues. */
  readonly domain: string | null;
  readonly externalExecutionId: string;
  readonly state: LaunchState;
  readonly priority: number;
  /** From 1; null for a launch that does not wait for room. */
  readonly position: number | null;
  readonly acceptedAt: Date;
  readonly launchedAt: Date | null;
  readonly attempts: number;
  /** Why the last attempt failed, or how the launch ended; null when all went well. */
  readonly reason: string | null;
}

/** For people: what a launch that has not reached its platform waits for; null when there is nothing to say. */
export function reasonToWait({ state, position, platformAccount, reason }: TrackedLaunch): string | null {
  if (state !== 'queued') return reason;
  return `Waits for room on platform account '${platformAccount}', at position ${position ?? 1} of the queue.`;
}
