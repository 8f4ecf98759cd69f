import type { BatchStatus } from './engine/batch-status.js';
import type { StepRecord } from './engine/state.js';
import type { StepContext } from './step-context.js';

/** A row of `batch_step_execution`, as far as a run goes by it. */
export interface StepRow {
  readonly id: number;
  readonly job_execution_id: number;
  readonly name: string;
  readonly status: BatchStatus;
  readonly exit_code: string | null;
}

/** What the engine has to know of a step execution. @param context null where it was not read, or says nothing */
export function stepRecordOf(row: StepRow, context: StepContext | null): StepRecord {
  return {
    id: row.id,
    jobExecutionId: row.job_execution_id,
    name: row.name,
    status: row.status,
    exitStatus: row.exit_code ?? '',
    taskExecutionId: context?.child?.id ?? null,
    // Only the context of a failed step has it, and not where the child was ended for taking too long; a step completes with 0 alone.
    exitCode: context?.exitCode ?? (row.status === 'COMPLETED' ? 0 : null),
  };
}
