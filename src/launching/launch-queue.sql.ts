import type { SqlRunner } from '../database/database.js';
import type { AccountDomain, ExecutionKey } from './launch-record.js';
import { columnsOf, factsOf, FACTS_COLUMNS, type FactsRow, IN_DOMAIN, QUEUE_ORDER } from './launch-row.sql.js';
import type { OpenState, TrackedLaunch } from './tracked-launch.js';

/** Which launches that are not over. */
export interface OpenLaunchFilter {
  readonly states: readonly OpenState[];
  readonly account: string | undefined;
}

interface TrackedRow extends FactsRow {
  readonly position: number | null;
  readonly accepted_at: Date;
  readonly launched_at: Date | null;
  readonly reason: string | null;
}

const COLUMNS = `${FACTS_COLUMNS}, queue.position, launch.accepted_at, launch.launched_at, launch.reason`;

/** Every queue that fits a condition, numbered from its head. */
const queueWhere = (condition: string) => `
  SELECT schema_target, task_execution_id,
         row_number() OVER (PARTITION BY platform_account, domain ORDER BY ${QUEUE_ORDER}) AS position
  FROM millrace_launch WHERE state = 'queued' AND ${condition}`;

/** Named in the index's words as well, which no parameter is known to imply. */
const OPEN = `state IN ('queued', 'accepted', 'launched') AND state = ANY($1::text[])
  AND ($2::text IS NULL OR platform_account = $2)`;

/** Launches that are not over: the queues first, each in its order, then what is on its way, then what runs. */
export async function findOpen(
  sql: SqlRunner,
  { states, account }: OpenLaunchFilter,
  limit: number,
  offset: number,
): Promise<readonly TrackedLaunch[]> {
  const rows = await sql.query<TrackedRow>(
    `WITH queue AS (${queueWhere('($2::text IS NULL OR platform_account = $2)')})
     SELECT ${COLUMNS}
     FROM (SELECT * FROM millrace_launch WHERE ${OPEN}) AS launch
     LEFT JOIN queue USING (schema_target, task_execution_id)
     ORDER BY array_position(ARRAY['queued', 'accepted', 'launched'], launch.state), platform_account, domain,
              queue.position, accepted_at, task_execution_id, schema_target
     LIMIT $3 OFFSET $4`,
    [states, account ?? null, limit, offset],
  );
  return rows.map(trackedOf);
}

/** How many of them there are. */
export async function countOpen(sql: SqlRunner, { states, account }: OpenLaunchFilter): Promise<number> {
  const [row] = await sql.query<{ n: number }>(`SELECT count(*) AS n FROM millrace_launch WHERE ${OPEN}`, [
    states,
    account ?? null,
  ]);
  return row?.n ?? 0;
}

/** Finds launches by execution, whatever became of them. */
export async function findTracked(sql: SqlRunner, keys: readonly ExecutionKey[]): Promise<readonly TrackedLaunch[]> {
  const rows = await sql.query<TrackedRow>(
    `WITH launch AS (
       SELECT millrace_launch.* FROM millrace_launch
       JOIN unnest($1::text[], $2::bigint[]) AS wanted(target, id) ON schema_target = target AND task_execution_id = id
     ), queue AS (${queueWhere("platform_account IN (SELECT platform_account FROM launch WHERE state = 'queued')")})
     SELECT ${COLUMNS} FROM launch LEFT JOIN queue USING (schema_target, task_execution_id)`,
    [keys.map(({ schemaTarget }) => schemaTarget), keys.map(({ id }) => id)],
  );
  return rows.map(trackedOf);
}

/** Moves a launch within its queue. @returns the priority that it had; undefined when it does not wait for room (any more) */
export async function updatePriority(sql: SqlRunner, key: ExecutionKey, priority: number): Promise<number | undefined> {
  const [row] = await sql.query<{ former: number }>(
    `UPDATE millrace_launch AS launch SET priority = $3
     FROM (SELECT priority AS former FROM millrace_launch
           WHERE schema_target = $1 AND task_execution_id = $2 AND state = 'queued' FOR UPDATE) AS before
     WHERE schema_target = $1 AND task_execution_id = $2
     RETURNING former`,
    [key.schemaTarget, key.id, priority],
  );
  return row?.former;
}

/** How many launches of these places stand how; states without any are missing. */
export async function countByState(
  sql: SqlRunner,
  places: readonly AccountDomain[],
): Promise<readonly { readonly account: string; readonly state: OpenState; readonly count: number }[]> {
  return sql.query(
    `SELECT platform_account AS account, state, count(*) AS count FROM millrace_launch
     JOIN unnest($1::text[], $2::text[]) AS place(account, domain_here)
       ON platform_account = account AND ${IN_DOMAIN('domain_here')}
     WHERE state IN ('queued', 'accepted', 'launched') GROUP BY platform_account, state`,
    columnsOf(places),
  );
}

function trackedOf(row: TrackedRow): TrackedLaunch {
  return {
    position: row.position,
    acceptedAt: row.accepted_at,
    launchedAt: row.launched_at,
    reason: row.reason,
    ...factsOf(row),
  };
}
