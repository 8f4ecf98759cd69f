/**
 * Ends executions: on request, when they can never start, and what runs on beside a main container that is over.
 *
 * A pod that is deleted takes its log along. So a pod that has started is not deleted but given a deadline that has passed
 * (`activeDeadlineSeconds`, the one field of a running pod's spec that may be lowered): the kubelet ends its containers within
 * their grace period, and object and log stay until they are cleaned up. Where the role does not allow that, or where it
 * does not take effect in time, the pod is deleted as SCDF does.
 */
import { messageOf } from '../../resources/system-error.js';
import type { PlatformLogger } from './platform-logger.js';
import { hasStatus } from './client/api-error.js';
import type { ClusterObjects } from './cluster-objects.js';
import type { ExecutionTracker, TrackedExecution } from './execution-tracker.js';
import { SilentExecutions } from './silent-executions.js';
import { STOPPED_AT_ANNOTATION } from './stop-mark.js';
import { hasStarted, podSight, runsOn } from './status/pod-sight.js';
import { STOPPED } from './status/reasons.js';
import type { PodRecord } from './status/records.js';
import { isOver, type ObstacleKind, type Sight } from './status/sight.js';

/** Bounds, ms. */
export interface EndingBounds {
  /** How long something may keep an execution from starting before it is given up. */
  readonly obstacles: Readonly<Record<ObstacleKind, number>>;
  /** How long after its grace period a stopped pod is deleted. */
  readonly overdue: number;
  /** How often bounds are looked at. */
  readonly sweep: number;
}

/**
 * Registries and Secrets come back or are made a moment later; a node may have to be bought first, or other batch jobs to
 * end, before there is room: that is the scheduler's business for a long while.
 */
export const ENDING_BOUNDS: EndingBounds = {
  obstacles: { 'image-name': 0, image: 120_000, configuration: 120_000, unschedulable: 3_600_000 },
  overdue: 30_000,
  sweep: 2_000,
};

export class ExecutionEnder {
  /** Executions that cannot start, and since when. */
  readonly #obstructed = new Map<string, { readonly kind: ObstacleKind; readonly since: number }>();
  /** Executions that were asked to stop, and when they must have ended. */
  readonly #stopping = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #silent: SilentExecutions;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly objects: ClusterObjects,
    private readonly tracker: ExecutionTracker,
    private readonly accountName: string,
    private readonly logger: PlatformLogger,
    private readonly bounds: EndingBounds = ENDING_BOUNDS,
  ) {
    this.#silent = new SilentExecutions(objects, bounds.obstacles.configuration);
  }

  start(): void {
    this.#timer = setInterval(() => this.#sweep(), this.bounds.sweep).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.allSettled(this.#underWay.values());
  }

  /** What events have said of an execution whose objects say nothing. */
  hindrance(externalExecutionId: string): string | undefined {
    return this.#silent.hindrance(externalExecutionId);
  }

  /** Looks whether something is to be done about an execution; does it in the background. */
  look(found: TrackedExecution): void {
    const { externalExecutionId: id, sight, job, pods } = found;
    this.#silent.look(found);
    if (sight.obstacle === undefined) this.#obstructed.delete(id);
    else {
      const { kind, since } = sight.obstacle;
      const known = this.#obstructed.get(id);
      if (known?.kind !== kind) this.#obstructed.set(id, { kind, since: since ?? Date.now() });
      if (this.bounds.obstacles[kind] === 0) this.#sweepObstacle(id);
    }
    const stopRequested = job?.stoppedAt !== undefined || pods.some((pod) => pod.stoppedAt !== undefined);
    const live = pods.filter((pod) => !isOver(podSight(pod)));
    if (stopRequested && (live.length > 0 || !isOver(sight))) {
      const grace = Math.max(0, ...pods.map((pod) => pod.gracePeriod)) * 1000;
      if (!this.#stopping.has(id)) this.#stopping.set(id, Date.now() + grace + this.bounds.overdue);
      if (job !== undefined && live.some((pod) => hasStarted(pod) && pod.stoppedAt === undefined)) {
        this.#background(id, () => this.stop(found));
      }
    } else this.#stopping.delete(id);
    this.#endRest(found);
  }

  /** Asks a running execution to end, and takes one away that has not started. */
  async stop(found: TrackedExecution): Promise<void> {
    const { externalExecutionId: id, job, pods } = found;
    const live = pods.filter((pod) => !isOver(podSight(pod)));
    const started = live.filter(hasStarted);
    const attempted = started.length > 0 || pods.some(hasStarted);
    this.#decide(found, attempted ? STOPPED : 'stopped before it was started', false);
    if (started.length === 0) return this.#delete(found);
    try {
      if (job !== undefined) {
        // No further attempt; the failure of those that run now is the job's.
        const patch = { metadata: stopMark(), spec: { backoffLimit: 0 } };
        const patched = job.stoppedAt === undefined ? await this.objects.patchJob(id, patch) : undefined;
        if (patched !== undefined) this.tracker.jobs.put(patched);
      }
      for (const pod of started) await this.#lapse(pod, true);
    } catch (error) {
      if (!hasStatus(error, 403) && !hasStatus(error, 422)) throw error;
      const facts = { account: this.accountName, externalExecutionId: id };
      this.logger.warn(facts, `A stopped pod is deleted with its log, since it cannot be changed: ${error.message}`);
      await this.#delete(found);
    }
  }

  /** Takes the objects of an execution away. */
  async remove({ externalExecutionId: id, job }: TrackedExecution): Promise<void> {
    await (job === undefined ? this.objects.deletePod(id) : this.objects.deleteJob(id, 'Background'));
  }

  /** Containers beside a main one that is over must not run on, nor make a job try again what has succeeded. */
  #endRest({ externalExecutionId: id, sight, job, pods }: TrackedExecution): void {
    const leftOvers = pods.filter((pod) => runsOn(pod) && pod.activeDeadline !== 1);
    const retried = job !== undefined && job.end === undefined && sight.phase === 'succeeded';
    const refuses = retried && pods.some((pod) => runsOn(pod) || (pod.phase === 'Failed' && pod.main.exitCode === 0));
    if (leftOvers.length === 0 && !refuses) return;
    this.#background(id, async () => {
      try {
        if (refuses) await this.objects.patchJob(id, { spec: { backoffLimit: 0 } });
        for (const pod of leftOvers) await this.#lapse(pod, false);
      } catch (error) {
        if (!hasStatus(error, 403) && !hasStatus(error, 422)) throw error;
        if (job === undefined || refuses)
          await this.#delete({ externalExecutionId: id, sight, job, pods, execution: undefined });
        else for (const pod of leftOvers) await this.objects.deletePod(pod.name);
      }
    });
  }

  /** Lets the kubelet end the pod's containers; pod and log stay. */
  async #lapse(pod: PodRecord, onRequest: boolean): Promise<void> {
    const patch = { ...(onRequest ? { metadata: stopMark() } : {}), spec: { activeDeadlineSeconds: 1 } };
    const patched = await this.objects.patchPod(pod.name, patch);
    if (patched !== undefined) this.tracker.pods.put(patched);
  }

  /** A job stays, ending, until its pods are gone, so that the execution is not over before they are. */
  async #delete({ externalExecutionId: id, job }: TrackedExecution): Promise<void> {
    await (job === undefined ? this.objects.deletePod(id) : this.objects.deleteJob(id, 'Foreground'));
  }

  #sweep(): void {
    for (const id of this.#obstructed.keys()) this.#sweepObstacle(id);
    for (const id of this.#silent.takeDue()) this.#askAbout(id);
    const now = Date.now();
    for (const [id, deadline] of this.#stopping) {
      if (now < deadline) continue;
      const found = this.tracker.find(id);
      if (found === undefined) this.#stopping.delete(id);
      else this.#background(id, () => this.#delete(found));
    }
  }

  #sweepObstacle(id: string): void {
    const { kind, since } = this.#obstructed.get(id) ?? {};
    if (kind === undefined || since === undefined || Date.now() - since < this.bounds.obstacles[kind]) return;
    const found = this.tracker.find(id);
    const obstacle = found?.sight.obstacle;
    if (found === undefined || obstacle === undefined) this.#obstructed.delete(id);
    else {
      this.#background(id, async () => {
        await this.#giveUp(found, obstacle.reason);
        this.#obstructed.delete(id);
      });
    }
  }

  /** Of a job whose pod the cluster refuses, and of a volume that is missing, only events tell. */
  #askAbout(id: string): void {
    const asked = this.tracker.find(id);
    if (asked === undefined) {
      this.#silent.forget(id);
      return;
    }
    this.#background(id, async () => {
      const { kind, reason, since = Date.now() } = (await this.#silent.ask(asked)) ?? {};
      const found = this.tracker.find(id);
      if (kind === undefined || reason === undefined || found?.sight.phase !== 'waiting') return;
      if (Date.now() - since < this.bounds.obstacles[kind]) return;
      await this.#giveUp(found, reason);
      this.#silent.forget(id);
    });
  }

  async #giveUp(found: TrackedExecution, reason: string): Promise<void> {
    const facts = { account: this.accountName, externalExecutionId: found.externalExecutionId, reason };
    this.logger.warn(facts, 'An execution that cannot start is given up');
    this.#decide(found, reason, true);
    await this.#delete(found);
  }

  #decide(found: TrackedExecution, reason: string, stands: boolean): void {
    const { externalExecutionId, execution } = found;
    const { startedAt, exitCode } = found.sight;
    const sight: Sight = { phase: 'failed', startedAt, endedAt: Date.now(), exitCode, reason, obstacle: undefined };
    this.tracker.decide(externalExecutionId, { sight, execution, stands, refused: false });
  }

  /** One thing at a time for an execution; what fails is seen again at the next event or sweep. */
  #background(id: string, work: () => Promise<void>): void {
    if (this.#underWay.has(id)) return;
    // Begun a moment later: the callers are in the middle of telling what they have seen.
    const running = Promise.resolve()
      .then(work)
      .catch((error: unknown) => {
        const reason = messageOf(error);
        const facts = { account: this.accountName, externalExecutionId: id, reason };
        this.logger.warn(facts, 'An execution could not be ended; this is tried again');
      })
      .finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, running);
  }
}

function stopMark(): object {
  return { annotations: { [STOPPED_AT_ANNOTATION]: new Date().toISOString() } };
}
