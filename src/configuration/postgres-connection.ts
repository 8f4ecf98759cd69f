import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { PostgresConnection } from './configuration.js';
import { type JdbcUrl, JdbcUrlError } from './jdbc-url.js';

/** `sslmode` values of PostgreSQL. */
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

/**
 * Turns a JDBC URL into the terms of the `pg` driver. `spring.datasource.username` and `.password` win over the URL's. The
 * certificates that it names are read here.
 * @throws JdbcUrlError for a parameter that is wrong or a file that cannot be read
 */
export async function postgresConnection(
  url: JdbcUrl,
  credentials: { readonly username: string | undefined; readonly password: string | undefined },
  workingDirectory: string,
): Promise<PostgresConnection> {
  const { parameters } = url;
  const user = credentials.username ?? parameters['user'];
  const database = url.database ?? user;
  if (database === undefined)
    throw new JdbcUrlError('a JDBC URL that names a database, or a spring.datasource.username to name it after');
  return {
    hosts: url.hosts,
    database,
    user,
    password: credentials.password ?? parameters['password'],
    schema: emptyToUndefined(parameters['currentSchema']),
    ssl: await sslOptions(parameters, workingDirectory),
    sslMode: sslMode(parameters),
    applicationName: emptyToUndefined(parameters['ApplicationName']),
    targetServerType: targetServerType(parameters),
    connectTimeout: seconds(parameters, 'connectTimeout', 10),
    socketTimeout: seconds(parameters, 'socketTimeout', 0),
  };
}

function sslMode(parameters: JdbcUrl['parameters']): SslMode {
  const mode = parameters['sslmode'];
  if (mode === undefined || mode === '') {
    const ssl = parameters['ssl'];
    // pgjdbc: `ssl=true`, or `ssl` alone, means verify-full.
    return ssl === undefined || ssl.toLowerCase() === 'false' ? 'prefer' : 'verify-full';
  }
  const known = SSL_MODES.find((word) => word === mode.toLowerCase());
  if (known === undefined) throw new JdbcUrlError(`sslmode must be one of ${SSL_MODES.join(', ')}`);
  return known;
}

async function sslOptions(
  parameters: JdbcUrl['parameters'],
  workingDirectory: string,
): Promise<PostgresConnection['ssl']> {
  const mode = sslMode(parameters);
  if (mode === 'disable') return false;
  const read = async (name: string) => {
    const path = emptyToUndefined(parameters[name]);
    return path === undefined ? undefined : readFileOf(name, path, workingDirectory);
  };
  // pgjdbc, too, looks at the authorities only where the certificate is verified.
  const verified = mode === 'verify-ca' || mode === 'verify-full';
  const [ca, cert, key] = [
    verified ? await read('sslrootcert') : undefined,
    await read('sslcert'),
    await read('sslkey'),
  ];
  if ((cert === undefined) !== (key === undefined)) {
    throw new JdbcUrlError('sslcert and sslkey must be given together');
  }
  return {
    rejectUnauthorized: verified,
    // verify-ca: the certificate must be signed by a trusted authority, for whatever host.
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(ca === undefined ? {} : { ca: pemCertificates('sslrootcert', ca) }),
    ...(cert === undefined ? {} : { cert: pemCertificates('sslcert', cert) }),
    ...(key === undefined ? {} : { key: pemKey(key, parameters['sslpassword']) }),
  };
}

async function readFileOf(parameter: string, path: string, workingDirectory: string): Promise<Buffer> {
  const file = resolve(workingDirectory, path.replace(/^~(?=\/)/, homedir()));
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new JdbcUrlError(`${parameter} must name a readable file: ${file} (${error.code ?? error.message})`);
  });
}

/** The JDBC driver takes certificates in PEM and DER form, TLS of Node only PEM. */
function pemCertificates(parameter: string, content: Buffer): string {
  const text = content.toString('latin1');
  try {
    // Reads the first certificate of a bundle: enough to tell a certificate from something else.
    const certificate = new X509Certificate(content);
    return text.includes('-----BEGIN ') ? text : certificate.toString();
  } catch {
    throw new JdbcUrlError(`${parameter} must name a file with X.509 certificates, in PEM or DER form`);
  }
}

/** The JDBC driver's customary form of a key is PKCS#8 in DER, which may be encrypted with `sslpassword`. */
function pemKey(content: Buffer, passphrase: string | undefined): string {
  const secret = passphrase === undefined ? {} : { passphrase };
  try {
    const key = content.includes('-----BEGIN ')
      ? createPrivateKey({ key: content, format: 'pem', ...secret })
      : createPrivateKey({ key: content, format: 'der', type: 'pkcs8', ...secret });
    return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    throw new JdbcUrlError(
      'sslkey must name a file with a private key, in PEM or PKCS#8 DER form; an encrypted one needs sslpassword',
    );
  }
}

/** Millrace writes, so a replica is of no use: it does not ask for one, and never prefers one. */
const SERVER_TYPES: Readonly<Record<string, PostgresConnection['targetServerType']>> = {
  any: 'any',
  primary: 'primary',
  master: 'primary',
  preferprimary: 'preferPrimary',
  prefersecondary: 'preferPrimary',
  preferslave: 'preferPrimary',
};

function targetServerType(parameters: JdbcUrl['parameters']): PostgresConnection['targetServerType'] {
  const value = emptyToUndefined(parameters['targetServerType']);
  if (value === undefined) return 'any';
  const type = new Map(Object.entries(SERVER_TYPES)).get(value.toLowerCase());
  if (type === undefined)
    throw new JdbcUrlError('targetServerType must be one of any, primary, preferPrimary: the server has to write');
  return type;
}

/** @returns ms; 0 is no limit */
function seconds(parameters: JdbcUrl['parameters'], name: string, standard: number): number {
  const value = emptyToUndefined(parameters[name]) ?? String(standard);
  if (!/^\d{1,6}$/.test(value)) throw new JdbcUrlError(`${name} must be a whole number of seconds, at most 999999`);
  return Number(value) * 1000;
}

function emptyToUndefined(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
