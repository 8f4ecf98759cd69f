import type { ExecutionKey } from '../../launching/launch-record.js';
import type { ChildView } from '../step-verdict.js';
import type { RunnerOptions } from './runner-options.js';
import { ServerAwayError, ServerRefusalError, type ShownExecution, type TaskServer } from './task-server.js';

/** The first look at a child comes this soon, or after the interval if that is shorter, ms. */
const FIRST_LOOK = 1_000;
/** Each look comes so much later than the one before, until the interval is reached. */
const GROWTH = 1.25;
/** How often in a row a server may say that it knows no such execution. */
const MOST_REFUSALS = 5;

/** What a look has brought. */
export type Look =
  | { readonly kind: 'view'; readonly view: ChildView }
  /** The server does not know the child. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Follows one child, a look at a time. */
export class ChildWatch {
  private delay: number;
  private due: number;
  private refusals = 0;
  private startTime: Date | null = null;
  private hasSeen = false;

  /** @param since when it was launched, ms of `Date.now()` */
  constructor(
    readonly key: ExecutionKey,
    private readonly since: number,
    private readonly options: Pick<RunnerOptions, 'interval'>,
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

  /** Whether the server has shown it: else nobody knows whether it has started. */
  get seen(): boolean {
    return this.hasSeen;
  }

  /** Looks again at this time at the latest. */
  lookBy(time: number): void {
    this.due = Math.min(this.due, time);
  }

  /**
   * Looks at the child if it is time, or now. While the server is away it is as it was last seen.
   * @returns null when it is not time
   */
  async look(now = false): Promise<Look | null> {
    if (!now && Date.now() < this.due) return null;
    let shown: ShownExecution | null = null;
    try {
      shown = await this.server.look(this.key);
      this.refusals = 0;
      this.hasSeen = true;
    } catch (error) {
      if (error instanceof ServerRefusalError) {
        this.refusals += 1;
        if (this.refusals >= MOST_REFUSALS) return { kind: 'unknown', reason: error.message };
      } else if (!(error instanceof ServerAwayError)) throw error;
      this.warn(`${error.message}; looking again`);
    }
    this.delay = Math.max(1, Math.min(this.options.interval, this.delay * GROWTH));
    this.due = Date.now() + this.delay;
    this.startTime ??= timeOf(shown?.startTime);
    return { kind: 'view', view: this.viewOf(shown) };
  }

  private viewOf(shown: ShownExecution | null): ChildView {
    const { since, startTime } = this;
    const view = { acceptedAt: new Date(since), startTime };
    if (shown === null || shown.endTime === null || shown.endTime === undefined) return { ...view, ended: null };
    const { exitCode = null, exitMessage = null, errorMessage = null } = shown;
    return { ...view, ended: { at: timeOf(shown.endTime), exitCode, exitMessage, errorMessage } };
  }
}

/** A time that cannot be read is that of the look. */
function timeOf(text: string | null | undefined): Date | null {
  if (text === null || text === undefined) return null;
  const time = Date.parse(text);
  return new Date(Number.isNaN(time) ? Date.now() : time);
}
