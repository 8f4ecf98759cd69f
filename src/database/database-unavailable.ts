import { messageOf } from '../resources/system-error.js';

/**
 * The database cannot be reached right now: nothing is wrong with the request, and trying again later helps. HTTP answers
 * 503 with Retry-After. {@link cause} is the driver's error.
 */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
}

/** Whether what was asked of the database may be at fault, and not its being away: the other half of a batch may pass then. */
export function mayBeTheStatement(error: unknown): boolean {
  return !(error instanceof DatabaseUnavailableError);
}

/** The session of a transaction ended before the transaction did. {@link cause} is what came of it. */
export class BrokenSessionError extends Error {
  override readonly name = 'BrokenSessionError';

  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
  }
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** SQLSTATEs beyond class 08: the server goes down, comes up, or has no connection left. */
const SQL_STATES = new Set(['57P01', '57P02', '57P03', '57P05', '53300']);

/** Texts of `pg` and `pg-pool`, which give these errors no code. */
const DRIVER_MESSAGES = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'Connection with databases',
];

/**
 * Tells failures of the connection (server down, restarting, out of connections, network) from failures of the statement.
 *
 * @param error anything thrown by `pg`, TypeORM or {@link DatabaseUnavailableError} itself; causes are looked into
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  return [...chainOf(error)].some(
    (link) =>
      link instanceof DatabaseUnavailableError ||
      link instanceof BrokenSessionError ||
      (typeof link.code === 'string' &&
        (NETWORK_CODES.has(link.code) || SQL_STATES.has(link.code) || /^08[0-9A-Z]{3}$/.test(link.code))) ||
      (link.code === undefined && DRIVER_MESSAGES.some((text) => link.message.startsWith(text))),
  );
}

interface ErrorLink extends Error {
  readonly code?: unknown;
  readonly driverError?: unknown;
  readonly errors?: unknown;
}

/** Not `instanceof`: an error of Node's own modules has another constructor when code runs in a context of its own. */
function isErrorLike(error: unknown): error is ErrorLink {
  return typeof error === 'object' && error !== null && typeof (error as Partial<Error>).message === 'string';
}

/** The error with everything it wraps: TypeORM's `driverError`, `cause`, and the parts of an AggregateError. */
function* chainOf(error: unknown, depth = 0): Generator<ErrorLink> {
  if (!isErrorLike(error) || depth > 5) return;
  const link = error;
  yield link;
  if (link.driverError !== link) yield* chainOf(link.driverError, depth + 1);
  yield* chainOf(link.cause, depth + 1);
  if (Array.isArray(link.errors)) for (const part of link.errors as unknown[]) yield* chainOf(part, depth + 1);
}
