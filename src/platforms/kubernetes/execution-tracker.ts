/** Knows how every execution of an account stands, from the pods and jobs under watch, and says so when that changes. */
import type { PlatformStatus } from '../platform.js';
import { attemptOf, jobSight, type LastAttempt } from './status/job-sight.js';
import { hasStarted, podSight } from './status/pod-sight.js';
import { podVanished, STOPPED } from './status/reasons.js';
import { type ExecutionIdentity, type JobRecord, jobRecord, type PodRecord, podRecord } from './status/records.js';
import { isOver, type Sight } from './status/sight.js';
import { type Verdict, Verdicts } from './status/verdicts.js';
import { RecordStore } from './watch/record-store.js';
import type { JobObject, PodObject } from './wire.js';

/** An execution with the objects that it is made of. */
export interface TrackedExecution {
  readonly externalExecutionId: string;
  readonly sight: Sight;
  readonly execution: ExecutionIdentity | undefined;
  readonly job: JobRecord | undefined;
  readonly pods: readonly PodRecord[];
}

/** Whom the tracker tells. */
export interface TrackerListener {
  /** The state of an execution is another one. */
  changed(status: PlatformStatus): void;
  /** Something about its objects may be another thing: called for all that come, those of the first list too. */
  seen(execution: TrackedExecution): void;
}

export class ExecutionTracker {
  readonly pods = new RecordStore<PodObject, PodRecord>(podRecord, {
    put: (pod) => this.#podPut(pod),
    dropped: (pod) => this.#podDropped(pod),
  });
  readonly jobs = new RecordStore<JobObject, JobRecord>(jobRecord, {
    put: (job) => this.#touch(job.name),
    dropped: (job) => this.#jobDropped(job),
  });

  readonly #podsOfJob = new Map<string, Set<string>>();
  readonly #lastAttempts = new Map<string, LastAttempt>();
  readonly #verdicts = new Verdicts();
  /** What was said last of each execution, so that only changes are told. */
  readonly #told = new Map<string, string>();
  #speaks = false;

  constructor(private readonly listener: TrackerListener) {}

  /** From now on changes are told; what the first list brings is found by asking, not told ten thousand times. */
  speak(): void {
    this.#speaks = true;
  }

  /** @returns undefined for one whose objects are not there (any more) */
  find(externalExecutionId: string): TrackedExecution | undefined {
    const job = this.jobs.get(externalExecutionId);
    const pods = this.#podsOf(externalExecutionId);
    const own = pods.find((pod) => pod.job === undefined);
    const verdict = this.#verdicts.get(externalExecutionId);
    // Of a job that is gone some pods may still be ending.
    if (job === undefined && own === undefined && (pods.length === 0 || verdict !== undefined)) return undefined;
    const last = this.#lastAttempts.get(externalExecutionId);
    const live = own === undefined ? jobSight(job, pods, last) : podSight(own);
    const sight = verdict === undefined ? live : inView(verdict, live);
    return { externalExecutionId, sight, execution: job?.execution ?? pods[0]?.execution, job, pods };
  }

  /** @returns how it stands or, for a while after its objects are gone, stood */
  status(externalExecutionId: string): PlatformStatus | undefined {
    const found = this.find(externalExecutionId) ?? this.#verdicts.get(externalExecutionId);
    return found && statusOf(externalExecutionId, found.sight, found.execution);
  }

  verdict(externalExecutionId: string): Verdict | undefined {
    return this.#verdicts.get(externalExecutionId);
  }

  /** Keeps what shall be said of an execution: at once if the verdict stands, else when its objects go before it is over. */
  decide(externalExecutionId: string, verdict: Verdict): void {
    this.#verdicts.set(externalExecutionId, verdict);
    if (verdict.stands) this.#tell(externalExecutionId, verdict.sight, verdict.execution);
  }

  /** Names of all executions that have objects. */
  names(): readonly string[] {
    const names = new Set<string>();
    for (const { name } of this.jobs.values()) names.add(name);
    for (const pod of this.pods.values()) names.add(executionName(pod));
    return [...names];
  }

  #podsOf(externalExecutionId: string): readonly PodRecord[] {
    const own = this.pods.get(externalExecutionId);
    if (own !== undefined && own.job === undefined) return [own];
    const names = this.#podsOfJob.get(externalExecutionId) ?? [];
    return [...names].flatMap((name) => this.pods.get(name) ?? []);
  }

  #podPut(pod: PodRecord): void {
    if (pod.job !== undefined) {
      const names = this.#podsOfJob.get(pod.job) ?? new Set<string>();
      this.#podsOfJob.set(pod.job, names.add(pod.name));
    }
    this.#touch(executionName(pod));
  }

  #touch(externalExecutionId: string): void {
    const found = this.find(externalExecutionId);
    if (found === undefined) return;
    this.#tell(externalExecutionId, found.sight, found.execution);
    this.listener.seen(found);
  }

  #podDropped(pod: PodRecord): void {
    const sight = podSight(pod);
    if (pod.job === undefined) {
      this.#depart(pod.name, sight, pod.execution, () => vanished(sight, podVanished(pod)));
      return;
    }
    const names = this.#podsOfJob.get(pod.job);
    names?.delete(pod.name);
    if (names?.size === 0) this.#podsOfJob.delete(pod.job);
    if (this.jobs.get(pod.job) === undefined) return;
    // A job with restartPolicy OnFailure deletes its pod at the last failure, and with it the only trace of why.
    const fallback = { exitCode: sight.exitCode, reason: hasStarted(pod) ? podVanished(pod) : undefined };
    if (hasStarted(pod)) this.#lastAttempts.set(pod.job, attemptOf(pod) ?? fallback);
    this.#touch(pod.job);
  }

  #jobDropped(job: JobRecord): void {
    const pods = this.#podsOf(job.name);
    const last = this.#lastAttempts.get(job.name);
    const sight = jobSight(job, pods, last);
    const reason = job.stoppedAt === undefined ? 'the job was deleted by someone else before it was over' : STOPPED;
    this.#depart(job.name, sight, job.execution, () => vanished(sight, reason));
    this.#lastAttempts.delete(job.name);
  }

  #depart(
    externalExecutionId: string,
    last: Sight,
    execution: ExecutionIdentity | undefined,
    otherwise: () => Sight,
  ): void {
    const decided = this.#verdicts.get(externalExecutionId);
    const sight = isOver(last)
      ? decided === undefined
        ? last
        : inView(decided, last)
      : (decided?.sight ?? otherwise());
    this.#verdicts.set(externalExecutionId, { sight, execution, stands: true, refused: false });
    this.#tell(externalExecutionId, sight, execution);
    this.#told.delete(externalExecutionId);
  }

  #tell(externalExecutionId: string, sight: Sight, execution: ExecutionIdentity | undefined): void {
    const words = `${sight.phase} ${sight.exitCode} ${sight.startedAt} ${sight.reason}`;
    if (this.#told.get(externalExecutionId) === words) return;
    this.#told.set(externalExecutionId, words);
    if (this.#speaks) this.listener.changed(statusOf(externalExecutionId, sight, execution));
  }
}

/** A verdict that stands counts alone; another one only says why what has failed has failed. */
function inView(verdict: Verdict, live: Sight): Sight {
  if (verdict.stands) return verdict.sight;
  return live.phase === 'failed' ? { ...live, reason: verdict.sight.reason } : live;
}

/** What is said of an execution whose objects went before it was over. */
function vanished(last: Sight, reason: string): Sight {
  return { ...last, phase: 'failed', endedAt: last.endedAt ?? Date.now(), reason, obstacle: undefined };
}

export function executionName(pod: PodRecord): string {
  return pod.job ?? pod.name;
}

export function statusOf(
  externalExecutionId: string,
  sight: Sight,
  execution: ExecutionIdentity | undefined,
): PlatformStatus {
  const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));
  return {
    externalExecutionId,
    execution,
    phase: sight.phase,
    startedAt: date(sight.startedAt),
    endedAt: date(sight.endedAt),
    exitCode: sight.exitCode,
    reason: sight.reason,
  };
}
