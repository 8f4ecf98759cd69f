import type { SchemaTargetName } from '../platforms/platform.js';
import type { AccountDomain, LaunchRecord } from './launch-record.js';
import {
  columnsOf,
  IN_DOMAIN,
  LAUNCH_COLUMNS,
  type LaunchRow,
  type PreparingSqlRunner,
  QUEUE_ORDER,
  recordOf,
  type SqlRunner,
  TABLES,
} from './launch-row.sql.js';

/** Lets launches of an account in a domain take turns until the transaction ends, so that none slips past its limit. */
export async function lockAccount(sql: PreparingSqlRunner, { account, domain }: AccountDomain): Promise<void> {
  await sql.queryPrepared('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`launch:${account}:${domain}`]);
}

/** What {@link takeExecutionId} found. */
export interface Admission {
  /** Undefined when there was no room and none was to be taken regardless. */
  readonly id: number | undefined;
  /** Whether the account runs as many launches as it may, or others wait for its room already. */
  readonly full: boolean;
}

/**
 * Takes the next execution id of a generation if the account has room for one more launch; call it under
 * {@link lockAccount}. Room belongs to those that wait for it. Applications take their ids from the same sequence.
 * @param regardless take one from a full account too
 */
export async function takeExecutionId(
  sql: PreparingSqlRunner,
  target: SchemaTargetName,
  place: AccountDomain,
  maximum: number,
  regardless: boolean,
): Promise<Admission> {
  const [row] = await sql.queryPrepared<{ id: number | null; full: boolean }>(
    `SELECT "full", CASE WHEN $3 OR NOT "full" THEN nextval('${TABLES[target].sequence}') END AS id
     FROM (SELECT count(*) >= $2 OR EXISTS (
             SELECT 1 FROM millrace_launch WHERE platform_account = $1 AND domain = $4 AND state = 'queued'
           ) AS "full" FROM millrace_launch
           WHERE platform_account = $1 AND ${IN_DOMAIN('$4')} AND state IN ('accepted', 'launched')) AS unended`,
    [place.account, maximum, regardless, place.domain],
  );
  return { id: row?.id ?? undefined, full: row?.full ?? true };
}

/** Writes execution, manifest and launch record: from here on the launch will happen. */
export async function insertLaunch(
  sql: PreparingSqlRunner,
  record: LaunchRecord,
  manifest: string,
  retryAfter: number,
): Promise<void> {
  const tables = TABLES[record.schemaTarget];
  await sql.queryPrepared(
    `WITH execution AS (
       INSERT INTO ${tables.execution} (task_execution_id, task_name, last_updated)
       VALUES ($1, $2, now() AT TIME ZONE 'UTC')
       RETURNING task_execution_id
     ), manifest AS (
       INSERT INTO ${tables.metadata} (id, task_execution_id, task_execution_manifest)
       SELECT nextval('${tables.metadata}_seq'), task_execution_id, $3 FROM execution
     )
     INSERT INTO millrace_launch (schema_target, task_execution_id, task_name, platform_account, external_execution_id,
                                  state, request, next_attempt_at, domain, priority)
     SELECT $4, task_execution_id, $2, $5, $6, $7, $8::jsonb, now() + $9 * interval '1 millisecond', $10, $11
     FROM execution`,
    [
      record.executionId,
      record.taskName,
      manifest,
      record.schemaTarget,
      record.platformAccount,
      record.externalExecutionId,
      record.state,
      JSON.stringify(record.request),
      retryAfter,
      record.domain,
      record.priority,
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
