import type { PreparingSqlRunner } from '../../database/database.js';

/** The row of a lock in TASK_LOCK as Spring Integration keeps it, and the advisory lock that shows its holder to be alive. */

/** Whose lock it is, or is to be. */
export interface LockOwner {
  /** LOCK_KEY; the region is always `DEFAULT`, as with Spring Cloud Task. */
  readonly key: string;
  /** CLIENT_ID, at most 36 characters. */
  readonly clientId: string;
}

/** Who has a lock. */
export interface LockHolder {
  readonly clientId: string | null;
  /** CREATED_DATE with all its digits: it changes whenever the holder renews the lock. */
  readonly createdAt: string;
  /** Whether the process is there; null for a holder that is no runner of Millrace's, of which nobody can tell. */
  readonly alive: boolean | null;
}

/** What each runner's CLIENT_ID begins with; its execution's id follows. Spring Cloud Task's is the id alone. */
export const OWN_CLIENT = 'millrace:';

const NOW = `(clock_timestamp() at time zone 'UTC')`;

/** The advisory lock of a holder: one for each table, so that installations in one database have nothing to do with each other. */
function presenceOf(clientId: string): string {
  return `hashtextextended('millrace:lock:' || to_regclass('task_lock')::oid || ':' || ${clientId}::text, 0)`;
}

/** Shows that the holder is alive, for as long as the session is. @returns whether no other session does */
export async function showPresence(sql: PreparingSqlRunner, clientId: string): Promise<boolean> {
  const [row] = await sql.queryPrepared<{ held: boolean | null }>(
    `select pg_try_advisory_lock(${presenceOf('$1')}) as held`,
    [clientId],
  );
  // Null without the table, of whose absence the next statement tells.
  return row?.held !== false;
}

/**
 * Takes a lock that is free, that has expired, or that is the owner's already.
 * @param ttl ms since its last renewal after which a lock has expired
 */
export async function takeLock(
  sql: PreparingSqlRunner,
  { key, clientId }: LockOwner,
  ttl: number,
): Promise<{ readonly taken: boolean }> {
  const updated = await sql.queryPrepared(
    `update task_lock set client_id = $2::text, created_date = ${NOW}
     where region = 'DEFAULT' and lock_key = $1
       and (client_id = $2::text or created_date < ${NOW} - $3::float8 * interval '1 ms')
     returning 1`,
    [key, clientId, ttl],
  );
  if (updated.length > 0) return { taken: true };
  const inserted = await sql.queryPrepared(
    `insert into task_lock (region, lock_key, client_id, created_date) values ('DEFAULT', $1, $2::text, ${NOW})
     on conflict do nothing returning 1`,
    [key, clientId],
  );
  return { taken: inserted.length > 0 };
}

/** Who has a lock; undefined if it is free. */
export async function findHolder(sql: PreparingSqlRunner, key: string): Promise<LockHolder | undefined> {
  const [row] = await sql.queryPrepared<LockHolder>(
    `select client_id::text as "clientId", created_date::text as "createdAt",
            case when starts_with(client_id::text, $2)
                 then not pg_try_advisory_xact_lock_shared(${presenceOf('client_id')}) end as alive
     from task_lock where region = 'DEFAULT' and lock_key = $1`,
    [key, OWN_CLIENT],
  );
  return row;
}

/** Takes a lock from a holder that is gone, unless it has changed since it was read. @returns whether it was taken */
export async function takeOver(
  sql: PreparingSqlRunner,
  { key, clientId }: LockOwner,
  gone: LockHolder,
): Promise<boolean> {
  const rows = await sql.queryPrepared(
    `update task_lock set client_id = $2::text, created_date = ${NOW}
     where region = 'DEFAULT' and lock_key = $1 and client_id = $3::text and created_date = $4::timestamp
     returning 1`,
    [key, clientId, gone.clientId, gone.createdAt],
  );
  return rows.length > 0;
}

/** Keeps a lock from expiring. @returns false if it is the owner's no more */
export async function renewLock(sql: PreparingSqlRunner, { key, clientId }: LockOwner): Promise<boolean> {
  const rows = await sql.queryPrepared(
    `update task_lock set created_date = ${NOW}
     where region = 'DEFAULT' and lock_key = $1 and client_id = $2::text returning 1`,
    [key, clientId],
  );
  return rows.length > 0;
}

/** Gives a lock back, if it is still the owner's. */
export async function deleteLock(sql: PreparingSqlRunner, { key, clientId }: LockOwner): Promise<void> {
  await sql.queryPrepared(`delete from task_lock where region = 'DEFAULT' and lock_key = $1 and client_id = $2::text`, [
    key,
    clientId,
  ]);
}
