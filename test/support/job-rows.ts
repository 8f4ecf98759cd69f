import type pg from 'pg';

/** A job execution as an application would have written it. */
export interface JobRows {
  readonly target?: 'boot2' | 'boot3';
  /** Of the job execution; its instance bears the same unless told, its steps ten times that and more. */
  readonly id: number;
  readonly instanceId?: number;
  /** The task execution that it ran in; undefined for none. */
  readonly taskExecutionId?: number | undefined;
  readonly jobName?: string;
  readonly status?: string;
  /** Whether it began; only jobs that STARTING describes did not. */
  readonly started?: boolean;
  /** Statuses of its steps, in order. */
  readonly steps?: readonly string[];
  readonly parameters?: readonly (readonly [name: string, type: string, value: string, identifying?: 'Y' | 'N'])[];
}

const ENDED = new Set(['COMPLETED', 'FAILED', 'STOPPED', 'ABANDONED']);

/** Inserts a job execution with its instance, parameters and steps. */
export async function insertJob(client: pg.Client, job: JobRows): Promise<void> {
  const { target = 'boot2', id, instanceId = id, jobName = 'job1', status = 'FAILED', started = true } = job;
  const prefix = target === 'boot2' ? '' : 'boot3_';
  const end = (of: string) => (ENDED.has(of) ? `timestamp '2026-01-01 10:00:05'` : 'null');
  await client.query(
    `insert into ${prefix}batch_job_instance (job_instance_id, version, job_name, job_key)
     values ($1, 0, $2, $3) on conflict do nothing`,
    [instanceId, jobName, `key-${instanceId}`],
  );
  await client.query(
    `insert into ${prefix}batch_job_execution
       (job_execution_id, version, job_instance_id, create_time, start_time, end_time, status, exit_code, exit_message, last_updated)
     values ($1, 1, $2, timestamp '2026-01-01 10:00:00', ${started ? `timestamp '2026-01-01 10:00:01'` : 'null'},
             ${end(status)}, $3, $4, '', timestamp '2026-01-01 10:00:01')`,
    [id, instanceId, status, ENDED.has(status) ? status : 'UNKNOWN'],
  );
  if (job.taskExecutionId !== undefined) {
    await client.query(`insert into ${prefix}task_task_batch values ($1, $2)`, [job.taskExecutionId, id]);
  }
  for (const [name, type, value, identifying = 'Y'] of job.parameters ?? []) {
    if (target === 'boot3') {
      await client.query(
        `insert into boot3_batch_job_execution_params
           (job_execution_id, parameter_name, parameter_type, parameter_value, identifying) values ($1, $2, $3, $4, $5)`,
        [id, name, type, value, identifying],
      );
      continue;
    }
    const of = (kind: string, other: string) => (type === kind ? value : other);
    await client.query(
      `insert into batch_job_execution_params
         (job_execution_id, type_cd, key_name, string_val, date_val, long_val, double_val, identifying)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [id, type, name, of('STRING', ''), of('DATE', '1970-01-01'), of('LONG', '0'), of('DOUBLE', '0'), identifying],
    );
  }
  const created = target === 'boot3' ? [', create_time', `, timestamp '2026-01-01 10:00:01'`] : ['', ''];
  for (const [index, step] of (job.steps ?? []).entries()) {
    await client.query(
      `insert into ${prefix}batch_step_execution
         (step_execution_id, version, step_name, job_execution_id${created[0]}, start_time, end_time, status, commit_count,
          read_count, filter_count, write_count, read_skip_count, write_skip_count, process_skip_count, rollback_count,
          exit_code, exit_message, last_updated)
       values ($1, 3, $2, $3${created[1]}, timestamp '2026-01-01 10:00:01', ${end(step)}, $4, 1, 2, 0, 2, 0, 0, 0, 0,
               $5, '', timestamp '2026-01-01 10:00:02')`,
      [id * 10 + index + 1, `step${index + 1}`, id, step, ENDED.has(step) ? step : 'EXECUTING'],
    );
  }
}

/** A task execution that another server launched. */
export interface ForeignExecution {
  readonly target?: 'boot2' | 'boot3';
  readonly taskName: string;
  readonly ended?: boolean;
  /** None if not given. */
  readonly exitCode?: number;
  /** As its application wrote them down; it adds the id of the execution. */
  readonly arguments?: readonly string[];
}

/** Inserts a task execution as its application writes it, wherever it was launched. @returns its id */
export async function insertTaskExecution(client: pg.Client, execution: ForeignExecution): Promise<number> {
  const { target = 'boot2', taskName, ended = true, exitCode = null, arguments: given } = execution;
  const prefix = target === 'boot2' ? '' : 'boot3_';
  const { rows } = await client.query<{ id: number }>(
    `insert into ${prefix}task_execution (task_execution_id, task_name, start_time, end_time, exit_code, last_updated)
     values (nextval('${prefix}task_seq'), $1, now(), case when $2 then now() end, $3, now())
     returning task_execution_id::int as id`,
    [taskName, ended, exitCode],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error(`no execution of ${taskName} was inserted`);
  if (given !== undefined) {
    await client.query(
      `insert into ${prefix}task_execution_params (task_execution_id, task_param) select $1, unnest($2::text[])`,
      [id, [...given, `--spring.cloud.task.executionid=${id}`]],
    );
  }
  return id;
}

/** A row as tests look at it. */
export interface StatusRow {
  readonly id: number;
  readonly version: number;
  readonly status: string;
  readonly exit_code: string;
  readonly exit_message: string;
  readonly start_time: Date | null;
  readonly end_time: Date | null;
  readonly last_updated: Date;
}

/** The rows of a job execution and of its steps, as stored. */
export async function readJob(client: pg.Client, target: 'boot2' | 'boot3', id: number) {
  const prefix = target === 'boot2' ? '' : 'boot3_';
  const columns = 'version::int, status, exit_code, exit_message, start_time, end_time, last_updated';
  const job = await client.query<StatusRow>(
    `select job_execution_id::int as id, ${columns} from ${prefix}batch_job_execution where job_execution_id = $1`,
    [id],
  );
  const steps = await client.query<StatusRow>(
    `select step_execution_id::int as id, ${columns} from ${prefix}batch_step_execution where job_execution_id = $1 order by 1`,
    [id],
  );
  return { job: job.rows[0], steps: steps.rows };
}
