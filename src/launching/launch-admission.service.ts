import { Inject, Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { BackgroundLoop } from '../background/background-loop.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { FreeRoom } from './free-room.js';
import { type AdmittedLaunch, admitQueued, findPlacesWithQueue, takeTurn } from './launch-admission.sql.js';
import { LaunchAttempts } from './launch-attempts.service.js';
import { type AccountDomain, domainOf } from './launch-record.js';

/** How often a queue is looked at when nobody says that there is room: another server may have made it, ms. */
const INTERVAL = 2_000;

/** Hears of each launch that got its room: its account, and how long it waited, seconds. */
export type AdmissionListener = (account: string, waited: number) => void;

/**
 * Gives room to launches that wait for it, in the order of the queue, and launches them at once. Any number of replicas may
 * do this: they take turns at each account. What waits gets its room also after the queue was switched off.
 */
@Injectable()
export class LaunchAdmission implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: BackgroundLoop;
  private readonly listeners: AdmissionListener[] = [];

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly platforms: PlatformRegistry,
    private readonly attempts: LaunchAttempts,
    room: FreeRoom,
    @Inject(LOGGER) logger: ServerLogger,
  ) {
    this.loop = new BackgroundLoop('launch admission', INTERVAL, () => this.admitAll(), logger);
    room.onAnnounced(() => this.loop.wake());
  }

  onApplicationBootstrap(): void {
    if (this.configuration.features.tasksEnabled) this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
    await this.attempts.settle();
  }

  /** Calls back for each launch that this server gave room. */
  onAdmitted(listener: AdmissionListener): void {
    this.listeners.push(listener);
  }

  private async admitAll(): Promise<void> {
    const here = this.platforms.all().map(domainOf);
    for (const place of await findPlacesWithQueue(this.database, here)) {
      for (const { record, waited } of await this.admit(place)) {
        for (const listener of this.listeners) listener(record.platformAccount, waited);
        // Not waited for: a slow download must not keep the next account's launches from their room.
        void this.attempts.attemptSoon(record);
      }
    }
  }

  private async admit(place: AccountDomain): Promise<readonly AdmittedLaunch[]> {
    const maximum = this.platforms.find(place.account)?.maximumConcurrentTasks ?? 0;
    return this.database.transaction(async (transaction) => {
      const room = maximum - (await takeTurn(transaction, place)).unended;
      return room > 0 ? admitQueued(transaction, place, room, LaunchAttempts.LEASE) : [];
    });
  }
}
