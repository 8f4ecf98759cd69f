import { Inject, Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { BackgroundLoop } from '../background/background-loop.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import { LaunchAttempts } from './launch-attempts.service.js';

/** ms */
const INTERVAL = 2_000;

/** Launches taken over in one go. */
const BATCH = 20;

/**
 * Brings to its end what was accepted and did not get to its platform: a server died, or a platform was away. Any number of
 * replicas may do this at once; they take different launches, each of places that it can reach.
 */
@Injectable()
export class LaunchRecovery implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: BackgroundLoop;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
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

  private async recover(): Promise<void> {
    while ((await this.attempts.attemptDue(BATCH)) === BATCH);
  }
}
