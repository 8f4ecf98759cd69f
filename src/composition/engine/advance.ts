import { isUnderWay } from './batch-status.js';
import { Candidate, walk } from './walk.js';
import { FlowStatus, Plan, PlanStep } from './plan.js';
import { RunState, StepRecord } from './state.js';

export interface AdvanceOptions {
  /**
   * How many children may run at once: the runner's `split-thread-core-pool-size` or a lower cap. A branch that has begun
   * keeps its place until its flow ends, and lends it to the branches of a split inside it. Default: no limit.
   */
  readonly maxAtOnce?: number;
}

/** A step to begin. */
export interface StepToLaunch {
  readonly step: PlanStep;
  /**
   * The step's last execution in an earlier execution of the job instance; null if it has none. The new one begins with
   * its context, and the child gets the arguments recorded there (`task-arguments`).
   */
  readonly previous: StepRecord | null;
}

/** How a run ended. */
export interface RunEnd {
  readonly batchStatus: FlowStatus | 'STOPPED';
  /** EXIT_CODE of the job execution, which never is a child's own text. */
  readonly exitStatus: FlowStatus | 'STOPPED';
  /** Why, in a sentence; empty if it completed. */
  readonly exitDescription: string;
}

/** What to do next. */
export interface Advance {
  /** Steps to begin, in this order. Empty while the run stops. */
  readonly launch: readonly StepToLaunch[];
  /**
   * Steps that are recorded as begun without a child's execution: whoever launched them was cut short. The launch is to be
   * finished under its own record, never begun a second time; while the run stops, to be given up if it has not happened.
   */
  readonly unfinishedLaunches: readonly StepRecord[];
  /** Steps whose children are awaited, and to be stopped if {@link stopping}. */
  readonly underWay: readonly StepRecord[];
  /**
   * FAILED steps of this run that the flow went on from: their status becomes ABANDONED, in one transaction with the
   * launch of what follows or with the end of the run, so that a restart does not repeat them (as Spring Batch does it).
   */
  readonly handled: readonly StepRecord[];
  /** Whether nothing new is launched any more since a stop was asked for or a step was STOPPED. */
  readonly stopping: boolean;
  /** Set once nothing is under way and nothing is left to do. */
  readonly finished: RunEnd | null;
}

/**
 * Decides what a run does next. The same plan, state and options always give the same answer, so it may be asked as often
 * as one likes; each answer is complete, not a difference to the last one.
 *
 * Steps that an earlier execution of the job instance left COMPLETED or ABANDONED are not repeated: their exit status leads
 * on. Steps left in any other way run again, except UNKNOWN ones, with which no restart can go on.
 *
 * A stop lets children under way end. If the flow has reached its end by then, the run ends as the flow did: there is
 * nothing left to stop. Otherwise it is STOPPED, also when a branch has failed.
 */
export function advance(plan: Plan, state: RunState, { maxAtOnce = Infinity }: AdvanceOptions = {}): Advance {
  const underWay = state.steps.filter(({ status }) => isUnderWay(status));
  const stopping =
    state.stopRequested || state.steps.some(({ status }) => status === 'STOPPED' || status === 'STOPPING');
  const { outcome, candidates, handled } = walk(plan, state);
  const places = Math.max(1, maxAtOnce) - underWay.length;
  return {
    launch: stopping ? [] : choose(candidates, places),
    unfinishedLaunches: underWay.filter(({ taskExecutionId }) => taskExecutionId === null),
    underWay: underWay.filter(({ taskExecutionId }) => taskExecutionId !== null),
    handled,
    stopping,
    finished: underWay.length > 0 ? null : runEnd(outcome, stopping),
  };
}

/** Those that have a place already come first, then the others; the order stays that of the text. */
function choose(candidates: readonly Candidate[], places: number): readonly StepToLaunch[] {
  const first = candidates.filter(({ hasPlace }) => hasPlace).length;
  let old = Math.min(first, Math.max(0, places));
  let fresh = Math.max(0, places - first);
  return candidates
    .filter(({ hasPlace }) => (hasPlace ? old-- : fresh--) > 0)
    .map(({ step, previous }) => ({ step, previous }));
}

function runEnd(outcome: ReturnType<typeof walk>['outcome'], stopping: boolean): RunEnd | null {
  if (outcome !== null) {
    return { batchStatus: outcome.status, exitStatus: outcome.status, exitDescription: outcome.reason };
  }
  return stopping ? { batchStatus: 'STOPPED', exitStatus: 'STOPPED', exitDescription: 'The run was stopped.' } : null;
}
