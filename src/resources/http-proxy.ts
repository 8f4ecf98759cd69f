/** Which proxy a URL is fetched through, and tunnels through it for https. */
import { request } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** An HTTP proxy and the hosts that are reached without it. */
export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** Java's form: names with `*` at either end, separated by `|`. */
  readonly nonProxyHosts: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** The proxy as a request needs it. */
export interface ChosenProxy {
  readonly host: string;
  readonly port: number;
  /** `proxy-authorization`, where the proxy wants it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** @returns undefined when the URL is reached directly */
export function proxyFor(url: URL, proxy: HttpProxy | undefined): ChosenProxy | undefined {
  if (proxy === undefined || isExempt(url.hostname, proxy.nonProxyHosts)) return undefined;
  const { host, port, username, password } = proxy;
  const credentials = Buffer.from(`${username ?? ''}:${password ?? ''}`, 'utf8').toString('base64');
  return { host, port, headers: username === undefined ? {} : { 'proxy-authorization': `Basic ${credentials}` } };
}

function isExempt(hostname: string, nonProxyHosts: string): boolean {
  return nonProxyHosts
    .split('|')
    .map((pattern) => pattern.trim().toLowerCase())
    .filter((pattern) => pattern !== '')
    .some((pattern) => {
      const expression = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
      return new RegExp(`^${expression.join('.*')}$`).test(hostname.toLowerCase());
    });
}

/**
 * Asks the proxy for a tunnel (CONNECT, RFC 9110, 9.3.6) and begins TLS with the target in it.
 * @param timeout ms until the tunnel stands
 * @param verify whether the target's certificate must be good
 */
export async function openTunnel(
  url: URL,
  proxy: ChosenProxy,
  timeout: number,
  deadline: AbortSignal,
  verify = true,
): Promise<Socket> {
  const authority = `${url.hostname}:${url.port === '' ? 443 : url.port}`;
  const socket = await new Promise<Socket>((resolve, reject) => {
    const tunnel = request({
      method: 'CONNECT',
      host: proxy.host,
      port: proxy.port,
      path: authority,
      headers: { host: authority, ...proxy.headers },
      agent: false,
      signal: deadline,
    });
    tunnel.setTimeout(timeout, () => tunnel.destroy(new Error(`the proxy did not answer within ${timeout} ms`)));
    tunnel.on('error', reject);
    tunnel.once('response', (response) => tunnel.destroy(refusal(response.statusCode)));
    tunnel.once('connect', (response, connected) => {
      tunnel.setTimeout(0);
      if (response.statusCode === 200) resolve(connected);
      else {
        connected.destroy();
        reject(refusal(response.statusCode));
      }
    });
    tunnel.end();
  });
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // `host` is what the certificate is checked against; server names (SNI) are for names only (RFC 6066, 3).
  return connectTls({
    socket,
    host,
    rejectUnauthorized: verify,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
}

function refusal(status: number | undefined): Error {
  return new Error(`the proxy answered ${status ?? 'nothing'}`);
}
