import type { ExecutionKey } from '../../launching/launch-record.js';
import type { ChildLimits } from '../engine/child-limits.js';
import type { ChildEnd } from '../engine/exit-status.js';
import type { RunnerOptions } from './runner-options.js';
import { ServerAwayError, ServerRefusalError, type ShownExecution, type TaskServer } from './task-server.js';

/** The first look at a child comes this soon, or after the interval if that is shorter, ms. */
const FIRST_LOOK = 1_000;
/** Each look comes so much later than the one before, until the interval is reached. */
const GROWTH = 1.25;
/** How often in a row a server may say that it knows no such execution. */
const MOST_REFUSALS = 5;
/** How long a child that took too long has to end after it was stopped, ms. */
const TIME_TO_STOP = 120_000;

/** Follows one child to its end. */
export class ChildWatch {
  private delay: number;
  private due: number;
  private refusals = 0;
  private stoppedAt: number | undefined;

  /** @param since when it was launched, ms of `Date.now()` */
  constructor(
    readonly key: ExecutionKey,
    private readonly since: number,
    private readonly limits: ChildLimits,
    private readonly ignoreExitMessage: boolean,
    private readonly options: Pick<RunnerOptions, 'interval' | 'settings'>,
    private readonly server: TaskServer,
    private readonly warn: (text: string) => void,
  ) {
    this.delay = Math.max(1, Math.min(options.interval, FIRST_LOOK));
    this.due = Date.now() + this.delay;
  }

  /** When to look next, ms of `Date.now()`. */
  get nextLook(): number {
    return this.due;
  }

  /**
   * Looks at the child if it is time, or now.
   * @returns how it ended; null while it has not
   */
  async look(now = false): Promise<ChildEnd | null> {
    if (!now && Date.now() < this.due) return null;
    let shown: ShownExecution | null = null;
    try {
      shown = await this.server.look(this.key);
      this.refusals = 0;
    } catch (error) {
      if (error instanceof ServerRefusalError) {
        this.refusals += 1;
        if (this.refusals >= MOST_REFUSALS) return { kind: 'not-launched', reason: error.message };
      } else if (!(error instanceof ServerAwayError)) throw error;
      this.warn(`${error.message}; looking again`);
    }
    this.delay = Math.max(1, Math.min(this.options.interval, this.delay * GROWTH));
    this.due = Date.now() + this.delay;
    if (shown !== null && shown.endTime !== null && shown.endTime !== undefined) return this.ended(shown);
    return this.overdue(shown);
  }

  private ended(shown: ShownExecution): ChildEnd {
    if (this.stoppedAt !== undefined) return this.timeout('run');
    return {
      kind: 'ended',
      exitCode: shown.exitCode ?? null,
      exitMessage: shown.exitMessage ?? null,
      errorMessage: shown.errorMessage ?? null,
      ignoreExitMessage: this.ignoreExitMessage,
    };
  }

  /** A child over SCDF's limits goes on, as with SCDF's runner; one over a limit of its own is stopped. */
  private async overdue(shown: ShownExecution | null): Promise<ChildEnd | null> {
    const now = Date.now();
    if (this.stoppedAt !== undefined) return now - this.stoppedAt > TIME_TO_STOP ? this.timeout('run') : null;
    const { maxWaitTime, maxStartWaitTime } = this.options.settings;
    const age = now - this.since;
    const waits = shown !== null && (shown.startTime === null || shown.startTime === undefined);
    if (maxStartWaitTime > 0 && waits && age > maxStartWaitTime) return this.timeout('start');
    if (maxWaitTime > 0 && age > maxWaitTime) return this.timeout('run');
    const { timeout } = this.limits;
    if (timeout !== null && age > timeout) {
      this.stoppedAt = now;
      await this.server.stop(this.key);
    }
    return null;
  }

  private timeout(phase: 'start' | 'run'): ChildEnd {
    return { kind: 'timeout', phase, taskExecutionId: this.key.id };
  }
}
