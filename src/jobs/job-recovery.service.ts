import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { Database } from '../database/database.js';
import { JobNotRecoverableError, ProcessNotGoneError } from './job-control.errors.js';
import { markFailed } from './job-control.sql.js';
import type { ExecutionKey } from './job-execution.sql.js';
import type { BatchStatus, JobExecution } from './job-history.js';
import { JobRestartService, type RestartOptions } from './job-restart.service.js';
import { JobsService } from './jobs.service.js';
import { ProcessWitness } from './process-witness.service.js';

/** What a recovery did. */
export interface Recovery {
  /** Step executions that were ended with the job, by id. */
  readonly steps: readonly number[];
  /** The exit message that the job and these steps have now. */
  readonly reason: string;
  /** The task execution of the restart, if one was asked for. */
  readonly restarted: ExecutionKey | undefined;
}

/** How a job is to be recovered. */
export interface RecoveryOptions {
  /** Recover also when nobody can tell whether the process is gone; never when it is known to run. */
  readonly force: boolean;
  /** Undefined for no restart. */
  readonly restart: RestartOptions | undefined;
}

/** States in which a job never got to write its end. */
const RECOVERABLE: readonly BatchStatus[] = ['STARTING', 'STARTED', 'STOPPING', 'UNKNOWN'];

/**
 * Ends jobs whose process died without a word (out of memory, node lost): they say for ever that they run, and Spring Batch
 * starts no instance of which an execution runs.
 */
@Injectable()
export class JobRecoveryService {
  constructor(
    private readonly database: Database,
    private readonly jobs: JobsService,
    private readonly witness: ProcessWitness,
    private readonly restarts: JobRestartService,
    private readonly audit: AuditService,
  ) {}

  /**
   * Marks a job and its running steps as failed, once its process is gone. A restart is checked before anything is written; if
   * the launch is refused all the same (no room), the job stays recovered and can be restarted later.
   *
   * @throws NoSuchJobExecutionError, JobNotRecoverableError, ProcessNotGoneError; with a restart what that throws
   */
  async recover(key: ExecutionKey, { force, restart }: RecoveryOptions): Promise<Recovery> {
    const { execution } = await this.jobs.findExecution(key);
    if (!RECOVERABLE.includes(execution.status)) throw new JobNotRecoverableError(key, execution.status);
    const { process, sentence } = await this.witness.ask(execution);
    if (process === 'running') throw new ProcessNotGoneError(key, sentence);
    if (process === 'unknown' && !force) {
      throw new ProcessNotGoneError(key, `${sentence} If you made sure that it is, ask again with force=true.`);
    }
    const order = restart && (await this.restarts.order(execution, { ...restart, asItRan: true }));
    const reason =
      process === 'ended'
        ? `Recovered by an operator: ${sentence}.`
        : 'Recovered by an operator, who made sure that the process is gone.';
    const steps = await this.end(execution, reason);
    if (steps === undefined) {
      const now = await this.jobs.findExecution(key);
      throw new JobNotRecoverableError(key, now.execution.status);
    }
    const restarted = order === undefined ? undefined : await this.restarts.launch(order);
    return { steps, reason, restarted };
  }

  /**
   * The same without an operator, for a job that the platform's word has ended.
   * @returns false when it is not to be recovered (any more)
   */
  async recoverDead(key: ExecutionKey): Promise<boolean> {
    const { execution } = await this.jobs.findExecution(key);
    const { process, sentence } = await this.witness.ask(execution);
    if (process !== 'ended' || execution.status === 'UNKNOWN') return false;
    return (await this.end(execution, `Recovered by the server: ${sentence}.`)) !== undefined;
  }

  private async end(execution: JobExecution, reason: string): Promise<readonly number[] | undefined> {
    return this.database.transaction(async (transaction) => {
      const steps = await markFailed(transaction, execution, reason);
      if (steps === undefined) return undefined;
      const { id, schemaTarget, jobName, status, taskExecutionId } = execution;
      await this.audit.record(transaction.manager, {
        operation: 'TASK',
        action: 'UPDATE',
        correlationId: jobName,
        data: {
          recoveredJobExecution: id,
          schemaTarget,
          taskExecutionId,
          formerStatus: status,
          stepExecutions: steps,
          reason,
        },
      });
      return steps;
    });
  }
}
