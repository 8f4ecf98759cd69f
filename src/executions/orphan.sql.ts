import type { SqlRunner } from '../database/database.js';
/** Those of these names of pods or processes that a launch or an execution of either generation bears. */
export async function findNamesWithRow(sql: SqlRunner, names: readonly string[]): Promise<ReadonlySet<string>> {
  const bearing = (table: string) => `EXISTS (SELECT 1 FROM ${table} WHERE external_execution_id = name)`;
  const rows = await sql.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS name
     WHERE ${['millrace_launch', 'task_execution', 'boot3_task_execution'].map(bearing).join(' OR ')}`,
    [names],
  );
  return new Set(rows.map(({ name }) => name));
}
