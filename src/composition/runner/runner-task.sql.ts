import type { PreparingSqlRunner } from '../../database/database.js';
import type { BatchStatus } from '../engine/batch-status.js';
import type { StepRecord } from '../engine/state.js';
import { readStepContext, type StepContext } from '../step-context.js';
import { stepRecordOf, type StepRow } from '../step-record.js';

/** The rows of the runner's own task execution, as Spring Cloud Task writes them, and the job's progress. */

/** A task execution as it stands. */
export interface TaskRow {
  readonly started: boolean;
  readonly ended: boolean;
}

/** Reads a task execution and keeps its row to the transaction's end; undefined if there is none. */
export async function lockTask(sql: PreparingSqlRunner, id: number): Promise<TaskRow | undefined> {
  const [row] = await sql.queryPrepared<TaskRow>(
    `select start_time is not null as started, end_time is not null as ended
     from task_execution where task_execution_id = $1 for update`,
    [id],
  );
  return row;
}

/** Whether the job's tables are those of Spring Batch 5, whose columns are others. Missing tables are none of them. */
export async function hasTablesOfBatch5(sql: PreparingSqlRunner): Promise<boolean> {
  const [row] = await sql.queryPrepared<{ found: boolean }>(
    `select exists (select 1 from pg_attribute where attrelid = to_regclass('batch_job_execution_params')
                    and attname = 'parameter_name' and not attisdropped) as found`,
    [],
  );
  return row?.found === true;
}

/** What a task execution is begun with. */
export interface TaskStart {
  readonly taskName: string;
  readonly parentExecutionId: number | null;
  readonly externalExecutionId: string | null;
}

/** Makes a task execution. @returns its id */
export async function insertTask(sql: PreparingSqlRunner, start: TaskStart): Promise<number> {
  const [row] = await sql.queryPrepared<{ id: number }>(
    `insert into task_execution (task_execution_id, task_name, start_time, last_updated, parent_execution_id,
                                 external_execution_id)
     values (nextval('task_seq'), $1, now() at time zone 'UTC', now() at time zone 'UTC', $2, $3)
     returning task_execution_id as id`,
    [start.taskName, start.parentExecutionId, start.externalExecutionId],
  );
  if (row === undefined) throw new Error('An inserted task execution has no id');
  return row.id;
}

/** Begins a task execution that a server has made. */
export async function startTask(sql: PreparingSqlRunner, id: number, start: TaskStart): Promise<void> {
  await sql.queryPrepared(
    `update task_execution
     set start_time = now() at time zone 'UTC', last_updated = now() at time zone 'UTC',
         task_name = coalesce(nullif($2, ''), task_name),
         parent_execution_id = coalesce($3, parent_execution_id),
         external_execution_id = coalesce($4, external_execution_id)
     where task_execution_id = $1`,
    [id, start.taskName, start.parentExecutionId, start.externalExecutionId],
  );
}

/** Records a command line. */
export async function insertTaskParameters(
  sql: PreparingSqlRunner,
  id: number,
  parameters: readonly string[],
): Promise<void> {
  if (parameters.length === 0) return;
  await sql.queryPrepared(
    `insert into task_execution_params (task_execution_id, task_param) select $1, left(one, 2500) from unnest($2::text[]) as one`,
    [id, parameters],
  );
}

/** Ends a task execution that has not ended. */
export async function endTask(
  sql: PreparingSqlRunner,
  id: number,
  { exitCode, errorMessage }: { readonly exitCode: number; readonly errorMessage: string | null },
): Promise<void> {
  await sql.queryPrepared(
    `update task_execution
     set end_time = now() at time zone 'UTC', last_updated = now() at time zone 'UTC', exit_code = $2,
         error_message = left($3, 2500)
     where task_execution_id = $1 and end_time is null`,
    [id, exitCode, errorMessage],
  );
}

/** A job execution, and the instance that it is of. */
export interface JobKey {
  readonly jobExecutionId: number;
  readonly jobInstanceId: number;
}

/** The job that a task execution has begun and not ended: its process was cut short. */
export async function findUnendedJob(sql: PreparingSqlRunner, taskExecutionId: number): Promise<JobKey | undefined> {
  const [row] = await sql.queryPrepared<JobKey>(
    `select job.job_execution_id as "jobExecutionId", job.job_instance_id as "jobInstanceId"
     from task_task_batch as link join batch_job_execution as job using (job_execution_id)
     where link.task_execution_id = $1 and job.end_time is null
     order by job.job_execution_id desc limit 1`,
    [taskExecutionId],
  );
  return row;
}

/** A step execution with what its context says; what became of its child is seen elsewhere. */
export interface RunnerStep extends StepRecord {
  readonly context: StepContext | null;
  readonly startTime: Date;
  /** Whether its message says that its child took too long: the exit code of that one says nothing. SCDF's runner too. */
  readonly timedOut: boolean;
}

interface RunnerStepRow extends StepRow {
  readonly start_time: Date;
  readonly context: string | null;
  readonly timed_out: boolean;
}

/** The step executions of a job instance, in the order of their ids. */
export async function findInstanceSteps(
  sql: PreparingSqlRunner,
  jobInstanceId: number,
): Promise<readonly RunnerStep[]> {
  const rows = await sql.queryPrepared<RunnerStepRow>(
    `select step.step_execution_id as id, step.job_execution_id, step.step_name as name, step.status, step.exit_code,
            step.start_time, coalesce(context.serialized_context, context.short_context) as context,
            coalesce(step.exit_message ~ 'Timeout occurred (while processing|during startup of) task', false) as timed_out
     from batch_step_execution as step left join batch_step_execution_context as context using (step_execution_id)
     where step.job_execution_id in (select job_execution_id from batch_job_execution where job_instance_id = $1)
     order by step.step_execution_id`,
    [jobInstanceId],
  );
  return rows.map((row) => {
    const context = readStepContext(row.context);
    return { ...stepRecordOf(row, context), context, startTime: row.start_time, timedOut: row.timed_out };
  });
}

/** How a job execution stands. */
export interface JobRow {
  readonly status: BatchStatus;
  readonly startedAt: Date;
  /** The database's clock, by which its times go. */
  readonly now: Date;
}

/** Reads a job execution; undefined when it was removed. */
export async function findJob(sql: PreparingSqlRunner, jobExecutionId: number): Promise<JobRow | undefined> {
  const [row] = await sql.queryPrepared<JobRow>(
    `select status, coalesce(start_time, create_time) as "startedAt", clock_timestamp() as now
     from batch_job_execution where job_execution_id = $1`,
    [jobExecutionId],
  );
  return row;
}
