import { randomUUID } from 'node:crypto';
import { DatabaseUnavailableError } from '../../database/database-unavailable.js';
import { endJobExecution, insertJobExecution } from '../composed-job.sql.js';
import { abandonSteps, endSteps, insertSteps, type StepToEnd, updateContexts } from '../composed-step.sql.js';
import type { RunEnd } from '../engine/advance.js';
import { takeInstance } from '../job-instances.js';
import { jobParametersOf } from '../job-parameters.js';
import type { StepContext } from '../step-context.js';
import { patiently } from './patience.js';
import type { RunnerDatabase } from './runner-database.js';
import type { RunnerLog } from './runner-log.js';
import type { MadeTask, RunnerOptions } from './runner-options.js';
import {
  endTask,
  findInstanceSteps,
  findJob,
  findUnendedJob,
  hasTablesOfBatch5,
  insertTask,
  insertTaskParameters,
  type JobKey,
  lockTask,
  type RunnerStep,
  startTask,
} from './runner-task.sql.js';

/**
 * SCDF's server gives it to its runner: servers tell a composed task's execution by it, whose failure is that of its job. An
 * execution that no server has made is one as well.
 */
const MARK = '--spring.cloud.data.flow.taskappname=composed-task-runner';

/** The runner's own row cannot be begun. */
export class TaskExecutionError extends Error {
  override readonly name = 'TaskExecutionError';
}

/** What a round reads. Its times are by this process's clock. */
export interface StoredProgress {
  readonly startedAt: Date;
  /** All steps of the job instance. */
  readonly steps: readonly RunnerStep[];
  /** Whether somebody has asked the job to stop. */
  readonly stopping: boolean;
}

/** What a round writes in one transaction. */
export interface RoundResult {
  readonly ends: readonly StepToEnd[];
  readonly handled: readonly number[];
  readonly begin: readonly { readonly name: string; readonly context: StepContext }[];
  readonly finished: { readonly end: RunEnd; readonly exitCode: number } | null;
}

/**
 * A run's rows. Each method waits for a database that is away, as long as is reasonable, and may be called again with the
 * same words.
 */
export class RunStore {
  constructor(
    private readonly database: RunnerDatabase,
    private readonly log: RunnerLog,
  ) {}

  /**
   * Begins the runner's task execution: the one that a server made, or one of its own.
   * @param signal given when the process is asked to end: then a database that is away is not waited for any more
   * @returns its id, and the job that an earlier process has begun under this id and not ended
   * @throws TaskExecutionError, DatabaseUnavailableError
   */
  async beginTask(
    options: RunnerOptions,
    signal: AbortSignal,
  ): Promise<{ readonly id: number; readonly unended: JobKey | undefined }> {
    const { executionId, prefixes } = options;
    return this.patiently(
      () =>
        this.database.transaction(async (sql) => {
          if (await hasTablesOfBatch5(sql)) {
            throw new TaskExecutionError(
              `The tables of spring.batch.jdbc.table-prefix '${prefixes.batch}' are those of Spring Batch 5, but a composed task always runs as boot2: its tables are those of Spring Batch 4, in a task server's database BATCH_ with TASK_.`,
            );
          }
          if (executionId === null) {
            const id = await insertTask(sql, options);
            await insertTaskParameters(sql, id, [...options.arguments, MARK]);
            return { id, unended: undefined };
          }
          const row = await lockTask(sql, executionId);
          // Spring Cloud Task's words.
          if (row === undefined) throw new TaskExecutionError(`Invalid TaskExecution, ID ${executionId} not found`);
          if (row.ended)
            throw new TaskExecutionError(`Invalid TaskExecution, ID ${executionId} task is already complete`);
          const unended = await findUnendedJob(sql, executionId);
          if (unended === undefined) await startTask(sql, executionId, options);
          if (!row.started) await insertTaskParameters(sql, executionId, options.arguments);
          return { id: executionId, unended };
        }),
      signal,
    );
  }

  /**
   * Begins the job: a new instance, or once more the one that the arguments name.
   * @throws JobInstanceCompleteError, JobAlreadyRunningError, JobNotRestartableError, InvalidJobParameterError
   */
  async beginJob({ taskName, arguments: given, settings }: RunnerOptions, taskExecutionId: number): Promise<JobKey> {
    const uuid = randomUUID();
    return this.patiently(() =>
      this.database.transaction(async (sql) => {
        // Of an attempt whose commit was not answered.
        const begun = await findUnendedJob(sql, taskExecutionId);
        if (begun !== undefined) return begun;
        const job = { name: taskName, parameters: jobParametersOf(given), rule: settings, uuid };
        const { instanceId, parameters } = await takeInstance(sql, job);
        const jobExecutionId = await insertJobExecution(sql, { instanceId, parameters, taskExecutionId });
        return { jobExecutionId, jobInstanceId: instanceId };
      }),
    );
  }

  /** @throws TaskExecutionError when the job was removed */
  async read({ jobExecutionId, jobInstanceId }: JobKey): Promise<StoredProgress> {
    return this.patiently(() =>
      this.database.transaction(async (sql) => {
        const row = await findJob(sql, jobExecutionId);
        if (row === undefined) throw new TaskExecutionError(`Job execution ${jobExecutionId} was removed.`);
        const ahead = Date.now() - row.now.getTime();
        const here = (time: Date) => new Date(time.getTime() + ahead);
        const steps = await findInstanceSteps(sql, jobInstanceId);
        return {
          steps: steps.map((step) => ({ ...step, startTime: here(step.startTime) })),
          stopping: row.status === 'STOPPING',
          startedAt: here(row.startedAt),
        };
      }),
    );
  }

  /** Tries once: what was not answered may have been written, so the caller reads again. @throws DatabaseUnavailableError */
  async write(job: JobKey, taskExecutionId: number, { ends, handled, begin, finished }: RoundResult): Promise<void> {
    await this.database.transaction(async (sql) => {
      await endSteps(sql, ends);
      await abandonSteps(sql, handled);
      await insertSteps(
        sql,
        job.jobExecutionId,
        begin.map((step) => ({ ...step, outcome: null, handled: false })),
      );
      if (finished === null) return;
      const { end, exitCode } = finished;
      await endJobExecution(sql, job.jobExecutionId, { status: end.batchStatus, message: end.exitDescription });
      await endTask(sql, taskExecutionId, { exitCode, errorMessage: exitCode === 0 ? null : end.exitDescription });
    });
  }

  /** Writes down what a step's child is. */
  async writeContext(stepId: number, context: StepContext): Promise<void> {
    await this.patiently(() => this.database.transaction((sql) => updateContexts(sql, [{ id: stepId, context }])));
  }

  /** Ends the runner's task execution without a job: nothing could be begun. */
  async failTask(id: number, errorMessage: string): Promise<void> {
    await this.patiently(() => this.database.transaction((sql) => endTask(sql, id, { exitCode: 1, errorMessage })));
  }

  /** Ends a task execution whose run cannot begin as it is asked for. Tries once. @throws DatabaseUnavailableError and others */
  async refuseTask(made: MadeTask, errorMessage: string): Promise<void> {
    await this.database.transaction(async (sql) => {
      const row = await lockTask(sql, made.executionId);
      if (row === undefined || row.ended) return;
      if (!row.started) await startTask(sql, made.executionId, made);
      await endTask(sql, made.executionId, { exitCode: 1, errorMessage });
    });
  }

  private patiently<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return patiently(work, (error) => error instanceof DatabaseUnavailableError, {
      signal,
      tell: (error) => this.log.warn(`${(error as Error).message}; trying again`),
    });
  }
}
