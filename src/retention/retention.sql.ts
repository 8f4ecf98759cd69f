import type { SqlRunner } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { SCHEMA_TARGET_NAMES, TABLE_PREFIXES } from '../schema/schema-target.js';

/** Latest executions among which the last one with a manifest is looked for. */
const RECENT = 1_000;

/** Where a walk from the latest to the first execution of a task stands: behind this one. */
export interface Cursor {
  readonly startedAt: string;
  readonly id: number;
  readonly target: string;
}

/** An execution that the walk came by. */
export interface Passed {
  readonly schemaTarget: SchemaTargetName;
  readonly id: number;
  readonly isChild: boolean;
}

/** A walk that begins with what started before a time; with the latest of all if there is none. */
export function cursorAt(earliestSpared: Date | undefined): Cursor {
  return { startedAt: earliestSpared?.toISOString() ?? 'infinity', id: 0, target: '' };
}

/** The database's clock, which the times in its rows are compared with. */
export async function databaseTime(sql: SqlRunner): Promise<Date> {
  const [row] = await sql.query<{ now: Date }>('SELECT now() AS now');
  return row?.now ?? new Date();
}

/**
 * The next executions of a task in both generations, the latest start first; those that have not started are missing. A
 * statement reads no more than it returns. A child is one whose parent is there: PARENT_EXECUTION_ID does not say of which
 * generation that is, the launch does where there is one.
 */
export async function findPassed(
  sql: SqlRunner,
  taskName: string,
  after: Cursor,
  limit: number,
): Promise<{ readonly passed: readonly Passed[]; readonly next: Cursor | undefined }> {
  const rows = await sql.query<{ schema_target: SchemaTargetName; id: number; started_at: string; is_child: boolean }>(
    `SELECT page.schema_target, page.id, page.start_time::text AS started_at,
       ${isParentIn('boot2')} OR ${isParentIn('boot3')} AS is_child
     FROM (
       SELECT * FROM (${SCHEMA_TARGET_NAMES.map((target) => branch(target, taskName)).join(' UNION ALL ')}) AS both_targets
       ORDER BY start_time DESC, id DESC, schema_target DESC LIMIT $5
     ) AS page
     LEFT JOIN millrace_launch AS launch ON launch.schema_target = page.schema_target AND launch.task_execution_id = page.id
     ORDER BY page.start_time DESC, page.id DESC, page.schema_target DESC`,
    [taskName, after.startedAt, after.id, after.target, limit],
  );
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    passed: rows.map((row) => ({ schemaTarget: row.schema_target, id: row.id, isChild: row.is_child })),
    next: last && { startedAt: last.started_at, id: last.id, target: last.schema_target },
  };
}

function isParentIn(target: SchemaTargetName): string {
  return `EXISTS (SELECT 1 FROM ${TABLE_PREFIXES[target].task}execution AS parent
    WHERE parent.task_execution_id = coalesce(launch.parent_execution_id, page.parent_id)
      AND (launch.parent_execution_id IS NULL OR launch.parent_schema_target = '${target}'))`;
}

function branch(target: SchemaTargetName, taskName: string): string {
  return `(SELECT '${target}'::text AS schema_target, task_execution_id AS id, start_time, parent_execution_id AS parent_id
    FROM ${TABLE_PREFIXES[target].task}execution
    WHERE ${named(taskName)} AND (start_time, task_execution_id, '${target}'::text) < ($2::timestamp, $3::bigint, $4::text)
    ORDER BY start_time DESC, task_execution_id DESC LIMIT $5)`;
}

/** Executions without a name are counted under the empty one. */
function named(taskName: string): string {
  return taskName === '' ? '$1::text IS NOT NULL AND task_name IS NULL' : 'task_name = $1';
}

/** The last executions of a task: the latest of each generation, and the latest that can lend its manifest to a launch. */
export async function findLast(
  sql: SqlRunner,
  taskName: string,
): Promise<readonly { readonly schemaTarget: SchemaTargetName; readonly id: number }[]> {
  const branches = SCHEMA_TARGET_NAMES.map((target) => {
    const recent = `SELECT task_execution_id AS id FROM ${TABLE_PREFIXES[target].task}execution WHERE ${named(taskName)}
      ORDER BY task_execution_id DESC LIMIT ${RECENT}`;
    return `SELECT '${target}'::text AS schema_target, max(id) AS id FROM (${recent}) AS recent
      UNION SELECT '${target}'::text, max(id) FROM (${recent}) AS recent
        WHERE EXISTS (SELECT 1 FROM ${TABLE_PREFIXES[target].task}execution_metadata AS manifest WHERE manifest.task_execution_id = recent.id)`;
  });
  const rows = await sql.query<{ schema_target: SchemaTargetName; id: number | null }>(branches.join(' UNION '), [
    taskName,
  ]);
  return rows.flatMap(({ schema_target: schemaTarget, id }) => (id === null ? [] : [{ schemaTarget, id }]));
}

/** Whether an execution of a task failed that started at this time or later. */
export async function hasFailedSince(sql: SqlRunner, taskName: string, since: Date): Promise<boolean> {
  const branches = SCHEMA_TARGET_NAMES.map(
    (target) => `EXISTS (SELECT 1 FROM ${TABLE_PREFIXES[target].task}execution
      WHERE ${named(taskName)} AND start_time >= $2 AND end_time IS NOT NULL AND exit_code <> 0)`,
  );
  const [row] = await sql.query<{ failed: boolean }>(`SELECT ${branches.join(' OR ')} AS failed`, [taskName, since]);
  return row?.failed ?? false;
}
