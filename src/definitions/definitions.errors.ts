import type { TaskDslError } from '../dsl/errors.js';
import { DomainError } from '../representation/domain-error.js';

/** No task is defined under that name. */
export class NoSuchTaskDefinitionError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchTaskDefinitionException';

  /** @param hint what the client can do about it, where it meant something that ran */
  constructor(
    name: string,
    override readonly hint?: string,
  ) {
    super(`Could not find task definition named ${name}`);
  }
}

/** The name, or that of a child task, is taken. */
export class DuplicateTaskError extends DomainError {
  readonly status = 409;
  readonly logref = 'DuplicateTaskException';

  constructor(name: string) {
    super(`Cannot register task ${name} because another one has already been registered with the same name`);
  }
}

/** The text of a definition, or its name, is not one. SCDF answers 500. */
export class InvalidTaskDefinitionError extends DomainError {
  readonly status = 400;
  readonly logref: string;
  override readonly hint: string;

  constructor(error: TaskDslError) {
    super(error.message);
    this.logref = error.logref;
    this.hint = error.hint;
  }
}

/** Name or description does not fit its column. SCDF answers 500 from the database. */
export class TaskDefinitionTooLongError extends DomainError {
  readonly status = 400;
  readonly logref = 'DataIntegrityViolationException';

  constructor(what: string, maximum: number, length: number) {
    super(`The ${what} must not be longer than ${maximum} characters; it has ${length}.`);
  }
}
