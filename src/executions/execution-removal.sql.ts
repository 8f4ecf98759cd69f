import type { SqlRunner } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';

const PREFIXES = {
  boot2: { task: 'task_', batch: 'batch_' },
  boot3: { task: 'boot3_task_', batch: 'boot3_batch_' },
} as const;

/** Which executions are to be removed. */
export interface RemovalFilter {
  readonly taskName: string | undefined;
  readonly completedOnly: boolean;
  /** Only those that ended before; implies completed. */
  readonly endedBefore: Date | undefined;
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

/** The next executions that fit, beyond an id; ascending. */
export async function findRemovable(
  sql: SqlRunner,
  target: SchemaTargetName,
  filter: RemovalFilter,
  beyond: number,
  limit: number,
): Promise<readonly number[]> {
  const rows = await sql.query<{ id: number }>(
    `SELECT task_execution_id AS id FROM ${PREFIXES[target].task}execution
     WHERE task_execution_id > $1 AND ($2::text IS NULL OR task_name = $2)
       AND ($3::boolean IS NOT TRUE OR end_time IS NOT NULL) AND ($4::timestamp IS NULL OR end_time < $4)
     ORDER BY task_execution_id LIMIT $5`,
    [beyond, filter.taskName ?? null, filter.completedOnly, filter.endedBefore ?? null, limit],
  );
  return rows.map((row) => row.id);
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
  const { task, batch } = PREFIXES[target];
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
