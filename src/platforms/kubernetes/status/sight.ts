/** How an execution stands, as drawn from the cluster's objects. */

/** Times are ms since the epoch. */
export interface Sight {
  readonly phase: 'waiting' | 'running' | 'succeeded' | 'failed';
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly exitCode: number | undefined;
  /** For people; set for `failed`, and for `waiting` where something is in the way. */
  readonly reason: string | undefined;
  /** Why it does not start and perhaps never will. */
  readonly obstacle: Obstacle | undefined;
}

export type ObstacleKind = 'image-name' | 'image' | 'configuration' | 'unschedulable';

export interface Obstacle {
  readonly kind: ObstacleKind;
  readonly reason: string;
  /** Since when, where the cluster says so; ms since the epoch. */
  readonly since: number | undefined;
}

/** Whether the execution is over. */
export function isOver(sight: Pick<Sight, 'phase'>): boolean {
  return sight.phase === 'succeeded' || sight.phase === 'failed';
}
