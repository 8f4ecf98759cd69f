import { type ChildLimits, retryDelay } from './engine/child-limits.js';
import { type ChildEnd, type StepOutcome, stepOutcome } from './engine/exit-status.js';
import type { StepContext, StepNote } from './step-context.js';

/** The execution that a step waits for, as the database or a server has it. */
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

/** A step under way. */
export interface WaitingStep {
  readonly context: Pick<StepContext, 'child' | 'ignoreExitMessage'> | null;
  /** Null if its context names none. */
  readonly child: ChildView | null;
}

/** What else a verdict goes by. Times are in milliseconds. */
export interface VerdictTerms {
  readonly now: number;
  /** Since when the run is to stop; null if it is not. */
  readonly stop: number | null;
  /** From a child's acceptance to its end; 0 for no limit. */
  readonly maxWaitTime: number;
  /** From a child's acceptance to its start; 0 for no limit. */
  readonly maxStartWaitTime: number;
  /** The child's own limits; null for a step that the plan does not know. Asked for only where they matter. */
  readonly limits: () => ChildLimits | null;
}

export type Verdict =
  | {
      readonly kind: 'ended';
      readonly outcome: StepOutcome;
      /** What numeric transitions look at; null unless the child ended by itself. */
      readonly exitCode: number | null;
    }
  /** Its child is to be launched once more, now. */
  | { readonly kind: 'again' }
  /** Its child is to be cancelled; the step ends with it. */
  | { readonly kind: 'cancel'; readonly note: StepNote }
  | { readonly kind: 'waits'; readonly note: StepNote; readonly until: readonly number[] };

/** Decides about a step under way: has it ended and how, is its child tried again, has it taken too long? */
export function verdictOf({ context, child }: WaitingStep, note: StepNote, terms: VerdictTerms): Verdict {
  const { now, stop } = terms;
  if (note.notBefore !== undefined) {
    if (stop !== null) return ended({ kind: 'stopped' });
    const due = Date.parse(note.notBefore);
    return due <= now ? { kind: 'again' } : { kind: 'waits', note, until: [due] };
  }
  if (!context?.child || child === null) {
    return ended({ kind: 'not-launched', reason: 'It is not recorded which execution this step waits for.' });
  }
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
    return againOr(outcome, note, terms) ?? ended(end);
  }
  if (stop !== null || note.timedOut !== undefined) return { kind: 'cancel', note };
  const limits = terms.limits();
  const until = deadlinesOf(child, terms, limits?.timeout ?? null);
  const passed = until.find(({ at }) => at <= now);
  if (passed !== undefined) return { kind: 'cancel', note: { ...note, timedOut: passed.phase } };
  // It may start at any time, and nobody says so.
  const look = child.startTime === null && limits?.timeout ? [now + limits.timeout] : [];
  return { kind: 'waits', note, until: [...until.map(({ at }) => at), ...look] };
}

/** What a step whose child has failed does if it is to try it once more; null if the outcome counts. */
export function againOr(
  outcome: StepOutcome,
  { attempts }: StepNote,
  { now, limits }: Pick<VerdictTerms, 'now' | 'limits'>,
): Verdict | null {
  const own = limits();
  const delay = own === null ? null : retryDelay(own, attempts, outcome);
  if (delay === null) return null;
  if (delay === 0) return { kind: 'again' };
  const notBefore = new Date(now + delay).toISOString();
  return { kind: 'waits', note: { attempts, notBefore }, until: [now + delay] };
}

function ended(end: ChildEnd): Verdict {
  // A child that was killed because it took too long ends with a code that says nothing of its work.
  return { kind: 'ended', outcome: stepOutcome(end), exitCode: end.kind === 'ended' ? end.exitCode : null };
}

/** When the child will have taken too long. A limit of its own counts from its start; the runner's, as in SCDF, from its launch. */
function deadlinesOf(
  { acceptedAt, startTime }: ChildView,
  { maxWaitTime, maxStartWaitTime }: Pick<VerdictTerms, 'maxWaitTime' | 'maxStartWaitTime'>,
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
