import type { SchemaTargetName } from '../platforms/platform.js';

/** Batch statuses from the mildest to the severest, in the order in which Spring Batch compares them. */
export const BATCH_STATUSES = [
  'COMPLETED',
  'STARTING',
  'STARTED',
  'STOPPING',
  'STOPPED',
  'FAILED',
  'ABANDONED',
  'UNKNOWN',
] as const;

/** State of a job or step execution, column `status`. */
export type BatchStatus = (typeof BATCH_STATUSES)[number];

/** A parameter as stored, its value as text whatever its type. */
export interface StoredJobParameter {
  readonly name: string;
  /** `STRING`, `LONG`, `DOUBLE`, `DATE` (Batch 4) or the name of a Java class (Batch 5). */
  readonly type: string;
  /** Dates of Batch 4 as ISO instants; otherwise the stored text. */
  readonly value: string | null;
  readonly identifying: boolean;
}

/** The outcome that an application gave a job or step. */
export interface ExitStatus {
  readonly exitCode: string;
  readonly exitDescription: string;
}

/** A job instance: a job with the parameters that identify it; restarts give it several executions. */
export interface JobInstance {
  readonly schemaTarget: SchemaTargetName;
  readonly id: number;
  readonly jobName: string;
}

/** One run of a job instance. Times are UTC. */
export interface JobExecution {
  readonly schemaTarget: SchemaTargetName;
  readonly id: number;
  readonly version: number | null;
  readonly instanceId: number;
  readonly jobName: string;
  readonly status: BatchStatus;
  readonly exitStatus: ExitStatus;
  readonly createTime: Date;
  readonly startTime: Date | null;
  readonly endTime: Date | null;
  readonly lastUpdated: Date | null;
  /** Number of its step executions. */
  readonly stepCount: number;
  /** The task execution that it ran in; 0 for a job that ran outside of any task, since clients unbox the number. */
  readonly taskExecutionId: number;
  /** Whether the definition of that task still exists, so that the job can be started again. */
  readonly defined: boolean;
  readonly parameters: readonly StoredJobParameter[];
}

/** What a step execution counts. */
export interface StepCounts {
  readonly readCount: number;
  readonly writeCount: number;
  readonly commitCount: number;
  readonly rollbackCount: number;
  readonly filterCount: number;
  readonly readSkipCount: number;
  readonly processSkipCount: number;
  readonly writeSkipCount: number;
}

/** One run of a step within a job execution. */
export interface StepExecution extends StepCounts {
  readonly schemaTarget: SchemaTargetName;
  readonly id: number;
  readonly version: number;
  readonly jobExecutionId: number;
  readonly jobName: string;
  readonly stepName: string;
  readonly status: BatchStatus;
  readonly exitStatus: ExitStatus;
  readonly startTime: Date | null;
  readonly endTime: Date | null;
  readonly lastUpdated: Date | null;
  /** The stored execution context, as text; undefined where it was not read. */
  readonly context: string | undefined;
}

/** Which job executions are asked for; what is undefined does not restrict. Several restrictions apply together. */
export interface JobExecutionFilter {
  /** Name of the job; `%` and `_` are wildcards as in SQL's LIKE. */
  readonly name?: string | undefined;
  readonly status?: BatchStatus | undefined;
  /** Started at this time or later. */
  readonly from?: Date | undefined;
  /** Started in this millisecond or earlier. */
  readonly to?: Date | undefined;
  /** Ids are per schema target. */
  readonly instance?: { readonly id: number; readonly schemaTarget: SchemaTargetName } | undefined;
  /** Those that ran in this task execution. */
  readonly taskExecution?: { readonly id: number; readonly schemaTarget: SchemaTargetName } | undefined;
}

/** The status that a text of column `status` means; nothing that an application writes makes a list fail. */
export function batchStatusOf(text: string | null): BatchStatus {
  return BATCH_STATUSES.find((status) => status === text) ?? 'UNKNOWN';
}

/** What can be done about an execution in a state, as SCDF judges it. */
export function permittedActions(status: BatchStatus): {
  readonly restartable: boolean;
  readonly abandonable: boolean;
  readonly stoppable: boolean;
} {
  return {
    restartable: status === 'STOPPED' || status === 'FAILED',
    abandonable: ['STOPPING', 'STOPPED', 'FAILED', 'UNKNOWN'].includes(status),
    stoppable: status === 'STARTING' || status === 'STARTED',
  };
}
