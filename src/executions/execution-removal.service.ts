import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import type { CleanUpFilter } from './clean-up-selection.js';
import { CleanUps } from './clean-ups.service.js';
import { ExecutionHistoryService } from './execution-history.service.js';
import { NoSuchTaskExecutionError, RemovalInterruptedError } from './executions.errors.js';
import { LARGEST_BATCH, type RemovalAction, RemovalBatches } from './removal-batches.service.js';

/** Removes executions: from platforms, from the tables, or both. */
@Injectable()
export class ExecutionRemovalService {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly history: ExecutionHistoryService,
    private readonly batches: RemovalBatches,
    private readonly cleanUps: CleanUps,
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
   * Removes all executions that fit and are there by now, a few at a time, and keeps book of how far it is. With
   * `spring.cloud.dataflow.async.enabled` it goes on in the background. If this server dies, another one carries it on, or this
   * one when it is there again. An empty selection is no error.
   * @throws RemovalInterruptedError when the server stops meanwhile; in the background the rest is left to the next server
   * @throws RemovalTakenOverError
   */
  async removeAll(filter: CleanUpFilter, actions: readonly RemovalAction[]): Promise<void> {
    const { asyncDelete } = this.configuration.task;
    const run = await this.cleanUps.begin(filter, actions);
    const work = this.cleanUps.perform(run, asyncDelete);
    if (!asyncDelete) return work;
    void work.catch((error: unknown) => {
      if (error instanceof RemovalInterruptedError) return;
      this.logger.error({ err: error }, 'removing executions in the background failed');
    });
  }
}

const AUDITED = { audited: true, finishedOnly: false } as const;
