import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionKey } from '../../launching/launch-record.js';
import { messageOf } from '../../resources/system-error.js';
import type { ChildLimits } from '../engine/child-limits.js';
import { type StepOutcome, stepOutcome } from '../engine/exit-status.js';
import type { StepContext } from '../step-context.js';
import { againOr, type ChildView, type Verdict, verdictOf, type VerdictTerms } from '../step-verdict.js';
import { ChildStarter } from './child-start.js';
import { ChildWatch } from './child-watch.js';
import type { RunParts } from './run-parts.js';
import type { RunnerStep } from './runner-task.sql.js';

/** How a step's child ended. */
export interface DrivenEnd {
  readonly outcome: StepOutcome;
  readonly exitCode: number | null;
  /** Its execution; null if it was not launched. */
  readonly child: ExecutionKey | null;
}

/** Why and since when a run stops. */
export interface RunStop {
  /** ms of `Date.now()`; what ended before has ended by itself. */
  readonly since: number;
  /** Whether its children are stopped and waited for, or left alone. */
  readonly endsChildren: boolean;
}

/** What this process knows of a step under way, beside its rows. */
interface Driven {
  /** As the rows have it, or soon will. */
  context: StepContext;
  readonly limits: ChildLimits;
  /** Whether an earlier process may have begun the launch that is to come. */
  doubtful: boolean;
  watch: ChildWatch | undefined;
  starting: Promise<void> | undefined;
  /** Since when its child has been asked to end. */
  cancelledAt: number | undefined;
  end: DrivenEnd | undefined;
}

/** How long a launch under way is waited for when the run stops, ms. */
const TO_SETTLE = 5_000;
/** How often a child that is to end is asked to, ms. */
const INSISTENCE = 5_000;
/** How long a child has to end after it was asked to, ms: twice what Kubernetes gives a pod. */
const TIME_TO_STOP = 60_000;
/** The end of a child of which nothing is heard any more. */
const UNHEARD: ChildView['ended'] = { at: null, exitCode: null, exitMessage: null, errorMessage: null };

/**
 * Launches the children of steps under way, and follows them. What it decides that a step's rows do not tell yet, it writes
 * there before it acts, so that a process which takes its place decides the same.
 */
export class StepDriver {
  private readonly driven = new Map<number, Driven>();
  private readonly abandon = new AbortController();
  private readonly starter: ChildStarter;

  /** @param inherited steps that an earlier process has begun */
  constructor(
    private readonly parts: RunParts,
    private readonly inherited: ReadonlySet<number>,
    private readonly wake: () => void,
  ) {
    const signal = AbortSignal.any([parts.signal, this.abandon.signal]);
    this.starter = new ChildStarter(parts.server, parts.log, signal);
  }

  /** Goes on with a step: launches its child if it has none, or follows it. */
  drive(step: RunnerStep): void {
    if (this.driven.has(step.id)) return;
    const driven = this.newlyDriven(step);
    this.driven.set(step.id, driven);
    const { child, note } = driven.context;
    // It has failed, and is launched once more when it is time.
    if (note?.notBefore !== undefined) return;
    const since = note?.launchedAt === undefined ? step.startTime.getTime() : Date.parse(note.launchedAt);
    if (child === null) this.start(step, driven);
    else driven.watch = this.watchOf(child, since);
  }

  /**
   * How a step's child has ended; null while it has not, or is tried once more.
   * @param stop given when the run stops: nothing is tried again, and it is looked at once more
   */
  async outcomeOf(step: RunnerStep, stop: RunStop | null): Promise<DrivenEnd | null> {
    const driven = this.driven.get(step.id);
    if (driven === undefined || driven.starting !== undefined) return driven?.end ?? null;
    if (driven.end !== undefined) return driven.end;
    const isLast = stop?.endsChildren === false;
    const look = await driven.watch?.look(isLast || (stop !== null && driven.cancelledAt === undefined));
    if (look === null) return null;
    if (look?.kind === 'unknown') return this.end(driven, stepOutcome({ ...look, kind: 'not-launched' }), null);
    const view = look?.view ?? null;
    const verdict = this.verdictOf(driven, view, stop);
    if (verdict.kind !== 'cancel' || view === null) return this.follow(step, driven, verdict);
    // As with SCDF's runner a stop that somebody asked for leaves the children alone.
    if (isLast) return null;
    driven.cancelledAt ??= Date.now();
    const overdue = Date.now() - driven.cancelledAt > TIME_TO_STOP;
    if (!overdue) return this.cancel(step, driven, verdict);
    return this.follow(step, driven, this.verdictOf(driven, { ...view, ended: UNHEARD }, stop));
  }

  /** When the next child is to be looked at or launched again, ms of `Date.now()`. */
  nextLook(): number {
    const times = [...this.driven.values()].flatMap(({ context: { note }, watch, starting, end }) => {
      if (starting !== undefined || end !== undefined) return [];
      return watch?.nextLook ?? (note?.notBefore === undefined ? [] : Date.parse(note.notBefore));
    });
    return Math.min(...times, Infinity);
  }

  /** The step's end is written down. */
  forget(stepId: number): void {
    this.driven.delete(stepId);
  }

  /** Begins no launch any more, and waits a little for those under way: a child that was launched is to be known. */
  async settle(): Promise<void> {
    this.giveUp();
    const starting = [...this.driven.values()].flatMap(({ starting }) => starting ?? []);
    if (starting.length === 0) return;
    await Promise.race([Promise.allSettled(starting), sleep(TO_SETTLE)]);
  }

  giveUp(): void {
    this.abandon.abort();
  }

  private newlyDriven(step: RunnerStep): Driven {
    const taskName = childOf(step);
    const nothing = { child: null, taskName, arguments: [], ignoreExitMessage: false, exitCode: null };
    return {
      context: step.context ?? nothing,
      limits: this.parts.context.limitsOf(taskName),
      doubtful: this.inherited.has(step.id),
      watch: undefined,
      starting: undefined,
      cancelledAt: undefined,
      end: undefined,
    };
  }

  private verdictOf(driven: Driven, child: ChildView | null, stop: RunStop | null): Verdict {
    const { maxWaitTime, maxStartWaitTime } = this.parts.context.settings;
    return verdictOf({ context: driven.context, child }, noteOf(driven), {
      ...termsOf(driven),
      stop: stop?.since ?? null,
      maxWaitTime,
      maxStartWaitTime: driven.watch?.seen === true ? maxStartWaitTime : 0,
    });
  }

  private async follow(step: RunnerStep, driven: Driven, verdict: Verdict): Promise<DrivenEnd | null> {
    switch (verdict.kind) {
      case 'ended':
        return this.end(driven, verdict.outcome, verdict.exitCode);
      case 'again':
        if (noteOf(driven).notBefore === undefined) await this.postpone(step, driven, new Date().toISOString());
        this.start(step, driven);
        return null;
      case 'waits':
        if (verdict.note.notBefore === undefined) driven.watch?.lookBy(Math.min(...verdict.until, Infinity));
        else if (driven.watch !== undefined) await this.postpone(step, driven, verdict.note.notBefore);
        return null;
      case 'cancel':
        return null;
    }
  }

  private end(driven: Driven, outcome: StepOutcome, exitCode: number | null): DrivenEnd {
    driven.end = { outcome, exitCode, child: driven.watch?.key ?? null };
    return driven.end;
  }

  /** Asks a child to end. Why is written down first: what its process ends with is no outcome of its own. */
  private async cancel(step: RunnerStep, driven: Driven, { note }: Verdict & { kind: 'cancel' }): Promise<null> {
    const { log, server } = this.parts;
    const { child } = driven.context;
    if (note.timedOut !== undefined && noteOf(driven).timedOut === undefined) {
      log.warn(
        `step ${step.name}: its child takes too long to ${note.timedOut === 'start' ? 'start' : 'end'}; it is stopped`,
      );
      await this.write(step, driven, { ...driven.context, note: { ...driven.context.note, ...note } });
    }
    if (child !== null) await server.stop(child);
    driven.watch?.lookBy(Date.now() + INSISTENCE);
    return null;
  }

  /** Writes down that the child is launched once more, and when. */
  private async postpone(step: RunnerStep, driven: Driven, notBefore: string): Promise<void> {
    const { attempts } = noteOf(driven);
    const text = `attempt ${attempts} of ${driven.limits.maxAttempts} failed; the next one is due at ${notBefore}`;
    this.parts.log.info(`step ${step.name}: ${text}`);
    await this.write(step, driven, { ...driven.context, note: { attempts, notBefore } });
    driven.watch = undefined;
    driven.cancelledAt = undefined;
    driven.doubtful = false;
  }

  private async write({ id }: RunnerStep, driven: Driven, context: StepContext): Promise<void> {
    await this.parts.store.writeContext(id, context);
    driven.context = context;
  }

  private start(step: RunnerStep, driven: Driven): void {
    const starting = this.launch(step, driven)
      .catch((error: unknown) => {
        // The database has been away for longer than anybody waits: the child's id could not be written down.
        const reason = messageOf(error);
        this.end(driven, stepOutcome({ kind: 'not-launched', reason }), null);
      })
      .finally(() => {
        driven.starting = undefined;
        this.wake();
      });
    driven.starting = starting;
  }

  private async launch(step: RunnerStep, driven: Driven): Promise<void> {
    const { context, taskExecutionId, log } = this.parts;
    const { note, child: last } = driven.context;
    const attempts = note?.notBefore === undefined ? 1 : note.attempts + 1;
    const launch = context.launchOf(childOf(step), step.context?.arguments ?? null);
    const { doubtful } = driven;
    const start = await this.starter.start({ launch, parentExecutionId: taskExecutionId, doubtful, after: last });
    driven.doubtful = false;
    switch (start.kind) {
      case 'given-up':
        this.end(driven, stepOutcome({ kind: 'stopped' }), null);
        return;
      case 'not-launched': {
        const outcome = stepOutcome(start);
        const again = this.abandon.signal.aborted ? null : againOr(outcome, { attempts }, termsOf(driven));
        if (again === null) return void this.end(driven, outcome, null);
        log.info(`step ${step.name}: ${start.reason}`);
        driven.context = { ...driven.context, note: { attempts } };
        const notBefore = again.kind === 'waits' ? again.note.notBefore : undefined;
        return this.postpone(step, driven, notBefore ?? new Date().toISOString());
      }
      case 'launched': {
        const { key } = start;
        log.info(`step ${step.name} began: ${launch.taskName} is execution ${key.id} (${key.schemaTarget})`);
        const { arguments: given, ignoreExitMessage } = launch;
        const launchedAt = new Date();
        await this.write(step, driven, {
          child: key,
          taskName: launch.taskName,
          arguments: given,
          ignoreExitMessage,
          exitCode: null,
          note: attempts > 1 ? { attempts, launchedAt: launchedAt.toISOString() } : undefined,
        });
        driven.watch = this.watchOf(key, launchedAt.getTime());
      }
    }
  }

  private watchOf(key: ExecutionKey, since: number): ChildWatch {
    const { options, server, log } = this.parts;
    return new ChildWatch(key, since, options, server, (text) => log.warn(text));
  }
}

function noteOf({ context: { note } }: Driven) {
  return note ?? { attempts: 1 };
}

function termsOf({ limits }: Driven): Pick<VerdictTerms, 'now' | 'limits'> {
  return { now: Date.now(), limits: () => limits };
}

/** A step's name is its child's with the number of its use. */
function childOf({ name, context }: RunnerStep): string {
  return context?.taskName || name.replace(/_\d+$/, '');
}
