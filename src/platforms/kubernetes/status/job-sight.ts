/** A job's state, with what its pods tell, as an execution's state. Pure. */
import { hasStarted, mainIsOver, podSight } from './pod-sight.js';
import { containerEnd, obstacleOf, podEnd, STOPPED } from './reasons.js';
import type { JobRecord, PodRecord } from './records.js';
import type { Sight } from './sight.js';

/** How the last ended pod of a job ended; kept when the pod itself is gone. */
export interface LastAttempt {
  readonly exitCode: number | undefined;
  readonly reason: string | undefined;
}

const JOB_REASONS: Readonly<Record<string, string>> = {
  BackoffLimitExceeded: 'no attempt is left (backoffLimit)',
  DeadlineExceeded: 'the job ran longer than its deadline (activeDeadlineSeconds) allows',
  PodFailurePolicy: 'the failure policy of the job ended it',
  MaxFailedIndexesExceeded: 'too many indexes of the job failed',
  FailedIndexes: 'indexes of the job failed',
};

/**
 * The job's own end decides, with one exception: where one success is all that is asked for, a main container that ended
 * with 0 is that success, whatever runs or fails beside it. Between attempts the execution is running.
 * @param job undefined while only its pods are known
 */
export function jobSight(job: JobRecord | undefined, pods: readonly PodRecord[], last: LastAttempt | undefined): Sight {
  const startedAt = earliest(pods.map((pod) => podSight(pod).startedAt));
  const winner = pods.find((pod) => mainIsOver(pod) && pod.main.exitCode === 0);
  if (winner !== undefined && job !== undefined && job.completions <= 1) {
    return { ...ended('succeeded', startedAt, winner.main.endedAt), exitCode: 0 };
  }
  if (job?.end !== undefined) return jobEnd(job, job.end, startedAt, lastAttempt(pods) ?? last);
  if (pods.some(hasStarted) || (job?.failedPods ?? 0) > 0 || last !== undefined) {
    return { ...ended('running', startedAt ?? job?.startedAt, undefined) };
  }
  const obstacle = pods.map(obstacleOf).find((found) => found !== undefined);
  return { ...ended('waiting', undefined, undefined), reason: obstacle?.reason, obstacle };
}

/** @returns how the pod ended; undefined while it has not */
export function attemptOf(pod: PodRecord): LastAttempt | undefined {
  const sight = podSight(pod);
  if (sight.phase !== 'failed' && sight.phase !== 'succeeded') return undefined;
  return { exitCode: sight.exitCode, reason: sight.phase === 'failed' ? podEnd(pod) : undefined };
}

function jobEnd(
  job: JobRecord,
  end: NonNullable<JobRecord['end']>,
  startedAt: number | undefined,
  last: LastAttempt | undefined,
): Sight {
  const start = startedAt ?? job.startedAt;
  if (end.succeeded) return { ...ended('succeeded', start, end.at), exitCode: 0 };
  const failed = ended('failed', start, end.at);
  if (job.stoppedAt !== undefined) return { ...failed, exitCode: last?.exitCode, reason: STOPPED };
  const known = JOB_REASONS[end.reason] ?? end.message;
  const attempts = job.failedPods > 1 ? `${job.failedPods} attempts failed, the last: ` : '';
  const detail = last?.reason === undefined ? '' : `; ${attempts}${last.reason}`;
  const reason = `${end.reason === '' ? 'the job failed' : end.reason}${known === '' ? '' : `: ${known}`}${detail}`;
  return { ...failed, exitCode: last?.exitCode, reason };
}

function lastAttempt(pods: readonly PodRecord[]): LastAttempt | undefined {
  const failed = pods.filter((pod) => pod.main.state === 'terminated' || pod.phase === 'Failed');
  const latest = failed.reduce<PodRecord | undefined>(
    (best, pod) => (best === undefined || (pod.main.endedAt ?? 0) >= (best.main.endedAt ?? 0) ? pod : best),
    undefined,
  );
  if (latest === undefined) return undefined;
  return attemptOf(latest) ?? { exitCode: latest.main.exitCode, reason: containerEnd(latest.main) };
}

function ended(phase: Sight['phase'], startedAt: number | undefined, endedAt: number | undefined): Sight {
  return { phase, startedAt, endedAt, exitCode: undefined, reason: undefined, obstacle: undefined };
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
