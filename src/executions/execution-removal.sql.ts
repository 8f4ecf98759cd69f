import type { SqlRunner } from '../database/database.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { TABLE_PREFIXES } from '../schema/schema-target.js';

/** Which executions are to be removed. */
export interface RemovalFilter {
  readonly taskName: string | undefined;
  readonly completedOnly: boolean;
  /** Only those that ended before; implies completed. */
  readonly endedBefore: Date | undefined;
  /** Only those with an id that is not greater. */
  readonly upTo: number;
}

/** How many rows of each kind were removed, in SCDF's words for the audit record. */
export interface RemovedRows {
  readonly executionIds: readonly number[];
  readonly jobExecutionIds: readonly number[];
  readonly stepContexts: number;
  readonly steps: number;
  readonly jobContexts: number;
  readonly jobParameters: number;
  readonly jobExecutions: number;
  readonly jobInstances: number;
}

/** Where a walk over executions stands: behind this one. */
export interface RemovalCursor {
  readonly endedAt: string;
  readonly id: number;
}

/** Before every execution. */
export const BEGINNING: RemovalCursor = { endedAt: '-infinity', id: 0 };

/**
 * The executions that fit among the next `window` ones of an index. A statement reads no more than that, however few of them fit:
 * those of an age in the order of their ends, others in that of their ids.
 * @returns `next`: undefined when there are no further ones
 */
export async function findRemovable(
  sql: SqlRunner,
  target: SchemaTargetName,
  filter: RemovalFilter,
  after: RemovalCursor,
  window: number,
): Promise<{ readonly ids: readonly number[]; readonly next: RemovalCursor | undefined }> {
  const byEnd = filter.endedBefore !== undefined && filter.taskName === undefined;
  const rows = await sql.query<{ id: number; ended_at: string; fits: boolean }>(
    byEnd
      ? `SELECT task_execution_id AS id, end_time::text AS ended_at, task_execution_id <= $5 AS fits FROM ${TABLE_PREFIXES[target].task}execution
         WHERE end_time < $1 AND (end_time, task_execution_id) > ($2::timestamp, $3::bigint)
         ORDER BY end_time, task_execution_id LIMIT $4`
      : `SELECT task_execution_id AS id, '-infinity' AS ended_at,
           ($1::timestamp IS NULL OR coalesce(end_time < $1, false)) AND ($2::boolean IS NOT TRUE OR end_time IS NOT NULL) AS fits
         FROM ${TABLE_PREFIXES[target].task}execution
         WHERE task_execution_id > $3 AND task_execution_id <= $5 ${filter.taskName === undefined ? '' : 'AND task_name = $6'}
         ORDER BY task_execution_id LIMIT $4`,
    byEnd
      ? [filter.endedBefore, after.endedAt, after.id, window, filter.upTo]
      : [
          filter.endedBefore ?? null,
          filter.completedOnly,
          after.id,
          window,
          filter.upTo,
          ...(filter.taskName === undefined ? [] : [filter.taskName]),
        ],
  );
  const last = rows.length === window ? rows.at(-1) : undefined;
  return {
    ids: rows.filter(({ fits }) => fits).map(({ id }) => id),
    next: last && { endedAt: last.ended_at, id: last.id },
  };
}

/** The greatest id of an execution in each generation; 0 where there is none. */
export async function findLastIds(sql: SqlRunner): Promise<Readonly<Record<SchemaTargetName, number>>> {
  const [row] = await sql.query<{ boot2: number; boot3: number }>(
    `SELECT (SELECT coalesce(max(task_execution_id), 0) FROM task_execution) AS boot2,
       (SELECT coalesce(max(task_execution_id), 0) FROM boot3_task_execution) AS boot3`,
  );
  return { boot2: row?.boot2 ?? 0, boot3: row?.boot3 ?? 0 };
}

/**
 * Those of the executions that are not over: they run, or their launch or composed run is still under way. One that ended
 * without an exit code counts as running, as it does in lists.
 */
export async function findUnfinished(
  sql: SqlRunner,
  target: SchemaTargetName,
  ids: readonly number[],
): Promise<readonly number[]> {
  const rows = await sql.query<{ id: number }>(
    `SELECT task_execution_id AS id FROM ${TABLE_PREFIXES[target].task}execution
     WHERE task_execution_id = ANY($2::bigint[]) AND (end_time IS NULL OR exit_code IS NULL)
     UNION SELECT task_execution_id FROM millrace_launch
     WHERE schema_target = $1 AND task_execution_id = ANY($2::bigint[]) AND state IN ('queued', 'accepted', 'launched')
     UNION SELECT task_execution_id FROM millrace_composed_run
     WHERE schema_target = $1 AND task_execution_id = ANY($2::bigint[]) AND state = 'running'`,
    [target, ids],
  );
  return rows.map(({ id }) => id);
}

/** An execution whose row is locked. */
export interface LockedExecution extends ExecutionKey {
  readonly taskName: string | null;
}

/**
 * Locks the rows of executions until the end of the transaction, so that of two removals of the same ones only the first counts
 * them. In the order of their ids, and launches before executions, as everyone does who locks both: nobody waits for another
 * in a circle.
 * @returns those that are there
 */
export async function lockExecutions(
  sql: SqlRunner,
  target: SchemaTargetName,
  ids: readonly number[],
): Promise<readonly LockedExecution[]> {
  await sql.query(
    `SELECT 1 FROM millrace_launch WHERE schema_target = $1 AND task_execution_id = ANY($2::bigint[])
     ORDER BY task_execution_id FOR UPDATE`,
    [target, ids],
  );
  const rows = await sql.query<{ id: number; task_name: string | null }>(
    `SELECT task_execution_id AS id, task_name FROM ${TABLE_PREFIXES[target].task}execution
     WHERE task_execution_id = ANY($1::bigint[]) ORDER BY task_execution_id FOR UPDATE`,
    [ids],
  );
  return rows.map(({ id, task_name: taskName }) => ({ schemaTarget: target, id, taskName }));
}

/** What {@link lockExecutions} and {@link removeExecutions} would find: the tasks of executions, and how many jobs they have. */
export async function countExecutions(
  sql: SqlRunner,
  target: SchemaTargetName,
  ids: readonly number[],
): Promise<{ readonly taskNames: readonly (string | null)[]; readonly jobExecutions: number }> {
  const { task, batch } = TABLE_PREFIXES[target];
  const rows = await sql.query<{ task_name: string | null }>(
    `SELECT task_name FROM ${task}execution WHERE task_execution_id = ANY($1::bigint[])`,
    [ids],
  );
  const [jobs] = await sql.query<{ n: number }>(
    `SELECT count(DISTINCT job_execution_id) AS n FROM ${task}task_batch JOIN ${batch}job_execution USING (job_execution_id)
     WHERE task_execution_id = ANY($1::bigint[])`,
    [ids],
  );
  return { taskNames: rows.map((row) => row.task_name), jobExecutions: jobs?.n ?? 0 };
}

/**
 * Removes executions with everything that hangs on them: steps, jobs, instances without executions, parameters, manifests,
 * the launch itself and the run of a composed task. One statement after the other, in the order of the foreign keys; run it
 * in a transaction.
 */
export async function removeExecutions(
  sql: SqlRunner,
  target: SchemaTargetName,
  ids: readonly number[],
): Promise<RemovedRows> {
  const { task, batch } = TABLE_PREFIXES[target];
  const jobs = await sql.query<{ id: number; instance: number }>(
    `SELECT DISTINCT job_execution_id AS id, job.job_instance_id AS instance
     FROM ${task}task_batch JOIN ${batch}job_execution AS job USING (job_execution_id) WHERE task_execution_id = ANY($1::bigint[])`,
    [ids],
  );
  const jobIds = jobs.map((job) => job.id);
  const steps = `SELECT step_execution_id FROM ${batch}step_execution WHERE job_execution_id = ANY($1::bigint[])`;
  const remove = async (statement: string, parameter: readonly number[]): Promise<number> => {
    const [row] = await sql.query<{ n: number }>(
      `WITH removed AS (DELETE FROM ${statement} RETURNING 1) SELECT count(*) AS n FROM removed`,
      [parameter],
    );
    return row?.n ?? 0;
  };
  const removed =
    jobIds.length === 0
      ? NOTHING
      : {
          stepContexts: await remove(`${batch}step_execution_context WHERE step_execution_id IN (${steps})`, jobIds),
          steps: await remove(`${batch}step_execution WHERE job_execution_id = ANY($1::bigint[])`, jobIds),
          jobContexts: await remove(`${batch}job_execution_context WHERE job_execution_id = ANY($1::bigint[])`, jobIds),
          jobParameters: await remove(
            `${batch}job_execution_params WHERE job_execution_id = ANY($1::bigint[])`,
            jobIds,
          ),
          jobExecutions: await remove(`${batch}job_execution WHERE job_execution_id = ANY($1::bigint[])`, jobIds),
          jobInstances: await remove(
            `${batch}job_instance AS instance WHERE job_instance_id = ANY($1::bigint[])
             AND NOT EXISTS (SELECT 1 FROM ${batch}job_execution AS job WHERE job.job_instance_id = instance.job_instance_id)`,
            [...new Set(jobs.map((job) => job.instance))],
          ),
        };
  await remove(`${task}execution_params WHERE task_execution_id = ANY($1::bigint[])`, ids);
  await remove(`${task}task_batch WHERE task_execution_id = ANY($1::bigint[])`, ids);
  await remove(`${task}execution_metadata WHERE task_execution_id = ANY($1::bigint[])`, ids);
  await remove(`millrace_launch WHERE schema_target = '${target}' AND task_execution_id = ANY($1::bigint[])`, ids);
  await remove(
    `millrace_composed_run WHERE schema_target = '${target}' AND task_execution_id = ANY($1::bigint[])`,
    ids,
  );
  await remove(`${task}execution WHERE task_execution_id = ANY($1::bigint[])`, ids);
  return { executionIds: ids, jobExecutionIds: jobIds, ...removed };
}

/** What was removed of both generations together. */
export function sumOf(parts: readonly RemovedRows[]): RemovedRows {
  const total = (count: (rows: RemovedRows) => number): number => parts.reduce((sum, rows) => sum + count(rows), 0);
  return {
    executionIds: parts.flatMap(({ executionIds }) => executionIds),
    jobExecutionIds: parts.flatMap(({ jobExecutionIds }) => jobExecutionIds),
    stepContexts: total(({ stepContexts }) => stepContexts),
    steps: total(({ steps }) => steps),
    jobContexts: total(({ jobContexts }) => jobContexts),
    jobParameters: total(({ jobParameters }) => jobParameters),
    jobExecutions: total(({ jobExecutions }) => jobExecutions),
    jobInstances: total(({ jobInstances }) => jobInstances),
  };
}

const NOTHING = { stepContexts: 0, steps: 0, jobContexts: 0, jobParameters: 0, jobExecutions: 0, jobInstances: 0 };
