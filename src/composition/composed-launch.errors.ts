import { DomainError } from '../representation/domain-error.js';

/** The definition is readable, but not one that can be run. SCDF's runner fails on it after the launch was accepted. */
export class UnrunnableTaskError extends DomainError {
  readonly status = 422;
  readonly logref = 'IllegalArgumentException';

  constructor(task: string, reason: string) {
    super(`Composed task ${task} cannot be run. ${reason}`);
  }
}

/** Properties or arguments of a composed task's launch with values that cannot be used. */
export class InvalidComposedLaunchError extends DomainError {
  readonly status = 400;
  readonly logref = 'IllegalArgumentException';
}

/** An argument that is a parameter of the job has a value that does not fit. */
export class InvalidJobParameterError extends DomainError {
  readonly status = 400;
  readonly logref = 'IllegalArgumentException';
}

/** Children that every successful run needs are gone, or their apps are. */
export class MissingChildrenError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchTaskDefinitionException';

  constructor(task: string, reasons: readonly string[]) {
    super(`Composed task ${task} cannot be run: ${reasons.join('; ')}.`);
  }
}

/** The instance of the job that the arguments name is complete. */
export class JobInstanceCompleteError extends DomainError {
  readonly status = 409;
  readonly logref = 'JobInstanceAlreadyCompleteException';

  constructor(job: string, parameters: string) {
    super(
      `A job instance of ${job} already exists and is complete for parameters: ${parameters}. If you want to run this job again, change the parameters.`,
    );
  }
}

/** The instance of the job that the arguments name runs. */
export class JobAlreadyRunningError extends DomainError {
  readonly status = 409;
  readonly logref = 'JobExecutionAlreadyRunningException';

  constructor(job: string, jobExecutionId: number) {
    super(`Job execution ${jobExecutionId} of ${job} for the same parameters is already running; stop it first.`);
  }
}

/** The instance of the job ended in a state that nobody can go on from. */
export class JobNotRestartableError extends DomainError {
  readonly status = 422;
  readonly logref = 'JobRestartException';

  constructor(jobExecutionId: number, step: string | null) {
    const what = step === null ? `Job execution ${jobExecutionId}` : `Step ${step} of job execution ${jobExecutionId}`;
    super(`${what} is in the state UNKNOWN: it cannot be restarted, since nobody knows what it has done.`);
  }
}
