import type { PreparingSqlRunner } from '../database/database.js';
import { type ExecutionKey, executionName } from '../launching/launch-record.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { endJobExecution } from './composed-job.sql.js';
import type { StepNotes } from './composed-round.js';
import type { ComposedRun } from './composed-run.sql.js';
import type { RunEnd } from './engine/advance.js';

/** A run as a round reads it. */
export interface RunProgress extends ComposedRun {
  readonly jobInstanceId: number;
  readonly jobStopping: boolean;
  readonly version: number;
  readonly notes: StepNotes;
  readonly stopRequestedAt: Date | null;
  readonly wakeAt: Date | null;
  readonly startedAt: Date;
  /** The database's clock, by which all times of a run go. */
  readonly now: Date;
}

interface ProgressRow {
  readonly task_name: string;
  readonly job_execution_id: number;
  readonly job_instance_id: number;
  readonly job_status: string | null;
  readonly plan_text: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly arguments: readonly string[];
  readonly platform_account: string;
  readonly version: number;
  readonly retries: StepNotes;
  readonly stop_requested_at: Date | null;
  readonly wake_at: Date | null;
  readonly started_at: Date;
  readonly now: Date;
}

/** @returns undefined for a run that has ended, or was removed */
export async function findRunning(sql: PreparingSqlRunner, key: ExecutionKey): Promise<RunProgress | undefined> {
  const [row] = await sql.queryPrepared<ProgressRow>(
    `SELECT run.task_name, run.job_execution_id, job.job_instance_id, job.status AS job_status, run.plan_text,
            run.properties, run.arguments, run.platform_account, run.version, run.retries, run.stop_requested_at,
            run.wake_at, run.started_at, now() AS now
     FROM millrace_composed_run AS run JOIN batch_job_execution AS job USING (job_execution_id)
     WHERE run.schema_target = $1 AND run.task_execution_id = $2 AND run.state = 'running'`,
    [key.schemaTarget, key.id],
  );
  if (row === undefined) return undefined;
  return {
    key,
    taskName: row.task_name,
    jobExecutionId: row.job_execution_id,
    jobInstanceId: row.job_instance_id,
    jobStopping: row.job_status === 'STOPPING',
    planText: row.plan_text,
    properties: row.properties,
    arguments: row.arguments,
    platformAccount: row.platform_account,
    version: row.version,
    notes: row.retries,
    stopRequestedAt: row.stop_requested_at,
    wakeAt: row.wake_at,
    startedAt: row.started_at,
    now: row.now,
  };
}

/**
 * Makes a round's decision the next one of its run. Its row stays locked to the transaction's end.
 * @returns false when another server has decided since the run was read
 */
export async function claimRun(
  sql: PreparingSqlRunner,
  { key, version }: Pick<RunProgress, 'key' | 'version'>,
  notes: StepNotes,
  wakeAt: Date | null,
): Promise<boolean> {
  const rows = await sql.queryPrepared(
    `UPDATE millrace_composed_run SET version = version + 1, retries = $4, wake_at = $5
     WHERE schema_target = $1 AND task_execution_id = $2 AND version = $3 AND state = 'running' RETURNING version`,
    [key.schemaTarget, key.id, version, JSON.stringify(notes), wakeAt],
  );
  return rows.length > 0;
}

/** Ends a run with its job execution and its own task execution. */
export async function endRun(
  sql: PreparingSqlRunner,
  { key, jobExecutionId }: Pick<RunProgress, 'key' | 'jobExecutionId'>,
  end: RunEnd,
  exitCode: number,
): Promise<void> {
  await endJobExecution(sql, jobExecutionId, { status: end.batchStatus, message: end.exitDescription });
  await sql.queryPrepared(
    `WITH execution AS (
       UPDATE task_execution
       SET end_time = now() AT TIME ZONE 'UTC', exit_code = $3, error_message = NULLIF(left($4, 2500), ''),
           last_updated = now() AT TIME ZONE 'UTC'
       WHERE task_execution_id = $2 AND end_time IS NULL
     )
     UPDATE millrace_composed_run SET state = 'ended', ended_at = now(), wake_at = NULL, retries = '{}'
     WHERE schema_target = $1 AND task_execution_id = $2`,
    [key.schemaTarget, key.id, exitCode, end.exitDescription],
  );
}

/**
 * Runs that may have something to do although nobody here has said so: after a crash, or when another server wrote the end
 * of a child. Each step under way waits for one child; where there are fewer children that run, one has ended.
 */
export async function findRunsToRound(sql: PreparingSqlRunner): Promise<readonly ExecutionKey[]> {
  const rows = await sql.queryPrepared<{ schema_target: SchemaTargetName; id: number }>(
    `SELECT run.schema_target, run.task_execution_id AS id
     FROM millrace_composed_run AS run JOIN batch_job_execution AS job USING (job_execution_id),
          LATERAL (SELECT count(*) AS n FROM batch_step_execution AS step
                   WHERE step.job_execution_id = run.job_execution_id
                     AND step.status IN ('STARTING', 'STARTED', 'STOPPING')) AS waiting,
          LATERAL (SELECT count(*) AS n FROM millrace_launch AS launch
                   LEFT JOIN task_execution AS boot2
                     ON launch.schema_target = 'boot2' AND boot2.task_execution_id = launch.task_execution_id
                   LEFT JOIN boot3_task_execution AS boot3
                     ON launch.schema_target = 'boot3' AND boot3.task_execution_id = launch.task_execution_id
                   WHERE launch.parent_execution_id = run.task_execution_id
                     AND launch.parent_schema_target = run.schema_target
                     AND launch.state IN ('queued', 'accepted', 'launched')
                     AND COALESCE(boot2.task_execution_id, boot3.task_execution_id) IS NOT NULL
                     AND COALESCE(boot2.end_time, boot3.end_time) IS NULL) AS running
     WHERE run.state = 'running'
       AND (run.wake_at <= now() OR run.stop_requested_at IS NOT NULL OR job.status = 'STOPPING'
            OR waiting.n = 0 OR waiting.n > running.n)`,
  );
  return rows.map(({ schema_target: schemaTarget, id }) => ({ schemaTarget, id }));
}

/**
 * Notes that a run is to stop.
 * @returns false when it has ended, or is no run of a composed task
 */
export async function requestStop(sql: PreparingSqlRunner, key: ExecutionKey): Promise<boolean> {
  const rows = await sql.queryPrepared(
    `WITH asked AS (
       UPDATE millrace_composed_run SET stop_requested_at = COALESCE(stop_requested_at, now())
       WHERE schema_target = $1 AND task_execution_id = $2 AND state = 'running' RETURNING job_execution_id
     ), job AS (
       UPDATE batch_job_execution SET status = 'STOPPING', last_updated = now() AT TIME ZONE 'UTC', version = version + 1
       FROM asked WHERE batch_job_execution.job_execution_id = asked.job_execution_id AND status = 'STARTED'
     )
     SELECT job_execution_id FROM asked`,
    [key.schemaTarget, key.id],
  );
  return rows.length > 0;
}

/** Those of these executions that are runs of composed tasks, ended ones too, by their {@link executionName}. */
export async function findRunKeys(
  sql: PreparingSqlRunner,
  keys: readonly ExecutionKey[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await sql.queryPrepared<{ target: SchemaTargetName; id: number }>(
    `SELECT schema_target AS target, task_execution_id AS id FROM millrace_composed_run
     WHERE (schema_target, task_execution_id) IN (SELECT * FROM unnest($1::text[], $2::bigint[]))`,
    [keys.map(({ schemaTarget }) => schemaTarget), keys.map(({ id }) => id)],
  );
  return new Set(rows.map(({ target, id }) => executionName({ schemaTarget: target, id })));
}

/** How many runs have not ended. */
export async function countRunning(sql: PreparingSqlRunner): Promise<number> {
  const [row] = await sql.queryPrepared<{ n: number }>(
    `SELECT count(*) AS n FROM millrace_composed_run WHERE state = 'running'`,
  );
  return row?.n ?? 0;
}
