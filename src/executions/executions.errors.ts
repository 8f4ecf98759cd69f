import type { SchemaTargetName } from '../platforms/platform.js';
import { DomainError } from '../representation/domain-error.js';

/** There is no such execution. */
export class NoSuchTaskExecutionError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchTaskExecutionException';

  /** One id is unknown. */
  static one(id: number, target: SchemaTargetName): NoSuchTaskExecutionError {
    return new NoSuchTaskExecutionError(`Could not find TaskExecution with id ${id} for schema target ${target}`);
  }

  /** Some of several ids are unknown. */
  static some(ids: readonly number[], target: SchemaTargetName): NoSuchTaskExecutionError {
    const [first, ...others] = ids;
    return first !== undefined && others.length === 0
      ? NoSuchTaskExecutionError.one(first, target)
      : new NoSuchTaskExecutionError(
          `Could not find TaskExecutions for schema target ${target} with the following ids: ${ids.join(', ')}`,
        );
  }

  /** No execution bears that external id. */
  static external(externalId: string, platform: string | undefined): NoSuchTaskExecutionError {
    return new NoSuchTaskExecutionError(
      `Could not find TaskExecution with id ${externalId} for platform ${platform ?? 'null'}`,
    );
  }
}

/** What has no external id has not reached a platform, so nothing can be stopped there. */
export class MissingExternalIdError extends DomainError {
  readonly status = 400;
  readonly logref = 'TaskExecutionMissingExternalIdException';

  constructor(ids: readonly number[]) {
    super(`The TaskExecutions with the following ids: ${ids.join(', ')} do not have external execution ids.`);
  }
}

/** The platform account does not exist. SCDF answers 500. */
export class NoSuchLauncherError extends DomainError {
  readonly status = 404;
  readonly logref = 'IllegalStateException';

  constructor(name: string, known: readonly string[]) {
    super(`No Launcher found for the platform named '${name}'.  Available platform names are [${known.join(', ')}]`);
  }
}

/** What an execution knows of is no orphan: its clean-up goes by the execution. */
export class NoOrphanError extends DomainError {
  readonly status = 409;
  readonly logref = 'IllegalStateException';

  constructor(names: readonly string[]) {
    super(`These are no orphans, there are executions of them: ${names.join(', ')}. Stop and remove the executions.`);
  }
}

/** The platform has nothing of that name, or it is not of this installation. */
export class NoSuchOrphanError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchTaskExecutionException';

  constructor(names: readonly string[], platform: string) {
    super(`Platform ${platform} has no orphans of these names: ${names.join(', ')}`);
  }
}

/** A platform could not be asked; trying again makes sense. */
export class PlatformUnavailableError extends DomainError {
  readonly status = 503;
  readonly logref = 'IllegalStateException';
  override readonly retryAfter = 5;

  constructor(platform: string, reason: string) {
    super(`The platform account '${platform}' could not be asked: ${reason}`);
  }
}

/** There is no such removal, or it was long ago. */
export class NoSuchRemovalError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchRemovalException';

  constructor(id: number) {
    super(`Could not find a removal with id ${id}`);
  }
}

/** The server could not be heard of for so long that another carries the removal on. */
export class RemovalTakenOverError extends DomainError {
  readonly status = 503;
  readonly logref = 'IllegalStateException';
  override readonly retryAfter = 5;

  constructor(id: number) {
    super(`Another server has taken over removal ${id} meanwhile; GET /millrace/removals/${id} tells how far it is.`);
  }
}

/** The server stops before everything that was asked for is removed; what is removed is removed whole. */
export class RemovalInterruptedError extends DomainError {
  readonly status = 503;
  readonly logref = 'IllegalStateException';
  override readonly retryAfter = 5;

  constructor() {
    super('The server stops before all executions were removed; ask again for the rest.');
  }
}
