import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { findRunKeys, requestStop } from './composed-progress.sql.js';
import { ComposedRunSignals } from './composed-run-signals.js';

/** Asks runs of composed tasks to stop. */
@Injectable()
export class ComposedStops {
  constructor(
    private readonly database: Database,
    private readonly signals: ComposedRunSignals,
  ) {}

  /**
   * Asks a run to stop: it launches nothing any more, its children are cancelled, and it ends as STOPPED, or as its flow
   * does if that has come to its end by then.
   *
   * @param key the run's task execution
   * @returns false when it has ended, or is no run of a composed task
   */
  async requestStop(key: ExecutionKey): Promise<boolean> {
    const asked = await requestStop(this.database, key);
    if (asked) this.signals.wake(key);
    return asked;
  }

  /** Those of these executions that are runs of composed tasks; no platform knows of them. */
  async runsAmong(target: SchemaTargetName, ids: readonly number[]): Promise<ReadonlySet<number>> {
    return findRunKeys(this.database, target, ids);
  }
}
