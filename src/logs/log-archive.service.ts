import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundLoop } from '../background/background-loop.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database, type Transaction } from '../database/database.js';
import { type AccountDomain, domainOf } from '../launching/launch-record.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { SchemaTargetName, TaskPlatform } from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import type { LogExcerpt } from './log-excerpt.js';
import { readExcerpt } from './log-reading.js';
import * as logs from './log.sql.js';
import type { S3LogStore } from './s3-log-store.js';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** How often launches that ended are looked through for logs that were not kept, ms. */
const INTERVAL = 15_000;
/** ms after an end that are left to the server that saw it. */
const MOMENT = 5_000;
/** Logs read and stored at once: few, since launches and lists share the database with them. */
const WORKERS = 2;
/** Ends that wait in memory; what is beyond is found in the database. */
const LONGEST_QUEUE = 10_000;
/** Launches and objects looked at in one go. */
const BATCH = 100;
/** ms for reading one log. */
const PATIENCE = 60_000;
/** ms between tries on a log that cannot be kept; doubles up to the longest, and ends a day after the execution. */
const FIRST_PAUSE = 15_000;
const LONGEST_PAUSE = 600_000;
const GIVE_UP_AFTER = 24 * 3_600_000;
/** Failures in a row after which an account is left alone until the next round: it cannot be reached. */
const FAILURES_IN_A_ROW = 3;
/** A log that decompresses to more than any limit that can be set was not written here. */
const LARGEST_LOG = 128 * 1024 ** 2;

/** A log that was kept. */
export interface ArchivedLog {
  readonly text: string;
  /** Whether a part in the middle was left out. */
  readonly truncated: boolean;
  readonly archivedAt: Date;
}

/**
 * Keeps the logs of ended executions, so that they outlive pods and files. Who sees an end says so, and the log is
 * kept soon after; a loop makes up for what was missed, since a launch that ended bears a mark when its log is settled.
 */
@Injectable()
export class LogArchive implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: BackgroundLoop;
  private readonly queue: logs.LoggedExecution[] = [];
  private readonly workers = new Set<Promise<void>>();
  private readonly failures = new Map<string, { readonly pause: number; readonly next: number }>();
  private readonly readings = new Set<AbortController>();
  private stopping = false;
  private bucket: Promise<S3LogStore> | undefined;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly platforms: PlatformRegistry,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {
    this.loop = new BackgroundLoop('log archive', INTERVAL, () => this.round(), logger);
  }

  onApplicationBootstrap(): void {
    if (this.keepsLogs || this.configuration.logs.s3 !== undefined) this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    for (const reading of this.readings) reading.abort();
    this.queue.length = 0;
    await this.loop.stop();
    await Promise.all(this.workers);
  }

  /** To be told when an execution has ended; returns at once, and never fails. */
  ended(execution: logs.LoggedExecution): void {
    if (!this.keepsLogs || this.stopping || this.queue.length >= LONGEST_QUEUE) return;
    this.queue.push(execution);
    if (this.workers.size >= WORKERS) return;
    const worker = this.work().finally(() => this.workers.delete(worker));
    this.workers.add(worker);
  }

  /**
   * Makes sure that the log of an execution is kept before the platform removes it.
   * @returns false when it could not be stored: then it must not be removed
   */
  async keepBeforeRemoval(execution: logs.LoggedExecution): Promise<boolean> {
    const { schemaTarget, executionId, externalExecutionId, platformAccount } = execution;
    const platform = this.platforms.find(platformAccount);
    if (!this.keepsLogs || platform === undefined) return true;
    if (await logs.isStored(this.database, schemaTarget, executionId)) return true;
    let excerpt: LogExcerpt | undefined;
    try {
      const [status] = await platform.status([externalExecutionId]);
      if (status?.phase !== 'succeeded' && status?.phase !== 'failed') return true;
      excerpt = await this.read(platform, externalExecutionId);
    } catch (error) {
      this.logger.warn({ schemaTarget, executionId, err: error }, 'the log is lost: it cannot be read before clean-up');
      return true;
    }
    if (excerpt === undefined) return true;
    try {
      await this.store(execution, excerpt);
      return true;
    } catch (error) {
      this.logger.warn({ schemaTarget, executionId, err: error }, 'the log cannot be kept; it stays on its platform');
      return false;
    }
  }

  /**
   * The log of an execution by its external id; undefined when none was kept.
   * @throws LogStoreError, DatabaseUnavailableError
   */
  async find(externalExecutionId: string): Promise<ArchivedLog | undefined> {
    const stored = await logs.findLog(this.database, externalExecutionId);
    if (stored === undefined) return undefined;
    const { objectKey, truncated, archivedAt } = stored;
    const content = stored.content ?? (objectKey === null ? undefined : await (await this.s3())?.get(objectKey));
    if (content === undefined) return undefined;
    const text = (await decompress(content, { maxOutputLength: LARGEST_LOG })).toString('utf8');
    return { text, truncated, archivedAt };
  }

  /** Removes the logs of executions that are being removed; call it last in the transaction that removes them. */
  async remove(transaction: Transaction, target: SchemaTargetName, ids: readonly number[]): Promise<void> {
    await logs.removeLogs(transaction, target, ids);
    if (this.configuration.logs.s3 !== undefined) this.loop.wake();
  }

  private get keepsLogs(): boolean {
    return this.configuration.logs.archive !== 'none';
  }

  private async work(): Promise<void> {
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      await this.settle(next, undefined);
    }
  }

  /** What any replica that reaches the same place may do, one does: reading the same logs twice would be in vain. */
  private async round(): Promise<void> {
    if (this.keepsLogs) {
      for (const platform of this.platforms.all()) {
        const place = domainOf(platform);
        await this.database.tryWithLease(`log archive ${place.account}/${place.domain}`, () => this.makeUp(place));
      }
    }
    await this.database.tryWithLease('removed logs', () => this.removeObjects());
  }

  private async makeUp(place: AccountDomain): Promise<void> {
    let failures = 0;
    for (let after: logs.Cursor | undefined = logs.BEGINNING; after !== undefined;) {
      const { launches, next } = await logs.findUnsettled(this.database, place, after, BATCH, MOMENT);
      for (const launch of launches) {
        if (this.stopping || failures >= FAILURES_IN_A_ROW) return;
        if ((this.failures.get(keyOf(launch))?.next ?? 0) > Date.now()) continue;
        failures = (await this.settle(launch, launch.endedAt)) ? 0 : failures + 1;
      }
      after = next;
    }
  }

  /** Keeps a log, or finds that there is none; what fails is tried again for a day. @returns whether it is settled */
  private async settle(execution: logs.LoggedExecution, endedAt: Date | undefined): Promise<boolean> {
    const { schemaTarget, executionId, externalExecutionId, platformAccount } = execution;
    const key = keyOf(execution);
    try {
      const platform = this.platforms.find(platformAccount);
      if (platform === undefined) throw new Error(`there is no platform account '${platformAccount}' any more`);
      const excerpt = await this.read(platform, externalExecutionId);
      if (excerpt === undefined) await logs.settleWithoutLog(this.database, execution);
      else await this.store(execution, excerpt);
      this.failures.delete(key);
      return true;
    } catch (error) {
      if (this.stopping) return false;
      const facts = { schemaTarget, executionId, externalExecutionId, err: error };
      if (endedAt !== undefined && Date.now() - endedAt.getTime() > GIVE_UP_AFTER) {
        await this.giveUp(execution);
        this.logger.warn(facts, 'the log of an execution could not be kept for a day and is given up');
        return true;
      }
      const pause = Math.min(2 * (this.failures.get(key)?.pause ?? FIRST_PAUSE / 2), LONGEST_PAUSE);
      this.failures.set(key, { pause, next: Date.now() + pause });
      this.logger.warn(facts, 'the log of an execution could not be kept yet');
      return false;
    }
  }

  private async read(platform: TaskPlatform, externalExecutionId: string): Promise<LogExcerpt | undefined> {
    const reading = new AbortController();
    const timer = setTimeout(() => reading.abort(), PATIENCE);
    this.readings.add(reading);
    try {
      return await readExcerpt(platform, externalExecutionId, this.configuration.logs.maxSize, reading.signal);
    } finally {
      clearTimeout(timer);
      this.readings.delete(reading);
    }
  }

  private async giveUp(execution: logs.LoggedExecution): Promise<void> {
    this.failures.delete(keyOf(execution));
    // In vain while the database is away; then the next round comes back to it.
    await logs.settleWithoutLog(this.database, execution).catch(() => undefined);
  }

  private async store(execution: logs.LoggedExecution, excerpt: LogExcerpt): Promise<void> {
    const { schemaTarget, executionId } = execution;
    const { originalLength, truncated } = excerpt;
    const content = await compress(excerpt.content);
    const bucket = this.configuration.logs.archive === 's3' ? await this.s3() : undefined;
    if (bucket === undefined) {
      await logs.storeLog(this.database, execution, { content, objectKey: null, originalLength, truncated });
      return;
    }
    const objectKey = bucket.keyOf(this.database.instanceId, schemaTarget, executionId);
    await bucket.put(objectKey, content);
    const log = { content: null, objectKey, originalLength, truncated };
    // Nobody else knows of the object when the execution was removed meanwhile.
    if (!(await logs.storeLog(this.database, execution, log))) await bucket.remove(objectKey);
  }

  private async removeObjects(): Promise<void> {
    if (this.configuration.logs.s3 === undefined) return;
    for (;;) {
      const keys = await logs.findRemovedObjects(this.database, BATCH);
      for (const key of keys) {
        if (this.stopping) return;
        await (await this.s3())?.remove(key);
        await logs.forgetObject(this.database, key);
      }
      if (keys.length < BATCH) return;
    }
  }

  /** Its code is loaded only where a bucket is configured. */
  private async s3(): Promise<S3LogStore | undefined> {
    const { s3 } = this.configuration.logs;
    if (s3 === undefined) return undefined;
    this.bucket ??= import('./s3-log-store.js').then(({ S3LogStore }) => new S3LogStore(s3));
    return this.bucket;
  }
}

function keyOf({ schemaTarget, executionId }: logs.LoggedExecution): string {
  return `${schemaTarget}/${executionId}`;
}
