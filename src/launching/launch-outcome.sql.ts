import type { PreparingSqlRunner } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import type { EndedExecution } from './execution-ends.js';
import type { ExecutionKey } from './launch-record.js';
import { TABLES, WITHOUT_FLUSH } from './launch-row.sql.js';

/** What the platform saw of an execution's start. */
export interface PlatformStart {
  readonly id: number;
  readonly startedAt: Date;
}

/** Writes starts of a generation's executions. The application's own word, given later, replaces them. */
export async function recordStarts(
  sql: PreparingSqlRunner,
  target: SchemaTargetName,
  starts: readonly PlatformStart[],
): Promise<void> {
  // In one order, as everybody who writes several rows: two of them then wait for each other in turn, not at once.
  const ordered = [...starts].sort((one, other) => one.id - other.id);
  await sql.queryPrepared(
    `UPDATE ${TABLES[target].execution} AS execution
     SET start_time = start.started_at, last_updated = now() AT TIME ZONE 'UTC'
     FROM unnest($1::bigint[], $2::timestamp[]) AS start(id, started_at), ${WITHOUT_FLUSH}
     WHERE execution.task_execution_id = start.id AND execution.start_time IS NULL AND execution.end_time IS NULL`,
    [ordered.map(({ id }) => id), ordered.map(({ startedAt }) => startedAt)],
  );
}

/** The end of an execution as the platform saw it. */
export interface PlatformEnd {
  readonly state: 'ended' | 'refused';
  readonly startedAt: Date | undefined;
  readonly endedAt: Date;
  readonly exitCode: number;
  /** Null when all went well. */
  readonly reason: string | null;
}

/**
 * Writes the end of an execution: the launch is over, and the row is completed where the application did not complete it.
 * Arguments are written down for programs that do not write them themselves.
 * @returns undefined when the launch was over already
 */
export async function recordEnd(
  sql: PreparingSqlRunner,
  key: ExecutionKey,
  end: PlatformEnd,
): Promise<EndedExecution | undefined> {
  const tables = TABLES[key.schemaTarget];
  const [over] = await sql.queryPrepared<{ target: SchemaTargetName | null; id: number | null }>(
    `WITH over AS (
       UPDATE millrace_launch SET state = $3, ended_at = $5, reason = $7
       WHERE schema_target = $1 AND task_execution_id = $2 AND state IN ('queued', 'accepted', 'launched')
       RETURNING task_execution_id, request, parent_schema_target, parent_execution_id
     ), completed AS (
       UPDATE ${tables.execution} AS execution
       SET start_time = COALESCE(execution.start_time, $4::timestamp, $5::timestamp), end_time = $5, exit_code = $6,
           error_message = COALESCE(CASE WHEN execution.start_time IS NOT NULL THEN execution.error_message END, left($7, 2500)),
           last_updated = now() AT TIME ZONE 'UTC'
       FROM over WHERE execution.task_execution_id = over.task_execution_id AND execution.end_time IS NULL
       RETURNING execution.task_execution_id
     ), arguments AS (
       INSERT INTO ${tables.params} (task_execution_id, task_param)
       SELECT over.task_execution_id, left(argument.value, 2500)
       FROM over JOIN completed USING (task_execution_id),
            jsonb_array_elements_text(over.request->'arguments') WITH ORDINALITY AS argument(value, position)
       WHERE NOT EXISTS (SELECT 1 FROM ${tables.params} WHERE task_execution_id = $2)
       ORDER BY argument.position
     )
     SELECT parent_schema_target AS target, parent_execution_id AS id FROM over`,
    [key.schemaTarget, key.id, end.state, end.startedAt ?? null, end.endedAt, end.exitCode, end.reason],
  );
  if (over === undefined) return undefined;
  const { target, id } = over;
  return { key, parent: target === null || id === null ? null : { schemaTarget: target, id } };
}
