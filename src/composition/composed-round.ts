import { advance, type Advance, type RunEnd } from './engine/advance.js';
import { isUnderWay } from './engine/batch-status.js';
import { type ChildLimits, retryDelay } from './engine/child-limits.js';
import { type ChildEnd, type StepOutcome, stepOutcome } from './engine/exit-status.js';
import type { Plan, PlanStep } from './engine/plan.js';
import { rebuildState, type StepRecord } from './engine/state.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import type { DriveSettings } from './drive-settings.js';
import type { StepContext } from './step-context.js';

/** What a run remembers of a step beside its rows. */
export interface StepNote {
  /** How often its child has been launched. */
  readonly attempts: number;
  /** When it will be launched again; the last attempt is over then. An ISO date. */
  readonly notBefore?: string | undefined;
  /** Its child has taken too long, to start or to run, and is being cancelled. */
  readonly timedOut?: 'start' | 'run' | undefined;
}

/** By the step's name. */
export type StepNotes = Readonly<Record<string, StepNote>>;

/** The execution that a step waits for, as the database has it. */
export interface ChildView {
  readonly acceptedAt: Date | null;
  readonly startTime: Date | null;
  /** Null while it runs. An execution that is gone has ended, in an unknown way. */
  readonly ended: {
    readonly at: Date | null;
    readonly exitCode: number | null;
    readonly exitMessage: string | null;
    readonly errorMessage: string | null;
  } | null;
}

/** A step execution with what it waits for. */
export interface StepView extends StepRecord {
  readonly context: StepContext | null;
  /** Null if its context names none. */
  readonly child: ChildView | null;
}

/** All that a round decides by. */
export interface RoundView {
  readonly plan: Plan;
  readonly settings: DriveSettings;
  readonly jobExecutionId: number;
  readonly now: Date;
  readonly startedAt: Date;
  readonly stopRequestedAt: Date | null;
  /** Whether somebody has asked the job to stop by its status. */
  readonly jobStopping: boolean;
  /** All of the job instance. */
  readonly steps: readonly StepView[];
  readonly notes: StepNotes;
}

/** A step that has ended, and how. */
export interface StepEnd {
  readonly step: StepView;
  readonly outcome: StepOutcome;
  /** What numeric transitions look at; null unless the child ended by itself. */
  readonly exitCode: number | null;
}

/** What becomes of the steps under way. */
export interface RoundDecision {
  /** The steps with their new statuses. */
  readonly steps: readonly StepView[];
  readonly ends: readonly StepEnd[];
  /** Steps whose children are to be launched once more. */
  readonly again: readonly StepView[];
  readonly cancel: readonly ExecutionKey[];
  readonly notes: StepNotes;
  readonly wakeAt: Date | null;
  readonly stopping: boolean;
}

/** How often a child that is to end is asked to, ms. */
const INSISTENCE = 5_000;

/** Decides about the steps under way: which have ended and how, which are tried again, and which take too long. */
export function decide(view: RoundView, limitsOf: (child: string) => ChildLimits): RoundDecision {
  const { plan, steps, jobExecutionId, now } = view;
  const stop = stopOf(view);
  const names = new Map(plan.steps.map((step) => [step.name, step]));
  const ends: StepEnd[] = [];
  const again: StepView[] = [];
  const cancel: ExecutionKey[] = [];
  const notes: Record<string, StepNote> = {};
  const wakes: number[] = [];
  const deadline = deadlineOf(view);
  if (deadline !== null && stop === null) wakes.push(deadline);
  for (const step of steps) {
    if (step.jobExecutionId !== jobExecutionId || !isUnderWay(step.status)) continue;
    const note = view.notes[step.name] ?? { attempts: 1 };
    const verdict = verdictOf(step, note, view, stop, limitsOf, names);
    switch (verdict.kind) {
      case 'ended':
        ends.push({ step, outcome: verdict.outcome, exitCode: verdict.exitCode });
        continue;
      case 'again':
        again.push(step);
        notes[step.name] = { attempts: note.attempts + 1 };
        continue;
      case 'cancel':
        if (step.context?.child) cancel.push(step.context.child);
        wakes.push(now.getTime() + INSISTENCE);
        break;
      case 'waits':
        wakes.push(...verdict.until);
        break;
    }
    const { attempts, notBefore, timedOut } = verdict.note;
    if (attempts > 1 || notBefore !== undefined || timedOut !== undefined) notes[step.name] = verdict.note;
  }
  const ended = new Map(ends.map((end) => [end.step.id, end]));
  return {
    steps: steps.map((step) => withEnd(step, ended.get(step.id))),
    ends,
    again,
    cancel,
    notes,
    wakeAt: wakes.length === 0 ? null : new Date(Math.min(...wakes)),
    stopping: stop !== null,
  };
}

/** What the flow does next, given the steps' new statuses. */
export function next(view: RoundView, steps: readonly StepView[], stopping: boolean): Advance {
  const state = rebuildState(steps, { jobExecutionId: view.jobExecutionId, stopRequested: stopping });
  return advance(view.plan, state, { maxAtOnce: view.settings.maxAtOnce });
}

/** A run that its own time limit has stopped has failed. */
export function endOf(view: RoundView, finished: RunEnd): RunEnd {
  const deadline = deadlineOf(view);
  if (finished.batchStatus !== 'STOPPED' || deadline === null || stopOf(view) !== deadline) return finished;
  const exitDescription = `The run was ended after ${view.settings.timeout} ms, the time that its property millrace.timeout allows.`;
  return { batchStatus: 'FAILED', exitStatus: 'FAILED', exitDescription };
}

function withEnd(step: StepView, end: StepEnd | undefined): StepView {
  if (end === undefined) return step;
  const { outcome, exitCode } = end;
  return { ...step, status: outcome.status, exitStatus: outcome.exitStatus, exitCode };
}

type Verdict =
  | { readonly kind: 'ended'; readonly outcome: StepOutcome; readonly exitCode: number | null }
  | { readonly kind: 'again' }
  | { readonly kind: 'cancel'; readonly note: StepNote }
  | { readonly kind: 'waits'; readonly note: StepNote; readonly until: readonly number[] };

function verdictOf(
  step: StepView,
  note: StepNote,
  view: RoundView,
  stop: number | null,
  limitsOf: (child: string) => ChildLimits,
  names: ReadonlyMap<string, PlanStep>,
): Verdict {
  const now = view.now.getTime();
  const ended = (end: ChildEnd): Verdict => ({ kind: 'ended', outcome: stepOutcome(end), exitCode: exitCodeOf(end) });
  if (note.notBefore !== undefined) {
    if (stop !== null) return ended({ kind: 'stopped' });
    const due = Date.parse(note.notBefore);
    return due <= now ? { kind: 'again' } : { kind: 'waits', note, until: [due] };
  }
  const { context, child } = step;
  if (!context?.child || child === null) {
    return ended({ kind: 'not-launched', reason: 'It is not recorded which execution this step waits for.' });
  }
  const plan = names.get(step.name);
  if (child.ended !== null) {
    const end: ChildEnd =
      note.timedOut === undefined
        ? { kind: 'ended', ...child.ended, ignoreExitMessage: context.ignoreExitMessage }
        : { kind: 'timeout', phase: note.timedOut, taskExecutionId: context.child.id };
    const outcome = stepOutcome(end);
    if (stop !== null) {
      const before = child.ended.at !== null && child.ended.at.getTime() < stop;
      return ended(before || outcome.status === 'COMPLETED' ? end : { kind: 'stopped' });
    }
    const delay = plan === undefined ? null : retryDelay(limitsOf(plan.child), note.attempts, outcome);
    if (delay === null) return ended(end);
    if (delay === 0) return { kind: 'again' };
    const notBefore = new Date(now + delay).toISOString();
    return { kind: 'waits', note: { attempts: note.attempts, notBefore }, until: [now + delay] };
  }
  if (stop !== null || note.timedOut !== undefined) return { kind: 'cancel', note };
  const limits = plan === undefined ? undefined : limitsOf(plan.child);
  const until = deadlinesOf(child, view.settings, limits?.timeout ?? null);
  const passed = until.find(({ at }) => at <= now);
  if (passed !== undefined) return { kind: 'cancel', note: { ...note, timedOut: passed.phase } };
  // It may start at any time, and nobody says so.
  const look = child.startTime === null && limits?.timeout ? [now + limits.timeout] : [];
  return { kind: 'waits', note, until: [...until.map(({ at }) => at), ...look] };
}

/** A child that was killed because it took too long ends with a code that says nothing of its work. */
function exitCodeOf(end: ChildEnd): number | null {
  return end.kind === 'ended' ? end.exitCode : null;
}

/** When to look at a child that is launched now, at the latest; null if it may take as long as it likes. */
export function firstLook(
  { now, settings: { maxWaitTime, maxStartWaitTime } }: RoundView,
  { timeout }: ChildLimits,
): Date | null {
  const limits = [maxWaitTime, maxStartWaitTime, timeout ?? 0].filter((limit) => limit > 0);
  return limits.length === 0 ? null : new Date(now.getTime() + Math.min(...limits));
}

/** When the child will have taken too long. A limit of its own counts from its start; the runner's, as in SCDF, from its launch. */
function deadlinesOf(
  { acceptedAt, startTime }: ChildView,
  { maxWaitTime, maxStartWaitTime }: DriveSettings,
  timeout: number | null,
): readonly { readonly at: number; readonly phase: 'start' | 'run' }[] {
  const found: { at: number; phase: 'start' | 'run' }[] = [];
  if (acceptedAt !== null && maxWaitTime > 0) found.push({ at: acceptedAt.getTime() + maxWaitTime, phase: 'run' });
  if (acceptedAt !== null && startTime === null && maxStartWaitTime > 0) {
    found.push({ at: acceptedAt.getTime() + maxStartWaitTime, phase: 'start' });
  }
  if (startTime !== null && timeout !== null) found.push({ at: startTime.getTime() + timeout, phase: 'run' });
  return found.sort((one, other) => one.at - other.at);
}

/** Since when the run is to stop; null if it is not. */
function stopOf(view: RoundView): number | null {
  const { stopRequestedAt, jobStopping, now } = view;
  const deadline = deadlineOf(view);
  const times = [
    ...(stopRequestedAt === null ? [] : [stopRequestedAt.getTime()]),
    ...(deadline === null || deadline > now.getTime() ? [] : [deadline]),
  ];
  if (times.length > 0) return Math.min(...times);
  // Nobody has written down when; children that fail now have been stopped.
  return jobStopping ? 0 : null;
}

function deadlineOf({ settings, startedAt }: RoundView): number | null {
  return settings.timeout === null ? null : startedAt.getTime() + settings.timeout;
}
