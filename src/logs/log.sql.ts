import type { SqlRunner } from '../database/database.js';
import type { AccountDomain } from '../launching/launch-record.js';
import type { SchemaTargetName } from '../platforms/platform.js';

const EXECUTIONS = { boot2: 'task_execution', boot3: 'boot3_task_execution' } as const;

/** Whose log it is, and which platform account has it. */
export interface LoggedExecution {
  readonly schemaTarget: SchemaTargetName;
  readonly executionId: number;
  readonly externalExecutionId: string;
  readonly platformAccount: string;
}

/** A log to be stored: either its bytes or the name of the object that holds them. */
export interface LogToStore {
  /** gzip */
  readonly content: Buffer | null;
  readonly objectKey: string | null;
  readonly originalLength: number;
  readonly truncated: boolean;
}

/** A stored log. */
export interface StoredLog {
  readonly content: Buffer | null;
  readonly objectKey: string | null;
  readonly truncated: boolean;
  readonly archivedAt: Date;
}

/** An ended launch whose log was neither kept nor found missing. */
export interface UnsettledLaunch extends LoggedExecution {
  readonly endedAt: Date;
}

/** Where a walk over the unsettled launches stands. */
export interface Cursor {
  readonly endedAt: string;
  readonly schemaTarget: string;
  readonly executionId: number;
}

/** Before every launch. */
export const BEGINNING: Cursor = { endedAt: '-infinity', schemaTarget: '', executionId: 0 };

/**
 * Stores a log and notes in the launch that this is done. A log that is there stays as it is.
 * @returns false when the execution is gone: then nothing is stored. The lock on its row makes a removal that is under way
 *   either come first, or find the log
 */
export async function storeLog(sql: SqlRunner, execution: LoggedExecution, log: LogToStore): Promise<boolean> {
  const { schemaTarget, executionId, externalExecutionId } = execution;
  const rows = await sql.query<{ task_execution_id: number }>(
    // The launch before its execution, as everywhere: who locks them in another order waits for a removal that waits for it.
    `WITH settled AS (
       UPDATE millrace_launch SET log_settled_at = now() WHERE schema_target = $1 AND task_execution_id = $2 RETURNING 1
     ), execution AS (
       SELECT task_execution_id FROM ${EXECUTIONS[schemaTarget]}
       WHERE (SELECT count(*) FROM settled) >= 0 AND task_execution_id = $2 FOR KEY SHARE
     ), kept AS (
       INSERT INTO millrace_log (schema_target, task_execution_id, external_execution_id, content, object_key,
                                 original_length, truncated)
       SELECT $1, task_execution_id, $3, $4, $5, $6, $7 FROM execution
       ON CONFLICT (schema_target, task_execution_id) DO NOTHING
     )
     SELECT task_execution_id FROM execution`,
    [schemaTarget, executionId, externalExecutionId, log.content, log.objectKey, log.originalLength, log.truncated],
  );
  return rows.length > 0;
}

/** Notes that there is no log to be kept. */
export async function settleWithoutLog(sql: SqlRunner, execution: LoggedExecution): Promise<void> {
  await sql.query(
    'UPDATE millrace_launch SET log_settled_at = now() WHERE schema_target = $1 AND task_execution_id = $2',
    [execution.schemaTarget, execution.executionId],
  );
}

/** Whether a log is stored. */
export async function isStored(sql: SqlRunner, target: SchemaTargetName, executionId: number): Promise<boolean> {
  const rows = await sql.query(
    'SELECT 1 FROM millrace_log WHERE schema_target = $1 AND task_execution_id = $2 AND removed_at IS NULL',
    [target, executionId],
  );
  return rows.length > 0;
}

/** The stored log of an execution, by its external id. */
export async function findLog(sql: SqlRunner, externalExecutionId: string): Promise<StoredLog | undefined> {
  const [row] = await sql.query<{
    content: Buffer | null;
    object_key: string | null;
    truncated: boolean;
    archived_at: Date;
  }>(
    `SELECT content, object_key, truncated, archived_at FROM millrace_log
     WHERE external_execution_id = $1 AND removed_at IS NULL ORDER BY archived_at DESC LIMIT 1`,
    [externalExecutionId],
  );
  if (row === undefined) return undefined;
  const { content, object_key: objectKey, truncated, archived_at: archivedAt } = row;
  return { content, objectKey, truncated, archivedAt };
}

/**
 * The next ended launches of a place behind the cursor that are unsettled; those that ended a moment ago are left to who saw
 * the end.
 */
export async function findUnsettled(
  sql: SqlRunner,
  place: AccountDomain,
  after: Cursor,
  limit: number,
  moment: number,
): Promise<{ readonly launches: readonly UnsettledLaunch[]; readonly next: Cursor | undefined }> {
  const rows = await sql.query<{
    schema_target: SchemaTargetName;
    task_execution_id: number;
    external_execution_id: string;
    platform_account: string;
    ended_at: Date;
    cursor: string;
  }>(
    `SELECT schema_target, task_execution_id, external_execution_id, platform_account, ended_at, ended_at::text AS cursor
     FROM millrace_launch
     WHERE state = 'ended' AND log_settled_at IS NULL AND external_execution_id IS NOT NULL
       AND platform_account = $6 AND (domain = $7 OR domain IS NULL)
       AND ended_at < now() - $5 * interval '1 millisecond'
       AND (ended_at, schema_target, task_execution_id) > ($1::timestamptz, $2::text, $3::bigint)
     ORDER BY ended_at, schema_target, task_execution_id LIMIT $4`,
    [after.endedAt, after.schemaTarget, after.executionId, limit, moment, place.account, place.domain],
  );
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    launches: rows.map((row) => ({
      schemaTarget: row.schema_target,
      executionId: row.task_execution_id,
      externalExecutionId: row.external_execution_id,
      platformAccount: row.platform_account,
      endedAt: row.ended_at,
    })),
    next: last && { endedAt: last.cursor, schemaTarget: last.schema_target, executionId: last.task_execution_id },
  };
}

/** Removes logs; of those in an object store the names stay, marked, until the objects are removed. */
export async function removeLogs(sql: SqlRunner, target: SchemaTargetName, ids: readonly number[]): Promise<void> {
  const which = 'schema_target = $1 AND task_execution_id = ANY($2::bigint[])';
  await sql.query(`DELETE FROM millrace_log WHERE ${which} AND object_key IS NULL`, [target, ids]);
  await sql.query(`UPDATE millrace_log SET removed_at = now() WHERE ${which} AND removed_at IS NULL`, [target, ids]);
}

/** Names of objects whose executions are removed, longest ago first. */
export async function findRemovedObjects(sql: SqlRunner, limit: number): Promise<readonly string[]> {
  const rows = await sql.query<{ object_key: string }>(
    'SELECT object_key FROM millrace_log WHERE removed_at IS NOT NULL ORDER BY removed_at LIMIT $1',
    [limit],
  );
  return rows.map((row) => row.object_key);
}

/** Forgets a removed object. */
export async function forgetObject(sql: SqlRunner, objectKey: string): Promise<void> {
  await sql.query('DELETE FROM millrace_log WHERE removed_at IS NOT NULL AND object_key = $1', [objectKey]);
}
