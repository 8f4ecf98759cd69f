import { Inject, Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { BackgroundLoop } from '../background/background-loop.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { LaunchAttempts } from './launch-attempts.service.js';
import { domainOf } from './launch-record.js';
import * as launches from './launch.sql.js';

/** ms */
const INTERVAL = 2_000;

/** Launches taken over in one go. */
const BATCH = 20;

/**
 * Brings to its end what was accepted and did not get to its platform: a server died, a platform was away, or there was no
 * room. Any number of replicas may do this at once; they take different launches, each of places that it can reach.
 */
@Injectable()
export class LaunchRecovery implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: BackgroundLoop;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly platforms: PlatformRegistry,
    private readonly attempts: LaunchAttempts,
    @Inject(LOGGER) logger: ServerLogger,
  ) {
    this.loop = new BackgroundLoop('launch recovery', INTERVAL, () => this.recover(), logger);
  }

  onApplicationBootstrap(): void {
    if (this.configuration.features.tasksEnabled) this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
    await this.attempts.settle();
  }

  /** An execution ended, so there may be room for one that waits. */
  roomMayHaveCome(): void {
    if (this.configuration.millrace.launchQueue) this.loop.wake();
  }

  private async recover(): Promise<void> {
    if (this.configuration.millrace.launchQueue) await this.admit();
    while ((await this.attempts.attemptDue(BATCH)) === BATCH);
  }

  private async admit(): Promise<void> {
    for (const platform of this.platforms.all()) {
      await this.database.transaction(async (transaction) => {
        const place = domainOf(platform);
        await launches.lockAccount(transaction, place);
        const running = await launches.countUnended(transaction, place);
        const room = platform.maximumConcurrentTasks - running;
        if (room > 0) await launches.admitQueued(transaction, place, room);
      });
    }
  }
}
