import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundLoop } from '../background/background-loop.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { ExecutionEnds } from '../launching/execution-ends.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import { selectDeadJobs } from './job-control.sql.js';
import type { ExecutionKey } from './job-execution.sql.js';
import { JobRecoveryService } from './job-recovery.service.js';

/** How often jobs are looked for whose end no word announced (the server died in between), ms. */
const ROUND = 60_000;

/** Jobs recovered in one round. */
const BATCH = 500;

/** `millrace.jobs.recover-automatically`: recovers a job as soon as its platform has reported the end of its process. */
@Injectable()
export class AutomaticRecovery implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: BackgroundLoop;
  private readonly underWay = new Set<Promise<void>>();
  private stopped = false;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly recovery: JobRecoveryService,
    private readonly ends: ExecutionEnds,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {
    this.loop = new BackgroundLoop('job recovery', ROUND, () => this.recover(undefined), logger);
  }

  onApplicationBootstrap(): void {
    if (!this.configuration.millrace.recoverJobsAutomatically) return;
    this.ends.onEnd(({ key }) => this.follow(key));
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await this.loop.stop();
    await Promise.allSettled(this.underWay);
  }

  private follow(execution: ExecutionKey): void {
    if (this.stopped) return;
    const work = this.recover(execution).catch((error: unknown) => {
      this.logger.warn({ taskExecution: execution, err: error }, 'jobs of an ended execution are not recovered yet');
    });
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }

  private async recover(taskExecution: ExecutionKey | undefined): Promise<void> {
    for (const job of await selectDeadJobs(this.database, taskExecution, BATCH)) {
      if (this.stopped) return;
      if (await this.recovery.recoverDead(job)) {
        const { id: jobExecutionId, schemaTarget } = job;
        this.logger.info({ jobExecutionId, schemaTarget }, 'recovered a job whose process is gone');
      }
    }
  }
}
