import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { openTunnel } from '../../resources/http-proxy.js';
import { ContainerRegistryError } from './container-registry.errors.js';

/** One HTTP request and the way it takes. */
export interface TransportRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether the certificate must be good. */
  readonly verify: boolean;
  readonly proxy: { readonly host: string; readonly port: number } | undefined;
  /** Longest body that is taken. */
  readonly maximumBytes: number;
}

/** A complete answer. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** ms until a connection stands; ms without a byte. */
const CONNECT_TIMEOUT = 10_000;
const IDLE_TIMEOUT = 15_000;

/**
 * Sends one request and takes the whole answer; redirects are answers like others.
 * @param deadline ends the exchange wherever it is
 * @throws ContainerRegistryError for an answer that is too long; else what the network throws
 */
export async function exchange(request: TransportRequest, deadline: AbortSignal): Promise<TransportResponse> {
  const response = await send(request, deadline);
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop early destroys the response.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > request.maximumBytes) {
      throw new ContainerRegistryError(
        `${placeOf(request.url)} answers with more than ${request.maximumBytes} bytes, which is the limit`,
      );
    }
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

/** The URL without its query, which may hold signatures, for messages. */
export function placeOf(url: URL): string {
  return url.origin + url.pathname;
}

async function send(
  { method, url, headers, body, verify, proxy }: TransportRequest,
  deadline: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    path: url.pathname + url.search,
    headers: { host: url.host, 'user-agent': 'millrace', ...headers },
    agent: false,
    signal: deadline,
  };
  if (url.protocol === 'http:') {
    const way =
      proxy === undefined
        ? {}
        : { host: proxy.host, port: proxy.port, path: `${url.origin}${url.pathname}${url.search}` };
    return await answer(requestHttp({ ...options, ...way }), body);
  }
  if (proxy === undefined) return await answer(requestHttps({ ...options, rejectUnauthorized: verify }), body);
  const socket = await openTunnel(url, { ...proxy, headers: {} }, CONNECT_TIMEOUT, deadline, verify);
  // With an agent, even a new one (`false`), Node would not ask us for the connection.
  return await answer(requestHttps({ ...options, agent: undefined, createConnection: () => socket }), body);
}

function answer(request: ReturnType<typeof requestHttp>, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const connecting = setTimeout(
      () => request.destroy(new Error(`no connection within ${CONNECT_TIMEOUT} ms`)),
      CONNECT_TIMEOUT,
    );
    const connected = () => clearTimeout(connecting);
    request.once('socket', (socket) => (socket.connecting ? socket.once('connect', connected) : connected()));
    request.once('close', connected);
    request.setTimeout(IDLE_TIMEOUT, () => request.destroy(new Error(`nothing was received for ${IDLE_TIMEOUT} ms`)));
    request.on('error', reject);
    request.once('response', resolve);
    request.end(body);
  });
}
