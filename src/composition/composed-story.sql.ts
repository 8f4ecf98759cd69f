import type { PreparingSqlRunner } from '../database/database.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import type { SchemaTargetName } from '../platforms/platform.js';

/** A run as its story tells it. */
export interface ToldRun {
  readonly key: ExecutionKey;
  readonly taskName: string;
  readonly jobExecutionId: number;
  readonly jobInstanceId: number;
  readonly planText: string;
  readonly startedAt: Date;
  readonly stopRequestedAt: Date | null;
  readonly endedAt: Date | null;
  /** Of its job execution. */
  readonly status: string;
  readonly exitMessage: string;
}

/** A child that was launched for a run. */
export interface ToldChild {
  readonly key: ExecutionKey;
  readonly taskName: string;
  readonly acceptedAt: Date;
  readonly queued: boolean;
  readonly startTime: Date | null;
  readonly endTime: Date | null;
  readonly exitCode: number | null;
  readonly exitMessage: string | null;
  readonly reason: string | null;
}

/** When a step execution ended; null while it has not. */
export interface ToldStep {
  readonly id: number;
  readonly endTime: Date | null;
  readonly exitDescription: string;
}

/** @returns undefined for an external id that belongs to no run of a composed task */
export async function findToldRun(sql: PreparingSqlRunner, externalId: string): Promise<ToldRun | undefined> {
  const [row] = await sql.queryPrepared<
    Omit<ToldRun, 'key'> & { readonly target: SchemaTargetName; readonly id: number }
  >(
    `SELECT run.schema_target AS target, run.task_execution_id AS id, run.task_name AS "taskName",
            run.job_execution_id AS "jobExecutionId", job.job_instance_id AS "jobInstanceId", run.plan_text AS "planText",
            run.started_at AS "startedAt", run.stop_requested_at AS "stopRequestedAt", run.ended_at AS "endedAt",
            job.status, COALESCE(job.exit_message, '') AS "exitMessage"
     FROM task_execution AS execution
     JOIN millrace_composed_run AS run ON run.schema_target = 'boot2' AND run.task_execution_id = execution.task_execution_id
     JOIN batch_job_execution AS job USING (job_execution_id)
     WHERE execution.external_execution_id = $1`,
    [externalId],
  );
  if (row === undefined) return undefined;
  const { target, id, ...run } = row;
  return { ...run, key: { schemaTarget: target, id } };
}

/** The children of a run, in the order in which they were accepted. */
export async function findToldChildren(sql: PreparingSqlRunner, run: ExecutionKey): Promise<readonly ToldChild[]> {
  const rows = await sql.queryPrepared<
    Omit<ToldChild, 'key'> & { readonly target: SchemaTargetName; readonly id: number }
  >(
    `SELECT launch.schema_target AS target, launch.task_execution_id AS id, launch.task_name AS "taskName",
            launch.accepted_at AS "acceptedAt", launch.state = 'queued' AS queued, launch.reason,
            COALESCE(boot2.start_time, boot3.start_time) AS "startTime",
            COALESCE(boot2.end_time, boot3.end_time) AS "endTime",
            COALESCE(boot2.exit_code, boot3.exit_code) AS "exitCode",
            COALESCE(boot2.exit_message, boot3.exit_message) AS "exitMessage"
     FROM millrace_launch AS launch
     LEFT JOIN task_execution AS boot2
       ON launch.schema_target = 'boot2' AND boot2.task_execution_id = launch.task_execution_id
     LEFT JOIN boot3_task_execution AS boot3
       ON launch.schema_target = 'boot3' AND boot3.task_execution_id = launch.task_execution_id
     WHERE launch.parent_execution_id = $1 AND launch.parent_schema_target = $2
     ORDER BY launch.accepted_at, launch.task_execution_id`,
    [run.id, run.schemaTarget],
  );
  return rows.map(({ target, id, ...child }) => ({ ...child, key: { schemaTarget: target, id } }));
}

/** When the steps of a job execution ended, and why. */
export async function findToldSteps(sql: PreparingSqlRunner, jobExecutionId: number): Promise<readonly ToldStep[]> {
  return sql.queryPrepared<ToldStep>(
    `SELECT step_execution_id AS id, end_time AS "endTime", COALESCE(exit_message, '') AS "exitDescription"
     FROM batch_step_execution WHERE job_execution_id = $1`,
    [jobExecutionId],
  );
}
