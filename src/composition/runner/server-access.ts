/** How the runner reaches a server. */
export interface ServerAccess {
  /** Without a trailing slash. */
  readonly url: string;
  readonly credentials: Credentials;
  /** False with `skip-tls-certificate-verification`. */
  readonly verifiesTls: boolean;
}

export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | ClientCredentials;

/** OAuth 2: a client that asks for tokens of its own (RFC 6749, section 4.4). */
export interface ClientCredentials {
  readonly kind: 'client';
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenUri: string;
  readonly scopes: readonly string[];
  /** Whether the client names itself in the body of the request, rather than by basic authentication. */
  readonly inBody: boolean;
}

interface Reader {
  text(name: string): string | undefined;
  flag(name: string): boolean;
  refuse(problem: string): void;
}

const DEFAULT_URL = 'http://localhost:9393';
const CLIENT = 'oauth2-client-credentials';

/** Reads where the server is and who the runner is to it: client credentials win over a token, that over a password. */
export function serverAccess(reader: Reader): ServerAccess {
  const url = addressOf(reader, 'dataflow-server-uri') ?? DEFAULT_URL;
  const username = reader.text('dataflow-server-username');
  const password = reader.text('dataflow-server-password');
  if (username === undefined && password !== undefined) {
    reader.refuse('A password may be specified only together with a username');
  }
  if (username !== undefined && password === undefined) {
    reader.refuse('A username may be specified only together with a password');
  }
  const token = reader.text('dataflow-server-access-token');
  const basic: Credentials =
    username === undefined || password === undefined ? { kind: 'none' } : { kind: 'basic', username, password };
  const credentials = clientCredentials(reader) ?? (token === undefined ? basic : { kind: 'bearer', token });
  return { url, credentials, verifiesTls: !reader.flag('skip-tls-certificate-verification') };
}

function clientCredentials(reader: Reader): ClientCredentials | undefined {
  const clientId = reader.text(`${CLIENT}-client-id`);
  if (clientId === undefined) return undefined;
  const tokenUri = addressOf(reader, `${CLIENT}-token-uri`);
  if (tokenUri === undefined) reader.refuse(`${CLIENT}-client-id needs ${CLIENT}-token-uri, where tokens are given.`);
  const method = reader.text(`${CLIENT}-client-authentication-method`)?.toLowerCase() ?? 'client_secret_basic';
  const inBody = method === 'client_secret_post' || method === 'post';
  if (!inBody && method !== 'client_secret_basic' && method !== 'basic') {
    reader.refuse(`${CLIENT}-client-authentication-method must be client_secret_basic or client_secret_post.`);
  }
  const scopes = reader.text(`${CLIENT}-scopes`)?.split(/[\s,]+/) ?? [];
  return {
    kind: 'client',
    clientId,
    clientSecret: reader.text(`${CLIENT}-client-secret`) ?? '',
    tokenUri: tokenUri ?? '',
    scopes: scopes.filter((scope) => scope !== ''),
    inBody,
  };
}

function addressOf(reader: Reader, name: string): string | undefined {
  const text = reader.text(name)?.trim();
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if ((url?.protocol === 'http:' || url?.protocol === 'https:') && url.username === '' && url.password === '') {
    return text.replace(/\/+$/, '');
  }
  // The value is left out: it may hold a password.
  reader.refuse(`${name} must be an address that begins with http:// or https://, without user and password in it.`);
  return undefined;
}
