import { createHash } from 'node:crypto';
import type pg from 'pg';
import { sqlStateOf } from './sql-state.js';

/** A lock that is held; it can be lost when the connection to PostgreSQL breaks, and somebody else may then hold it. */
export interface Lease {
  /** Aborted, with an {@link AdvisoryLockLostError} as its reason, as soon as the loss is known. */
  readonly signal: AbortSignal;
  /** @throws AdvisoryLockLostError when the lock is lost; call it before a write that only the holder may do */
  assertHeld(): void;
}

/** What {@link AdvisoryLocks.tryWithLease} comes back with. */
export type LeaseOutcome<Result> = { readonly held: true; readonly result: Result } | { readonly held: false };

/** The connection that held a lock broke, and the lock with it. */
export class AdvisoryLockLostError extends Error {
  override readonly name = 'AdvisoryLockLostError';

  constructor(lock: string) {
    super(`The lock "${lock}" was lost with its connection to PostgreSQL.`);
  }
}

/** How often a connection that holds locks is tried, ms; a dead one is noticed after at most twice this time. */
const HEARTBEAT = 5_000;

/** How long a lock is waited for at a stretch, ms; well below {@link HEARTBEAT}. */
const BOUT = 2_000;

/** SQLSTATE of a wait that `lock_timeout` ended. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Locks between servers on PostgreSQL advisory locks: they need no table and end with the session that took them, so a
 * server that dies frees them.
 */
export class AdvisoryLocks {
  /** Waiters within this process queue here, so that they take one connection and not one each. */
  private readonly queues = new Map<string, Promise<unknown>>();
  private readonly leased = new Set<string>();
  private leaseSession: Promise<LockSession> | undefined;

  /**
   * @param connect opens a connection outside of the pool
   * @param scope tells installations in one database apart, e.g. the schema
   */
  constructor(
    private readonly connect: () => Promise<pg.Client>,
    private readonly scope: string,
  ) {}

  /**
   * Waits for a lock, however long that takes, and does some work under it, on a connection of its own.
   *
   * @throws AdvisoryLockLostError when the lock was lost before the work ended
   */
  async withLock<Result>(name: string, work: (lease: Lease) => Promise<Result>): Promise<Result> {
    const before = this.queues.get(name) ?? Promise.resolve();
    const turn = before.then(() => this.lockAndRun(name, work));
    const settled = turn.catch(() => undefined);
    this.queues.set(name, settled);
    try {
      return await turn;
    } finally {
      if (this.queues.get(name) === settled) this.queues.delete(name);
    }
  }

  private async lockAndRun<Result>(name: string, work: (lease: Lease) => Promise<Result>): Promise<Result> {
    const session = new LockSession(await this.connect());
    try {
      await session.lock(this.keyOf(name));
      return await session.run(name, work);
    } finally {
      await session.close();
    }
  }

  /**
   * Does some work if nobody, here or on another server, holds the lock; comes back at once otherwise. All leases of a
   * server share one connection.
   *
   * @throws AdvisoryLockLostError when the lock was lost before the work ended
   */
  async tryWithLease<Result>(name: string, work: (lease: Lease) => Promise<Result>): Promise<LeaseOutcome<Result>> {
    if (this.leased.has(name)) return { held: false };
    this.leased.add(name);
    try {
      const session = await this.sessionWithLock(this.keyOf(name));
      if (session === undefined) return { held: false };
      try {
        return { held: true, result: await session.run(name, work) };
      } finally {
        await session.unlock(this.keyOf(name));
      }
    } finally {
      this.leased.delete(name);
    }
  }

  /** @returns undefined when somebody else holds the lock */
  private async sessionWithLock(key: string): Promise<LockSession | undefined> {
    for (let anew = false; ; anew = true) {
      const session = await this.sharedSession();
      try {
        const [row] = await session.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [key]);
        return row?.held === true ? session : undefined;
      } catch (error) {
        // PostgreSQL may have ended it since its last use, as in a failover; that shows only now.
        session.lose();
        if (anew) throw error;
      }
    }
  }

  private async sharedSession(): Promise<LockSession> {
    const known = this.leaseSession;
    const current = await known?.catch(() => undefined);
    if (current !== undefined && !current.lost) return current;
    // Several may come here at once; the first of them connects for all.
    if (this.leaseSession === undefined || this.leaseSession === known) {
      this.leaseSession = this.connect().then((client) => new LockSession(client));
    }
    return this.leaseSession;
  }

  private keyOf(name: string): string {
    return createHash('sha256').update(`millrace:${this.scope}:${name}`).digest().readBigInt64BE().toString();
  }

  /** Gives up all leases. */
  async close(): Promise<void> {
    const session = await this.leaseSession?.catch(() => undefined);
    await session?.close();
  }
}

/** A connection that holds locks, and knows when it is gone. */
class LockSession {
  lost = false;
  private readonly holders = new Set<(lost: true) => void>();
  private readonly heartbeat: NodeJS.Timeout;
  private beating = false;
  /** Settles with the statement that was begun last. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: pg.Client) {
    client.on('error', () => this.lose());
    client.on('end', () => this.lose());
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT);
    this.heartbeat.unref();
  }

  /** Runs a statement after those begun before it: holders share the connection, and `pg` wants one statement at a time. */
  async query<Row extends pg.QueryResultRow>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const turn = this.last.then(() => this.client.query<Row>(sql, [...parameters]));
    this.last = turn.catch(() => undefined);
    return (await turn).rows;
  }

  /** Waits for a lock, in short bouts: the heartbeat comes in between, so that waiting on a dead connection ends as well. */
  async lock(key: string): Promise<void> {
    await this.query(`set lock_timeout = ${BOUT}`);
    for (;;) {
      try {
        await this.query('select pg_advisory_lock($1)', [key]);
        return;
      } catch (error) {
        if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      }
    }
  }

  /** Runs work that is told when this session is lost. */
  async run<Result>(name: string, work: (lease: Lease) => Promise<Result>): Promise<Result> {
    const controller = new AbortController();
    const abort = (): void => controller.abort(new AdvisoryLockLostError(name));
    if (this.lost) abort();
    this.holders.add(abort);
    const lease: Lease = { signal: controller.signal, assertHeld: () => controller.signal.throwIfAborted() };
    try {
      lease.assertHeld();
      const result = await work(lease);
      lease.assertHeld();
      return result;
    } finally {
      this.holders.delete(abort);
    }
  }

  async unlock(key: string): Promise<void> {
    if (this.lost) return;
    await this.query('select pg_advisory_unlock($1)', [key]).catch(() => this.lose());
  }

  async close(): Promise<void> {
    this.lose();
    await this.client.end().catch(() => undefined);
  }

  /** Tells the holders of its locks that they have them no more. */
  lose(): void {
    if (this.lost) return;
    this.lost = true;
    clearInterval(this.heartbeat);
    for (const abort of this.holders) abort(true);
  }

  /** A half-open connection raises no error by itself: it shows by not answering the previous beat. */
  private beat(): void {
    if (this.beating) {
      this.lose();
      void this.client.end().catch(() => undefined);
      return;
    }
    this.beating = true;
    this.query('select 1').then(
      () => (this.beating = false),
      () => this.lose(),
    );
  }
}
