import type { Database, SqlRunner } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { SCHEMA_TARGET_NAMES, TABLE_PREFIXES } from '../schema/schema-target.js';
import type { ExecutionKey } from './job-execution.sql.js';
import { batchStatusOf, type BatchStatus, type JobExecution } from './job-history.js';

/**
 * What operators write into the tables of Spring Batch, as its own repository would: each change counts `version` up, since an
 * application looks at the status only when the version is another than its own.
 */

/** In the form in which applications write times, UTC. */
const NOW = `date_trunc('milliseconds', clock_timestamp() at time zone 'UTC')`;

/** States in which a job says that it runs, or may run. */
const OPEN = `('STARTING', 'STARTED', 'STOPPING')`;

/**
 * Asks a job to stop, as SCDF does: only the job's row changes, its application sees it at the end of a chunk.
 * @returns false when it does not run
 */
export async function markStopping(sql: SqlRunner, { schemaTarget, id }: ExecutionKey): Promise<boolean> {
  const rows = await sql.query(
    `update ${TABLE_PREFIXES[schemaTarget].batch}job_execution
        set status = 'STOPPING', version = coalesce(version, 0) + 1, last_updated = ${NOW}
      where job_execution_id = $1 and start_time is not null and end_time is null and status in ${OPEN}
      returning job_execution_id`,
    [id],
  );
  return rows.length > 0;
}

/**
 * Writes the end of a job whose process is gone, and of its steps that were running, as Spring Batch would have: from then on
 * the instance can be started again, and completed steps are not repeated.
 *
 * @param reason for people, becomes the exit message in front of what stands there
 * @returns the steps that were ended; undefined when the job had an end already
 */
export async function markFailed(
  sql: SqlRunner,
  { schemaTarget, id }: ExecutionKey,
  reason: string,
): Promise<readonly number[] | undefined> {
  const failed = `status = 'FAILED', exit_code = 'FAILED', version = coalesce(version, 0) + 1, last_updated = ${NOW},
    exit_message = left(concat_ws(E'\\n', $2::text, nullif(exit_message, '')), 2500),
    end_time = coalesce(end_time, greatest(start_time, ${NOW}))`;
  const batch = TABLE_PREFIXES[schemaTarget].batch;
  const jobs = await sql.query(
    `update ${batch}job_execution set ${failed}
      where job_execution_id = $1 and (status in ${OPEN} or status = 'UNKNOWN') returning job_execution_id`,
    [id, reason],
  );
  if (jobs.length === 0) return undefined;
  const steps = await sql.query<{ step_execution_id: number }>(
    `update ${batch}step_execution set ${failed}
      where job_execution_id = $1 and (status in ${OPEN} or status = 'UNKNOWN') returning step_execution_id`,
    [id, reason],
  );
  return steps.map((row) => row.step_execution_id).sort((one, other) => one - other);
}

/**
 * Locks a job instance until the end of the transaction, so that of several restarts one is decided on at a time, on whichever
 * server. Applications that add an execution to it meanwhile are not kept waiting.
 * @returns false when it is gone
 */
export async function lockInstance(
  sql: SqlRunner,
  { schemaTarget, instanceId }: Pick<JobExecution, 'schemaTarget' | 'instanceId'>,
): Promise<boolean> {
  const rows = await sql.query(
    `select 1 from ${TABLE_PREFIXES[schemaTarget].batch}job_instance where job_instance_id = $1 for no key update`,
    [instanceId],
  );
  return rows.length > 0;
}

/** The newest execution of the same job instance that says it runs, or of which nobody knows: beside it Spring Batch starts none. */
export async function selectOpenSibling(
  sql: SqlRunner,
  { schemaTarget, id }: ExecutionKey,
): Promise<{ readonly id: number; readonly status: BatchStatus } | undefined> {
  const [row] = await sql.query<{ id: number; status: string }>(
    `select other.job_execution_id as id, other.status
       from ${TABLE_PREFIXES[schemaTarget].batch}job_execution e
       join ${TABLE_PREFIXES[schemaTarget].batch}job_execution other using (job_instance_id)
      where e.job_execution_id = $1 and other.job_execution_id <> $1
        and (other.status in ${OPEN} or other.status = 'UNKNOWN')
      order by other.job_execution_id desc limit 1`,
    [id],
  );
  return row === undefined ? undefined : { id: row.id, status: batchStatusOf(row.status) };
}

/**
 * A launch of the task that has not ended and runs the same job instance: a restart that was asked for before, or a launch with
 * the same arguments.
 * @param job its own task execution does not count: that one's end may not be written down yet
 */
export async function selectOpenLaunch(
  sql: SqlRunner,
  { schemaTarget, instanceId, taskExecutionId }: JobExecution,
  taskName: string,
  launchArguments: readonly string[],
): Promise<{ readonly id: number; readonly isRestart: boolean } | undefined> {
  const [row] = await sql.query<{ id: number; is_restart: boolean }>(
    `select l.task_execution_id as id, coalesce(l.request -> 'jobInstance' = $5::jsonb, false) as is_restart
       from millrace_launch l
       join ${TABLE_PREFIXES[schemaTarget].task}execution t on t.task_execution_id = l.task_execution_id and t.end_time is null
      where l.schema_target = $1 and l.task_name = $2 and l.state in ('queued', 'accepted', 'launched')
        and (l.request -> 'arguments' = $3::jsonb or l.request -> 'jobInstance' = $5::jsonb) and l.task_execution_id <> $4
      order by l.task_execution_id desc limit 1`,
    [schemaTarget, taskName, JSON.stringify(launchArguments), taskExecutionId, String(instanceId)],
  );
  return row && { id: row.id, isRestart: row.is_restart };
}

/** Whether the servers themselves run this job: that of a composed task, which has no process that could die. */
export async function isRunByServers(database: Database, { schemaTarget, id }: ExecutionKey): Promise<boolean> {
  const rows = await database.query(
    `select 1 from millrace_composed_run where schema_target = $1 and job_execution_id = $2 and state = 'running'`,
    [schemaTarget, id],
  );
  return rows.length > 0;
}

/**
 * Jobs that say they run, in a task execution whose launch is over. Those of state UNKNOWN are not among them: there the
 * application itself asked for somebody who looks.
 * @param taskExecution only those of this one
 */
export async function selectDeadJobs(
  database: Database,
  taskExecution: ExecutionKey | undefined,
  limit: number,
): Promise<readonly ExecutionKey[]> {
  const branches = SCHEMA_TARGET_NAMES.map(
    (name) => `(select '${name}' as schema_target, e.job_execution_id as id
       from millrace_job_execution e
       cross join lateral (select max(task_execution_id) as task_execution_id from ${TABLE_PREFIXES[name].task}task_batch
         where job_execution_id = e.job_execution_id) b
       join millrace_launch l on l.schema_target = '${name}' and l.task_execution_id = b.task_execution_id
      where e.schema_target = '${name}' and e.status in ${OPEN} and l.state in ('ended', 'refused')
        and ($1::text is null or ($1 = '${name}' and e.job_execution_id in
          (select job_execution_id from ${TABLE_PREFIXES[name].task}task_batch where task_execution_id = $2)))
        and not exists (select 1 from millrace_composed_run r
          where r.schema_target = '${name}' and r.job_execution_id = e.job_execution_id and r.state = 'running')
      order by e.job_execution_id limit ${limit})`,
  );
  const rows = await database.query<{ schema_target: SchemaTargetName; id: number }>(branches.join(' union all '), [
    taskExecution?.schemaTarget ?? null,
    taskExecution?.id ?? null,
  ]);
  return rows.map((row) => ({ schemaTarget: row.schema_target, id: row.id }));
}
