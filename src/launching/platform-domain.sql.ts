import type { SqlRunner } from '../database/database.js';
import type { AccountDomain, ExecutionKey, LaunchRecord } from './launch-record.js';
import { columnsOf } from './launch-row.sql.js';
import type { SchemaTargetName } from '../platforms/platform.js';

/** What a server can be asked to do with an execution that only it can reach. */
export type PlatformAction = 'cancel' | 'clean-up';

/** A request of another server, until it is carried out. */
export interface PlatformRequest {
  readonly place: AccountDomain;
  readonly externalExecutionId: string;
  readonly action: PlatformAction;
  readonly requestedAt: Date;
}

/** A launch that nobody has claimed since domains are written down. */
export interface UnclaimedLaunch {
  readonly key: ExecutionKey;
  readonly externalExecutionId: string;
  readonly state: 'queued' | 'accepted' | 'launched';
}

/** An execution that no living server can see. */
export interface LostLaunch {
  readonly key: ExecutionKey;
  readonly host: string | null;
  readonly seenAt: Date;
}

/** Requests to servers that never come back are given up after so long. */
const REQUEST_LIFE = '30 days';

/** Says that a server of these places is alive. */
export async function beat(sql: SqlRunner, places: readonly AccountDomain[], host: string): Promise<void> {
  await sql.query(
    `INSERT INTO millrace_platform_domain (platform_account, domain, host, seen_at)
     SELECT account, domain_here, $3, now() FROM unnest($1::text[], $2::text[]) AS place(account, domain_here)
     ON CONFLICT (platform_account, domain) DO UPDATE SET host = EXCLUDED.host, seen_at = EXCLUDED.seen_at`,
    [...columnsOf(places), host],
  );
}

/** Who served a place last, and when. @returns undefined for a place that nobody ever served */
export async function findServer(
  sql: SqlRunner,
  { account, domain }: AccountDomain,
): Promise<{ readonly host: string | null; readonly seenAt: Date } | undefined> {
  const [row] = await sql.query<{ host: string | null; seen_at: Date }>(
    'SELECT host, seen_at FROM millrace_platform_domain WHERE platform_account = $1 AND domain = $2',
    [account, domain],
  );
  return row === undefined ? undefined : { host: row.host, seenAt: row.seen_at };
}

/** The launches of an account that are not over and belong to no domain yet. */
export async function findUnclaimed(
  sql: SqlRunner,
  account: string,
  limit: number,
): Promise<readonly UnclaimedLaunch[]> {
  const rows = await sql.query<{
    schema_target: SchemaTargetName;
    task_execution_id: number;
    external_execution_id: string;
    state: UnclaimedLaunch['state'];
  }>(
    `SELECT schema_target, task_execution_id, external_execution_id, state FROM millrace_launch
     WHERE platform_account = $1 AND state IN ('queued', 'accepted', 'launched') AND domain IS NULL
     ORDER BY accepted_at LIMIT $2`,
    [account, limit],
  );
  return rows.map((row) => ({
    key: { schemaTarget: row.schema_target, id: row.task_execution_id },
    externalExecutionId: row.external_execution_id,
    state: row.state,
  }));
}

/** Takes an unclaimed launch for a place; does nothing if another server was first. */
export async function claimLaunch(sql: SqlRunner, { schemaTarget, id }: ExecutionKey, domain: string): Promise<void> {
  await sql.query(
    `UPDATE millrace_launch SET domain = $3 WHERE schema_target = $1 AND task_execution_id = $2 AND domain IS NULL`,
    [schemaTarget, id, domain],
  );
}

/** Launches that are not over though no server of their place was heard of for `patience` ms. */
export async function findLost(sql: SqlRunner, patience: number, limit: number): Promise<readonly LostLaunch[]> {
  const rows = await sql.query<{
    schema_target: SchemaTargetName;
    task_execution_id: number;
    host: string | null;
    seen_at: Date;
  }>(
    `SELECT launch.schema_target, launch.task_execution_id, place.host, COALESCE(place.seen_at, launch.accepted_at) AS seen_at
     FROM millrace_launch AS launch
     LEFT JOIN millrace_platform_domain AS place
       ON place.platform_account = launch.platform_account AND place.domain = COALESCE(launch.domain, '')
     WHERE launch.state IN ('queued', 'accepted', 'launched')
       AND COALESCE(place.seen_at, launch.accepted_at) < now() - $1 * interval '1 millisecond'
     LIMIT $2`,
    [patience, limit],
  );
  return rows.map((row) => ({
    key: { schemaTarget: row.schema_target, id: row.task_execution_id },
    host: row.host,
    seenAt: row.seen_at,
  }));
}

/** Asks the servers of a launch's place to do something; asking twice is asking once. */
export async function insertRequest(
  sql: SqlRunner,
  { platformAccount, domain, externalExecutionId }: LaunchRecord,
  action: PlatformAction,
): Promise<void> {
  await sql.query(
    `INSERT INTO millrace_platform_request (platform_account, domain, external_execution_id, action)
     VALUES ($1, $2, $3, $4) ON CONFLICT (platform_account, domain, external_execution_id, action)
     DO UPDATE SET requested_at = now()`,
    [platformAccount, domain, externalExecutionId, action],
  );
}

/** What servers of these places are asked to do, oldest first. */
export async function findRequests(
  sql: SqlRunner,
  places: readonly AccountDomain[],
  limit: number,
): Promise<readonly PlatformRequest[]> {
  const rows = await sql.query<{
    platform_account: string;
    domain: string;
    external_execution_id: string;
    action: PlatformAction;
    requested_at: Date;
  }>(
    `SELECT platform_account, domain, external_execution_id, action, requested_at FROM millrace_platform_request
     WHERE (platform_account, domain) IN (SELECT * FROM unnest($1::text[], $2::text[]))
     ORDER BY requested_at, action LIMIT $3`,
    [...columnsOf(places), limit],
  );
  return rows.map((row) => ({
    place: { account: row.platform_account, domain: row.domain },
    externalExecutionId: row.external_execution_id,
    action: row.action,
    requestedAt: row.requested_at,
  }));
}

/** Forgets a request that was carried out, unless it was made again meanwhile. */
export async function deleteRequest(sql: SqlRunner, request: PlatformRequest): Promise<void> {
  await sql.query(
    `DELETE FROM millrace_platform_request
     WHERE platform_account = $1 AND domain = $2 AND external_execution_id = $3 AND action = $4
       AND date_trunc('milliseconds', requested_at) = date_trunc('milliseconds', $5::timestamptz)`,
    [request.place.account, request.place.domain, request.externalExecutionId, request.action, request.requestedAt],
  );
}

/** Forgets requests whose servers never came back. */
export async function deleteOldRequests(sql: SqlRunner): Promise<void> {
  await sql.query(`DELETE FROM millrace_platform_request WHERE requested_at < now() - interval '${REQUEST_LIFE}'`);
}
