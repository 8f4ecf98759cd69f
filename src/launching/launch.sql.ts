import type { SchemaTargetName } from '../platforms/platform.js';
import type { AccountDomain, ExecutionKey, LaunchRecord, LaunchState, StoredRequest } from './launch-record.js';

/** Anything that runs SQL: the pool, or one transaction. */
export interface SqlRunner {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** One that prepares statements that are run again and again; see `Database.queryPrepared`. */
export interface PreparingSqlRunner extends SqlRunner {
  queryPrepared<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

const TABLES = {
  boot2: {
    execution: 'task_execution',
    sequence: 'task_seq',
    params: 'task_execution_params',
    metadata: 'task_execution_metadata',
  },
  boot3: {
    execution: 'boot3_task_execution',
    sequence: 'boot3_task_seq',
    params: 'boot3_task_execution_params',
    metadata: 'boot3_task_execution_metadata',
  },
} as const;

interface LaunchRow {
  readonly schema_target: SchemaTargetName;
  readonly task_execution_id: number;
  readonly task_name: string;
  readonly platform_account: string;
  readonly domain: string | null;
  readonly external_execution_id: string;
  readonly state: LaunchState;
  readonly request: StoredRequest;
  readonly attempts: number;
}

const COLUMNS = `schema_target, task_execution_id, task_name, platform_account, domain, external_execution_id, state, request,
     attempts`;

/** Launches from before domains were written down count everywhere until a server adopts them. */
const IN_DOMAIN = (parameter: string) => `(domain = ${parameter} OR domain IS NULL)`;

/** What {@link takeExecutionId} found. */
export interface Admission {
  /** Undefined when there was no room and none was to be taken regardless. */
  readonly id: number | undefined;
  /** Whether the account runs as many launches as it may. */
  readonly full: boolean;
}

/**
 * Takes the next execution id of a generation if the account has room for one more launch; call it under
 * {@link lockAccount}. Applications take theirs from the same sequence.
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
     FROM (SELECT count(*) >= $2 AS "full" FROM millrace_launch
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
                                  state, request, next_attempt_at, domain)
     SELECT $4, task_execution_id, $2, $5, $6, $7, $8::jsonb, now() + $9 * interval '1 millisecond', $10 FROM execution`,
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
    ],
  );
}

/** How many launches of an account have not ended in a domain; call it under {@link lockAccount} to decide on one more. */
export async function countUnended(sql: SqlRunner, place: AccountDomain): Promise<number> {
  return (await countUnendedByAccount(sql, [place])).get(place.account) ?? 0;
}

/** The same for several accounts at once, by account. */
export async function countUnendedByAccount(
  sql: SqlRunner,
  places: readonly AccountDomain[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await sql.query<{ platform_account: string; n: number }>(
    `SELECT platform_account, count(*) AS n FROM millrace_launch
     JOIN unnest($1::text[], $2::text[]) AS place(account, domain_here)
       ON platform_account = account AND ${IN_DOMAIN('domain_here')}
     WHERE state IN ('accepted', 'launched') GROUP BY platform_account`,
    columnsOf(places),
  );
  return new Map(rows.map((row) => [row.platform_account, row.n]));
}

/** Lets launches of an account in a domain take turns until the transaction ends, so that none slips past its limit. */
export async function lockAccount(sql: PreparingSqlRunner, { account, domain }: AccountDomain): Promise<void> {
  await sql.queryPrepared('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`launch:${account}:${domain}`]);
}

/**
 * Writes that the platform has it: external id, start of the deployment record, and the program's start if it is known already.
 * Idempotent, so that an attempt that was cut off may be made again.
 * @returns false when somebody else had written it already
 */
export async function markLaunched(
  sql: PreparingSqlRunner,
  record: Pick<LaunchRecord, 'schemaTarget' | 'executionId'>,
  startedAt?: Date,
): Promise<boolean> {
  const rows = await sql.queryPrepared<{ task_execution_id: number }>(
    `WITH launched AS (
       UPDATE millrace_launch SET state = 'launched', launched_at = now(), attempts = attempts + 1
       WHERE schema_target = $1 AND task_execution_id = $2 AND state = 'accepted'
       RETURNING task_execution_id, external_execution_id, task_name, platform_account
     ), deployment AS (
       INSERT INTO task_deployment (id, object_version, task_deployment_id, task_definition_name, platform_name, created_on)
       SELECT nextval('hibernate_sequence'), 0, external_execution_id, task_name, platform_account, now() AT TIME ZONE 'UTC'
       FROM launched
     )
     UPDATE ${TABLES[record.schemaTarget].execution} AS execution
     SET external_execution_id = launched.external_execution_id, last_updated = now() AT TIME ZONE 'UTC',
         -- What was written while it waited; an application gives its own message together with its end.
         error_message = CASE WHEN execution.end_time IS NOT NULL THEN execution.error_message END,
         start_time = COALESCE(execution.start_time, $3::timestamp)
     FROM launched WHERE execution.task_execution_id = launched.task_execution_id
     RETURNING execution.task_execution_id`,
    [record.schemaTarget, record.executionId, startedAt ?? null],
  );
  return rows.length > 0;
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
     RETURNING launch.schema_target, launch.task_execution_id, launch.task_name, launch.platform_account, launch.domain,
               launch.external_execution_id, launch.state, launch.request, launch.attempts`,
    [limit, lease, ...columnsOf(places)],
  );
  return rows.map(recordOf);
}

/** Admits queued launches of an account in a domain, as many as there is room for, highest priority and oldest first. */
export async function admitQueued(sql: SqlRunner, place: AccountDomain, room: number): Promise<number> {
  const rows = await sql.query<{ task_execution_id: number }>(
    `UPDATE millrace_launch AS launch SET state = 'accepted', next_attempt_at = now()
     FROM (SELECT schema_target, task_execution_id FROM millrace_launch
           WHERE state = 'queued' AND platform_account = $1 AND domain = $3
           ORDER BY priority DESC, accepted_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS waiting
     WHERE launch.schema_target = waiting.schema_target AND launch.task_execution_id = waiting.task_execution_id
     RETURNING launch.task_execution_id`,
    [place.account, room, place.domain],
  );
  return rows.length;
}

/** The launches that a platform account has in a domain: what follow-up compares with what the platform says. */
export async function findLaunched(
  sql: SqlRunner,
  place: AccountDomain,
  limit: number,
): Promise<readonly LaunchRecord[]> {
  const rows = await sql.query<LaunchRow>(
    `SELECT ${COLUMNS} FROM millrace_launch
     WHERE platform_account = $1 AND domain = $3 AND state = 'launched' ORDER BY launched_at LIMIT $2`,
    [place.account, limit, place.domain],
  );
  return rows.map(recordOf);
}

/** Finds launches by execution; executions that this server did not launch are missing. */
export async function findLaunches(
  sql: SqlRunner,
  target: SchemaTargetName,
  ids: readonly number[],
): Promise<readonly LaunchRecord[]> {
  const rows = await sql.query<LaunchRow>(
    `SELECT ${COLUMNS} FROM millrace_launch WHERE schema_target = $1 AND task_execution_id = ANY($2::bigint[])`,
    [target, ids],
  );
  return rows.map(recordOf);
}

/** Finds the launch that bears an external id. */
export async function findLaunchByExternalId(sql: SqlRunner, externalId: string): Promise<LaunchRecord | undefined> {
  const rows = await sql.query<LaunchRow>(`SELECT ${COLUMNS} FROM millrace_launch WHERE external_execution_id = $1`, [
    externalId,
  ]);
  return rows.map(recordOf)[0];
}

/** What the platform saw of the start. The application's own word, given later, replaces it. */
export async function recordStart(sql: PreparingSqlRunner, key: ExecutionKey, startedAt: Date): Promise<void> {
  await sql.queryPrepared(
    `UPDATE ${TABLES[key.schemaTarget].execution} SET start_time = $2, last_updated = now() AT TIME ZONE 'UTC'
     WHERE task_execution_id = $1 AND start_time IS NULL AND end_time IS NULL`,
    [key.id, startedAt],
  );
}

/** The end of an execution as the platform saw it. */
export interface PlatformEnd {
  readonly state: 'ended' | 'refused';
  readonly startedAt: Date | undefined;
  readonly endedAt: Date;
  readonly exitCode: number;
  /** Null when all went well. */
  readonly reason: string | null;
}

/**
 * Writes the end of an execution: the launch is over, and the row is completed where the application did not complete it.
 * Arguments are written down for programs that do not write them themselves.
 * @returns false when the launch was over already
 */
export async function recordEnd(sql: PreparingSqlRunner, key: ExecutionKey, end: PlatformEnd): Promise<boolean> {
  const tables = TABLES[key.schemaTarget];
  const rows = await sql.queryPrepared<{ task_execution_id: number }>(
    `WITH over AS (
       UPDATE millrace_launch SET state = $3, ended_at = $5, reason = $7
       WHERE schema_target = $1 AND task_execution_id = $2 AND state IN ('queued', 'accepted', 'launched')
       RETURNING task_execution_id, request
     ), completed AS (
       UPDATE ${tables.execution} AS execution
       SET start_time = COALESCE(execution.start_time, $4::timestamp, $5::timestamp), end_time = $5, exit_code = $6,
           error_message = COALESCE(CASE WHEN execution.start_time IS NOT NULL THEN execution.error_message END, left($7, 2500)),
           last_updated = now() AT TIME ZONE 'UTC'
       FROM over WHERE execution.task_execution_id = over.task_execution_id AND execution.end_time IS NULL
       RETURNING execution.task_execution_id
     ), arguments AS (
       INSERT INTO ${tables.params} (task_execution_id, task_param)
       SELECT over.task_execution_id, left(argument.value, 2500)
       FROM over JOIN completed USING (task_execution_id),
            jsonb_array_elements_text(over.request->'arguments') WITH ORDINALITY AS argument(value, position)
       WHERE NOT EXISTS (SELECT 1 FROM ${tables.params} WHERE task_execution_id = $2)
       ORDER BY argument.position
     )
     SELECT task_execution_id FROM over`,
    [key.schemaTarget, key.id, end.state, end.startedAt ?? null, end.endedAt, end.exitCode, end.reason],
  );
  return rows.length > 0;
}

/** The manifest of a task's last launch, over both generations, null when there is none. */
export async function findLastManifest(sql: PreparingSqlRunner, taskName: string): Promise<string | null> {
  const branches = (['boot2', 'boot3'] as const).map(
    (target) => `(SELECT metadata.task_execution_manifest AS manifest, launch.accepted_at, execution.task_execution_id
       FROM ${TABLES[target].execution} AS execution
       JOIN ${TABLES[target].metadata} AS metadata USING (task_execution_id)
       LEFT JOIN millrace_launch AS launch
         ON launch.schema_target = '${target}' AND launch.task_execution_id = execution.task_execution_id
       WHERE execution.task_name = $1
         AND (execution.external_execution_id IS NOT NULL OR launch.state IN ('queued', 'accepted'))
       ORDER BY execution.task_execution_id DESC LIMIT 1)`,
  );
  const [row] = await sql.queryPrepared<{ manifest: string | null }>(
    `SELECT manifest FROM (${branches.join(' UNION ALL ')}) AS last
     ORDER BY accepted_at DESC NULLS LAST, task_execution_id DESC LIMIT 1`,
    [taskName],
  );
  return row?.manifest ?? null;
}

/** As parameters of `unnest`. */
function columnsOf(places: readonly AccountDomain[]): [string[], string[]] {
  return [places.map(({ account }) => account), places.map(({ domain }) => domain)];
}

function recordOf(row: LaunchRow): LaunchRecord {
  return {
    schemaTarget: row.schema_target,
    executionId: row.task_execution_id,
    taskName: row.task_name,
    platformAccount: row.platform_account,
    domain: row.domain,
    externalExecutionId: row.external_execution_id,
    state: row.state,
    request: row.request,
    attempts: row.attempts,
  };
}
