/**
 * A refusal that a client can understand. Every error class of a feature extends this one and says, once and for all, which
 * status and which `logref` it answers with; `ErrorFilter` alone turns it into bytes.
 */
export abstract class DomainError extends Error {
  /** HTTP status of the answer. */
  abstract readonly status: number;
  /** The name that SCDF's clients know this error by, its Java exception's simple name. */
  abstract readonly logref: string;
  /** Seconds after which trying again makes sense, sent as `Retry-After`. */
  readonly retryAfter?: number;
  /** What the client can do about it, where the message alone does not say. */
  readonly hint?: string;
}

/** A parameter is missing, of the wrong type, or out of range. */
export class InvalidParameterError extends DomainError {
  readonly status = 400;

  constructor(
    message: string,
    readonly logref: string = 'MethodArgumentTypeMismatchException',
  ) {
    super(message);
  }
}

/** A list was asked to be sorted by something it cannot be sorted by. */
export class InvalidSortError extends DomainError {
  readonly status = 400;

  constructor(
    message: string,
    readonly logref: string,
  ) {
    super(message);
  }
}

/** The request body cannot be read: malformed JSON, wrong content type, too large. */
export class UnreadableBodyError extends DomainError {
  constructor(
    message: string,
    readonly status: 400 | 413 | 415,
    readonly logref = 'HttpMessageNotReadableException',
  ) {
    super(message);
  }
}

/** The path exists, the method does not. */
export class MethodNotAllowedError extends DomainError {
  readonly status = 405;
  readonly logref = 'HttpRequestMethodNotSupportedException';

  constructor(
    method: string,
    readonly allowed: readonly string[],
  ) {
    super(`Request method '${method}' not supported; allowed: ${allowed.join(', ')}`);
  }
}

/** The client accepts no media type that the answer could have. */
export class NotAcceptableError extends DomainError {
  readonly status = 406;
  readonly logref = 'HttpMediaTypeNotAcceptableException';

  constructor(offered: readonly string[]) {
    super(`Could not find acceptable representation; offered: ${offered.join(', ')}`);
  }
}

/** Nothing is served at this path, though its form is that of a path which is: answered like a path without a handler. */
export class NoSuchPathError extends Error {}

/** The database does not answer; trying again soon makes sense. */
export class ServiceUnavailableError extends DomainError {
  readonly status = 503;
  readonly logref = 'DataAccessResourceFailureException';
  override readonly retryAfter = 5;
}
