import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsIdentity } from './certificate.js';

/** A request as the proxy saw it. */
export interface ProxiedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What becomes of a request. */
export type ProxyVerdict =
  | 'pass'
  /** It arrives and is answered, but the answer does not come back: the connection is reset. */
  | 'lose answer'
  /** The connection is reset before it arrives. */
  | 'reset'
  | { readonly status: number; readonly body: string };

/** Stands before a real server: sees what is sent to it, and makes what goes wrong on the way. */
export interface HttpProxy {
  readonly url: string;
  readonly requests: readonly ProxiedRequest[];
  /** Decides about each request from now on. */
  decide(judge: (request: ProxiedRequest) => ProxyVerdict): void;
  close(): Promise<void>;
}

/** How the proxy is reached. */
export interface HttpProxyOptions {
  /** For a proxy that speaks HTTPS with its clients. */
  readonly identity?: TlsIdentity;
  /** A free port if not given. */
  readonly port?: number;
}

/**
 * Starts a proxy on the loopback interface.
 * @param target base URL of the server, without a path
 */
export async function startHttpProxy(
  target: string,
  { identity, port: wanted = 0 }: HttpProxyOptions = {},
): Promise<HttpProxy> {
  const requests: ProxiedRequest[] = [];
  let judge: (request: ProxiedRequest) => ProxyVerdict = () => 'pass';
  const pass: RequestListener = (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method = '', url = '', headers } = incoming;
      const seen = { method, target: url, headers, body: body.toString('utf8') };
      requests.push(seen);
      const verdict = judge(seen);
      if (verdict === 'reset') return void incoming.socket.resetAndDestroy();
      if (typeof verdict === 'object') {
        outgoing.writeHead(verdict.status, { 'content-type': 'application/json' }).end(verdict.body);
        return;
      }
      const onward = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
        if (verdict === 'lose answer') {
          answer.resume().on('end', () => void incoming.socket.resetAndDestroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => void incoming.socket.resetAndDestroy());
      onward.end(body);
    });
  };
  const server =
    identity === undefined
      ? createServer(pass)
      : createSecureServer({ key: identity.key, cert: identity.certificate }, pass);
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${identity === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    decide: (next) => (judge = next),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
