/** Finds out why executions do not start whose objects say nothing about it: the cluster tells that in events alone. */
import { hasStatus } from './client/api-error.js';
import type { ClusterObjects } from './cluster-objects.js';
import type { TrackedExecution } from './execution-tracker.js';
import { hindranceOf } from './status/events.js';
import type { Obstacle } from './status/sight.js';

/** Times in ms. */
interface Wait {
  readonly since: number;
  /** When to ask. */
  readonly due: number;
  /** What was said when it was asked for last. */
  readonly reason: string | undefined;
}

/**
 * A job whose pod the cluster refuses, and a pod that waits for a volume, look like those that just begin. Events are asked
 * for once the wait has lasted, and again after as long a time; a large image takes its time as well.
 */
export class SilentExecutions {
  readonly #waiting = new Map<string, Wait>();

  /** @param patience ms */
  constructor(
    private readonly objects: Pick<ClusterObjects, 'eventsOf'>,
    private readonly patience: number,
  ) {}

  look({ externalExecutionId: id, sight }: TrackedExecution): void {
    const now = Date.now();
    if (sight.phase !== 'waiting' || sight.obstacle !== undefined) this.#waiting.delete(id);
    else if (!this.#waiting.has(id)) this.#waiting.set(id, { since: now, due: now + this.patience, reason: undefined });
  }

  /** Those about which to ask now. */
  takeDue(): readonly string[] {
    const now = Date.now();
    const due = [...this.#waiting].filter(([, waiting]) => waiting.due <= now);
    for (const [id, wait] of due) this.#waiting.set(id, { ...wait, due: now + this.patience });
    return due.map(([id]) => id);
  }

  forget(id: string): void {
    this.#waiting.delete(id);
  }

  /** By external id; undefined while nothing is known. */
  hindrance(id: string): string | undefined {
    return this.#waiting.get(id)?.reason;
  }

  /** @returns why it does not start; undefined when nothing says why, or the role may not read events */
  async ask(found: TrackedExecution): Promise<Obstacle | undefined> {
    const hindrance = await this.#hindranceOf(found);
    const wait = this.#waiting.get(found.externalExecutionId);
    if (wait !== undefined) this.#waiting.set(found.externalExecutionId, { ...wait, reason: hindrance?.reason });
    return hindrance && { ...hindrance, since: wait?.since };
  }

  async #hindranceOf({ job, pods }: TrackedExecution): Promise<Omit<Obstacle, 'since'> | undefined> {
    const [pod] = pods;
    try {
      if (pod !== undefined) return hindranceOf(await this.objects.eventsOf('Pod', pod.name));
      return job === undefined ? undefined : hindranceOf(await this.objects.eventsOf('Job', job.name));
    } catch (error) {
      if (hasStatus(error, 403)) return undefined;
      throw error;
    }
  }
}
