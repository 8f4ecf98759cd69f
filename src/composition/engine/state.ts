import { BatchStatus } from './batch-status.js';

/** What the database holds of one step execution and of the child's execution that it stands for. */
export interface StepRecord {
  /** STEP_EXECUTION_ID; later ones are higher. */
  readonly id: number;
  readonly jobExecutionId: number;
  readonly name: string;
  readonly status: BatchStatus;
  /** EXIT_CODE of the step execution: a text such as COMPLETED, FAILED or the child's exit message. */
  readonly exitStatus: string;
  /** `task-execution-id` of the step's context: the child's execution; null before its launch is recorded. */
  readonly taskExecutionId: number | null;
  /** EXIT_CODE of the child's execution; null if it has none. */
  readonly exitCode: number | null;
}

/** All that decides how a run goes on, beside its plan. A plain value that JSON can carry. */
export interface RunState {
  /** The steps of this job execution, each once, in the order in which they began. */
  readonly steps: readonly StepRecord[];
  /** The last step execution of each step in earlier executions of the same job instance, in the order of their ids. */
  readonly earlier: readonly StepRecord[];
  /** Whether somebody has asked the run to stop (status STOPPING of the job execution). */
  readonly stopRequested: boolean;
}

/** The state of a run that has just begun and is no restart. */
export const FRESH: RunState = { steps: [], earlier: [], stopRequested: false };

/**
 * Rebuilds a run's state from the step executions of its job instance, in any order. Of several of one step the one with
 * the highest id counts, for this job execution and for the earlier ones each.
 */
export function rebuildState(
  records: readonly StepRecord[],
  { jobExecutionId, stopRequested }: { readonly jobExecutionId: number; readonly stopRequested: boolean },
): RunState {
  return {
    steps: lastOfEach(records.filter((record) => record.jobExecutionId === jobExecutionId)),
    earlier: lastOfEach(records.filter((record) => record.jobExecutionId !== jobExecutionId)),
    stopRequested,
  };
}

function lastOfEach(records: readonly StepRecord[]): readonly StepRecord[] {
  const last = new Map<string, StepRecord>();
  for (const record of records)
    if (record.id >= (last.get(record.name)?.id ?? record.id)) last.set(record.name, record);
  return [...last.values()].sort((one, other) => one.id - other.id);
}
