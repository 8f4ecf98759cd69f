import { hostname } from 'node:os';
import { Inject, Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { BackgroundLoop } from '../background/background-loop.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { TaskPlatform } from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { domainOf, type LaunchRecord } from './launch-record.js';
import { recordEnd } from './launch-outcome.sql.js';
import * as domains from './platform-domain.sql.js';

/** Longest time between two signs of life, and for a request to be heard, ms. */
const LONGEST_INTERVAL = 5_000;

/** How often lost executions are looked for, at most, ms. */
const LONGEST_LOSS_CHECK = 60_000;

/**
 * How long a launch from before domains were written down, which has perhaps not reached its platform, waits for the server
 * that knows more of it, ms.
 */
const UPGRADE_PATIENCE = 60_000;

/** Rows handled in one round. */
const BATCH = 500;

/**
 * Several servers on one database may each have executions that only they can see: those of their own machine. Each tells
 * the others that it is alive, does what they ask of it, and ends the executions of those that do not come back.
 */
@Injectable()
export class PlatformDomains implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** On its own: whatever the rest waits for, this server is alive. */
  private readonly heart: BackgroundLoop;
  private readonly work: BackgroundLoop;
  private readonly lostAfter: number;
  private readonly startedAt = Date.now();
  private lastBeat = 0;
  /** Since when this server has seen without a gap who else is alive. */
  private watchingSince = 0;
  private lossesCheckedAt = 0;

  constructor(
    @Inject(CONFIGURATION) configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly platforms: PlatformRegistry,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {
    this.lostAfter = configuration.millrace.followUpLostAfter;
    const interval = Math.min(LONGEST_INTERVAL, this.lostAfter / 4);
    this.heart = new BackgroundLoop('sign of life', interval, () => this.beat(), logger);
    this.work = new BackgroundLoop('platform domains', interval, () => this.round(), logger);
  }

  onApplicationBootstrap(): void {
    if (this.platforms.all().length === 0) return;
    this.heart.start();
    this.work.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.heart.stop(), this.work.stop()]);
  }

  /** Whether only other servers can reach what this launch brought about. */
  isElsewhere({ domain, platformAccount }: LaunchRecord): boolean {
    if (domain === null) return false;
    const platform = this.platforms.find(platformAccount);
    return platform === undefined || domainOf(platform).domain !== domain;
  }

  /** Asks the servers that can reach a launch to cancel it or clean it up; they do it within seconds, or when they are back. */
  async request(launch: LaunchRecord, action: domains.PlatformAction): Promise<void> {
    await domains.insertRequest(this.database, launch, action);
  }

  /** For people: which server can reach a launch, and when it was last heard of. */
  async describeServer({ platformAccount: account, domain }: LaunchRecord): Promise<string> {
    const server = await domains.findServer(this.database, { account, domain: domain ?? '' });
    if (server === undefined) return 'a server that is not known any more';
    return `the server on ${server.host ?? 'an unknown host'} (last seen ${server.seenAt.toISOString()})`;
  }

  /** After a gap (the database was away, this machine slept) the others get their time to be heard of again. */
  private async beat(): Promise<void> {
    await domains.beat(this.database, this.platforms.all().map(domainOf), hostname());
    const now = Date.now();
    if (now - this.lastBeat > this.lostAfter / 2) this.watchingSince = now;
    this.lastBeat = now;
  }

  private async round(): Promise<void> {
    for (const platform of this.platforms.all()) await this.adopt(platform);
    await this.carryOutRequests();
    await this.endLost();
  }

  /** Finds out which launches from before domains were written down are this platform's. */
  private async adopt(platform: TaskPlatform): Promise<void> {
    const { account, domain } = domainOf(platform);
    const unclaimed = await domains.findUnclaimed(this.database, account, BATCH);
    if (unclaimed.length === 0) return;
    const statuses = await platform.status(unclaimed.map(({ externalExecutionId }) => externalExecutionId));
    const known = new Set(
      statuses.filter(({ phase }) => phase !== 'gone').map(({ externalExecutionId }) => externalExecutionId),
    );
    const patienceIsOver = Date.now() - this.startedAt > UPGRADE_PATIENCE;
    for (const { key, externalExecutionId, state } of unclaimed) {
      const isOurs =
        platform.domain === null || known.has(externalExecutionId) || (state !== 'launched' && patienceIsOver);
      if (isOurs) await domains.claimLaunch(this.database, key, domain);
    }
  }

  private async carryOutRequests(): Promise<void> {
    const places = this.platforms.all().map(domainOf);
    for (const request of await domains.findRequests(this.database, places, BATCH)) {
      const { externalExecutionId, action, place } = request;
      const platform = this.platforms.find(place.account);
      try {
        if (action === 'cancel') await platform?.cancel(externalExecutionId);
        else await platform?.cleanUp(externalExecutionId);
        await domains.deleteRequest(this.database, request);
        this.logger.info({ account: place.account, externalExecutionId, action }, 'done for another server');
      } catch (error) {
        const facts = { account: place.account, externalExecutionId, action, err: error };
        this.logger.warn(facts, 'what another server asked for could not be done; it is tried again');
      }
    }
  }

  /** Only a server that has watched for as long itself may say that another was away for so long. */
  private async endLost(): Promise<void> {
    const now = Date.now();
    if (this.watchingSince === 0 || now - this.watchingSince < this.lostAfter) return;
    // This machine may have slept since; the next sign of life begins the watch anew.
    if (now - this.lastBeat > this.lostAfter / 2) return;
    if (now - this.lossesCheckedAt < Math.min(LONGEST_LOSS_CHECK, this.lostAfter / 4)) return;
    for (const { key, host, seenAt } of await domains.findLost(this.database, this.lostAfter, BATCH)) {
      const reason =
        `The server on ${host ?? 'an unknown host'}, the only one that can see this execution, has not been seen since ` +
        `${seenAt.toISOString()}. What became of the program is not known.`;
      const end = { state: 'ended', startedAt: undefined, endedAt: new Date(), exitCode: 1, reason } as const;
      if ((await recordEnd(this.database, key, end)) === undefined) continue;
      this.logger.warn({ executionId: key.id, schemaTarget: key.schemaTarget, reason }, 'given up as lost');
    }
    await domains.deleteOldRequests(this.database);
    this.lossesCheckedAt = now;
  }
}
