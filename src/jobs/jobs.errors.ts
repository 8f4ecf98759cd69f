import { DomainError } from '../representation/domain-error.js';

/** No job execution has that id in that schema target. */
export class NoSuchJobExecutionError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchJobExecutionException';

  constructor(
    id: number,
    schemaTarget: string,
    override readonly hint?: string,
  ) {
    super(`Job id ${id} for schema target ${schemaTarget.slice(0, 100)} not found`);
  }
}

/** No job execution has that id; in the words in which SCDF answers for steps. */
export class NoSuchJobExecutionForStepsError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchJobExecutionException';

  constructor(id: number) {
    super(`No JobExecution with id=${id}`);
  }
}

/** No job instance has that id in that schema target. */
export class NoSuchJobInstanceError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchJobInstanceException';

  constructor(id: number, schemaTarget: string) {
    super(`No job instance for id '${id}' and schema target '${schemaTarget.slice(0, 100)}'`);
  }
}

/** No job of that name ever ran. */
export class NoSuchJobError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchJobException';

  constructor(name: string) {
    super(`No Job with that name either current or historic: [${name.slice(0, 200)}]`);
  }
}

/** That job execution has no step execution with that id. */
export class NoSuchStepExecutionError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchStepExecutionException';

  constructor(jobExecutionId: number, id: number) {
    super(`There is no StepExecution with jobExecutionId=${jobExecutionId} and id=${id}`);
  }
}
