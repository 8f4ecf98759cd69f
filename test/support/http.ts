import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

/** A request exactly as it goes over the wire: no header is added but Host, Connection and, with a body, Content-Length. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, percent-encoded as they shall be sent. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The Content-Type header as sent; null without one. */
  readonly contentType: string | null;
  readonly text: string;
  /** The body parsed if it is JSON by its media type, the text otherwise; an empty body is the empty text. */
  readonly body: unknown;
}

/**
 * Sends one request and reads the whole answer. Redirects are not followed, every status is an answer.
 *
 * Unlike `fetch` it sends no Accept header of its own, which matters to a server that negotiates the media type.
 *
 * @throws Error if the connection fails or nothing arrives for `timeout` milliseconds
 */
export function exchange(baseUrl: string, wire: WireRequest, timeout = 60_000): Promise<WireAnswer> {
  const url = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: url.hostname,
        port: url.port,
        method: wire.method,
        path: `${url.pathname.replace(/\/$/, '')}${wire.target}`,
        headers: {
          ...wire.headers,
          ...(wire.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(wire.body)) }),
        },
        agent: false,
        timeout,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const contentType = answer.headers['content-type'] ?? null;
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            contentType,
            text,
            body: parseBody(text, contentType),
          });
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${wire.method} ${wire.target} for ${timeout} ms`)));
    sent.on('error', reject);
    sent.end(wire.body);
  });
}

/** The body of a form: `name=…&definition=…`; undefined values are left out. */
export function form(fields: Readonly<Record<string, string | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) {
      parameters.append(name, value);
    }
  }
  return parameters.toString();
}

/** Sends a form and asks for JSON, as SCDF's clients do. */
export function postForm(
  baseUrl: string,
  target: string,
  fields: Readonly<Record<string, string | undefined>>,
): Promise<WireAnswer> {
  return exchange(baseUrl, {
    method: 'POST',
    target,
    headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' },
    body: form(fields),
  });
}

/** Asks for a resource as JSON. */
export function getJson(baseUrl: string, target: string): Promise<WireAnswer> {
  return exchange(baseUrl, { method: 'GET', target, headers: { Accept: 'application/json' } });
}

function parseBody(text: string, contentType: string | null): unknown {
  if (text === '' || contentType === null || !/[/+]json\b/.test(contentType)) {
    return text;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
