/** The one module that talks HTTP with an API server. */
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ApiConnection, Route } from './api-connection.js';
import { ApiError, ConnectionError, hasStatus, isTransient, toApiError } from './api-error.js';
import { backoffDelay, pause } from './backoff.js';
import { RequestSlots } from './request-slots.js';

/** Values of a query string; what is undefined is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Tries of one request, the first included. */
const TRIES = 4;

const RETRY_DELAY = { first: 250, longest: 4_000 };

/** An answer that is longer than this is refused, characters. */
const LONGEST_ANSWER = 256 * 1024 * 1024;

interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
}

/**
 * Requests to one API server as one account. Each has a time limit, waits for its turn while too many are in flight, and is
 * tried again with growing, jittered pauses while {@link isTransient} says that this makes sense; `Retry-After` is obeyed.
 * Everything that this platform asks for may be asked twice: what it creates bears a fixed name.
 */
export class ApiClient {
  readonly #slots: RequestSlots;
  readonly #closing = new AbortController();

  /** @param inFlight requests at a time, watches and followed logs not counted */
  constructor(
    private readonly connection: ApiConnection,
    inFlight: number,
  ) {
    this.#slots = new RequestSlots(inFlight);
  }

  /** @throws ApiError | ConnectionError */
  get<T>(path: string, query?: Query): Promise<T> {
    return this.#json({ method: 'GET', path, ...(query && { query }) });
  }

  /** @throws ApiError | ConnectionError; 409 `AlreadyExists` also when an earlier try of this very call made it */
  create<T>(path: string, body: unknown): Promise<T> {
    return this.#json({ method: 'POST', path, body });
  }

  /** @throws ApiError | ConnectionError */
  replace<T>(path: string, body: unknown): Promise<T> {
    return this.#json({ method: 'PUT', path, body });
  }

  /** JSON merge patch (RFC 7396). @throws ApiError | ConnectionError */
  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#json({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' });
  }

  /** @param options a DeleteOptions object. @throws ApiError | ConnectionError; 404 when it was not there */
  async remove(path: string, options: object = {}): Promise<void> {
    await this.#json({ method: 'DELETE', path, body: options });
  }

  /** A text answer, whole. @throws ApiError | ConnectionError */
  text(path: string, query?: Query): Promise<string> {
    return this.#patiently({ method: 'GET', path, ...(query && { query }) });
  }

  /**
   * A long answer as a stream (watch, followed log): one try, no limit of its length; only its beginning has a time limit.
   * @throws ApiError | ConnectionError
   */
  async stream(path: string, query: Query, signal: AbortSignal): Promise<IncomingMessage> {
    const both = AbortSignal.any([signal, this.#closing.signal]);
    const { requestTimeout } = this.connection.settings;
    const response = await this.#send({ method: 'GET', path, query }, both, requestTimeout);
    if (response.statusCode === 200) return response;
    if (response.statusCode === 401) this.connection.renew();
    throw toApiError(response.statusCode ?? 0, await readAll(response), response.headers['retry-after']);
  }

  /** Ends what is under way. */
  close(): void {
    this.#closing.abort();
    this.connection.close();
  }

  async #json<T>(exchange: Exchange): Promise<T> {
    const text = await this.#patiently(exchange);
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new ConnectionError('ANSWER', `the answer to ${exchange.method} ${exchange.path} is not JSON`);
    }
  }

  async #patiently(exchange: Exchange): Promise<string> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#slots.with(() => this.#once(exchange));
      } catch (error) {
        const rejected = hasStatus(error, 401) && attempt === 0 && this.connection.renew();
        const again = (isTransient(error) || rejected) && attempt + 1 < TRIES && !this.#closing.signal.aborted;
        if (!again) throw error;
        const asked = error instanceof ApiError ? error.retryAfter : undefined;
        if (!rejected) await pause(asked ?? backoffDelay(attempt, RETRY_DELAY), this.#closing.signal);
      }
    }
  }

  async #once(exchange: Exchange): Promise<string> {
    const { requestTimeout } = this.connection.settings;
    const limit = AbortSignal.timeout(requestTimeout);
    const signal = AbortSignal.any([limit, this.#closing.signal]);
    try {
      const response = await this.#send(exchange, signal, requestTimeout);
      const text = await readAll(response);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return text;
      throw toApiError(status, text, response.headers['retry-after']);
    } catch (error) {
      if (limit.aborted) throw timedOut(`no full answer within ${requestTimeout} ms`);
      throw error;
    }
  }

  /** @param answerTimeout ms until the answer begins */
  async #send(exchange: Exchange, signal: AbortSignal, answerTimeout: number): Promise<IncomingMessage> {
    const route = await this.connection.route();
    const body = exchange.body === undefined ? undefined : JSON.stringify(exchange.body);
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const request = open(route, exchange, body, signal);
      const connect = setTimeout(() => {
        if (request.socket?.connecting !== false) request.destroy(timedOut('the connection does not come about'));
      }, this.connection.settings.connectionTimeout);
      const answer = setTimeout(() => request.destroy(timedOut('no answer')), answerTimeout);
      request.once('response', resolve);
      request.once('error', (error) => reject(toConnectionError(error)));
      request.once('close', () => {
        clearTimeout(connect);
        clearTimeout(answer);
      });
      request.once('response', () => {
        clearTimeout(connect);
        clearTimeout(answer);
      });
      request.end(body);
    });
  }
}

function open(route: Route, exchange: Exchange, body: string | undefined, signal: AbortSignal): ClientRequest {
  const url = new URL(route.serverUrl + exchange.path);
  for (const [name, value] of Object.entries(exchange.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers: Record<string, string | number> = { accept: 'application/json, text/plain, */*', ...route.headers };
  if (body !== undefined) {
    headers['content-type'] = exchange.contentType ?? 'application/json';
    headers['content-length'] = Buffer.byteLength(body);
  }
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return send(url, { method: exchange.method, headers, agent: route.agent, signal });
}

async function readAll(response: IncomingMessage): Promise<string> {
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LONGEST_ANSWER) throw new ConnectionError('ANSWER', 'the answer is too long');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw toConnectionError(error);
  }
}

/** Wraps what Node's streams and sockets throw. */
export function toConnectionError(error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'UNKNOWN';
  const message = error instanceof Error && error.message !== '' ? error.message : code;
  return new ConnectionError(code, message, { cause: error });
}

function timedOut(message: string): ConnectionError {
  return new ConnectionError('TIMEOUT', message);
}
