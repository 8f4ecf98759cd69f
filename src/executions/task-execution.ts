import type { Manifest } from '../launching/manifest.js';
import type { TrackedLaunch } from '../launching/tracked-launch.js';
import type { SchemaTargetName } from '../platforms/platform.js';

/** How SCDF's clients see where an execution stands; they know no other words. */
export const TASK_EXECUTION_STATUSES = ['UNKNOWN', 'RUNNING', 'COMPLETE', 'ERROR'] as const;

export type TaskExecutionStatus = (typeof TASK_EXECUTION_STATUSES)[number];

/** What a list shows of an execution. Times are UTC. */
export interface TaskExecutionSummary {
  readonly schemaTarget: SchemaTargetName;
  /** Unique together with the schema target only. */
  readonly id: number;
  readonly taskName: string | null;
  readonly startTime: Date | null;
  readonly endTime: Date | null;
  readonly exitCode: number | null;
  readonly exitMessage: string | null;
  readonly errorMessage: string | null;
  readonly externalExecutionId: string | null;
  readonly parentExecutionId: number | null;
  readonly status: TaskExecutionStatus;
}

/** The last execution of a task, as its definition shows it. */
export interface LatestExecution extends TaskExecutionSummary {
  /** What the application was started with, as far as it was written down. */
  readonly arguments: readonly string[];
  /** Null for executions that were started outside the server, and where it was not asked for. */
  readonly manifest: Manifest | null;
}

/** An execution with all that is known of it. */
export interface TaskExecution extends LatestExecution {
  readonly jobExecutionIds: readonly number[];
  /** Null when nobody wrote down where it ran. */
  readonly platformName: string | null;
  /** While it has not reached its platform: where its launch stands. */
  readonly launch?: TrackedLaunch;
}

/** Exit codes of the composed-task runner's job that make the whole run a failure, though the runner itself exits with 0. */
const FAILED_COMPOSITIONS = new Set(['ABANDONED', 'FAILED', 'STOPPED']);

/**
 * Where an execution stands, by SCDF's rule.
 * @param compositionExitCode exit code of the runner's job for a composed task, null otherwise
 */
export function statusOf(
  execution: Pick<TaskExecutionSummary, 'startTime' | 'endTime' | 'exitCode'>,
  compositionExitCode: string | null,
): TaskExecutionStatus {
  if (execution.startTime === null) return 'UNKNOWN';
  if (execution.endTime === null) return 'RUNNING';
  if (compositionExitCode !== null) return FAILED_COMPOSITIONS.has(compositionExitCode) ? 'ERROR' : 'COMPLETE';
  if (execution.exitCode === null) return 'RUNNING';
  return execution.exitCode === 0 ? 'COMPLETE' : 'ERROR';
}
