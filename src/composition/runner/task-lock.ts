import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailableError } from '../../database/database-unavailable.js';
import { messageOf } from '../../resources/system-error.js';
import { type Patience, patiently, WHILE_AWAY } from './patience.js';
import type { RunnerDatabase, RunnerSession } from './runner-database.js';
import type { RunnerLog } from './runner-log.js';
import type { SingleInstance } from './single-instance.js';
import {
  deleteLock,
  findHolder,
  type LockHolder,
  type LockOwner,
  renewLock,
  showPresence,
  takeLock,
  takeOver,
} from './task-lock.sql.js';

/**
 * What came of the wish for a lock: `held` by another execution; `twin`: another process runs this very execution; `stopped`:
 * the process was asked to end meanwhile.
 */
export type TakeOutcome = 'taken' | 'held' | 'twin' | 'stopped';

/** How long a held lock is wanted at least, ms: Spring Cloud Task's. */
const LEAST_WAIT = 500;
/**
 * How long a holder must not have been seen before it counts as gone, ms. A holder whose connection broke, as all do when the
 * database is started anew, has to come back within this time.
 */
const GRACE = 10_000;
/** Between two renewals, ms; more often only for a lock that expires sooner. */
const RENEWAL = 1_000;
const LEAST_PAUSE = 50;
/** For giving the lock back: the run has ended, and a lock that is left behind keeps nobody waiting for long. */
const AT_THE_END: Patience = { first: 500, longest: 5_000, altogether: 60_000 };

/**
 * The lock by which a task runs once at a time, in TASK_LOCK where Spring Cloud Task has it. Each of the two respects the
 * other's: as Spring does it, the holder renews its row until it gives it back.
 *
 * Spring's row stays until it expires when its process was killed. Beside a row of ours there is an advisory lock, which ends
 * with the holder's session: a holder that has neither that nor a renewal for some seconds is gone, and its row is taken over.
 */
export class TaskLock {
  private session: RunnerSession | undefined;
  /** Whether the session shows that this process is alive. */
  private present = false;
  private readonly ending = new AbortController();
  private keeping: Promise<void> | undefined;

  constructor(
    private readonly owner: LockOwner,
    private readonly times: SingleInstance,
    private readonly database: RunnerDatabase,
    private readonly log: RunnerLog,
  ) {}

  /**
   * Takes the lock and keeps it until {@link release}. A database that is away is waited for.
   * @throws DatabaseUnavailableError, MissingTablesError, and what PostgreSQL answers
   */
  async take(signal: AbortSignal): Promise<TakeOutcome> {
    const watch = new HolderWatch(Math.max(LEAST_WAIT, this.times.checkInterval));
    let told = false;
    for (;;) {
      const seen = await this.patiently(WHILE_AWAY, () => this.attempt(watch));
      if (seen === 'taken') {
        this.keeping = this.keep();
        return 'taken';
      }
      if (signal.aborted) return 'stopped';
      if (!told) this.log.info(`the lock of the task is held by ${describe(seen)}; trying again for a moment`);
      told = true;
      const left = watch.left(seen);
      if (left <= 0) return seen === 'twin' ? 'twin' : 'held';
      const pause = Math.max(LEAST_PAUSE, Math.min(left, this.times.checkInterval, RENEWAL));
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Gives the lock back, if it was taken. What fails is told, not thrown. */
  async release(): Promise<void> {
    this.ending.abort();
    await this.keeping;
    try {
      if (this.keeping !== undefined) {
        await this.patiently(AT_THE_END, () => this.database.transaction((sql) => deleteLock(sql, this.owner)));
      }
    } catch (error) {
      this.log.warn(`the lock of the task is left behind: ${messageOf(error)}`);
    } finally {
      await this.dropSession();
    }
  }

  private async attempt(watch: HolderWatch): Promise<'taken' | 'twin' | LockHolder | undefined> {
    return this.inSession(async ({ sql }) => {
      if (!this.present) return 'twin';
      if ((await takeLock(sql, this.owner, this.times.ttl)).taken) return 'taken';
      const holder = await findHolder(sql, this.owner.key);
      if (holder === undefined || !watch.isGone(holder) || !(await takeOver(sql, this.owner, holder))) return holder;
      this.log.warn(`the lock of the task was that of ${holder.clientId}, whose process is gone; it is taken over`);
      return 'taken';
    });
  }

  /** Renews the lock until it is given back, or somebody else has it. */
  private async keep(): Promise<void> {
    const { signal } = this.ending;
    const pace = Math.max(LEAST_PAUSE, Math.min(RENEWAL, this.times.ttl / 3));
    let told = false;
    for (;;) {
      await sleep(pace, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        if (!(await this.inSession(({ sql }) => renewLock(sql, this.owner)))) {
          // Spring's runs go on as well.
          this.log.warn('the lock of the task was taken away, so that another run of it may begin; this one goes on');
          return;
        }
        told = false;
      } catch (error) {
        if (!told) this.log.warn(`the lock of the task cannot be renewed: ${messageOf(error)}; trying again`);
        told = true;
      }
    }
  }

  /** Does something in the session that shows this process to be alive; one that fails is replaced the next time. */
  private async inSession<Result>(work: (session: RunnerSession) => Promise<Result>): Promise<Result> {
    try {
      this.session ??= await this.database.openSession();
      if (!this.present) this.present = await showPresence(this.session.sql, this.owner.clientId);
      return await work(this.session);
    } catch (error) {
      await this.dropSession();
      throw error;
    }
  }

  private async dropSession(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    this.present = false;
    await session?.close();
  }

  private patiently<Result>(patience: Patience, work: () => Promise<Result>): Promise<Result> {
    return patiently(work, (error) => error instanceof DatabaseUnavailableError, {
      patience,
      tell: (error) => this.log.warn(`${messageOf(error)}; trying again`),
    });
  }
}

function describe(seen: 'twin' | LockHolder | undefined): string {
  if (seen === 'twin') return 'another process for the same execution';
  return seen?.clientId?.trimEnd() ?? 'nobody who says so';
}

/** Watches the holder of a lock: how long it is waited for, and whether it is gone. */
class HolderWatch {
  private readonly begun = performance.now();
  private suspect: { readonly holder: LockHolder; readonly since: number } | undefined;

  /** @param patience ms for which a lock is wanted whose holder is there */
  constructor(private readonly patience: number) {}

  /** Whether a holder was neither there nor renewed its lock for as long as it takes. */
  isGone(holder: LockHolder): boolean {
    if (holder.alive !== false) {
      this.suspect = undefined;
      return false;
    }
    const { clientId, createdAt } = this.suspect?.holder ?? holder;
    if (this.suspect === undefined || clientId !== holder.clientId) {
      this.suspect = { holder, since: performance.now() };
    } else if (createdAt !== holder.createdAt) {
      // It renews its lock although its sessions do not show it, as behind a pooler that lends them by the transaction.
      this.suspect = undefined;
    }
    return this.suspect !== undefined && performance.now() - this.suspect.since >= GRACE;
  }

  /** How long to go on, ms. */
  left(seen: 'twin' | LockHolder | undefined): number {
    // Free by now: it can be had at once.
    if (seen === undefined) return 1;
    const now = performance.now();
    if (seen === 'twin') return this.begun + GRACE - now;
    return this.suspect === undefined
      ? this.begun + this.patience - now
      : this.suspect.since + GRACE + LEAST_WAIT - now;
  }
}
