import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { parseQueryString, refuseNul, type ParameterList } from './query-string.js';

/** What a request says beside its own parameters: where it came in, and in which words links must be written back. */
export interface RequestFrame {
  /** `https://host/prefix/context`, without trailing slash: what links begin with. */
  readonly baseUrl: string;
  /** Path below the base URL, `/tasks/definitions`. */
  readonly path: string;
  /** Query parameters in the order sent; paging links repeat them. */
  readonly query: ParameterList;
}

/** Injects the {@link RequestFrame} of the current request. */
export const Frame = createParamDecorator((_: unknown, context: ExecutionContext): RequestFrame => {
  return frameOf(context.switchToHttp().getRequest<Request>());
});

/** Reads the frame of a request; see {@link RequestFrame}. */
export function frameOf(request: Request): RequestFrame {
  const question = request.originalUrl.indexOf('?');
  return {
    baseUrl: baseUrlOf(request),
    path: request.path.slice(contextPathOf(request).length),
    query: question < 0 ? [] : parseQueryString(request.originalUrl.slice(question + 1)),
  };
}

/**
 * All parameters of a request: query string first, then form body, then path. SCDF reads the two former alike, so clients
 * send either.
 */
export function parametersOf(request: Request): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>();
  const form = typeof request.body === 'string' ? parseQueryString(request.body) : [];
  for (const [name, value] of [...frameOf(request).query, ...form]) {
    const values = all.get(name);
    if (values === undefined) all.set(name, [value]);
    else values.push(value);
  }
  for (const [name, value] of Object.entries(request.params)) {
    all.set(name, [refuseNul(typeof value === 'string' ? value : value.join('/'))]);
  }
  return all;
}

function baseUrlOf(request: Request): string {
  const forwarded = request.app.get('millrace forward headers') === false ? {} : forwardedOf(request);
  const protocol = forwarded.protocol ?? request.protocol;
  const host = withPort(forwarded.host ?? request.headers.host ?? 'localhost', forwarded.port, protocol);
  return `${protocol}://${host}${forwarded.prefix ?? ''}${contextPathOf(request)}`.replace(/\/+$/, '');
}

/** `server.servlet.context-path`: below it is everything that this server serves. */
function contextPathOf(request: Request): string {
  const contextPath: unknown = request.app.get('millrace context path');
  return typeof contextPath === 'string' ? contextPath : '';
}

interface Forwarded {
  readonly protocol?: string;
  readonly host?: string;
  readonly port?: string;
  readonly prefix?: string;
}

/** `Forwarded` (RFC 7239) wins over the X-Forwarded family, as in Spring's forwarded-header handling. */
function forwardedOf(request: Request): Forwarded {
  const standard = headerOf(request, 'forwarded');
  if (standard !== undefined) {
    const pairs = new Map(
      standard.split(';').map((pair) => {
        const [name = '', value = ''] = pair.split('=', 2);
        return [name.trim().toLowerCase(), value.trim().replace(/^"|"$/g, '')] as const;
      }),
    );
    const protocol = pairs.get('proto');
    const host = pairs.get('host');
    return { ...(protocol === undefined ? {} : { protocol }), ...(host === undefined ? {} : { host }) };
  }
  const protocol = headerOf(request, 'x-forwarded-proto');
  const host = headerOf(request, 'x-forwarded-host');
  const port = headerOf(request, 'x-forwarded-port');
  const prefix = headerOf(request, 'x-forwarded-prefix');
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(prefix === undefined ? {} : { prefix: prefix.replace(/\/+$/, '') }),
  };
}

/** First value of a header that proxies append to; only characters that a URL can hold. */
function headerOf(request: Request, name: string): string | undefined {
  const value = request.headers[name];
  const first = (Array.isArray(value) ? value[0] : value)?.split(',')[0]?.trim();
  return first === undefined || first === '' || /[\s<>"\\]/.test(first.replaceAll('"', '')) ? undefined : first;
}

function withPort(host: string, port: string | undefined, protocol: string): string {
  if (port === undefined || !/^\d{1,5}$/.test(port)) return host;
  const bare = host.replace(/:\d+$/, '');
  const usual = protocol === 'https' ? '443' : '80';
  return port === usual ? bare : `${bare}:${port}`;
}
