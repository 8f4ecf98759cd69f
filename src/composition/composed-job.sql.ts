import type { PreparingSqlRunner } from '../database/database.js';
import type { JobParameter, JobParameters } from './job-parameters.js';

/**
 * Spring Batch's rows of a composed task's job, in the tables of Boot 2: SCDF's runner is an application of that generation,
 * and must be able to go on with a job that was begun here.
 */

/** An execution of a job instance. */
export interface PriorExecution {
  readonly id: number;
  readonly status: string;
  readonly ended: boolean;
  /** Its steps, by name and status. */
  readonly steps: readonly { readonly name: string; readonly status: string }[];
}

/** A job instance with all its executions, the newest first. */
export interface PriorInstance {
  readonly id: number;
  readonly executions: readonly PriorExecution[];
}

/** Lets launches of one job take turns until the transaction ends, so that each gets parameters of its own. */
export async function lockJob(sql: PreparingSqlRunner, jobName: string): Promise<void> {
  await sql.queryPrepared('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`composed-job:${jobName}`]);
}

/** @returns undefined when there is no such instance */
export async function findInstance(
  sql: PreparingSqlRunner,
  jobName: string,
  jobKey: string,
): Promise<PriorInstance | undefined> {
  const rows = await sql.queryPrepared<{
    instance: number;
    id: number | null;
    status: string | null;
    ended: boolean | null;
    steps: { name: string; status: string }[] | null;
  }>(
    `select instance.job_instance_id as instance, job.job_execution_id as id, job.status, job.end_time is not null as ended,
            (select json_agg(json_build_object('name', step.step_name, 'status', step.status) order by step_execution_id)
             from batch_step_execution as step where step.job_execution_id = job.job_execution_id) as steps
     from batch_job_instance as instance left join batch_job_execution as job using (job_instance_id)
     where instance.job_name = $1 and instance.job_key = $2 order by job.job_execution_id desc`,
    [jobName, jobKey],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  const executions = rows.flatMap(({ id, status, ended, steps }) =>
    id === null ? [] : [{ id, status: status ?? '', ended: ended === true, steps: steps ?? [] }],
  );
  return { id: first.instance, executions };
}

/** Parameters of the last execution of the job's last instance; null when the job has no instance. */
export async function findLastParameters(sql: PreparingSqlRunner, jobName: string): Promise<JobParameters | null> {
  const rows = await sql.queryPrepared<ParameterRow>(
    `select parameter.* from (
       select job_execution_id from batch_job_execution where job_instance_id = (
         select max(job_instance_id) from batch_job_instance where job_name = $1)
       order by job_execution_id desc limit 1) as last
     left join lateral (
       select type_cd, key_name, string_val, date_val, long_val::text as long_val, double_val, identifying
       from batch_job_execution_params as p where p.job_execution_id = last.job_execution_id) as parameter on true`,
    [jobName],
  );
  if (rows.length === 0) return null;
  const parameters = rows.filter(({ key_name: name }) => name !== null).map(parameterOf);
  return new Map(parameters.map((parameter) => [parameter.name, parameter]));
}

/** Makes an instance. @returns its id */
export async function insertInstance(sql: PreparingSqlRunner, jobName: string, jobKey: string): Promise<number> {
  const [row] = await sql.queryPrepared<{ id: number }>(
    `insert into batch_job_instance (job_instance_id, version, job_name, job_key)
     values (nextval('batch_job_seq'), 0, $1, $2) returning job_instance_id as id`,
    [jobName, jobKey],
  );
  if (row === undefined) throw new Error('An inserted job instance has no id');
  return row.id;
}

/**
 * Makes an execution that has just started, as part of a task execution. It goes on with the context of the instance's last
 * execution, if there is one. @returns its id
 */
export async function insertJobExecution(
  sql: PreparingSqlRunner,
  {
    instanceId,
    parameters,
    taskExecutionId,
  }: {
    readonly instanceId: number;
    readonly parameters: JobParameters;
    readonly taskExecutionId: number;
  },
): Promise<number> {
  const rows = [...parameters.values()];
  const [row] = await sql.queryPrepared<{ id: number }>(
    `with execution as (
       insert into batch_job_execution (job_execution_id, version, job_instance_id, create_time, start_time, status,
                                        exit_code, exit_message, last_updated)
       select nextval('batch_job_execution_seq'), 1, $1, now, now, 'STARTED', 'UNKNOWN', '', now
       from (select now() at time zone 'UTC' as now) as clock returning job_execution_id
     ), context as (
       insert into batch_job_execution_context (job_execution_id, short_context, serialized_context)
       select execution.job_execution_id, coalesce(last.short_context, '{"@class":"java.util.HashMap"}'), last.serialized_context
       from execution left join (
         select short_context, serialized_context from batch_job_execution_context
         join batch_job_execution using (job_execution_id)
         where job_instance_id = $1 order by job_execution_id desc limit 1) as last on true
     ), parameter as (
       insert into batch_job_execution_params (job_execution_id, type_cd, key_name, string_val, date_val, long_val,
                                               double_val, identifying)
       select job_execution_id, type, name, coalesce(text, ''), coalesce(moment, '1970-01-01'), coalesce(whole, 0),
              coalesce(number, 0), case when identifying then 'Y' else 'N' end
       from execution, unnest($2::text[], $3::text[], $4::text[], $5::timestamp[], $6::bigint[], $7::float8[], $8::boolean[])
         as one(type, name, text, moment, whole, number, identifying)
     ), link as (
       insert into task_task_batch (task_execution_id, job_execution_id) select $9, job_execution_id from execution
     )
     select job_execution_id as id from execution`,
    [
      instanceId,
      rows.map(({ type }) => type),
      rows.map(({ name }) => name),
      rows.map((one) => (one.type === 'STRING' ? one.value : null)),
      rows.map((one) => (one.type === 'DATE' ? one.value : null)),
      rows.map((one) => (one.type === 'LONG' ? one.value.toString() : null)),
      rows.map((one) => (one.type === 'DOUBLE' ? one.value : null)),
      rows.map(({ identifying }) => identifying),
      taskExecutionId,
    ],
  );
  if (row === undefined) throw new Error('An inserted job execution has no id');
  return row.id;
}

/** How a job execution ended. */
export interface JobEnd {
  readonly status: 'COMPLETED' | 'FAILED' | 'STOPPED';
  /** Why; empty when all went well. */
  readonly message: string;
}

/** Writes the end of a job execution. @returns false when it had ended already */
export async function endJobExecution(
  sql: PreparingSqlRunner,
  id: number,
  { status, message }: JobEnd,
): Promise<boolean> {
  const rows = await sql.queryPrepared(
    `update batch_job_execution
     set status = $2, exit_code = $2, exit_message = left($3, 2500), end_time = now() at time zone 'UTC',
         last_updated = now() at time zone 'UTC', version = version + 1
     where job_execution_id = $1 and end_time is null returning 1`,
    [id, status, message],
  );
  return rows.length > 0;
}

interface ParameterRow {
  readonly type_cd: string;
  readonly key_name: string;
  readonly string_val: string | null;
  readonly date_val: Date | null;
  readonly long_val: string | null;
  readonly double_val: number | null;
  readonly identifying: string;
}

function parameterOf(row: ParameterRow): JobParameter {
  const base = { name: row.key_name, identifying: row.identifying === 'Y' };
  switch (row.type_cd) {
    case 'LONG':
      return { ...base, type: 'LONG', value: BigInt(row.long_val ?? 0) };
    case 'DOUBLE':
      return { ...base, type: 'DOUBLE', value: row.double_val ?? 0 };
    case 'DATE':
      return { ...base, type: 'DATE', value: row.date_val ?? new Date(0) };
    default:
      return { ...base, type: 'STRING', value: row.string_val ?? '' };
  }
}
