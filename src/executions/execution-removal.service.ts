import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { SCHEMA_TARGET_NAMES } from '../schema/schema-target.js';
import { ExecutionHistoryService } from './execution-history.service.js';
import * as removal from './execution-removal.sql.js';
import { NoSuchTaskExecutionError } from './executions.errors.js';
import { LARGEST_BATCH, type RemovalAction, RemovalBatches, sizeOf, USUAL_BATCH } from './removal-batches.service.js';
import { NOTHING_REMOVED } from './removal-run.js';
import { type OpenRun, RemovalRuns } from './removal-runs.service.js';

/** Executions looked at in one statement. */
const WINDOW = 2_000;

/** Removes executions: from platforms, from the tables, or both. */
@Injectable()
export class ExecutionRemovalService {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly history: ExecutionHistoryService,
    private readonly batches: RemovalBatches,
    private readonly runs: RemovalRuns,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {}

  /**
   * Removes executions by id; the data of a composed task's children goes with their parent's.
   * @throws NoSuchTaskExecutionError when any of them is unknown; then nothing is removed
   */
  async remove(target: SchemaTargetName, ids: readonly number[], actions: readonly RemovalAction[]): Promise<void> {
    const unique = [...new Set(ids)];
    const found = await this.history.findAll(target, unique);
    const known = new Set(found.map((execution) => execution.id));
    const missing = unique.filter((id) => !known.has(id));
    if (missing.length > 0) throw NoSuchTaskExecutionError.some(missing, target);
    for (let start = 0; start < unique.length; start += LARGEST_BATCH) {
      const part = unique.slice(start, start + LARGEST_BATCH);
      for await (const family of this.batches.families(target, part, { actions, finishedOnly: false })) {
        await this.batches.cleanUp(family, actions);
        if (!actions.includes('REMOVE_DATA')) continue;
        await this.database.transaction((transaction) => this.batches.removeRows(transaction, family, AUDITED));
      }
    }
  }

  /**
   * Removes all executions that fit, a few at a time, and keeps book of how far it is. With `spring.cloud.dataflow.async.enabled`
   * it goes on in the background. An empty selection is no error.
   * @throws RemovalInterruptedError when the server stops meanwhile
   */
  async removeAll(filter: AllFilter, actions: readonly RemovalAction[]): Promise<void> {
    const work = this.removeInBatches(filter, actions);
    if (!this.configuration.task.asyncDelete) return work;
    void work.catch((error: unknown) =>
      this.logger.error({ err: error }, 'removing executions in the background failed'),
    );
  }

  private async removeInBatches(filter: AllFilter, actions: readonly RemovalAction[]): Promise<void> {
    const { taskName, completedOnly, endedBefore } = filter;
    // No index leads to those of a task and an age; counting them would read all of the task.
    const countable = taskName === undefined || endedBefore === undefined;
    const run = await this.runs.begin({
      kind: 'clean-up',
      dryRun: false,
      selection: { taskName, completedOnly, endedBefore: endedBefore?.toISOString(), actions },
      expected: countable ? await this.history.count({ taskName, completed: completedOnly, endedBefore }) : null,
      tasks: null,
    });
    await this.runs.perform(run, async (open) => {
      for (const target of SCHEMA_TARGET_NAMES) {
        await this.removeOfTarget(target, { taskName, completedOnly, endedBefore }, actions, open);
      }
    });
  }

  private async removeOfTarget(
    target: SchemaTargetName,
    filter: removal.RemovalFilter,
    actions: readonly RemovalAction[],
    open: OpenRun,
  ): Promise<void> {
    const size = Math.min(this.configuration.task.executionDeleteChunkSize || USUAL_BATCH, LARGEST_BATCH);
    for (let after: removal.RemovalCursor | undefined = removal.BEGINNING; after !== undefined;) {
      const { ids, next } = await removal.findRemovable(this.database, target, filter, after, WINDOW);
      for (let start = 0; start < ids.length; start += size) {
        const part = ids.slice(start, start + size);
        for await (const family of this.batches.families(target, part, { actions, finishedOnly: false })) {
          open.assertGoingOn();
          await this.batches.cleanUp(family, actions);
          await open.batch(async (transaction) =>
            actions.includes('REMOVE_DATA')
              ? this.batches.removeRows(transaction, family, AUDITED)
              : { ...NOTHING_REMOVED, executions: sizeOf(family) },
          );
        }
      }
      after = next;
    }
  }
}

/** Which executions are removed. */
export interface AllFilter {
  readonly taskName?: string | undefined;
  readonly completedOnly: boolean;
  readonly endedBefore?: Date | undefined;
}

const AUDITED = { audited: true, finishedOnly: false } as const;
