import { DomainError } from '../representation/domain-error.js';
import type { ExecutionKey } from './launch-record.js';

/** The `properties` of a launch cannot be read, or a deployer property has a wrong value. SCDF answers 500. */
export class InvalidLaunchPropertiesError extends DomainError {
  readonly status = 400;
  readonly logref = 'IllegalArgumentException';
}

/** The platform account asked for does not exist. SCDF answers 500. */
export class NoSuchPlatformError extends DomainError {
  readonly status = 404;
  readonly logref = 'IllegalStateException';

  constructor(name: string, known: readonly string[]) {
    super(`No launcher was available for platform ${name}; the platform accounts are: ${known.join(', ') || 'none'}`);
  }
}

/** The definition names an app, or a version of it, that is not registered (any more). SCDF answers 500. */
export class UnknownTaskAppError extends DomainError {
  readonly status = 404;
  readonly logref = 'IllegalArgumentException';

  override readonly hint: string;

  constructor(app: string, version?: string) {
    super(`Unknown task app: ${app}${version === undefined ? '' : ` (version ${version})`}`);
    this.hint =
      version === undefined
        ? `No default version of it is registered: register one (POST /apps/task/${app}/{version}), or make one the default (PUT).`
        : `Register that version again (POST /apps/task/${app}/${version}), or launch with version.${app}=<a registered one>.`;
  }
}

/** The account runs as many tasks as it may. SCDF answers 500. */
export class ConcurrencyLimitError extends DomainError {
  readonly status = 429;
  readonly logref = 'IllegalStateException';
  override readonly retryAfter = 5;

  constructor(task: string, limit: number) {
    super(`Cannot launch task ${task}. The maximum concurrent task executions is at its limit [${limit}].`);
  }
}

/** This server launched no such execution. */
export class NoSuchLaunchError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchTaskExecutionException';

  constructor({ schemaTarget, id }: ExecutionKey) {
    super(`Could not find a launch of TaskExecution with id ${id} for schema target ${schemaTarget}`);
  }
}

/** Only a launch that waits for room has a place in a queue. */
export class LaunchNotQueuedError extends DomainError {
  readonly status = 409;
  readonly logref = 'IllegalStateException';

  constructor({ schemaTarget, id }: ExecutionKey) {
    super(
      `The launch of TaskExecution with id ${id} for schema target ${schemaTarget} does not wait for room (any more).`,
    );
  }
}

/** The old launch call knows Boot 2 only. */
export class ApiNotSupportedError extends DomainError {
  readonly status = 400;
  readonly logref = 'ApiNotSupportedException';

  constructor(task: string, launchUrl: string) {
    super(`Task: ${task} cannot be launched for boot2. Use ${launchUrl}`);
  }
}

/** The name of the task cannot be launched under: too long for a row or a platform. */
export class InvalidTaskNameError extends DomainError {
  readonly status = 400;
  readonly logref = 'TaskException';
}

/** A child of a composed task was defined anew as a composed task of its own. */
export class NestedCompositionError extends DomainError {
  readonly status = 422;
  readonly logref = 'UnsupportedOperationException';

  constructor(task: string) {
    super(`Task ${task} is a composed task; a composed task cannot be the child of another one.`);
  }
}
