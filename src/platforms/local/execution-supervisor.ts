/** Keeps an eye on an account's executions: reads them, reports changes, ends them, and adopts what an earlier server started. */
import { mkdir, readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { errorCode } from '../../resources/system-error.js';
import type { PlatformStatus } from '../platform.js';
import { endProcess } from './cancellation.js';
import type { ContainerEngine } from './container-engine.js';
import { ExecutionDirectory, type ExecutionRecord } from './execution-directory.js';
import { isFinal, readExecution } from './execution-state.js';
import { ExecutionWatch } from './execution-watch.js';

/** Pino's way to log: facts, then a line for people. */
export interface PlatformLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Executions read before the event loop gets its turn; some milliseconds of work. */
const READS_AT_A_TIME = 64;
/** What the platform may be asked about: names that are one path segment and no hidden file. */
const EXECUTION_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/;

/** The executions below one root directory that belong to one account. */
export class ExecutionSupervisor {
  readonly #root: string;
  readonly #accountName: string;
  readonly #engine: ContainerEngine;
  readonly #logger: PlatformLogger;
  readonly #watch = new ExecutionWatch((id) => this.#look(id));
  readonly #listeners: ((status: PlatformStatus) => void)[] = [];
  readonly #background = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(root: string, accountName: string, engine: ContainerEngine, logger: PlatformLogger) {
    this.#root = root;
    this.#accountName = accountName;
    this.#engine = engine;
    this.#logger = logger;
  }

  /** @returns undefined for a name that no execution can bear */
  directory(externalExecutionId: string): ExecutionDirectory | undefined {
    return EXECUTION_NAME.test(externalExecutionId)
      ? new ExecutionDirectory(this.#root, externalExecutionId)
      : undefined;
  }

  async read(externalExecutionId: string): Promise<PlatformStatus> {
    const directory = this.directory(externalExecutionId);
    if (directory === undefined) return unknownExecution(externalExecutionId);
    return readExecution(directory, externalExecutionId, (record) => this.#engine.inspect(record));
  }

  async readAll(externalExecutionIds: readonly string[]): Promise<readonly PlatformStatus[]> {
    const statuses: PlatformStatus[] = [];
    for (const [position, id] of externalExecutionIds.entries()) {
      statuses.push(await this.read(id));
      // Reading is synchronous inside; others get their turn in between.
      if (position % READS_AT_A_TIME === READS_AT_A_TIME - 1) await setImmediate();
    }
    return statuses;
  }

  onChange(listener: (status: PlatformStatus) => void): void {
    this.#listeners.push(listener);
  }

  /** Reports how the execution stands now; never fails. */
  reportSoon(externalExecutionId: string): void {
    this.#inBackground(externalExecutionId, async () => this.#report(await this.read(externalExecutionId)));
  }

  /** To be called when an own child has ended: reports the end, or watches on when another process has the execution. */
  noticeExit(externalExecutionId: string): void {
    this.#inBackground(externalExecutionId, async () => {
      if (!(await this.#look(externalExecutionId))) this.#watch.add(externalExecutionId);
    });
  }

  /** Follows an execution that is no child of this process. */
  follow(externalExecutionId: string): void {
    this.#watch.add(externalExecutionId);
  }

  /** Ends a running execution in the background, within its grace period. */
  end(directory: ExecutionDirectory, record: ExecutionRecord): void {
    this.#inBackground(record.externalExecutionId, async () => {
      if (record.container !== undefined && (await this.#engine.stop(record, this.#closing.signal))) return;
      const claim = directory.claim();
      if (claim?.kind === 'process') await endProcess(directory, record, claim, this.#closing.signal);
    });
  }

  /** Begins to follow what an earlier server process left running, and goes on with what it was about to stop. */
  adopt(): void {
    this.#inBackground('', async () => {
      await mkdir(this.#root, { recursive: true, mode: 0o750 });
      for (const [position, name] of (await readdir(this.#root)).entries()) {
        if (this.#closing.signal.aborted) return;
        await this.#adoptOne(name);
        if (position % READS_AT_A_TIME === READS_AT_A_TIME - 1) await setImmediate();
      }
    });
  }

  /** Names of the executions that this machine keeps for the account of an installation, sorted. */
  async namesOf(instanceId: string): Promise<readonly string[]> {
    const names: string[] = [];
    for (const [position, name] of (await this.#entries()).entries()) {
      const record = this.#recordOf(name);
      if (record?.accountName === this.#accountName && record.instanceId === instanceId) names.push(name);
      if (position % READS_AT_A_TIME === READS_AT_A_TIME - 1) await setImmediate();
    }
    return names.sort();
  }

  /** Stops following; what runs keeps running. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#listeners.length = 0;
    await this.#watch.close();
    await Promise.all([...this.#background]);
  }

  async #entries(): Promise<readonly string[]> {
    try {
      return await readdir(this.#root);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  #recordOf(externalExecutionId: string): ExecutionRecord | undefined {
    try {
      return this.directory(externalExecutionId)?.record();
    } catch (error) {
      this.#logFailure(externalExecutionId, error);
      return undefined;
    }
  }

  async #adoptOne(name: string): Promise<void> {
    const directory = this.directory(name);
    if (directory === undefined) return;
    const claim = directory.exit() === undefined ? directory.claim() : undefined;
    if (claim === undefined || claim.kind === 'never') return;
    const record = directory.record();
    if (record?.accountName !== this.#accountName || isFinal(await this.read(name))) return;
    this.#watch.add(name);
    if (directory.cancelRequestedAt() !== undefined) this.end(directory, record);
  }

  /** @returns whether the execution has ended */
  async #look(externalExecutionId: string): Promise<boolean> {
    try {
      const status = await this.read(externalExecutionId);
      if (!isFinal(status)) return false;
      this.#report(status);
      return true;
    } catch (error) {
      this.#logFailure(externalExecutionId, error);
      return false;
    }
  }

  #report(status: PlatformStatus): void {
    for (const listener of this.#listeners) listener(status);
  }

  #inBackground(externalExecutionId: string, work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.#logFailure(externalExecutionId, error);
      })
      .finally(() => this.#background.delete(running));
    this.#background.add(running);
  }

  #logFailure(externalExecutionId: string, error: unknown): void {
    const facts = { account: this.#accountName, externalExecutionId, error };
    this.#logger.error(facts, 'An execution on this machine could not be looked after; this is tried again');
  }
}

function unknownExecution(externalExecutionId: string): PlatformStatus {
  return {
    externalExecutionId,
    execution: undefined,
    phase: 'gone',
    startedAt: undefined,
    endedAt: undefined,
    exitCode: undefined,
    reason: undefined,
  };
}
