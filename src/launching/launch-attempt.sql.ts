import type { PreparingSqlRunner, SqlRunner } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import type { AccountDomain, ExecutionKey, LaunchRecord } from './launch-record.js';
import { columnsOf, LAUNCH_COLUMNS, type LaunchRow, recordOf, TABLES, WITHOUT_FLUSH } from './launch-row.sql.js';

/**
 * Takes over launches whose attempt is due, of places that the caller can reach; whoever takes one has `lease`
 * milliseconds before another may.
 */
export async function takeDueLaunches(
  sql: SqlRunner,
  places: readonly AccountDomain[],
  limit: number,
  lease: number,
): Promise<readonly LaunchRecord[]> {
  const rows = await sql.query<LaunchRow>(
    `UPDATE millrace_launch AS launch SET next_attempt_at = now() + $2 * interval '1 millisecond'
     FROM (SELECT schema_target, task_execution_id FROM millrace_launch
           WHERE state = 'accepted' AND next_attempt_at <= now()
             AND (platform_account, domain) IN (SELECT * FROM unnest($3::text[], $4::text[]))
           ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due
     WHERE launch.schema_target = due.schema_target AND launch.task_execution_id = due.task_execution_id
     RETURNING ${LAUNCH_COLUMNS}`,
    [limit, lease, ...columnsOf(places)],
  );
  return rows.map(recordOf);
}

/** A launch that has reached its platform. */
export interface LaunchMark {
  readonly executionId: number;
  /** When the program was started, if that is known already. */
  readonly startedAt: Date | undefined;
}

/**
 * Writes that the platform has them: external id, start of the deployment record, and the program's start if it is known
 * already. Idempotent, so that an attempt that was cut off may be made again; so will one whose mark is lost with PostgreSQL.
 * @returns for each whether it was written now; false when somebody else had written it already
 */
export async function markAllLaunched(
  sql: PreparingSqlRunner,
  target: SchemaTargetName,
  marks: readonly LaunchMark[],
): Promise<readonly boolean[]> {
  // In one order, see recordStarts.
  const ordered = [...marks].sort((one, other) => one.executionId - other.executionId);
  const rows = await sql.queryPrepared<{ task_execution_id: number }>(
    `WITH launched AS (
       UPDATE millrace_launch AS launch SET state = 'launched', launched_at = now(), attempts = attempts + 1
       FROM unnest($2::bigint[], $3::timestamp[]) AS mark(id, started_at)
       WHERE schema_target = $1 AND task_execution_id = mark.id AND state = 'accepted'
       RETURNING task_execution_id, external_execution_id, task_name, platform_account, mark.started_at
     ), deployment AS (
       INSERT INTO task_deployment (id, object_version, task_deployment_id, task_definition_name, platform_name, created_on)
       SELECT nextval('hibernate_sequence'), 0, external_execution_id, task_name, platform_account, now() AT TIME ZONE 'UTC'
       FROM launched
     )
     UPDATE ${TABLES[target].execution} AS execution
     SET external_execution_id = launched.external_execution_id, last_updated = now() AT TIME ZONE 'UTC',
         -- What was written while it waited; an application gives its own message together with its end.
         error_message = CASE WHEN execution.end_time IS NOT NULL THEN execution.error_message END,
         start_time = COALESCE(execution.start_time, launched.started_at)
     FROM launched, ${WITHOUT_FLUSH} WHERE execution.task_execution_id = launched.task_execution_id
     RETURNING execution.task_execution_id`,
    [target, ordered.map(({ executionId }) => executionId), ordered.map(({ startedAt }) => startedAt ?? null)],
  );
  const written = new Set(rows.map((row) => row.task_execution_id));
  return marks.map(({ executionId }) => written.has(executionId));
}

/** The same for one. */
export async function markLaunched(
  sql: PreparingSqlRunner,
  { schemaTarget, executionId }: Pick<LaunchRecord, 'schemaTarget' | 'executionId'>,
): Promise<boolean> {
  const [written = false] = await markAllLaunched(sql, schemaTarget, [{ executionId, startedAt: undefined }]);
  return written;
}

/**
 * Puts an attempt off and lets the execution say why: it has no error of its own yet.
 * @param reason why the attempt failed
 * @param patience ms for which attempts may go on failing
 * @returns whether that time is up, and how many attempts there were; undefined for a launch that does not wait (any more)
 */
export async function postponeAttempt(
  sql: SqlRunner,
  key: ExecutionKey,
  delay: number,
  reason: string,
  patience: number,
): Promise<{ readonly exhausted: boolean; readonly attempts: number } | undefined> {
  const [row] = await sql.query<{ exhausted: boolean; attempts: number }>(
    `WITH postponed AS (
       UPDATE millrace_launch
       SET attempts = attempts + 1, next_attempt_at = now() + $3 * interval '1 millisecond', reason = $4,
           failing_since = COALESCE(failing_since, now())
       WHERE schema_target = $1 AND task_execution_id = $2 AND state = 'accepted'
       RETURNING task_execution_id, attempts, failing_since + $5 * interval '1 millisecond' <= now() AS exhausted
     ), shown AS (
       UPDATE ${TABLES[key.schemaTarget].execution} AS execution SET error_message = left($6, 2500)
       FROM postponed WHERE execution.task_execution_id = postponed.task_execution_id AND execution.start_time IS NULL
     )
     SELECT attempts, exhausted FROM postponed`,
    [key.schemaTarget, key.id, delay, reason, patience, `Not launched yet; it is tried again. ${reason}`],
  );
  return row;
}
