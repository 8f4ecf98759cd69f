import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { type ExecutionKey, executionName } from '../launching/launch-record.js';
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

  /** Which of these executions are runs of composed tasks, ended ones too; no platform knows of them. */
  async runsAmong(executions: readonly ExecutionKey[]): Promise<(execution: ExecutionKey) => boolean> {
    const found = await findRunKeys(this.database, executions);
    return (execution) => found.has(executionName(execution));
  }
}
