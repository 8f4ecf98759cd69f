import { DatabaseUnavailableError } from '../../database/database-unavailable.js';
import { DomainError } from '../../representation/domain-error.js';
import { messageOf } from '../../resources/system-error.js';
import { makePlan } from '../engine/make-plan.js';
import type { Plan } from '../engine/plan.js';
import { ComposedRunner, TERMINATED } from './composed-runner.js';
import type { PropertySources } from './given-properties.js';
import { closeConnections } from './http-exchange.js';
import { RunContext } from './run-context.js';
import { DatabaseAccessError, MissingTablesError, RunnerDatabase } from './runner-database.js';
import { type RunnerLog, runnerLog } from './runner-log.js';
import { type MadeTask, readRunnerOptions, type RunnerOptions, RunnerOptionsError } from './runner-options.js';
import type { JobKey } from './runner-task.sql.js';
import { RunStore, TaskExecutionError } from './run-store.js';
import { ownerOf } from './single-instance.js';
import { type TakeOutcome, TaskLock } from './task-lock.js';
import { TaskServer } from './task-server.js';

/** What a call of the runner is given. */
export interface ComposeInput extends PropertySources {
  readonly workingDirectory: string;
  /** Given when the process is asked to end. */
  readonly signal: AbortSignal;
  readonly write: (text: string) => void;
}

/** What a run has from its process. */
interface Given {
  readonly options: RunnerOptions;
  readonly database: RunnerDatabase;
  readonly store: RunStore;
  readonly log: RunnerLog;
  /** Given when the process is asked to end. */
  readonly signal: AbortSignal;
}

/** A run whose task execution has begun. */
interface Begun extends Given {
  readonly id: number;
  /** The job that an earlier process has begun under this execution and not ended. */
  readonly unended: JobKey | undefined;
  readonly context: RunContext;
}

/**
 * Runs a composed task as SCDF's composed task runner does: in a process of its own, with the REST API of a server, and with
 * Spring's tables.
 * @returns the exit code of the process
 */
export async function compose(input: ComposeInput): Promise<number> {
  const log = runnerLog(input.write);
  let options: RunnerOptions;
  try {
    options = await readRunnerOptions(input, input.workingDirectory);
  } catch (error) {
    if (!(error instanceof RunnerOptionsError)) throw error;
    for (const problem of error.problems) log.error(problem);
    if (error.made !== undefined) await refuse(error.made, error.message, log);
    return 1;
  }
  const database = new RunnerDatabase(options.database, options.prefixes);
  try {
    return await runTask({ options, database, store: new RunStore(database, log), log, signal: input.signal });
  } catch (error) {
    if (!isForPeople(error)) throw error;
    log.error(error.message);
    return input.signal.aborted && error instanceof DatabaseUnavailableError ? TERMINATED : 1;
  } finally {
    closeConnections();
    await database.close();
  }
}

/** So that the execution that a server made for the run does not stay without an end. */
async function refuse(made: MadeTask, reason: string, log: RunnerLog): Promise<void> {
  const database = new RunnerDatabase(made.database, made.prefixes);
  try {
    await new RunStore(database, log).refuseTask(made, reason);
  } catch (error) {
    log.warn(`Task execution ${made.executionId} could not be ended: ${messageOf(error)}`);
  } finally {
    await database.close();
  }
}

async function runTask(given: Given): Promise<number> {
  const { options, store, log } = given;
  const { taskName, graph, singleInstance } = options;
  const { id, unended } = await store.beginTask(options, given.signal);
  log.info(`composed task ${taskName}, execution ${id}: ${graph}`);
  for (const remark of options.remarks) log.warn(remark);
  const prepared = prepare(options, id);
  if (!prepared.ready) {
    log.error(prepared.reason);
    await store.failTask(id, prepared.reason);
    return 1;
  }
  const begun: Begun = { ...given, id, unended, context: prepared.context };
  if (singleInstance === null) return runJob(begun);
  const lock = new TaskLock(ownerOf(taskName, id), singleInstance, given.database, log);
  try {
    return (await takeLock(begun, lock)) ? await runJob(begun) : 1;
  } finally {
    await lock.release();
  }
}

/** @returns false if the task must not run; then its execution has ended, unless another process runs it */
async function takeLock(begun: Begun, lock: TaskLock): Promise<boolean> {
  const { options, log, signal } = begun;
  let outcome: TakeOutcome;
  try {
    outcome = await lock.take(signal);
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) throw error;
    const reason = `The lock of the task cannot be taken: ${messageOf(error)}`;
    log.error(reason);
    await failBegun(begun, reason);
    return false;
  }
  if (outcome === 'taken' || outcome === 'stopped') return true;
  // Spring Cloud Task's words.
  const reason = `Task with name "${options.taskName}" is already running.`;
  log.error(reason);
  // The execution is that of the process which runs it.
  if (outcome === 'held') await failBegun(begun, reason);
  return false;
}

/** Ends the execution, and the job that an earlier process has begun under it. */
async function failBegun(begun: Begun, reason: string): Promise<void> {
  const { store, id, unended } = begun;
  if (unended === undefined) await store.failTask(id, reason);
  else await runnerOf(begun, unended).fail(reason);
}

async function runJob(begun: Begun): Promise<number> {
  const { options, store, log, id, unended, signal } = begun;
  // Nothing has begun: what is stopped now has nothing to restart.
  if (signal.aborted) {
    await store.failTask(id, 'The process was asked to end before the composed task began.');
    return TERMINATED;
  }
  const job = unended ?? (await begunJob(options, store, id, log));
  if (job === null) return 1;
  const how = unended === undefined ? 'began' : 'goes on, where an earlier process was cut short';
  log.info(`job execution ${job.jobExecutionId} ${how}; children are launched through ${options.server.url}`);
  const runner = runnerOf(begun, job);
  try {
    return await runner.run();
  } catch (error) {
    const reason = messageOf(error);
    log.error(`the run cannot go on: ${reason}`);
    await runner.fail(reason);
    return 1;
  }
}

function runnerOf({ options, store, log, signal, id, context }: Begun, job: JobKey): ComposedRunner {
  const server = new TaskServer(options.server);
  return new ComposedRunner({ options, context, job, taskExecutionId: id, store, server, log, signal });
}

async function begunJob(options: RunnerOptions, store: RunStore, id: number, log: RunnerLog) {
  try {
    return await store.beginJob(options, id);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    log.error(error.message);
    await store.failTask(id, error.message);
    return null;
  }
}

type Prepared =
  { readonly ready: true; readonly context: RunContext } | { readonly ready: false; readonly reason: string };

/** Reads the graph and all that belongs to it, before anything runs. */
function prepare(options: RunnerOptions, id: number): Prepared {
  const { taskName, graph, settings } = options;
  try {
    const plan: Plan = makePlan(taskName, graph, { splitThreadCorePoolSize: settings.splitThreadCorePoolSize });
    const context = new RunContext(plan, options, id);
    context.check();
    return { ready: true, context };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ready: false, reason: error.message };
  }
}

/** Errors whose message says it all. */
function isForPeople(error: unknown): error is Error {
  return (
    error instanceof DatabaseUnavailableError ||
    error instanceof DatabaseAccessError ||
    error instanceof MissingTablesError ||
    error instanceof TaskExecutionError
  );
}
