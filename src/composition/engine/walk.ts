import { isUnderWay } from './batch-status.js';
import { FlowStatus, Plan, PlanStep, SplitElement, StepElement } from './plan.js';
import { RunState, StepRecord } from './state.js';
import { decide } from './transitions.js';

/** A step whose turn has come. */
export interface Candidate {
  readonly step: PlanStep;
  readonly previous: StepRecord | null;
  /** Whether its branch has begun and so has a place among those that run at once. */
  readonly hasPlace: boolean;
}

/** How a flow ended, and for FAILED why, in a sentence. */
export interface FlowEnd {
  readonly status: FlowStatus;
  readonly reason: string;
}

export interface Walk {
  /** null while the flow goes on. */
  readonly outcome: FlowEnd | null;
  readonly candidates: readonly Candidate[];
  readonly handled: readonly StepRecord[];
}

const COMPLETED: FlowEnd = { status: 'COMPLETED', reason: '' };

/**
 * Follows a plan from its start through all that is known to have ended, to the steps whose turn it is. Every call walks
 * the whole way anew: at a thousand steps that is nothing beside a single statement to the database, and there is no
 * second state that could differ from the first.
 */
export function walk(plan: Plan, state: RunState): Walk {
  const walker = new Walker(plan, state);
  // The outermost flow needs no place of its own: while it runs a child, nothing else runs.
  const { end } = walker.flow(0, true);
  return { outcome: end, candidates: walker.candidates, handled: walker.handled };
}

interface FlowWalk {
  readonly end: FlowEnd | null;
  /** Whether a step of this flow has begun in this run. */
  readonly begun: boolean;
}

/** What is known of a step whose turn has come or gone. */
type StepWalk =
  | { readonly kind: 'waits'; readonly begun: boolean }
  | { readonly kind: 'unknown'; readonly record: StepRecord }
  | { readonly kind: 'ended'; readonly record: StepRecord; readonly begun: boolean };

class Walker {
  readonly candidates: Candidate[] = [];
  readonly handled: StepRecord[] = [];
  private readonly current: ReadonlyMap<string, StepRecord>;
  private readonly earlier: ReadonlyMap<string, StepRecord>;

  constructor(
    private readonly plan: Plan,
    { steps, earlier }: RunState,
  ) {
    this.current = new Map(steps.map((record) => [record.name, record]));
    this.earlier = new Map(earlier.map((record) => [record.name, record]));
  }

  /** @param hasPlace whether the flow has a place among those that run at once, see {@link Candidate} */
  flow(start: number, hasPlace: boolean): FlowWalk {
    let begun = false;
    let flow = start;
    let index = 0;
    for (;;) {
      const element = this.plan.flows[flow]?.elements[index];
      if (element === undefined) return { end: COMPLETED, begun };
      if (element.kind === 'split') {
        const split = this.split(element, hasPlace || begun);
        begun ||= split.begun;
        if (split.end?.status !== 'COMPLETED') return { end: split.end, begun };
        index += 1;
        continue;
      }
      const walked = this.step(element.step, hasPlace || begun);
      if (walked.kind === 'waits') return { end: null, begun: begun || walked.begun };
      if (walked.kind === 'unknown') return { end: cannotGoOn(walked.record), begun };
      begun ||= walked.begun;
      const next = this.after(element, walked.record, hasPlace || begun);
      if (next.kind === 'flow') return { end: next.end, begun: begun || next.begun };
      if (next.kind === 'jump') flow = next.flow;
      index = next.kind === 'jump' ? next.element : index + 1;
    }
  }

  /** All branches, each to its end, whatever becomes of the others. */
  private split({ branches }: SplitElement, hasPlace: boolean): FlowWalk {
    const first = this.candidates.length;
    let begun = false;
    let running = false;
    let failure: FlowEnd | null = null;
    for (const branch of branches) {
      const walked = this.flow(branch, false);
      begun ||= walked.begun;
      if (walked.end === null) running = true;
      else if (walked.end.status === 'FAILED') failure ??= walked.end;
    }
    // The first branch of a split takes over the place of the flow around it.
    const heir = this.candidates[first];
    if (hasPlace && !begun && heir !== undefined) this.candidates[first] = { ...heir, hasPlace };
    return { end: running ? null : (failure ?? COMPLETED), begun };
  }

  private step(step: PlanStep, hasPlace: boolean): StepWalk {
    const record = this.current.get(step.name);
    if (record !== undefined) {
      const waits = isUnderWay(record.status) || record.status === 'STOPPED';
      return waits ? { kind: 'waits', begun: true } : { kind: 'ended', record, begun: true };
    }
    const previous = this.earlier.get(step.name) ?? null;
    if (previous?.status === 'UNKNOWN') return { kind: 'unknown', record: previous };
    if (previous?.status === 'COMPLETED' || previous?.status === 'ABANDONED') {
      return { kind: 'ended', record: previous, begun: false };
    }
    this.candidates.push({ step, previous, hasPlace });
    return { kind: 'waits', begun: false };
  }

  /** Where the flow goes after a step: onward, elsewhere, or to its end (null: once the target has ended). */
  private after(
    element: StepElement,
    record: StepRecord,
    hasPlace: boolean,
  ):
    | ({ readonly kind: 'flow' } & FlowWalk)
    | { readonly kind: 'next' }
    | { readonly kind: 'jump'; readonly flow: number; readonly element: number } {
    const decision = decide(element, record);
    if (decision.kind === 'end') return { kind: 'flow', end: this.end(decision.status, record), begun: false };
    if (decision.kind === 'target' && decision.target.kind === 'end' && decision.target.status === 'FAILED') {
      return { kind: 'flow', end: this.end('FAILED', record), begun: false };
    }
    if (record.status === 'FAILED' && this.current.get(record.name) === record) this.handled.push(record);
    if (decision.kind === 'next') return decision;
    const { target } = decision;
    if (target.kind === 'end') return { kind: 'flow', end: COMPLETED, begun: false };
    if (target.kind === 'jump') return target;
    const walked = this.step(target.step, hasPlace);
    if (walked.kind === 'waits') return { kind: 'flow', end: null, begun: walked.begun };
    if (walked.kind === 'unknown') return { kind: 'flow', end: cannotGoOn(walked.record), begun: false };
    const status = walked.record.exitStatus === 'COMPLETED' ? 'COMPLETED' : 'FAILED';
    return { kind: 'flow', end: this.end(status, walked.record), begun: walked.begun };
  }

  private end(status: FlowStatus, { name, exitStatus }: StepRecord): FlowEnd {
    return status === 'COMPLETED'
      ? COMPLETED
      : { status, reason: `Step '${name}' ended with the exit status '${shortened(exitStatus)}'.` };
  }
}

function cannotGoOn({ name }: StepRecord): FlowEnd {
  return {
    status: 'FAILED',
    reason: `The run cannot be restarted: it is not known how step '${name}' ended (status UNKNOWN). Launch the task anew instead.`,
  };
}

/** Exit messages may be pages long. */
function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
