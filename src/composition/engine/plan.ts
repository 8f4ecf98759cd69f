/**
 * The pure engine of composed tasks: values in, values out. It knows no database, no clock, no platform and no framework
 * (a rule of dependency-cruiser holds that), so that every decision of a run can be tested and repeated.
 *
 * How a driver uses it:
 *
 * 1. {@link makePlan} (make-plan.ts) turns the executable text of a composed task (`executableDsl` of dsl/) into a
 *    {@link Plan}, or throws with all that is wrong with it. A plan is a plain value; the same text gives the same plan.
 * 2. `runnerSettings` (runner-settings.ts) reads what a launch asks of the runner; `childLaunch` (child-launch.ts) says
 *    with which properties and arguments a child is launched, `childLimits` (child-limits.ts) how long and how often.
 * 3. `rebuildState` (state.ts) makes the state of a run from the step executions that the database holds, those of
 *    earlier executions of the job instance included. There is no other state: a server that takes over rebuilds it.
 * 4. `advance` (advance.ts) says what to do next: which steps to launch, which to mark as handled, or how the run ended.
 *    The driver writes that down, launches, and asks again whenever a child has ended or a stop is asked for. Asking
 *    twice with the same state gives the same answer.
 * 5. When a child has ended, `stepOutcome` (exit-status.ts) turns its row into the step's status and exit status.
 *
 * What decides where a run goes on is in transitions.ts; where SCDF's runner has no meaning for a text or fails on it,
 * docs/decisions/0009-composed-tasks.md says what it means here.
 */

/** One use of a child: a step of the job. */
export interface PlanStep {
  /** STEP_NAME of its step executions: the child's name and a number that counts its uses, `<parent>-<app>_0`. */
  readonly name: string;
  /** The task definition to launch, `<parent>-<label or app>`. */
  readonly child: string;
  /** Its place among all steps, in text order, from 0. */
  readonly position: number;
}

/** Where a transition leads. */
export type PlanTarget =
  /** Run this step; then the flow ends, COMPLETED if the step's exit status is, else FAILED. */
  | { readonly kind: 'step'; readonly step: PlanStep }
  /** `$END` and `$FAIL`: the flow ends here. */
  | { readonly kind: 'end'; readonly status: FlowStatus }
  /** `:label`: the flow goes on at an element, of itself or of a further sequence, and ends where that one ends. */
  | { readonly kind: 'jump'; readonly flow: number; readonly element: number };

export interface PlanTransition {
  /** Compared with the exit status: `*` stands for any characters, `?` for one. */
  readonly pattern: string;
  /** The exit code that a bare number also stands for, see transitions.ts; null for other patterns. */
  readonly exitCode: number | null;
  readonly target: PlanTarget;
}

/** What an exit status means that no transition matches. */
export interface Unmatched {
  /** The exit status COMPLETED. */
  readonly completed: UnmatchedMeaning;
  /** All others. */
  readonly other: UnmatchedMeaning;
}

/** To go on with the next element (after the last one: to end the flow COMPLETED), or to end the flow. */
export type UnmatchedMeaning = 'NEXT' | FlowStatus;

export interface StepElement {
  readonly kind: 'step';
  readonly step: PlanStep;
  /** In the order in which they are tried: the most specific pattern first. */
  readonly transitions: readonly PlanTransition[];
  readonly unmatched: Unmatched;
}

export interface SplitElement {
  readonly kind: 'split';
  /** The flows that run side by side, as indexes into {@link Plan.flows}. */
  readonly branches: readonly number[];
}

export type PlanElement = StepElement | SplitElement;

/** Elements that run one after the other. */
export interface PlanFlow {
  readonly elements: readonly PlanElement[];
}

/** What a flow ends with. */
export type FlowStatus = 'COMPLETED' | 'FAILED';

/** A composed task, ready to be run. It refers to its flows by index, so that it is a plain value without circles. */
export interface Plan {
  /** The composed task's name, which is the job's name too. */
  readonly name: string;
  /** The first one is where a run starts; the others are branches of splits and sequences that labels lead to. */
  readonly flows: readonly PlanFlow[];
  /** All steps, in text order. */
  readonly steps: readonly PlanStep[];
}
