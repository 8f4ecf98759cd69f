import { advance, type Advance, type RunEnd } from './engine/advance.js';
import { isUnderWay } from './engine/batch-status.js';
import type { ChildLimits } from './engine/child-limits.js';
import type { StepOutcome } from './engine/exit-status.js';
import type { Plan } from './engine/plan.js';
import { endAfterDeadline } from './engine/run-limits.js';
import { rebuildState, type StepRecord } from './engine/state.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import type { DriveSettings } from './drive-settings.js';
import type { StepContext, StepNote } from './step-context.js';
import { type ChildView, verdictOf } from './step-verdict.js';

/** What a run remembers of its steps beside their rows, by their names. */
export type StepNotes = Readonly<Record<string, StepNote>>;

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
  const { plan, steps, jobExecutionId, now, settings } = view;
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
    const child = names.get(step.name)?.child;
    const verdict = verdictOf(step, note, {
      now: now.getTime(),
      stop,
      maxWaitTime: settings.maxWaitTime,
      maxStartWaitTime: settings.maxStartWaitTime,
      limits: () => (child === undefined ? null : limitsOf(child)),
    });
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
  return deadline !== null && stopOf(view) === deadline ? endAfterDeadline(finished, view.settings) : finished;
}

function withEnd(step: StepView, end: StepEnd | undefined): StepView {
  if (end === undefined) return step;
  const { outcome, exitCode } = end;
  return { ...step, status: outcome.status, exitStatus: outcome.exitStatus, exitCode };
}

/** When to look at a child that is launched now, at the latest; null if it may take as long as it likes. */
export function firstLook(
  { now, settings: { maxWaitTime, maxStartWaitTime } }: RoundView,
  { timeout }: ChildLimits,
): Date | null {
  const limits = [maxWaitTime, maxStartWaitTime, timeout ?? 0].filter((limit) => limit > 0);
  return limits.length === 0 ? null : new Date(now.getTime() + Math.min(...limits));
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

function deadlineOf({ settings: { timeout }, startedAt }: RoundView): number | null {
  return timeout === null ? null : startedAt.getTime() + timeout;
}
