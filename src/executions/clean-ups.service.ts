import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundLoop } from '../background/background-loop.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { SCHEMA_TARGET_NAMES } from '../schema/schema-target.js';
import { type CleanUpFilter, type CleanUpSelection, readSelection, writeSelection } from './clean-up-selection.js';
import { ExecutionHistoryService } from './execution-history.service.js';
import * as removal from './execution-removal.sql.js';
import { RemovalInterruptedError } from './executions.errors.js';
import { LARGEST_BATCH, type RemovalAction, RemovalBatches, sizeOf, USUAL_BATCH } from './removal-batches.service.js';
import { NOTHING_REMOVED, type RemovalRun } from './removal-run.js';
import { type OpenRun, RemovalRuns } from './removal-runs.service.js';

/** Executions looked at in one statement. */
const WINDOW = 2_000;

/** How often it is looked for clean-ups that a dead server left, ms. */
const INTERVAL = 10_000;

const AUDITED = { audited: true, finishedOnly: false } as const;

/** Removes all executions that fit, a few at a time, and carries on what servers that died had begun. */
@Injectable()
export class CleanUps implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: BackgroundLoop;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly history: ExecutionHistoryService,
    private readonly batches: RemovalBatches,
    private readonly runs: RemovalRuns,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {
    this.loop = new BackgroundLoop('clean-ups left behind', INTERVAL, () => this.carryOn(), logger);
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    // The loop waits for its round, and the round for its run.
    await Promise.all([this.runs.interrupt(), this.loop.stop()]);
  }

  /** Writes down that all executions are to be removed that fit and are there by now. {@link perform} is to follow. */
  async begin(
    { taskName, completedOnly, endedBefore }: CleanUpFilter,
    actions: readonly RemovalAction[],
  ): Promise<RemovalRun> {
    const upTo = await removal.findLastIds(this.database);
    return this.runs.begin({
      kind: 'clean-up',
      dryRun: false,
      selection: writeSelection({ taskName, completedOnly, endedBefore, actions, upTo }),
      expected: await this.expected({ taskName, completedOnly, endedBefore }),
      tasks: null,
    });
  }

  /**
   * Does a clean-up that has begun.
   * @param handOver leaves the rest to other servers when this one stops
   * @throws RemovalInterruptedError when the server stops meanwhile
   * @throws RemovalTakenOverError
   */
  async perform(run: RemovalRun, handOver: boolean): Promise<void> {
    const selection = readSelection(run.selection);
    if (selection === undefined) throw new Error(`removal ${run.id} cannot be read`);
    await this.runs.perform(run, (open) => this.walk(selection, open), handOver);
  }

  private async expected({ taskName, completedOnly, endedBefore }: CleanUpFilter): Promise<number | null> {
    if (endedBefore === undefined) return this.history.count({ taskName, completed: completedOnly });
    // No index leads to those of a task and an age; counting them would read all of the task.
    return taskName === undefined ? this.history.countEndedSoon(endedBefore) : null;
  }

  private async carryOn(): Promise<void> {
    for (const run of await this.runs.leftBehind('clean-up')) {
      const selection = readSelection(run.selection);
      if (selection === undefined) await this.runs.close(run);
      else await this.carryOnOne(run, selection);
    }
  }

  private async carryOnOne(run: RemovalRun, selection: CleanUpSelection): Promise<void> {
    // Where rows stay, nothing tells which of them were done.
    const taken = await this.runs.takeOver(run, !selection.actions.includes('REMOVE_DATA'));
    if (taken === undefined) return;
    // What ran when it was asked for was not meant, even though it has ended since.
    const endedBefore = selection.endedBefore ?? (selection.completedOnly ? run.startedAt : undefined);
    try {
      await this.runs.perform(taken, (open) => this.walk({ ...selection, endedBefore }, open), true);
    } catch (error) {
      if (error instanceof RemovalInterruptedError) return;
      this.logger.warn({ removal: run.id, err: error }, 'a removal that was carried on failed');
    }
  }

  private async walk(selection: CleanUpSelection, open: OpenRun): Promise<void> {
    for (const target of SCHEMA_TARGET_NAMES) await this.walkTarget(target, selection, open);
  }

  private async walkTarget(target: SchemaTargetName, selection: CleanUpSelection, open: OpenRun): Promise<void> {
    const { taskName, completedOnly, endedBefore, actions, upTo } = selection;
    const filter = { taskName, completedOnly, endedBefore, upTo: upTo[target] };
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
