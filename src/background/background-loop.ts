import type { ServerLogger } from '../observability/logger.js';

/**
 * Work that is done again and again: every so often, and at once when somebody knows that there is some. It is
 * level-triggered: each round compares what is with what should be, so a missed wake-up only makes it later.
 */
export class BackgroundLoop {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = true;
  private again = false;
  private running = false;

  /**
   * @param interval ms between rounds
   * @param work one round; what it throws is logged, and the next round comes all the same
   */
  constructor(
    private readonly name: string,
    private readonly interval: number,
    private readonly work: () => Promise<void>,
    private readonly logger: Pick<ServerLogger, 'warn'>,
  ) {}

  /** Begins with a round at once. */
  start(): void {
    this.stopped = false;
    this.wake();
  }

  /** Asks for a round now; while one is under way, for another right after it. */
  wake(): void {
    if (this.stopped) return;
    if (this.running) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.running = true;
    this.round = this.run();
  }

  /** Ends the loop; resolves when the round that is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private async run(): Promise<void> {
    do {
      this.again = false;
      try {
        await this.work();
      } catch (error) {
        this.logger.warn(
          { loop: this.name, err: error },
          'a round of background work failed; the next one comes anyway',
        );
      }
    } while (this.isAskedAgain());
    this.running = false;
    if (!this.stopped) this.timer = setTimeout(() => this.wake(), this.interval);
  }

  private isAskedAgain(): boolean {
    return this.again && !this.stopped;
  }
}
