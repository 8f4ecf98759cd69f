import type { AuditEntry } from '../audit/audit-types.js';
import { AUDIT_COLUMNS, auditColumnsOf, insertAuditRecords } from '../audit/audit-insertion.js';
import type { PreparingSqlRunner, SqlRunner } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import type { AccountDomain, ExecutionKey, LaunchRecord } from './launch-record.js';
import { columnsOf, LAUNCH_COLUMNS, type LaunchRow, QUEUE_ORDER, recordOf, TABLES } from './launch-row.sql.js';

/** How full an account is. */
export interface AccountLoad {
  /** Launches that have not ended. */
  readonly unended: number;
  /** Whether launches wait for room already, to which room belongs first. */
  readonly waitedFor: boolean;
}

/** Lets launches of an account in a domain take turns until the transaction ends, so that none slips past its limit. */
export async function takeTurn(sql: PreparingSqlRunner, { account, domain }: AccountDomain): Promise<AccountLoad> {
  const [load] = await sql.queryPrepared<AccountLoad>(
    'SELECT unended, waited_for AS "waitedFor" FROM millrace_take_turn($1, $2)',
    [account, domain],
  );
  if (load === undefined) throw new Error('millrace_take_turn gave no row');
  return load;
}

/** Takes the next execution ids of a generation, lowest first. Applications take their ids from the same sequence. */
export async function takeExecutionIds(
  sql: PreparingSqlRunner,
  target: SchemaTargetName,
  wanted: number,
): Promise<readonly number[]> {
  const rows = await sql.queryPrepared<{ id: number }>(
    `SELECT nextval('${TABLES[target].sequence}') AS id FROM unnest($1::int[])`,
    // As an array, whose length a plan for any number guesses low: such a plan is then kept instead of being made each time.
    [Array.from({ length: wanted }, (_, index) => index)],
  );
  // A sequence is read in no order that SQL promises.
  return rows.map(({ id }) => id).sort((one, other) => one - other);
}

/** What {@link insertLaunches} writes of a launch. */
export interface LaunchToInsert {
  readonly record: Omit<LaunchRecord, 'state'>;
  readonly manifest: string;
  readonly audit: AuditEntry;
  readonly parent?: ExecutionKey | undefined;
}

/** Where launches are to run. */
export interface LaunchPlace {
  readonly target: SchemaTargetName;
  readonly place: AccountDomain;
  /** Launches that may be unended there at once. */
  readonly maximum: number;
}

/**
 * Takes a turn at an account and writes executions, manifests, launch records and their audit: from here on the launches will
 * happen. What runs there is counted only if it is not certain that there is room (migration 0021). All in one statement, which waits for the disk once. Who comes first gets the room.
 * @param lease ms that the caller has for its own attempt before others make one
 * @param regardless write those without room too, as `queued`
 * @returns how those that were written stand, by execution id
 */
export async function insertLaunches(
  sql: PreparingSqlRunner,
  { target, place, maximum }: LaunchPlace,
  launches: readonly LaunchToInsert[],
  lease: number,
  regardless: boolean,
): Promise<ReadonlyMap<number, 'queued' | 'accepted'>> {
  const tables = TABLES[target];
  const records = launches.map(({ record }) => record);
  const rows = await sql.queryPrepared<{ id: number; state: 'queued' | 'accepted' }>(
    `WITH launch AS (
       SELECT one.*, CASE WHEN waited_for OR unended + position > $1 THEN 'queued' ELSE 'accepted' END AS state
       FROM millrace_take_room($2, $3, $1, cardinality($4::bigint[])),
            unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[], $10::text[], $11::bigint[],
                   $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::text[])
              WITH ORDINALITY
              AS one(task_execution_id, task_name, manifest, external_execution_id, request, priority,
                     parent_schema_target, parent_execution_id, ${AUDIT_COLUMNS}, position)
     ), written AS (
       SELECT * FROM launch WHERE $17 OR state = 'accepted'
     ), execution AS (
       INSERT INTO ${tables.execution} (task_execution_id, task_name, last_updated, parent_execution_id)
       SELECT task_execution_id, task_name, now() AT TIME ZONE 'UTC', parent_execution_id FROM written
     ), manifest AS (
       INSERT INTO ${tables.metadata} (id, task_execution_id, task_execution_manifest)
       SELECT nextval('${tables.metadata}_seq'), task_execution_id, manifest FROM written
     ), audit AS (
       ${insertAuditRecords('written')}
     )
     INSERT INTO millrace_launch (schema_target, task_execution_id, task_name, platform_account, external_execution_id,
                                  state, request, next_attempt_at, domain, priority,
                                  parent_schema_target, parent_execution_id)
     SELECT $18, task_execution_id, task_name, $2, external_execution_id, state, request::jsonb,
            now() + $19 * interval '1 millisecond', $3, priority,
            parent_schema_target, parent_execution_id
     FROM written
     RETURNING task_execution_id AS id, state`,
    [
      maximum,
      place.account,
      place.domain,
      records.map(({ executionId }) => executionId),
      records.map(({ taskName }) => taskName),
      launches.map(({ manifest }) => manifest),
      records.map(({ externalExecutionId }) => externalExecutionId),
      records.map(({ request }) => JSON.stringify(request)),
      records.map(({ priority }) => priority),
      launches.map(({ parent }) => parent?.schemaTarget ?? null),
      launches.map(({ parent }) => parent?.id ?? null),
      ...auditColumnsOf(launches.map(({ audit }) => audit)),
      regardless,
      target,
      lease,
    ],
  );
  return new Map(rows.map(({ id, state }) => [id, state]));
}

/** A launch that got its room, and how long it waited for it, seconds. */
export interface AdmittedLaunch {
  readonly record: LaunchRecord;
  readonly waited: number;
}

/**
 * Admits queued launches of an account in a domain, as many as there is room for, in the order of the queue; call it under
 * {@link takeTurn}.
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
     ), load AS (
       UPDATE millrace_account_load SET unended_at_most = unended_at_most + (SELECT count(*) FROM waiting)
       WHERE platform_account = $1 AND domain = $3
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
