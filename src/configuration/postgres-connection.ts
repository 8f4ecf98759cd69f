import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { PostgresConnection } from './configuration.js';
import { type JdbcUrl, JdbcUrlError } from './jdbc-url.js';

/** `sslmode` values of PostgreSQL; those before `require` ask for TLS only if the server insists. */
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
    primaryOnly: ['primary', 'master'].includes(parameters['targetServerType']?.toLowerCase() ?? ''),
    connectTimeout: seconds(parameters, 'connectTimeout'),
    socketTimeout: seconds(parameters, 'socketTimeout'),
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
  if (mode === 'disable' || mode === 'allow' || mode === 'prefer') return false;
  const read = async (name: string) => {
    const path = emptyToUndefined(parameters[name]);
    return path === undefined ? undefined : readFileOf(name, path, workingDirectory);
  };
  const [ca, cert, key] = [await read('sslrootcert'), await read('sslcert'), await read('sslkey')];
  if ((cert === undefined) !== (key === undefined)) {
    throw new JdbcUrlError('sslcert and sslkey must be given together');
  }
  return {
    rejectUnauthorized: mode !== 'require',
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

function seconds(parameters: JdbcUrl['parameters'], name: string): number | undefined {
  const value = emptyToUndefined(parameters[name]);
  if (value === undefined) return undefined;
  if (!/^\d{1,7}$/.test(value)) throw new JdbcUrlError(`${name} must be a whole number of seconds`);
  return value === '0' ? undefined : Number(value) * 1000;
}

function emptyToUndefined(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
