import type { PreparingSqlRunner } from '../database/database.js';
import { type ExecutionKey, executionName } from '../launching/launch-record.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import type { StepView } from './composed-round.js';
import type { StepOutcome } from './engine/exit-status.js';
import { readStepContext, type StepContext, storedContext } from './step-context.js';
import { stepRecordOf, type StepRow } from './step-record.js';
import type { ChildView } from './step-verdict.js';

/** A composed task runs in Spring Batch's tables of Boot 2, as SCDF's runner does; its children may be of either generation. */

interface StepWithContextRow extends StepRow {
  readonly context: string | null;
}

/**
 * The step executions of a job instance, in the order of their ids, each with its child as it stands now.
 * @param drivenExecutionId a job execution whose completed steps are read without context and child: to drive it, nothing
 *   more is needed of them, and what a round reads grows with their number
 */
export async function findSteps(
  sql: PreparingSqlRunner,
  jobInstanceId: number,
  drivenExecutionId: number | null = null,
): Promise<readonly StepView[]> {
  const rows = await sql.queryPrepared<StepWithContextRow>(
    `SELECT step.step_execution_id AS id, step.job_execution_id, step.step_name AS name, step.status, step.exit_code,
            COALESCE(context.serialized_context, context.short_context) AS context
     FROM batch_step_execution AS step
     LEFT JOIN batch_step_execution_context AS context
       ON context.step_execution_id = step.step_execution_id
         AND (step.status <> 'COMPLETED' OR step.job_execution_id IS DISTINCT FROM $2)
     WHERE step.job_execution_id IN (SELECT job_execution_id FROM batch_job_execution WHERE job_instance_id = $1)
     ORDER BY step.step_execution_id`,
    [jobInstanceId, drivenExecutionId],
  );
  const contexts = rows.map(({ context }) => (context === null ? null : readStepContext(context)));
  const children = await findChildren(
    sql,
    contexts.flatMap((context) => context?.child ?? []),
  );
  return rows.map((row, index) => {
    const context = contexts[index] ?? null;
    const child = (context?.child && children.get(executionName(context.child))) ?? null;
    return { ...stepRecordOf(row, context), context, child };
  });
}

interface ChildRow {
  readonly schema_target: SchemaTargetName;
  readonly id: number;
  readonly exists: boolean;
  readonly start_time: Date | null;
  readonly end_time: Date | null;
  readonly exit_code: number | null;
  readonly exit_message: string | null;
  readonly error_message: string | null;
  readonly accepted_at: Date | null;
  readonly is_over: boolean;
}

async function findChildren(
  sql: PreparingSqlRunner,
  keys: readonly ExecutionKey[],
): Promise<ReadonlyMap<string, ChildView>> {
  if (keys.length === 0) return new Map();
  const rows = await sql.queryPrepared<ChildRow>(
    `SELECT child.schema_target, child.id, execution.task_execution_id IS NOT NULL AS exists, execution.start_time,
            execution.end_time, execution.exit_code, execution.exit_message, execution.error_message, launch.accepted_at,
            COALESCE(launch.state IN ('ended', 'refused'), false) AS is_over
     FROM unnest($1::text[], $2::bigint[]) AS child(schema_target, id)
     LEFT JOIN LATERAL (
       SELECT task_execution_id, start_time, end_time, exit_code, exit_message, error_message FROM task_execution
       WHERE child.schema_target = 'boot2' AND task_execution_id = child.id
       UNION ALL
       SELECT task_execution_id, start_time, end_time, exit_code, exit_message, error_message FROM boot3_task_execution
       WHERE child.schema_target = 'boot3' AND task_execution_id = child.id
     ) AS execution ON true
     LEFT JOIN millrace_launch AS launch
       ON launch.schema_target = child.schema_target AND launch.task_execution_id = child.id`,
    [keys.map(({ schemaTarget }) => schemaTarget), keys.map(({ id }) => id)],
  );
  return new Map(rows.map((row) => [executionName({ schemaTarget: row.schema_target, id: row.id }), viewOf(row)]));
}

function viewOf(row: ChildRow): ChildView {
  const over = row.end_time !== null || row.is_over || !row.exists;
  return {
    acceptedAt: row.accepted_at,
    startTime: row.start_time,
    ended: over
      ? { at: row.end_time, exitCode: row.exit_code, exitMessage: row.exit_message, errorMessage: row.error_message }
      : null,
  };
}

/** What is written of a step that ends. */
export interface StepToEnd {
  readonly id: number;
  readonly outcome: StepOutcome;
  /** Written anew when a failed child's exit code is to be kept; null to leave the context as it is. */
  readonly context: StepContext | null;
}

/** Ends step executions. */
export async function endSteps(sql: PreparingSqlRunner, steps: readonly StepToEnd[]): Promise<void> {
  if (steps.length === 0) return;
  await sql.queryPrepared(
    `UPDATE batch_step_execution AS step
     SET status = over.status, exit_code = over.exit_code, exit_message = over.exit_message, commit_count = 1,
         end_time = now() AT TIME ZONE 'UTC', last_updated = now() AT TIME ZONE 'UTC', version = version + 1
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS over(id, status, exit_code, exit_message)
     WHERE step.step_execution_id = over.id`,
    [
      steps.map(({ id }) => id),
      steps.map(({ outcome }) => outcome.status),
      steps.map(({ outcome }) => outcome.exitStatus),
      steps.map(({ outcome }) => outcome.exitDescription),
    ],
  );
  await updateContexts(
    sql,
    steps.flatMap(({ id, context }) => (context === null ? [] : [{ id, context }])),
  );
}

/** Marks failed steps whose failure the flow has handled, so that a restart does not repeat them. */
export async function abandonSteps(sql: PreparingSqlRunner, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql.queryPrepared(
    `UPDATE batch_step_execution SET status = 'ABANDONED', last_updated = now() AT TIME ZONE 'UTC', version = version + 1
     WHERE step_execution_id = ANY($1::bigint[])`,
    [ids],
  );
}

/** Writes the contexts of steps whose children were launched again. */
export async function updateContexts(
  sql: PreparingSqlRunner,
  steps: readonly { readonly id: number; readonly context: StepContext }[],
): Promise<void> {
  if (steps.length === 0) return;
  const contexts = steps.map(({ context }) => storedContext(context));
  await sql.queryPrepared(
    `UPDATE batch_step_execution_context AS context
     SET short_context = fresh.short, serialized_context = fresh.serialized
     FROM unnest($1::bigint[], $2::text[], $3::text[]) AS fresh(id, short, serialized)
     WHERE context.step_execution_id = fresh.id`,
    [steps.map(({ id }) => id), contexts.map(({ short }) => short), contexts.map(({ serialized }) => serialized)],
  );
}

/** A step execution to write. */
export interface StepToInsert {
  readonly name: string;
  readonly context: StepContext;
  /** How it ended at once, since its child could not be launched; null if it runs. */
  readonly outcome: StepOutcome | null;
  /** Whether the flow has gone on from its failure already. */
  readonly handled: boolean;
}

/** Begins step executions, in the order given. */
export async function insertSteps(
  sql: PreparingSqlRunner,
  jobExecutionId: number,
  steps: readonly StepToInsert[],
): Promise<void> {
  if (steps.length === 0) return;
  const taken = await sql.queryPrepared<{ id: number }>(
    `SELECT nextval('batch_step_execution_seq') AS id FROM generate_series(1, $1::int)`,
    [steps.length],
  );
  const ids = taken.map(({ id }) => id).sort((one, other) => one - other);
  const contexts = steps.map(({ context }) => storedContext(context));
  await sql.queryPrepared(
    `WITH step AS (
       SELECT * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
         AS one(id, name, status, exit_code, exit_message, short, serialized)
     ), inserted AS (
       INSERT INTO batch_step_execution (step_execution_id, version, step_name, job_execution_id, start_time, end_time,
         status, commit_count, read_count, filter_count, write_count, read_skip_count, write_skip_count,
         process_skip_count, rollback_count, exit_code, exit_message, last_updated)
       SELECT id, 1, name, $1, now() AT TIME ZONE 'UTC',
              CASE WHEN status <> 'STARTED' THEN now() AT TIME ZONE 'UTC' END,
              status, 0, 0, 0, 0, 0, 0, 0, 0, exit_code, exit_message, now() AT TIME ZONE 'UTC' FROM step
     )
     INSERT INTO batch_step_execution_context (step_execution_id, short_context, serialized_context)
     SELECT id, short, serialized FROM step`,
    [
      jobExecutionId,
      ids,
      steps.map(({ name }) => name),
      steps.map(({ outcome, handled }) => (handled ? 'ABANDONED' : (outcome?.status ?? 'STARTED'))),
      steps.map(({ outcome }) => outcome?.exitStatus ?? 'EXECUTING'),
      steps.map(({ outcome }) => outcome?.exitDescription ?? ''),
      contexts.map(({ short }) => short),
      contexts.map(({ serialized }) => serialized),
    ],
  );
}
