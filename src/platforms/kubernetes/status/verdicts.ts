/** What this server has to say of executions beyond what their objects say, or after those are gone. */
import type { ExecutionIdentity } from './records.js';
import type { Sight } from './sight.js';

export interface Verdict {
  readonly sight: Sight;
  readonly execution: ExecutionIdentity | undefined;
  /** Counts even while the objects say something else. */
  readonly stands: boolean;
  /** The cluster has refused the object for good: there never was one. */
  readonly refused: boolean;
}

/** Older ones are forgotten first; the rows have them by then. */
const KEPT = 20_000;

export class Verdicts {
  readonly #entries = new Map<string, Verdict>();

  get(externalExecutionId: string): Verdict | undefined {
    return this.#entries.get(externalExecutionId);
  }

  set(externalExecutionId: string, verdict: Verdict): void {
    this.#entries.delete(externalExecutionId);
    this.#entries.set(externalExecutionId, verdict);
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > KEPT && oldest !== undefined) this.#entries.delete(oldest);
  }
}
