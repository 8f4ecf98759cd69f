/** A pod's state as an execution's state. Pure. */
import { obstacleOf, podEnd } from './reasons.js';
import type { PodRecord } from './records.js';
import type { Sight } from './sight.js';

/**
 * The main container decides: what runs beside it neither keeps the execution running nor makes it fail. Between the
 * attempts of a restart policy it goes on running, as it is not over.
 */
export function podSight(pod: PodRecord): Sight {
  if (mainIsOver(pod)) {
    const succeeded = pod.main.exitCode === 0;
    return over(pod, succeeded);
  }
  if (pod.phase === 'Failed' && !isBeingEnded(pod)) return over(pod, false);
  if (pod.phase === 'Succeeded') return over(pod, true);
  if (hasStarted(pod)) return going(pod, 'running');
  return going(pod, 'waiting');
}

/** Whether the main container has run at all. */
export function hasStarted({ main }: PodRecord): boolean {
  return main.state !== 'waiting' || main.restarts > 0 || main.previous !== undefined;
}

/** Whether the main container has ended and will not be started again. */
export function mainIsOver(pod: PodRecord): boolean {
  if (pod.main.state !== 'terminated') return false;
  if (pod.phase === 'Failed' || pod.phase === 'Succeeded' || pod.deletedAt !== undefined) return true;
  return pod.restartPolicy === 'Never' || (pod.restartPolicy === 'OnFailure' && pod.main.exitCode === 0);
}

/** Whether containers beside the main one go on although that is over. */
export function runsOn(pod: PodRecord): boolean {
  const pending = pod.phase !== 'Failed' && pod.phase !== 'Succeeded' && pod.deletedAt === undefined;
  return pending && mainIsOver(pod) && pod.sidecars.some(({ state }) => state !== 'terminated');
}

/** At a deadline the kubelet says «Failed» first and ends the containers then, within their grace period. */
function isBeingEnded({ main, reason, deletedAt }: PodRecord): boolean {
  return reason === 'DeadlineExceeded' && main.state === 'running' && deletedAt === undefined;
}

function over(pod: PodRecord, succeeded: boolean): Sight {
  const { main } = pod;
  return {
    phase: succeeded ? 'succeeded' : 'failed',
    startedAt: firstStart(pod),
    endedAt: main.endedAt,
    exitCode: main.exitCode ?? (succeeded ? 0 : undefined),
    reason: succeeded ? undefined : podEnd(pod),
    obstacle: undefined,
  };
}

function going(pod: PodRecord, phase: 'waiting' | 'running'): Sight {
  const obstacle = phase === 'waiting' ? obstacleOf(pod) : undefined;
  const startedAt = phase === 'running' ? firstStart(pod) : undefined;
  return { phase, startedAt, endedAt: undefined, exitCode: undefined, reason: obstacle?.reason, obstacle };
}

/** After a restart the container knows only its last start; the first one was when the kubelet took the pod, or a little later. */
function firstStart({ main, acceptedAt }: PodRecord): number | undefined {
  return main.restarts > 0 ? (acceptedAt ?? main.startedAt) : main.startedAt;
}
