import { DomainError } from '../representation/domain-error.js';
import type { AppType } from './app-registration.entity.js';

/** Nothing is registered under that type, name and version. */
export class NoSuchAppRegistrationError extends DomainError {
  readonly status = 404;
  readonly logref = 'NoSuchAppRegistrationException';

  constructor(type: AppType, name: string, version?: string) {
    super(
      `The '${[type, name, ...(version === undefined ? [] : [version])].join(':')}' application could not be found.`,
    );
  }
}

/** That version is registered already, and `force` was not given. */
export class AppAlreadyRegisteredError extends DomainError {
  readonly status = 409;
  readonly logref = 'AppAlreadyRegisteredException';

  constructor(type: AppType, name: string, uri: string) {
    super(`The '${type}:${name}' application is already registered as ${uri}`);
  }
}

/** The name cannot be an app's. */
export class InvalidApplicationNameError extends DomainError {
  readonly status = 400;
  readonly logref = 'InvalidApplicationNameException';
}

/** The registration makes no sense: uri, version, boot version or import text. SCDF answers 500 to these. */
export class InvalidAppRegistrationError extends DomainError {
  readonly status = 400;
  readonly logref: string = 'IllegalArgumentException';
}

/** Versions of one app must come from the same place. SCDF answers 500. */
export class DifferentAppUriError extends DomainError {
  readonly status = 400;
  readonly logref = 'IllegalArgumentException';

  constructor(defaultUri: string, uri: string) {
    super(`Existing default application [${defaultUri}] can only differ by a version but is [${uri}]`);
  }
}

/** The import's source cannot be read. SCDF answers 500. */
export class UnreadableImportError extends DomainError {
  readonly status = 400;
  readonly logref = 'RuntimeException';
}
