import type { SchemaTargetName } from '../platforms/platform.js';
import { DomainError } from '../representation/domain-error.js';
import type { ExecutionKey } from './job-execution.sql.js';
import type { BatchStatus } from './job-history.js';

/** Only what failed or was stopped can be restarted. */
export class JobNotRestartableError extends DomainError {
  readonly status = 422;
  readonly logref = 'JobNotRestartableException';

  constructor(
    { id }: ExecutionKey,
    status: BatchStatus,
    override readonly hint?: string,
  ) {
    super(`JobExecution with Id '${id}' and state '${status}' is not restartable.`);
  }
}

/** The same job instance runs already, or is about to. SCDF launches all the same, and the application ends with an error. */
export class JobAlreadyRunningError extends DomainError {
  readonly status = 409;
  readonly logref = 'JobExecutionAlreadyRunningException';
}

/** The task launches an application of the other generation by now, to which the job instance is unknown. SCDF launches it. */
export class OtherGenerationError extends DomainError {
  readonly status = 422;
  readonly logref = 'JobNotRestartableException';

  constructor({ id, schemaTarget }: ExecutionKey, taskName: string, now: SchemaTargetName) {
    super(
      `JobExecution with Id '${id}' cannot be restarted: it is of ${schemaTarget}, and task '${taskName}' launches an application of ${now} by now, which would begin another instance. Let the task launch a ${schemaTarget} version of its app again (as its default version, or with version.<app> at a launch), then restart the job.`,
    );
  }
}

/** There is nothing that a restart could launch. SCDF answers 500. */
export class NothingToLaunchError extends DomainError {
  readonly status = 422;
  readonly logref = 'NoSuchTaskBatchException';

  constructor({ id }: ExecutionKey) {
    super(
      `JobExecution with Id '${id}' belongs to no task execution: the job ran outside of any task, so there is nothing that could be launched again.`,
    );
  }
}

/** Nobody wrote down where the task ran, and there are several places. SCDF answers 500. */
export class UnknownPlatformError extends DomainError {
  readonly status = 422;
  readonly logref = 'IllegalStateException';

  constructor(taskName: string, taskExecutionId: number, known: readonly string[]) {
    super(
      `Did not find platform for taskName=[${taskName}] , taskId=[${taskExecutionId}]: it is not written down, and there are several (${known.join(', ')}). Launch the task with the arguments of the execution instead.`,
    );
  }
}

/** A parameter of the job cannot be handed to the application again as it was. */
export class UnreadableJobParameterError extends DomainError {
  readonly status = 422;
  readonly logref = 'IllegalArgumentException';

  constructor(name: string, reason: string) {
    super(
      `The job cannot be restarted: its parameter '${name.slice(0, 100)}' cannot be given to the application as an argument: ${reason}.`,
    );
  }
}

/** Only what runs can be stopped. */
export class JobNotRunningError extends DomainError {
  readonly status = 422;
  readonly logref = 'JobExecutionNotRunningException';

  constructor(override readonly hint?: string) {
    super('JobExecution is not running and therefore cannot be stopped');
  }
}

/** Only a job that says it runs can be recovered. */
export class JobNotRecoverableError extends DomainError {
  readonly status = 422;
  readonly logref = 'JobNotRecoverableException';

  constructor({ id }: ExecutionKey, status: BatchStatus) {
    super(
      `JobExecution with Id '${id}' and state '${status}' needs no recovery: its end is written down. Recovery is for STARTING, STARTED, STOPPING and UNKNOWN.`,
    );
  }
}

/** The process of the job runs still, or nobody can tell that it does not. */
export class ProcessNotGoneError extends DomainError {
  readonly status = 409;
  readonly logref = 'JobExecutionAlreadyRunningException';

  constructor({ id }: ExecutionKey, sentence: string) {
    super(`JobExecution with Id '${id}' cannot be recovered: ${sentence}`);
  }
}

/** The job operation was called without saying, or with saying twice, what to do. */
export class JobOperationConditionError extends DomainError {
  readonly status = 400;
  readonly logref = 'UnsatisfiedServletRequestParameterException';

  /** @param given the parameters of the request in SCDF's words */
  static none(given: string): JobOperationConditionError {
    return new JobOperationConditionError(
      `Parameter conditions "restart=true" OR "stop=true" not met for actual request parameters: ${given}`,
    );
  }

  /** SCDF answers 500. */
  static both(): JobOperationConditionError {
    return new JobOperationConditionError('Only one of restart=true and stop=true can be asked for at a time.');
  }
}
