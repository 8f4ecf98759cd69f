import { hostname } from 'node:os';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { Database, type Transaction } from '../database/database.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { Page, PageRequest } from '../representation/page.js';
import { messageOf } from '../resources/system-error.js';
import { NoSuchRemovalError, RemovalInterruptedError, RemovalTakenOverError } from './executions.errors.js';
import * as runs from './removal-run.sql.js';
import { type RemovalKind, type RemovalRun, type RemovedCounts, sumOf } from './removal-run.js';

/** How often a run gives a sign of life, ms; a third of the time after which it is taken for dead. */
const HEARTBEAT = 5_000;

/** How often the log says how far a run is, ms. */
const LOG_INTERVAL = 10_000;

/** A run while it is done. */
export interface OpenRun {
  readonly run: RemovalRun;
  /** What it has removed so far, on whichever server. */
  readonly removed: RemovedCounts;
  /** @throws RemovalInterruptedError when the server is about to stop; to be called between batches */
  assertGoingOn(): void;
  /**
   * Does one batch in a transaction of its own and adds what it removed to the run in the same transaction.
   * @param work does the batch; undefined when there was nothing to do
   */
  batch(work: (transaction: Transaction) => Promise<RemovedCounts | undefined>): Promise<void>;
  /** Says how many tasks are done. */
  tasksDone(done: number): void;
}

/** How a run begins; see {@link RemovalRun}. */
export type RunStart = Pick<RemovalRun, 'kind' | 'dryRun' | 'selection' | 'expected' | 'tasks'> & {
  readonly scheduled?: boolean;
};

/** Keeps the book of removals of many executions: what is under way and how far, what the last ones did. */
@Injectable()
export class RemovalRuns implements BeforeApplicationShutdown {
  private readonly underWay = new Set<Promise<unknown>>();
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.interrupt();
  }

  /** Lets runs of this server end after the batch that they are at, and no other begin. */
  async interrupt(): Promise<void> {
    this.stopping = true;
    await Promise.allSettled(this.underWay);
  }

  /** Writes down that a run begins. */
  async begin(start: RunStart): Promise<RemovalRun> {
    await this.closeAbandoned();
    return runs.beginRun(this.database, { scheduled: false, ...start, server: hostname() });
  }

  /**
   * Does a run that has begun, or the rest of one that was taken over, and writes down how it ends. A run of the retention ends
   * with an audit record, unless it was dry.
   * @param handOver leaves it to other servers when this one stops
   * @throws what the work throws
   * @throws RemovalTakenOverError when another server took this one for dead
   */
  async perform(run: RemovalRun, work: (open: OpenRun) => Promise<void>, handOver = false): Promise<RemovalRun> {
    const performed = this.performed(run, work, handOver);
    this.underWay.add(performed);
    try {
      return await performed;
    } finally {
      this.underWay.delete(performed);
    }
  }

  /** Runs that a server left unfinished which is dead, or seems to be; the first ones first. */
  async leftBehind(kind: RemovalKind): Promise<readonly RemovalRun[]> {
    return this.stopping ? [] : runs.findSilent(this.database, kind);
  }

  /**
   * Makes a run that was left behind this server's, which is to {@link perform} it then.
   * @param afresh whether it is counted from the beginning: it goes through all again
   * @returns undefined when another server has it
   */
  async takeOver({ id, kind, server }: RemovalRun, afresh: boolean): Promise<RemovalRun | undefined> {
    const taken = await runs.takeOver(this.database, id, { server: hostname(), afresh });
    if (taken !== undefined) this.logger.info({ removal: id, kind, from: server }, 'carrying on a removal');
    return taken;
  }

  /** Closes a run that was left behind and cannot be carried on. What was removed is told in the dead server's stead. */
  async close({ id }: RemovalRun): Promise<void> {
    await this.closeAbandoned(id);
  }

  /** @throws NoSuchRemovalError */
  async find(id: number): Promise<RemovalRun> {
    const run = await runs.findRun(this.database, id);
    if (run === undefined) throw new NoSuchRemovalError(id);
    return run;
  }

  /** The latest first. */
  async list(filter: runs.RunFilter, request: PageRequest): Promise<Page<RemovalRun>> {
    return {
      elements: await runs.findRuns(this.database, filter, request.offset, request.size),
      totalElements: await runs.countRuns(this.database, filter),
    };
  }

  /** The latest that is under way, or that is over. */
  async latest(kind: RemovalKind, running: boolean): Promise<RemovalRun | undefined> {
    const [run] = await runs.findRuns(this.database, { kind, running }, 0, 1);
    return run;
  }

  /** Whether no scheduled run of that kind began within so many ms. */
  async isDue(kind: RemovalKind, interval: number): Promise<boolean> {
    return runs.isDue(this.database, kind, interval);
  }

  private async performed(
    run: RemovalRun,
    work: (open: OpenRun) => Promise<void>,
    handOver: boolean,
  ): Promise<RemovalRun> {
    const open = new Progress(run, this.database, this.logger, () => this.stopping);
    try {
      await work(open);
      await this.end(open, 'ended', null);
    } catch (error) {
      const interrupted = error instanceof RemovalInterruptedError;
      // In vain while the database is away, or when it is another server's: then that one carries it on.
      if (!interrupted || !handOver) {
        await this.end(open, interrupted ? 'interrupted' : 'failed', messageOf(error)).catch(() => undefined);
      }
      throw error;
    } finally {
      open.close();
    }
    return this.find(run.id);
  }

  private async end(open: Progress, state: 'ended' | 'failed' | 'interrupted', message: string | null): Promise<void> {
    const { run, removed, progress } = open;
    await this.database.transaction(async (transaction) => {
      if (!(await runs.writeProgress(transaction, run.id, progress.batches, progress))) {
        throw new RemovalTakenOverError(run.id);
      }
      await runs.endRun(transaction, run.id, { state, message, tasksDone: open.done });
      await this.auditRun(transaction, { ...run, ...removed, state });
    });
    const { id, kind, dryRun } = run;
    const { executions, jobExecutions } = removed;
    const { batches, longestBatch } = progress;
    this.logger.info(
      { removal: id, kind, dryRun, state, executions, jobExecutions, batches, longestBatch: Math.round(longestBatch) },
      dryRun ? 'a dry run of removing executions is over' : 'removing executions is over',
    );
  }

  private async closeAbandoned(id?: number): Promise<void> {
    await this.database.transaction(async (transaction) => {
      for (const run of await runs.closeAbandoned(transaction, id)) await this.auditRun(transaction, run);
    });
  }

  /**
   * A clean-up writes a record with each batch, as SCDF does with each call. A run that the server began by itself and that found
   * nothing to remove is no news: one each hour would bury the others.
   */
  private async auditRun(transaction: Transaction, run: RemovalRun): Promise<void> {
    if (run.kind !== 'retention' || run.dryRun) return;
    if (run.scheduled && run.executions === 0 && run.state === 'ended') return;
    await this.audit.record(transaction.manager, {
      operation: 'TASK',
      action: 'DELETE',
      correlationId: `Retention run ${run.id}`,
      data: {
        'Deleted # of Task Executions': run.executions,
        'Deleted # of Job Executions': run.jobExecutions,
        'Deleted Task Executions by Task': run.byTask,
        State: run.state,
        Policy: run.selection,
      },
    });
  }
}

/** See {@link OpenRun}. */
class Progress implements OpenRun {
  removed: RemovedCounts;
  done = 0;
  private batches: number;
  private longestBatch: number;
  private logged = Date.now();
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    readonly run: RemovalRun,
    private readonly database: Database,
    private readonly logger: ServerLogger,
    private readonly isStopping: () => boolean,
  ) {
    const { executions, jobExecutions, byTask } = run;
    this.removed = { executions, jobExecutions, byTask };
    this.batches = run.batches;
    this.longestBatch = run.longestBatch;
    const beat = () => void runs.touch(database, run.id, this.batches, this.done).catch(() => undefined);
    this.heartbeat = setInterval(beat, HEARTBEAT);
    this.heartbeat.unref();
  }

  get progress(): runs.RunProgress {
    return { ...this.removed, batches: this.batches, longestBatch: this.longestBatch };
  }

  assertGoingOn(): void {
    if (this.isStopping()) throw new RemovalInterruptedError();
  }

  async batch(work: (transaction: Transaction) => Promise<RemovedCounts | undefined>): Promise<void> {
    this.assertGoingOn();
    const begin = performance.now();
    const removed = await this.database.transaction(async (transaction) => {
      const counts = await work(transaction);
      if (counts === undefined) return undefined;
      const sum = sumOf(this.removed, counts);
      const { longestBatch, batches } = this;
      const progress = { ...sum, batches: batches + 1, longestBatch };
      if (!(await runs.writeProgress(transaction, this.run.id, batches, progress))) {
        throw new RemovalTakenOverError(this.run.id);
      }
      return sum;
    });
    if (removed === undefined) return;
    this.removed = removed;
    this.batches += 1;
    this.longestBatch = Math.max(this.longestBatch, performance.now() - begin);
    this.log();
  }

  tasksDone(done: number): void {
    this.done = done;
  }

  close(): void {
    clearInterval(this.heartbeat);
  }

  private log(): void {
    if (Date.now() - this.logged < LOG_INTERVAL) return;
    this.logged = Date.now();
    const { id, kind, dryRun, expected } = this.run;
    const { executions } = this.removed;
    this.logger.info({ removal: id, kind, dryRun, executions, expected, batches: this.batches }, 'removing executions');
  }
}
