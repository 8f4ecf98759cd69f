import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { BatchStatus } from './job-history.js';
import {
  foldJobCounts,
  foldStepHistory,
  type JobCounts,
  recomputeStepHistory,
  selectJobCounts,
  selectStepHistory,
  type StepKey,
} from './job-statistics.sql.js';
import type { StepFigures } from './step-history.js';

/** Reading more rows than this for one answer calls for folding. */
const FOLD_BEYOND = 1000;

/**
 * What is kept of jobs and steps so that nobody has to count: number of executions and instances, history of steps.
 * Triggers add to it; whoever reads much of it folds it in the background, and a server may do so at quiet times.
 */
@Injectable()
export class JobStatistics implements BeforeApplicationShutdown {
  private readonly logger = new Logger('JobStatistics');
  private folding: Promise<void> | undefined;
  private foldBeyond = FOLD_BEYOND;

  constructor(private readonly database: Database) {}

  /** Counts by job name (a pattern as of SQL's LIKE) and status; undefined for any. */
  async countJobs(name: string | undefined, status: BatchStatus | undefined): Promise<JobCounts> {
    const counts = await selectJobCounts(this.database, name, status);
    if (counts.rows > this.foldBeyond) this.foldSoon();
    return counts;
  }

  /** The history of a step, computed anew if executions were deleted since. */
  async historyOf(key: StepKey): Promise<StepFigures> {
    let history = await selectStepHistory(this.database, key);
    if (history.stale) {
      await recomputeStepHistory(this.database, key);
      history = await selectStepHistory(this.database, key);
    }
    if (history.rows > FOLD_BEYOND) this.foldSoon();
    return history.figures;
  }

  /** Makes one row of the several that each job and step has. Safe at any time and on any number of servers. */
  async fold(): Promise<void> {
    await foldJobCounts(this.database);
    await foldStepHistory(this.database);
    const { rows } = await selectJobCounts(this.database, undefined, undefined);
    this.foldBeyond = Math.max(FOLD_BEYOND, 2 * rows);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.folding;
  }

  private foldSoon(): void {
    this.folding ??= this.fold()
      .catch((error: unknown) => {
        // The next reader tries again; until then, answers are right and a little slower.
        this.logger.warn(`Folding job statistics failed: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => {
        this.folding = undefined;
      });
  }
}
