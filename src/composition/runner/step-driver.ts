import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionKey } from '../../launching/launch-record.js';
import { type ChildLimits, retryDelay } from '../engine/child-limits.js';
import { type ChildEnd, type StepOutcome, stepOutcome } from '../engine/exit-status.js';
import { ChildStarter } from './child-start.js';
import { ChildWatch } from './child-watch.js';
import type { RunParts } from './run-parts.js';
import type { RunnerStep } from './runner-task.sql.js';
import { ServerAwayError, ServerRefusalError } from './task-server.js';

/** How a step's child ended. */
export interface DrivenEnd {
  readonly outcome: StepOutcome;
  readonly exitCode: number | null;
  /** Its execution; null if it was not launched. */
  readonly child: ExecutionKey | null;
}

/** What this process knows of a step under way, beside its rows. */
interface Driven {
  attempts: number;
  readonly known: Set<number>;
  readonly limits: ChildLimits;
  watch: ChildWatch | undefined;
  starting: Promise<void> | undefined;
  end: DrivenEnd | undefined;
}

/** How long a launch under way is waited for when the run stops, ms. */
const TO_SETTLE = 5_000;

/** Launches the children of steps under way, and follows them. */
export class StepDriver {
  private readonly driven = new Map<number, Driven>();
  private readonly abandon = new AbortController();
  private readonly starter: ChildStarter;
  /** Steps that an earlier process has begun. */
  private inherited: ReadonlySet<number> = new Set();
  /** Exit codes of children of earlier runs that are nowhere in the rows of their steps. */
  private readonly pastCodes = new Map<number, number>();

  constructor(
    private readonly parts: RunParts,
    private readonly wake: () => void,
  ) {
    const signal = AbortSignal.any([parts.signal, this.abandon.signal]);
    this.starter = new ChildStarter(parts.server, parts.log, signal);
  }

  /** Looks at what was there before this process. */
  async prepare(steps: readonly RunnerStep[]): Promise<void> {
    this.inherited = new Set(steps.map(({ id }) => id));
    const numbers = this.parts.context.plan.flows.some(({ elements }) =>
      elements.some((one) => one.kind === 'step' && one.transitions.some(({ exitCode }) => exitCode !== null)),
    );
    if (!numbers) return;
    for (const { id, exitCode, context } of steps) {
      if (exitCode !== null || !context?.child) continue;
      const shown = await this.parts.server.look(context.child).catch((error: unknown) => {
        if (error instanceof ServerAwayError || error instanceof ServerRefusalError) return undefined;
        throw error;
      });
      if (typeof shown?.exitCode === 'number') this.pastCodes.set(id, shown.exitCode);
    }
  }

  /** The exit code of an earlier run's child, where its step's rows do not tell it. */
  pastCode(stepId: number): number | null {
    return this.pastCodes.get(stepId) ?? null;
  }

  /** Goes on with a step: launches its child if it has none, or follows it. */
  drive(step: RunnerStep): void {
    const known = this.driven.get(step.id);
    if (known?.starting !== undefined || known?.watch !== undefined || known?.end !== undefined) return;
    const driven = known ?? this.newlyDriven(step);
    this.driven.set(step.id, driven);
    const child = step.context?.child ?? null;
    if (child === null) this.start(step, driven, 0, this.inherited.has(step.id));
    else {
      driven.known.add(child.id);
      driven.watch = this.watchOf(step, driven, child, step.startTime.getTime());
    }
  }

  /**
   * How a step's child has ended; null while it has not, or is tried once more.
   * @param stop ask now and for the last time: nothing is tried again
   */
  async outcomeOf(step: RunnerStep, stop: boolean): Promise<DrivenEnd | null> {
    const driven = this.driven.get(step.id);
    if (driven === undefined) return null;
    if (driven.end !== undefined) return driven.end;
    const end = await driven.watch?.look(stop);
    if (end === undefined || end === null) return null;
    return this.ended(step, driven, end, stop);
  }

  /** When the next child is to be looked at, ms of `Date.now()`. */
  nextLook(): number {
    const looks = [...this.driven.values()].flatMap(({ watch, end }) =>
      watch === undefined || end !== undefined ? [] : [watch.nextLook],
    );
    return Math.min(...looks, Infinity);
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
    const limits = this.parts.context.limitsOf(childOf(step));
    return { attempts: 1, known: new Set(), limits, watch: undefined, starting: undefined, end: undefined };
  }

  private ended(step: RunnerStep, driven: Driven, end: ChildEnd, stop: boolean): DrivenEnd | null {
    const outcome = stepOutcome(end);
    const delay = stop ? null : retryDelay(driven.limits, driven.attempts, outcome);
    if (delay === null) {
      const exitCode = end.kind === 'ended' ? end.exitCode : null;
      driven.end = { outcome, exitCode, child: driven.watch?.key ?? null };
      return driven.end;
    }
    const { attempts, limits } = driven;
    const text = `attempt ${attempts} of ${limits.maxAttempts} failed (${outcome.exitDescription}); the next one in ${delay} ms`;
    this.parts.log.info(`step ${step.name}: ${text}`);
    driven.attempts += 1;
    driven.watch = undefined;
    this.start(step, driven, delay, false);
    return null;
  }

  private start(step: RunnerStep, driven: Driven, delay: number, doubtful: boolean): void {
    const starting = this.launch(step, driven, delay, doubtful)
      .catch((error: unknown) => {
        // The database has been away for longer than anybody waits: the child's id could not be written down.
        const reason = error instanceof Error ? error.message : String(error);
        driven.end = { outcome: stepOutcome({ kind: 'not-launched', reason }), exitCode: null, child: null };
      })
      .finally(() => {
        // A refused launch may have begun the next attempt.
        if (driven.starting === starting) driven.starting = undefined;
        this.wake();
      });
    driven.starting = starting;
  }

  private async launch(step: RunnerStep, driven: Driven, delay: number, doubtful: boolean): Promise<void> {
    const { context, store, taskExecutionId, log } = this.parts;
    if (delay > 0) await sleep(delay, undefined, { signal: this.abandon.signal }).catch(() => undefined);
    if (this.abandon.signal.aborted) return;
    const launch = context.launchOf(childOf(step), step.context?.arguments ?? null);
    const start = await this.starter.start({
      launch,
      parentExecutionId: taskExecutionId,
      doubtful,
      known: driven.known,
    });
    switch (start.kind) {
      case 'given-up':
        return;
      case 'not-launched':
        this.ended(step, driven, start, false);
        return;
      case 'launched': {
        const { key } = start;
        log.info(`step ${step.name} began: ${launch.taskName} is execution ${key.id} (${key.schemaTarget})`);
        driven.known.add(key.id);
        const { arguments: given, ignoreExitMessage, taskName } = launch;
        await store.writeContext(step.id, {
          child: key,
          taskName,
          arguments: given,
          ignoreExitMessage,
          exitCode: null,
        });
        driven.watch = this.watchOf(step, driven, key, Date.now());
      }
    }
  }

  private watchOf(step: RunnerStep, { limits }: Driven, key: ChildWatch['key'], since: number): ChildWatch {
    const { options, server, log } = this.parts;
    const ignores = step.context?.ignoreExitMessage ?? false;
    return new ChildWatch(key, since, limits, ignores, options, server, (text) => log.warn(text));
  }
}

/** A step's name is its child's with the number of its use. */
function childOf({ name, context }: RunnerStep): string {
  return context?.taskName || name.replace(/_\d+$/, '');
}
