import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundLoop } from '../background/background-loop.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { ExecutionEnds } from '../launching/execution-ends.js';
import { type ExecutionKey, executionName } from '../launching/launch-record.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import { countRunning, findRunsToRound } from './composed-progress.sql.js';
import { ComposedRounds } from './composed-rounds.service.js';
import { ComposedRunSignals } from './composed-run-signals.js';
import type { RunEnd } from './engine/advance.js';

/** How often runs are looked for that nobody here has spoken of, ms. */
const INTERVAL = 2_000;

/** What is due within this time, ms, is done when it is due; what comes later, when the next look finds it. */
const ALARM = 60_000;

/** Rounds at once: each takes a connection to the database, and others need some too. */
const PARALLEL = 4;

/** The lease under which one server looks for runs. */
const LEASE = 'composed runs';

/** Hears of each run whose end this server wrote. */
export type RunEndListener = (end: RunEnd) => void;

/**
 * Drives the runs of composed tasks. Whoever writes the end of a child in this server makes the next round of its run begin
 * at once, and an alarm does when something is due soon; all else is found by looking every few seconds: what was left by a
 * server that died, and what is due later. No run belongs to a server, and a round that two servers make at once is written by one.
 */
@Injectable()
export class ComposedDriver implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: BackgroundLoop;
  private readonly listeners: RunEndListener[] = [];
  /** Runs that wait for a round, in the order in which they asked. */
  private readonly waiting = new Map<string, ExecutionKey>();
  /** Runs whose round is under way, and whether another is to follow. */
  private readonly running = new Map<string, { again: boolean; readonly done: Promise<void> }>();
  private readonly alarms = new Map<string, NodeJS.Timeout>();
  private stopped = true;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly rounds: ComposedRounds,
    signals: ComposedRunSignals,
    ends: ExecutionEnds,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {
    this.loop = new BackgroundLoop('composed runs', INTERVAL, () => this.sweep(), logger);
    signals.onWake((key) => this.wake(key));
    ends.onEnd(({ parent }) => {
      if (parent !== null) this.wake(parent);
    });
  }

  onApplicationBootstrap(): void {
    if (!this.configuration.features.tasksEnabled) return;
    this.stopped = false;
    this.loop.start();
  }

  /** Rounds under way come to their end; what waits is another server's, or the next one's. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.waiting.clear();
    for (const name of this.alarms.keys()) this.clearAlarm(name);
    await this.loop.stop();
    await Promise.all([...this.running.values()].map(({ done }) => done));
  }

  /** Calls back for each run whose end this server wrote. */
  onRunEnd(listener: RunEndListener): void {
    this.listeners.push(listener);
  }

  /** How many runs have not ended, whoever drives them. */
  async countRunning(): Promise<number> {
    return countRunning(this.database);
  }

  private wake(key: ExecutionKey): void {
    if (this.stopped) return;
    const name = executionName(key);
    const running = this.running.get(name);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    this.waiting.set(name, key);
    this.startWaiting();
  }

  private startWaiting(): void {
    for (const [name, key] of this.waiting) {
      if (this.running.size >= PARALLEL) return;
      this.waiting.delete(name);
      this.start(name, key);
    }
  }

  private start(name: string, key: ExecutionKey): void {
    // The promise begins to work in the next turn, when its entry is there.
    const done = Promise.resolve().then(() => this.run(name, key));
    this.running.set(name, { again: false, done });
  }

  /** Never throws: a round that failed is made again when the next look finds the run as it was. */
  private async run(name: string, key: ExecutionKey): Promise<void> {
    let again = false;
    try {
      this.clearAlarm(name);
      const { conflict, ended, dueIn } = await this.rounds.round(key);
      again = conflict;
      if (dueIn !== null) this.setAlarm(name, key, dueIn);
      if (ended !== null) for (const listener of this.listeners) listener(ended);
    } catch (error) {
      const fields = { executionId: key.id, schemaTarget: key.schemaTarget, err: error };
      this.logger.warn(fields, 'a round of a composed task failed; it is made again');
    }
    const asked = this.running.get(name)?.again === true;
    this.running.delete(name);
    if ((again || asked) && !this.stopped) this.waiting.set(name, key);
    if (!this.stopped) this.startWaiting();
  }

  /** What should be over already is left to the next look, so that nothing goes round and round. */
  private setAlarm(name: string, key: ExecutionKey, dueIn: number): void {
    if (this.stopped || dueIn <= 0 || dueIn > ALARM) return;
    const alarm = setTimeout(() => {
      this.alarms.delete(name);
      this.wake(key);
    }, dueIn);
    this.alarms.set(name, alarm.unref());
  }

  private clearAlarm(name: string): void {
    clearTimeout(this.alarms.get(name));
    this.alarms.delete(name);
  }

  private async sweep(): Promise<void> {
    await this.database.tryWithLease(LEASE, async () => {
      for (const key of await findRunsToRound(this.database)) this.wake(key);
    });
  }
}
