import type { PreparingSqlRunner, SqlRunner } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import type { AccountDomain, ExecutionKey, LaunchRecord } from './launch-record.js';
import {
  columnsOf,
  IN_DOMAIN,
  LAUNCH_COLUMNS,
  type LaunchRow,
  QUEUE_ORDER,
  recordOf,
  TABLES,
} from './launch-row.sql.js';

/** Lets launches of an account in a domain take turns until the transaction ends, so that none slips past its limit. */
export async function lockAccount(sql: PreparingSqlRunner, { account, domain }: AccountDomain): Promise<void> {
  await sql.queryPrepared('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`launch:${account}:${domain}`]);
}

/** An execution id that was taken for a launch. */
export interface TakenId {
  readonly id: number;
  /** Whether the account ran as many launches as it may, or others waited for its room already. */
  readonly full: boolean;
}

/**
 * Takes the next execution ids of a generation, as many as the account has room for; call it under {@link lockAccount}. Room
 * belongs to those that wait for it. Applications take their ids from the same sequence.
 * @param regardless take them from a full account too
 * @returns those with room first
 */
export async function takeExecutionIds(
  sql: PreparingSqlRunner,
  target: SchemaTargetName,
  { place, maximum, wanted }: { readonly place: AccountDomain; readonly maximum: number; readonly wanted: number },
  regardless: boolean,
): Promise<readonly TakenId[]> {
  const rows = await sql.queryPrepared<TakenId>(
    `SELECT nextval('${TABLES[target].sequence}') AS id, "full"
     FROM (SELECT waited OR unended + position > $2 AS "full"
           FROM (SELECT count(*) AS unended, EXISTS (
                   SELECT 1 FROM millrace_launch WHERE platform_account = $1 AND domain = $4 AND state = 'queued'
                 ) AS waited FROM millrace_launch
                 WHERE platform_account = $1 AND ${IN_DOMAIN('$4')} AND state IN ('accepted', 'launched')) AS account,
                unnest($5::int[]) AS position
           ORDER BY position) AS seats
     WHERE $3 OR NOT "full"`,
    // As an array, whose length a plan for any number guesses low: such a plan is then kept instead of being made each time.
    [place.account, maximum, regardless, place.domain, Array.from({ length: wanted }, (_, index) => index + 1)],
  );
  // A sequence is read in no order that SQL promises: whoever came first has the lower id and the room.
  const ids = rows.map(({ id }) => id).sort((one, other) => one - other);
  const room = rows.filter(({ full }) => !full).length;
  return ids.map((id, index) => ({ id, full: index >= room }));
}

/** What {@link insertLaunches} writes of a launch. */
export interface LaunchToInsert {
  readonly record: LaunchRecord;
  readonly manifest: string;
  readonly parent?: ExecutionKey | undefined;
}

/** Writes executions, manifests and launch records of one account: from here on the launches will happen. */
export async function insertLaunches(
  sql: PreparingSqlRunner,
  target: SchemaTargetName,
  place: AccountDomain,
  launches: readonly LaunchToInsert[],
  retryAfter: number,
): Promise<void> {
  const tables = TABLES[target];
  const records = launches.map(({ record }) => record);
  await sql.queryPrepared(
    `WITH launch AS (
       SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[],
                              $12::text[], $13::bigint[])
         AS one(task_execution_id, task_name, manifest, external_execution_id, state, request, priority,
                parent_schema_target, parent_execution_id)
     ), execution AS (
       INSERT INTO ${tables.execution} (task_execution_id, task_name, last_updated, parent_execution_id)
       SELECT task_execution_id, task_name, now() AT TIME ZONE 'UTC', parent_execution_id FROM launch
     ), manifest AS (
       INSERT INTO ${tables.metadata} (id, task_execution_id, task_execution_manifest)
       SELECT nextval('${tables.metadata}_seq'), task_execution_id, manifest FROM launch
     )
     INSERT INTO millrace_launch (schema_target, task_execution_id, task_name, platform_account, external_execution_id,
                                  state, request, next_attempt_at, domain, priority,
                                  parent_schema_target, parent_execution_id)
     SELECT $8, task_execution_id, task_name, $9, external_execution_id, state, request::jsonb,
            now() + $10 * interval '1 millisecond', $11, priority,
            parent_schema_target, parent_execution_id
     FROM launch`,
    [
      records.map(({ executionId }) => executionId),
      records.map(({ taskName }) => taskName),
      launches.map(({ manifest }) => manifest),
      records.map(({ externalExecutionId }) => externalExecutionId),
      records.map(({ state }) => state),
      records.map(({ request }) => JSON.stringify(request)),
      records.map(({ priority }) => priority),
      target,
      place.account,
      retryAfter,
      place.domain,
      launches.map(({ parent }) => parent?.schemaTarget ?? null),
      launches.map(({ parent }) => parent?.id ?? null),
    ],
  );
}

/** How many launches of an account have not ended in a domain; call it under {@link lockAccount} to decide on more. */
export async function countUnended(sql: PreparingSqlRunner, { account, domain }: AccountDomain): Promise<number> {
  const [row] = await sql.queryPrepared<{ n: number }>(
    `SELECT count(*) AS n FROM millrace_launch
     WHERE platform_account = $1 AND ${IN_DOMAIN('$2')} AND state IN ('accepted', 'launched')`,
    [account, domain],
  );
  return row?.n ?? 0;
}

/** A launch that got its room, and how long it waited for it, seconds. */
export interface AdmittedLaunch {
  readonly record: LaunchRecord;
  readonly waited: number;
}

/**
 * Admits queued launches of an account in a domain, as many as there is room for, in the order of the queue; call it under
 * {@link lockAccount}.
 * @param lease ms that the caller has for its own attempt before others make one
 */
export async function admitQueued(
  sql: SqlRunner,
  place: AccountDomain,
  room: number,
  lease: number,
): Promise<readonly AdmittedLaunch[]> {
  const rows = await sql.query<LaunchRow & { place_in_queue: number; waited: number }>(
    `WITH waiting AS (
       SELECT schema_target, task_execution_id, row_number() OVER (ORDER BY ${QUEUE_ORDER}) AS place_in_queue
       FROM (SELECT * FROM millrace_launch WHERE state = 'queued' AND platform_account = $1 AND domain = $3
             ORDER BY ${QUEUE_ORDER} LIMIT $2 FOR UPDATE) AS first
     )
     UPDATE millrace_launch AS launch SET state = 'accepted', next_attempt_at = now() + $4 * interval '1 millisecond'
     FROM waiting
     WHERE launch.schema_target = waiting.schema_target AND launch.task_execution_id = waiting.task_execution_id
     RETURNING ${LAUNCH_COLUMNS}, waiting.place_in_queue,
               extract(epoch FROM now() - launch.accepted_at)::float8 AS waited`,
    [place.account, room, place.domain, lease],
  );
  return rows
    .sort((one, other) => one.place_in_queue - other.place_in_queue)
    .map((row) => ({ record: recordOf(row), waited: row.waited }));
}

/** Those of these places where launches wait for room. */
export async function findPlacesWithQueue(
  sql: PreparingSqlRunner,
  places: readonly AccountDomain[],
): Promise<readonly AccountDomain[]> {
  return sql.queryPrepared<AccountDomain>(
    `SELECT account, domain_here AS domain FROM unnest($1::text[], $2::text[]) AS place(account, domain_here)
     WHERE EXISTS (SELECT 1 FROM millrace_launch
                   WHERE state = 'queued' AND platform_account = account AND domain = domain_here)`,
    columnsOf(places),
  );
}
