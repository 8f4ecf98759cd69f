import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundLoop } from '../background/background-loop.js';
import {
  CONFIGURATION,
  type MillraceConfiguration,
  type RetentionConfiguration,
} from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import type { Lease } from '../database/advisory-locks.js';
import { RemovalInterruptedError } from '../executions/executions.errors.js';
import {
  type RemovalAction,
  LARGEST_BATCH,
  RemovalBatches,
  USUAL_BATCH,
} from '../executions/removal-batches.service.js';
import {
  NOTHING_REMOVED,
  type RemovalRun,
  type RemovalSelection,
  type RemovedCounts,
  sumOf,
} from '../executions/removal-run.js';
import { type OpenRun, RemovalRuns } from '../executions/removal-runs.service.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import { hasAnyLimit } from './retention-policy.js';
import { RetentionSelection } from './retention-selection.service.js';
import { DryRunsOnlyError, NoRetentionPolicyError, RetentionUnderWayError } from './retention.errors.js';

/** What one server at a time may do. */
const LEASE = 'retention';

/** How often it is looked whether a run is due or was left behind, ms at most: another server may have done it that is gone. */
const LONGEST_WAIT = 15_000;

/** How often a run that is asked for is tried to begin while somebody holds the lease who does none. */
const ATTEMPTS = 50;

/** After each batch the database has as long for others, ms at most. */
const LONGEST_PAUSE = 1_000;

/** Executions that are due now are looked for until there are so many. */
const MOST_SHOWN = 5_000;

/** What the policy says of the present. */
export interface RetentionState {
  readonly policy: RetentionConfiguration;
  readonly lastRun: RemovalRun | undefined;
  readonly runUnderWay: RemovalRun | undefined;
  readonly due: RemovedCounts;
  /** false: there are more than those. */
  readonly dueIsComplete: boolean;
}

/** Applies the policy: by itself every so often, on one of the servers, and when somebody asks for it. */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly policy: RetentionConfiguration;
  private readonly loop: BackgroundLoop;

  constructor(
    @Inject(CONFIGURATION) configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly selection: RetentionSelection,
    private readonly batches: RemovalBatches,
    private readonly runs: RemovalRuns,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {
    this.policy = configuration.retention;
    const interval = Math.min(this.policy.interval, LONGEST_WAIT);
    this.loop = new BackgroundLoop('retention', interval, () => this.round(), logger);
  }

  onApplicationBootstrap(): void {
    // Also where nothing is removed without being asked for: what was asked for is carried on.
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    // The loop waits for its round, and the round for its run.
    await Promise.all([this.runs.interrupt(), this.loop.stop()]);
  }

  /** The policy, the last run and the one under way, and what is due now. */
  async state(): Promise<RetentionState> {
    const lastRun = await this.runs.latest('retention', false);
    const runUnderWay = await this.runs.latest('retention', true);
    let due = NOTHING_REMOVED;
    for await (const { counts } of this.dueFamilies(await this.selection.tasks())) {
      due = sumOf(due, counts);
      if (due.executions >= MOST_SHOWN) break;
    }
    return { policy: this.policy, lastRun, runUnderWay, due, dueIsComplete: due.executions < MOST_SHOWN };
  }

  /**
   * Starts a run, which goes on in the background.
   * @param dryRun as configured if not said
   * @throws RetentionUnderWayError, NoRetentionPolicyError, DryRunsOnlyError
   */
  async start(dryRun = this.policy.dryRun): Promise<RemovalRun> {
    if (!hasAnyLimit(this.policy)) throw new NoRetentionPolicyError();
    if (this.policy.dryRun && !dryRun) throw new DryRunsOnlyError();
    for (let attempt = 1; ; attempt += 1) {
      const run = await this.tryStart(dryRun);
      if (run !== undefined) return run;
      // Some server may only be looking whether there is anything to do.
      if (attempt === ATTEMPTS || (await this.runs.latest('retention', true)) !== undefined) {
        throw new RetentionUnderWayError();
      }
      await sleep(100);
    }
  }

  /** @returns undefined when somebody holds the lease */
  private tryStart(dryRun: boolean): Promise<RemovalRun | undefined> {
    return new Promise((resolve, reject) => {
      const work = async (lease: Lease) => {
        // What a dead server left of its run is left to this one.
        if (!dryRun) for (const left of await this.runs.leftBehind('retention')) await this.runs.close(left);
        const run = await this.begin(dryRun, false);
        resolve(run);
        await this.perform(run, lease);
      };
      // Once it has begun, its failure is told in its row.
      this.database.tryWithLease(LEASE, work).then(({ held }) => {
        if (!held) resolve(undefined);
      }, reject);
    });
  }

  private async round(): Promise<void> {
    if (!(await this.hasWork())) return;
    await this.database.tryWithLease(LEASE, async (lease) => {
      for (const run of await this.runs.leftBehind('retention')) await this.carryOn(run, lease);
      if (await this.isDue()) await this.perform(await this.begin(this.policy.dryRun, true), lease);
    });
  }

  private async hasWork(): Promise<boolean> {
    return (await this.runs.leftBehind('retention')).length > 0 || this.isDue();
  }

  private async isDue(): Promise<boolean> {
    return this.policy.enabled && this.runs.isDue('retention', this.policy.interval);
  }

  /** Goes through all tasks again, under the same policy only; what was removed is not there any more. */
  private async carryOn(run: RemovalRun, lease: Lease): Promise<void> {
    const isSamePolicy = isDeepStrictEqual(run.selection, JSON.parse(JSON.stringify(this.policySelection())));
    if (!isSamePolicy || this.policy.dryRun) return this.runs.close(run);
    const taken = await this.runs.takeOver(run, false);
    if (taken !== undefined) await this.perform(taken, lease);
  }

  private async begin(dryRun: boolean, scheduled: boolean): Promise<RemovalRun> {
    return this.runs.begin({
      kind: 'retention',
      dryRun,
      scheduled,
      selection: this.policySelection(),
      expected: null,
      tasks: (await this.selection.tasks()).length,
    });
  }

  private policySelection(): RemovalSelection {
    const { rules, tasks, cleanUp } = this.policy;
    return { ...rules, cleanUp, tasks };
  }

  /** Never fails: what goes wrong is logged and written into the run. */
  private async perform(run: RemovalRun, lease: Lease): Promise<void> {
    try {
      await this.runs.perform(run, async (open) => {
        const tasks = await this.selection.tasks();
        await (run.dryRun ? this.tell(tasks, open, lease) : this.remove(tasks, open, lease));
        open.tasksDone(tasks.length);
      });
    } catch (error) {
      if (error instanceof RemovalInterruptedError) return;
      this.logger.warn({ removal: run.id, err: error }, 'a run of the retention failed');
    }
  }

  private async remove(tasks: readonly string[], open: OpenRun, lease: Lease): Promise<void> {
    const actions: readonly RemovalAction[] = this.policy.cleanUp ? ['CLEANUP', 'REMOVE_DATA'] : ['REMOVE_DATA'];
    for await (const { target, ids, tasksPassed } of this.selection.batches(tasks, USUAL_BATCH)) {
      for await (const family of this.batches.families(target, ids, { actions, finishedOnly: true })) {
        lease.assertHeld();
        open.assertGoingOn();
        await this.batches.cleanUp(family, actions);
        const begin = performance.now();
        await open.batch((transaction) =>
          this.batches.removeRows(transaction, family, { audited: false, finishedOnly: true }),
        );
        await sleep(Math.min(performance.now() - begin, LONGEST_PAUSE));
      }
      open.tasksDone(tasksPassed);
    }
  }

  private async tell(tasks: readonly string[], open: OpenRun, lease: Lease): Promise<void> {
    for await (const { counts, tasksPassed } of this.dueFamilies(tasks)) {
      lease.assertHeld();
      await open.batch(() => Promise.resolve(counts));
      open.tasksDone(tasksPassed);
    }
  }

  /** What would be removed, a batch at a time. */
  private async *dueFamilies(
    tasks: readonly string[],
  ): AsyncGenerator<{ readonly counts: RemovedCounts; readonly tasksPassed: number }, void> {
    for await (const { target, ids, tasksPassed } of this.selection.batches(tasks, LARGEST_BATCH)) {
      const options = { actions: ['REMOVE_DATA'], finishedOnly: true } as const;
      for await (const family of this.batches.families(target, ids, options)) {
        yield { counts: await this.batches.countRows(family), tasksPassed };
      }
    }
  }
}
