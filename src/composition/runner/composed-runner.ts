import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailableError } from '../../database/database-unavailable.js';
import { advance, type RunEnd, type StepToLaunch } from '../engine/advance.js';
import { isUnderWay } from '../engine/batch-status.js';
import { runnerExitCode, type StepOutcome, stepOutcome } from '../engine/exit-status.js';
import { endAfterDeadline } from '../engine/run-limits.js';
import { rebuildState } from '../engine/state.js';
import type { StepToEnd } from '../composed-step.sql.js';
import type { RunnerStep } from './runner-task.sql.js';
import type { RoundResult } from './run-store.js';
import type { RunParts } from './run-parts.js';
import { findPastCodes } from './past-codes.js';
import { type RunStop, StepDriver } from './step-driver.js';

/** The exit code of a process that SIGTERM has ended. */
export const TERMINATED = 143;

/** How often a request to stop is looked for at least, ms. */
const LONGEST_PAUSE = 10_000;
/** Before a round that could not be written down is tried again, ms. */
const AFTER_FAILURE = 1_000;

/**
 * Drives one run. All that decides about it is in the database: each round reads that, looks at the children that are due,
 * asks the engine, and writes down the answer in one transaction.
 */
export class ComposedRunner {
  private driver: StepDriver;
  private pastCodes: ReadonlyMap<number, number> = new Map();
  /** When the run will have taken too long, ms of `Date.now()`. */
  private deadline = Infinity;
  private wake: () => void = () => undefined;
  private stopTold = false;

  constructor(private readonly parts: RunParts) {
    this.driver = this.driverAfter([]);
    parts.signal.addEventListener('abort', () => this.wake());
  }

  /** Goes on until the run has ended and that is written down. @returns the exit code */
  async run(): Promise<number> {
    const { steps } = await this.parts.store.read(this.parts.job);
    this.driver = this.driverAfter(steps);
    this.pastCodes = await findPastCodes(this.parts.context.plan, steps, this.parts.server);
    for (;;) {
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      const exitCode = await this.round();
      if (exitCode !== null) return exitCode;
      await this.pause(woken);
    }
  }

  /** Ends a run that nothing can go on with: its steps and the job fail, so that it can be restarted. */
  async fail(reason: string): Promise<void> {
    const { store, job, taskExecutionId } = this.parts;
    this.driver.giveUp();
    const { steps } = await store.read(job);
    const outcome: StepOutcome = { status: 'FAILED', exitStatus: 'FAILED', exitDescription: reason };
    const ends = this.underWay(steps).map(({ id }) => ({ id, outcome, context: null }));
    const end: RunEnd = { batchStatus: 'FAILED', exitStatus: 'FAILED', exitDescription: reason };
    await store.write(job, taskExecutionId, { ends, handled: [], begin: [], finished: { end, exitCode: 1 } });
  }

  private driverAfter(steps: readonly RunnerStep[]): StepDriver {
    return new StepDriver(this.parts, new Set(steps.map(({ id }) => id)), () => this.wake());
  }

  private async round(): Promise<number | null> {
    const { store, job, taskExecutionId, context, log } = this.parts;
    const { steps, stopping, startedAt } = await store.read(job);
    const { timeout, maxAtOnce } = context.settings;
    this.deadline = timeout === null ? Infinity : startedAt.getTime() + timeout;
    const stop = this.stopOf(stopping);
    const ended = await this.endedAmong(this.underWay(steps), stop);
    const records = steps.map((step) => after(step, ended.get(step.id), this.pastCodes.get(step.id) ?? null));
    const state = rebuildState(records, { jobExecutionId: job.jobExecutionId, stopRequested: stop !== null });
    const next = advance(context.plan, state, { maxAtOnce });
    const end =
      next.finished && this.deadline <= Date.now() ? endAfterDeadline(next.finished, { timeout }) : next.finished;
    const result: RoundResult = {
      ends: [...ended.values()].map(({ end }) => end),
      handled: next.handled.map(({ id }) => id),
      begin: next.launch.map((launch) => this.begin(launch, steps)),
      finished: end === null ? null : { end, exitCode: this.exitCodeOf(end) },
    };
    if (isEmpty(result)) return this.goOn(steps);
    try {
      await store.write(job, taskExecutionId, result);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) throw error;
      log.warn(`${error.message}; trying again`);
      await sleep(AFTER_FAILURE);
      this.wake();
      return null;
    }
    for (const { end, name } of ended.values()) this.tellEnd(name, end);
    for (const id of ended.keys()) this.driver.forget(id);
    if (result.finished === null) {
      // What was begun has its id now.
      this.wake();
      return null;
    }
    const { batchStatus, exitDescription } = result.finished.end;
    log.info(`job execution ${job.jobExecutionId} ended ${batchStatus}${exitDescription && `: ${exitDescription}`}`);
    return result.finished.exitCode;
  }

  /** Sees to it that each step under way has a child that is launched, or followed. */
  private goOn(steps: readonly RunnerStep[]): null {
    for (const step of this.underWay(steps)) this.driver.drive(step);
    return null;
  }

  private underWay(steps: readonly RunnerStep[]): readonly RunnerStep[] {
    return steps.filter(
      ({ jobExecutionId, status }) => jobExecutionId === this.parts.job.jobExecutionId && isUnderWay(status),
    );
  }

  /** Since when and why the run is to stop; null if it is not. Somebody who asks does not wait for children to end. */
  private stopOf(stopping: boolean): RunStop | null {
    const asked = stopping || this.parts.signal.aborted;
    if (!asked && Date.now() < this.deadline) return null;
    if (!this.stopTold) this.parts.log.info(`stopping: ${this.reasonToStop(asked, stopping)}`);
    this.stopTold = true;
    return asked ? { since: Infinity, endsChildren: false } : { since: this.deadline, endsChildren: true };
  }

  private async endedAmong(
    steps: readonly RunnerStep[],
    stop: RunStop | null,
  ): Promise<ReadonlyMap<number, EndedStep>> {
    if (stop !== null) {
      this.driver.giveUp();
      // Children that an earlier process has launched are to be known, before they can be stopped.
      if (stop.endsChildren) for (const step of steps) this.driver.drive(step);
      await this.driver.settle();
    }
    const ends = await Promise.all(
      steps.map(async (step): Promise<readonly [number, EndedStep] | null> => {
        // A child that is left alone and has ended by now has ended its step too.
        const end =
          (await this.driver.outcomeOf(step, stop)) ??
          (stop?.endsChildren === false
            ? { outcome: stepOutcome({ kind: 'stopped' }), exitCode: null, child: null }
            : null);
        if (end === null) return null;
        const { context: last } = step;
        const keepsCode = end.outcome.status === 'FAILED' && end.exitCode !== null;
        const context =
          keepsCode && last !== null
            ? { ...last, child: end.child ?? last.child, exitCode: end.exitCode, note: undefined }
            : null;
        return [
          step.id,
          { name: step.name, exitCode: end.exitCode, end: { id: step.id, outcome: end.outcome, context } },
        ];
      }),
    );
    return new Map(ends.filter((end) => end !== null));
  }

  private begin({ step, previous }: StepToLaunch, steps: readonly RunnerStep[]): RoundResult['begin'][number] {
    const recorded = steps.find(({ id }) => id === previous?.id)?.context?.arguments;
    const launch = this.parts.context.launchOf(step.child, recorded?.length ? recorded : null);
    return {
      name: step.name,
      context: {
        child: null,
        taskName: launch.taskName,
        arguments: launch.arguments,
        ignoreExitMessage: launch.ignoreExitMessage,
        exitCode: null,
      },
    };
  }

  private exitCodeOf({ batchStatus }: RunEnd): number {
    if (batchStatus === 'STOPPED' && this.parts.signal.aborted) return TERMINATED;
    return runnerExitCode(batchStatus, this.parts.options.failOnJobFailure);
  }

  private async pause(woken: Promise<void>): Promise<void> {
    const longest = Math.min(LONGEST_PAUSE, Math.max(1_000, this.parts.options.interval));
    const until = Math.max(
      1,
      Math.min(Math.min(this.driver.nextLook(), this.stopTold ? Infinity : this.deadline) - Date.now(), longest),
    );
    const timer = new AbortController();
    await Promise.race([woken, sleep(until, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }

  private reasonToStop(asked: boolean, stopping: boolean): string {
    if (!asked) return `the run takes longer than ${this.parts.context.settings.timeout} ms; its children are stopped`;
    const why = stopping ? 'somebody has asked the job to stop' : 'the process was asked to end';
    return `${why}; children that run are left alone`;
  }

  private tellEnd(name: string, { outcome }: StepToEnd): void {
    const { status, exitStatus, exitDescription } = outcome;
    const text = exitStatus === status ? status : `${status}, exit status ${exitStatus}`;
    this.parts.log.info(`step ${name} ended ${text}${exitDescription && `: ${exitDescription}`}`);
  }
}

interface EndedStep {
  readonly name: string;
  readonly exitCode: number | null;
  readonly end: StepToEnd;
}

function after(step: RunnerStep, ended: EndedStep | undefined, pastCode: number | null): RunnerStep {
  if (ended === undefined) return { ...step, exitCode: step.exitCode ?? pastCode };
  const { status, exitStatus } = ended.end.outcome;
  return { ...step, status, exitStatus, exitCode: ended.exitCode ?? step.exitCode };
}

function isEmpty({ ends, handled, begin, finished }: RoundResult): boolean {
  return ends.length + handled.length + begin.length === 0 && finished === null;
}
