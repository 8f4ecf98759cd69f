/** HTTP downloads to a file: redirects, credentials, proxy, bounded in time and size. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openTunnel, proxyFor, type HttpProxy } from './http-proxy.js';
import { ResourceTransferError, UnresolvableResourceError } from './resource-errors.js';
import { withoutCredentials } from './credentials.js';
import { messageOf } from './system-error.js';

/** Bounds and way of downloads. */
export interface HttpLimits {
  /** ms until the connection stands */
  readonly connectTimeout: number;
  /** ms without a byte */
  readonly idleTimeout: number;
  /** ms for the whole download, redirects included */
  readonly totalTimeout: number;
  readonly maximumBytes: number;
  readonly proxy: HttpProxy | undefined;
}

/** What to get. */
export interface HttpDownload {
  /** Credentials in it count unless {@link credentials} are given. */
  readonly url: URL;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** `If-None-Match` and the like. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came of it; anything else is thrown. */
export type DownloadResult =
  | {
      readonly kind: 'stored';
      readonly sha1: string;
      readonly etag: string | undefined;
      readonly lastModified: string | undefined;
    }
  /** 304 */
  | { readonly kind: 'unchanged' }
  /** 404 or 410 */
  | { readonly kind: 'absent' };

const MAXIMUM_REDIRECTS = 10;
/** Answers that another try may turn into a better one (RFC 9110: timeout, too early; RFC 6585: too many requests). */
const PASSING = new Set([408, 425, 429]);

/**
 * Downloads to `target`, which a failure leaves behind in no state to be used: write to a place of your own and rename.
 * @throws UnresolvableResourceError when the server refuses, the answer is too long, or redirects lead nowhere
 * @throws ResourceTransferError when the network or the server fails, or time is up
 */
export async function download(from: HttpDownload, target: string, limits: HttpLimits): Promise<DownloadResult> {
  const deadline = AbortSignal.timeout(limits.totalTimeout);
  const shown = withoutCredentials(from.url.href);
  try {
    return await follow(from, target, limits, deadline);
  } catch (error) {
    await rm(target, { force: true });
    if (error instanceof UnresolvableResourceError || error instanceof ResourceTransferError) throw error;
    const cause = deadline.aborted ? `it took longer than ${limits.totalTimeout} ms` : messageOf(error);
    throw new ResourceTransferError(`${shown} could not be downloaded: ${cause}.`);
  }
}

async function follow(
  from: HttpDownload,
  target: string,
  limits: HttpLimits,
  deadline: AbortSignal,
): Promise<DownloadResult> {
  const origin = from.url.origin;
  let url = from.url;
  for (let hops = 0; hops <= MAXIMUM_REDIRECTS; hops++) {
    // Credentials are for the host that they were given for (RFC 9110, 15.4).
    const authorization = url.origin === origin ? basicAuthorization(from) : undefined;
    const headers = { ...from.headers, ...(authorization === undefined ? {} : { authorization }) };
    const response = await get(url, headers, limits, deadline);
    const location = redirection(response);
    if (location === undefined) return await take(response, url, target, limits, deadline);
    response.destroy();
    url = redirected(url, location);
  }
  throw new UnresolvableResourceError(
    `${withoutCredentials(from.url.href)} redirects more than ${MAXIMUM_REDIRECTS} times.`,
  );
}

function redirection(response: IncomingMessage): string | undefined {
  const status = response.statusCode ?? 0;
  return [301, 302, 303, 307, 308].includes(status) ? response.headers.location : undefined;
}

function redirected(url: URL, location: string): URL {
  const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  const allowed = next?.protocol === 'https:' || (next?.protocol === 'http:' && url.protocol === 'http:');
  if (next === undefined || !allowed) {
    throw new UnresolvableResourceError(
      `${withoutCredentials(url.href)} redirects to ${withoutCredentials(location)}, which is not followed: it must be an https URL, or http coming from http.`,
    );
  }
  return next;
}

function basicAuthorization({ url, credentials }: HttpDownload): string | undefined {
  const username = credentials?.username ?? decodeURIComponent(url.username);
  const password = credentials?.password ?? decodeURIComponent(url.password);
  if (username === '') return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

async function get(
  url: URL,
  headers: Readonly<Record<string, string>>,
  limits: HttpLimits,
  deadline: AbortSignal,
): Promise<IncomingMessage> {
  const proxy = proxyFor(url, limits.proxy);
  const secure = url.protocol === 'https:';
  const options: RequestOptions = {
    method: 'GET',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    path: url.pathname + url.search,
    headers: { host: url.host, 'user-agent': 'millrace', accept: '*/*', ...headers },
    agent: false,
    signal: deadline,
  };
  if (proxy !== undefined && secure) {
    const socket = await openTunnel(url, proxy, limits.connectTimeout, deadline);
    // With an agent, even a new one (`false`), Node would not ask us for the connection.
    return await answer(requestHttps({ ...options, agent: undefined, createConnection: () => socket }), limits);
  }
  if (proxy !== undefined) {
    Object.assign(options, { host: proxy.host, port: proxy.port, path: `${url.origin}${url.pathname}${url.search}` });
    Object.assign(options.headers ?? {}, proxy.headers);
  }
  return await answer(secure ? requestHttps(options) : requestHttp(options), limits);
}

function answer(request: ReturnType<typeof requestHttp>, limits: HttpLimits): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const connecting = setTimeout(
      () => request.destroy(new Error(`no connection within ${limits.connectTimeout} ms`)),
      limits.connectTimeout,
    );
    const connected = () => clearTimeout(connecting);
    request.once('socket', (socket) => (socket.connecting ? socket.once('connect', connected) : connected()));
    request.once('close', connected);
    request.setTimeout(limits.idleTimeout, () =>
      request.destroy(new Error(`nothing was received for ${limits.idleTimeout} ms`)),
    );
    request.on('error', reject);
    request.once('response', resolve);
    request.end();
  });
}

async function take(
  response: IncomingMessage,
  url: URL,
  target: string,
  limits: HttpLimits,
  deadline: AbortSignal,
): Promise<DownloadResult> {
  const status = response.statusCode ?? 0;
  if (status === 200) return await store(response, url, target, limits, deadline);
  response.destroy();
  if (status === 304) return { kind: 'unchanged' };
  if (status === 404 || status === 410) return { kind: 'absent' };
  const shown = withoutCredentials(url.href);
  if (status >= 500 || PASSING.has(status)) throw new ResourceTransferError(`${shown} answered ${status}.`);
  const hint = status === 401 || status === 403 ? ' The credentials for it are missing or not accepted.' : '';
  throw new UnresolvableResourceError(`${shown} answered ${status}.${hint}`);
}

async function store(
  response: IncomingMessage,
  url: URL,
  target: string,
  limits: HttpLimits,
  deadline: AbortSignal,
): Promise<DownloadResult> {
  const tooLong = () =>
    new UnresolvableResourceError(
      `${withoutCredentials(url.href)} is longer than ${limits.maximumBytes} bytes, which is the limit.`,
    );
  if (Number(response.headers['content-length'] ?? 0) > limits.maximumBytes) {
    response.destroy();
    throw tooLong();
  }
  const hash = createHash('sha1');
  let received = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      received += chunk.length;
      hash.update(chunk);
      if (received > limits.maximumBytes) next(tooLong());
      else next(undefined, chunk);
    },
  });
  await pipeline(response, meter, createWriteStream(target, { flags: 'wx' }), { signal: deadline });
  return {
    kind: 'stored',
    sha1: hash.digest('hex'),
    etag: response.headers.etag,
    lastModified: response.headers['last-modified'],
  };
}
