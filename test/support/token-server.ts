import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsIdentity } from './certificate.js';

/** An OAuth 2 server that gives tokens to one client by its credentials (RFC 6749, section 4.4). */
export interface TokenServer {
  /** Where tokens are given. */
  readonly uri: string;
  /** Requests that it has answered, whether with a token or not. */
  readonly asked: number;
  close(): Promise<void>;
}

/** What the server wants to be told. */
export interface TokenServerOptions {
  /** Of the client `runner`, by basic authentication. */
  readonly secret: string;
  /** For a server that speaks HTTPS. */
  readonly identity?: TlsIdentity;
}

/**
 * Starts a token server on the loopback interface. The n-th request is answered with the token `fresh-<n>`, good for an hour,
 * if it names the client and asks for the scopes `launch` and `view`.
 */
export async function startTokenServer({ secret, identity }: TokenServerOptions): Promise<TokenServer> {
  const authorization = `Basic ${Buffer.from(`runner:${secret}`).toString('base64')}`;
  let asked = 0;
  const answer: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const fields = new URLSearchParams(body);
      const right =
        request.headers.authorization === authorization &&
        fields.get('grant_type') === 'client_credentials' &&
        fields.get('scope') === 'launch view';
      asked += 1;
      response.writeHead(right ? 200 : 401, { 'content-type': 'application/json' });
      response.end(
        right ? JSON.stringify({ access_token: `fresh-${asked}`, expires_in: 3600 }) : '{"error":"invalid_client"}',
      );
    });
  };
  const server =
    identity === undefined
      ? createServer(answer)
      : createSecureServer({ key: identity.key, cert: identity.certificate }, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    uri: `${identity === undefined ? 'http' : 'https'}://127.0.0.1:${port}/token`,
    get asked() {
      return asked;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The runner's words that make it ask a token server for its tokens. */
export function tokenWords(uri: string, secret: string): readonly string[] {
  const words = { 'client-id': 'runner', 'client-secret': secret, 'token-uri': uri, scopes: 'launch,view' };
  return Object.entries(words).map(([name, value]) => `--oauth2-client-credentials-${name}=${value}`);
}
