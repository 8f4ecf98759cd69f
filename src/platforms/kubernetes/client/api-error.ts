/** What can go wrong between this server and an API server, and the one answer to «is it worth another try?». Pure. */

/** The API server answered with an error: HTTP status and what its `Status` object says. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** `reason` of the Status object: `AlreadyExists`, `Forbidden`, `Invalid`, `Expired` …; empty when it gave none. */
    readonly reason: string,
    /** Its sentence, as the API server wrote it. */
    message: string,
    /** ms that the server asks to be left alone (`Retry-After`). */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/** No answer at all, or only a part of one. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';

  constructor(
    /** Node's code (`ECONNRESET`, `CERT_HAS_EXPIRED` …) or `TIMEOUT`. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** HTTP statuses after which the same request may well succeed. */
const TRANSIENT_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** Codes of TLS and credential trouble that no second try heals; everything else about a connection may pass. */
const LASTING_CODE = /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|^ERR_(TLS|SSL|OSSL|INVALID)|^EPROTO$|^CREDENTIALS$/;

/**
 * The one predicate of this platform that says which error may pass by itself.
 *
 * Transient: no or half an answer, time-outs, 408, 429, 5xx, and conflicts of optimistic locking (409 `Conflict`, which
 * also a quota's own bookkeeping causes). Lasting: bad TLS, refused credentials, everything else that the API server
 * has decided.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof ApiError) {
    return TRANSIENT_STATUSES.has(error.status) || (error.status === 409 && error.reason === 'Conflict');
  }
  return error instanceof ConnectionError && !LASTING_CODE.test(error.code);
}

/** The `resourceVersion` or `continue` token is too old: only a new list helps. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone');
}

/** Whether the error is the API server's answer with this HTTP status. */
export function hasStatus(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.status === status;
}

/**
 * Reads an error answer's body.
 * @param body a `Status` object as JSON, or whatever a proxy on the way wrote
 * @param retryAfterHeader `Retry-After`: seconds or an HTTP date
 */
export function toApiError(status: number, body: string, retryAfterHeader?: string): ApiError {
  const { reason, message } = readStatus(body);
  const plain = body.trim().startsWith('<') ? '' : body.trim().slice(0, 500);
  return new ApiError(status, reason, message || plain || `HTTP status ${status}`, retryAfterMs(retryAfterHeader));
}

function readStatus(body: string): { reason: string; message: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return { reason: '', message: '' };
    const reason = 'reason' in parsed && typeof parsed.reason === 'string' ? parsed.reason : '';
    const message = 'message' in parsed && typeof parsed.message === 'string' ? parsed.message : '';
    return { reason, message };
  } catch {
    return { reason: '', message: '' };
  }
}

/** RFC 9110, 10.2.3; an absurdly long time is cut to a minute. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 60_000) : undefined;
}
