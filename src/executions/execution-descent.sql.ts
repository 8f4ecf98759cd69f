import type { SqlRunner } from '../database/database.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { SCHEMA_TARGET_NAMES, TABLE_PREFIXES } from '../schema/schema-target.js';

/** The argument by which SCDF's runner tells a child which tables its parent is in. */
const PARENT_SCHEMA_TARGET = '--spring.cloud.task.parent-schema-target=';

/**
 * The executions below these, over all generations of descent and both generations of tables. PARENT_EXECUTION_ID does not
 * say which tables the parent is in: the launch does, for what was launched here; else the argument that SCDF's runner gives
 * its children; else they are the child's own.
 */
export async function findDescendants(
  sql: SqlRunner,
  target: SchemaTargetName,
  ids: readonly number[],
): Promise<readonly ExecutionKey[]> {
  const children = SCHEMA_TARGET_NAMES.map(
    (own) => `SELECT '${own}'::text AS schema_target, task_execution_id AS id, parent_execution_id
       FROM ${TABLE_PREFIXES[own].task}execution WHERE parent_execution_id IS NOT NULL`,
  );
  const said = (own: SchemaTargetName) =>
    `(SELECT split_part(task_param, '=', 2) FROM ${TABLE_PREFIXES[own].task}execution_params WHERE task_execution_id = child.id
      AND task_param IN ('${PARENT_SCHEMA_TARGET}boot2', '${PARENT_SCHEMA_TARGET}boot3') LIMIT 1)`;
  const rows = await sql.query<{ schema_target: SchemaTargetName; id: number }>(
    `WITH RECURSIVE below AS (
       SELECT $2::text AS schema_target, id FROM unnest($1::bigint[]) AS id
       UNION
       SELECT child.schema_target, child.id
       FROM below JOIN (
         ${children.join(' UNION ALL ')} UNION ALL
         SELECT schema_target, task_execution_id, parent_execution_id FROM millrace_launch
         WHERE parent_execution_id IS NOT NULL
       ) AS child ON child.parent_execution_id = below.id
       LEFT JOIN millrace_launch AS launch
         ON launch.schema_target = child.schema_target AND launch.task_execution_id = child.id
       WHERE below.schema_target = COALESCE(
         launch.parent_schema_target,
         CASE child.schema_target WHEN 'boot2' THEN ${said('boot2')} ELSE ${said('boot3')} END,
         child.schema_target)
     ) SELECT schema_target, id FROM below WHERE NOT (schema_target = $2 AND id = ANY($1::bigint[]))
       ORDER BY schema_target, id`,
    [ids, target],
  );
  return rows.map((row) => ({ schemaTarget: row.schema_target, id: row.id }));
}
