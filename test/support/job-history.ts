import type pg from 'pg';

/** How large a history is made up; see {@link fillJobHistory}. */
export interface HistorySize {
  /** Job executions of Boot 2; of Boot 3 a tenth of that is made. */
  readonly executions: number;
  /** Jobs that they are spread over: half of all belong to the first one, the others share the rest. */
  readonly jobs: number;
}

/**
 * Makes up a Spring Batch history of both generations with plain inserts, as applications would have written it: an
 * instance and a task execution for each job execution, two parameters, three steps; each 50th execution failed, each 1000th
 * runs; task definitions for all jobs but the last.
 */
export async function fillJobHistory(client: pg.Client, { executions, jobs }: HistorySize): Promise<void> {
  await client.query(
    `insert into task_definitions (definition_name, definition, description)
     select 'task-' || n, 'timestamp', '' from generate_series(1, $1::int - 1) n on conflict do nothing`,
    [jobs],
  );
  for (const generation of [
    { prefix: '', rows: executions, columns: '', values: '' },
    { prefix: 'boot3_', rows: Math.ceil(executions / 10), columns: ', create_time', values: `, ${START}` },
  ]) {
    await fillGeneration(client, generation, jobs);
  }
  await client.query('analyze');
}

/** When the n-th execution started: one a minute. */
const START = `timestamp '2024-01-01' + n * interval '1 minute'`;
const JOB = `case when n % 2 = 0 then 1 else 2 + (n / 2) % ($2::int - 1) end`;
const RUNNING = 'n % 1000 = 0';
const FAILED = 'n % 50 = 7';

interface GenerationFill {
  readonly prefix: string;
  readonly rows: number;
  readonly columns: string;
  readonly values: string;
}

async function fillGeneration(client: pg.Client, { prefix, rows, columns, values }: GenerationFill, jobs: number) {
  const series = 'from generate_series(1, $1::int) n';
  const both = [rows, jobs];
  await client.query(
    `insert into ${prefix}task_execution (task_execution_id, start_time, end_time, task_name, exit_code, last_updated)
     select n, ${START}, ${START} + interval '50 seconds', 'task-' || ${JOB}, 0, ${START} ${series}`,
    both,
  );
  await client.query(
    `insert into ${prefix}batch_job_instance (job_instance_id, version, job_name, job_key)
     select n, 0, 'job-' || ${JOB}, md5(n::text) ${series}`,
    both,
  );
  await client.query(
    `insert into ${prefix}batch_job_execution
       (job_execution_id, version, job_instance_id, create_time, start_time, end_time, status, exit_code, exit_message, last_updated)
     select n, 2, n, ${START}, ${START}, case when ${RUNNING} then null else ${START} + interval '40 seconds' end,
            case when ${RUNNING} then 'STARTED' when ${FAILED} then 'FAILED' else 'COMPLETED' end,
            case when ${RUNNING} then 'UNKNOWN' when ${FAILED} then 'FAILED' else 'COMPLETED' end,
            case when ${FAILED} then repeat('java.lang.IllegalStateException', 20) else '' end, ${START} ${series}`,
    [rows],
  );
  await client.query(`insert into ${prefix}task_task_batch select n, n ${series}`, [rows]);
  await client.query(
    prefix === ''
      ? `insert into batch_job_execution_params
           (job_execution_id, type_cd, key_name, string_val, date_val, long_val, double_val, identifying)
         select n, type, case type when 'LONG' then 'run.id' else 'day' end, 'day ' || n, '1970-01-01', n, 0, 'Y'
         ${series}, (values ('LONG'), ('STRING')) as kind (type)`
      : `insert into boot3_batch_job_execution_params
           (job_execution_id, parameter_name, parameter_type, parameter_value, identifying)
         select n, name, type, n, 'Y'
         ${series}, (values ('run.id', 'java.lang.Long'), ('day', 'java.lang.String')) as kind (name, type)`,
    [rows],
  );
  await client.query('analyze');
  await client.query(
    `insert into ${prefix}batch_step_execution
       (step_execution_id, version, step_name, job_execution_id${columns}, start_time, end_time, status, commit_count, read_count,
        filter_count, write_count, read_skip_count, write_skip_count, process_skip_count, rollback_count, exit_code,
        exit_message, last_updated)
     select 3 * n + step, 3, 'step' || step, n${values}, ${START} + step * interval '10 seconds',
            case when ${RUNNING} and step = 2 then null else ${START} + step * interval '10 seconds' + (n % 10000) * interval '1 ms' end,
            case when ${RUNNING} and step = 2 then 'STARTED' else 'COMPLETED' end,
            1 + n % 7, step * (n % 1000), n % 3, n % 1000, 0, 0, 0, 0, 'COMPLETED', '', ${START}
       ${series}, generate_series(0, 2) step`,
    [rows],
  );
}
