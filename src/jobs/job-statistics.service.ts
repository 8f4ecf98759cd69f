import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { isDatabaseUnavailable } from '../database/database-unavailable.js';
import { Database } from '../database/database.js';
import {
  foldInstanceCounts,
  foldStepHistory,
  likePattern,
  type MatchingJobs,
  nameListedExecutions,
  recomputeStepHistory,
  selectMatchingJobs,
  selectStepHistory,
  type StepKey,
} from './job-statistics.sql.js';
import type { StepFigures } from './step-history.js';

/** Time between two folds, ms: a busy minute adds some hundred rows. */
const FOLD_INTERVAL = 30_000;

/**
 * What is kept of jobs and steps so that nobody has to read all of them: the jobs there are, and the history of steps.
 * Triggers append to it as applications write; each server folds it from time to time, which they may do at once.
 */
@Injectable()
export class JobStatistics implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('JobStatistics');
  private timer: NodeJS.Timeout | undefined;
  private folding: Promise<void> | undefined;

  constructor(private readonly database: Database) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.foldInBackground(), FOLD_INTERVAL);
    this.timer.unref();
  }

  /** Waits for what is in progress. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.folding;
  }

  /** The jobs whose name matches a pattern as of SQL's LIKE, all their executions ready to be listed by name. */
  async matchingJobs(pattern: string): Promise<MatchingJobs> {
    const jobs = await selectMatchingJobs(this.database, likePattern(pattern));
    if (!jobs.named) await nameListedExecutions(this.database);
    return jobs;
  }

  /** The history of a step, computed anew if executions were deleted since. */
  async historyOf(key: StepKey): Promise<StepFigures> {
    const history = await selectStepHistory(this.database, key);
    if (!history.stale) return history.figures;
    await recomputeStepHistory(this.database, key);
    return (await selectStepHistory(this.database, key)).figures;
  }

  /** Makes one row of the several that a job or step has. Safe at any time and on any number of servers. */
  async fold(): Promise<void> {
    await foldInstanceCounts(this.database);
    await foldStepHistory(this.database);
  }

  private foldInBackground(): void {
    this.folding ??= this.fold()
      .catch((error: unknown) => {
        // Answers stay right, only slower; the next turn tries again.
        if (!isDatabaseUnavailable(error)) this.logger.error(`Folding job statistics failed: ${String(error)}`);
      })
      .finally(() => {
        this.folding = undefined;
      });
  }
}
