import { formatTimestamp } from './timestamp.js';

/** SCDF's error body: exactly one element; the Java client cannot parse an element without `_links`. */
export interface ErrorBody {
  readonly _embedded: {
    readonly errors: readonly [
      {
        readonly message: string;
        readonly logref: string;
        readonly hint?: string;
        readonly _links: { readonly self: { readonly href: '/' } };
      },
    ];
  };
}

/** The error body of Spring Boot's error page, which SCDF answers where no controller was reached. */
export interface PageErrorBody {
  readonly timestamp: string;
  readonly status: number;
  readonly error: string;
  readonly message: string;
  readonly path: string;
}

/** Builds the error body of a request that reached a controller. */
export function errorBody(message: string, logref: string, hint?: string): ErrorBody {
  const extra = hint === undefined ? {} : { hint };
  return { _embedded: { errors: [{ message: message || logref, logref, ...extra, _links: { self: { href: '/' } } }] } };
}

/** Builds the error body of a path that nobody handles. */
export function pageErrorBody(status: number, error: string, path: string, now: Date): PageErrorBody {
  return { timestamp: formatTimestamp(now), status, error, message: 'No message available', path };
}
