import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { messageOf } from '../../resources/system-error.js';
import type { ServerSslConfiguration, TlsVersion } from '../configuration.js';
import { bool, choice, text, textList } from '../property-types.js';
import { optionalProperty, type Property, property } from '../property.js';
import type { PropertyReader } from '../property-reader.js';
import { cipherNames } from '../tls-ciphers.js';

const CONVERSION =
  '`keytool -importkeystore -srckeystore <file> -destkeystore <file>.p12 -deststoretype pkcs12` makes one of it';

/** Protocols that Spring Boot knows and Node.js can speak, oldest first. */
const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const satisfies readonly TlsVersion[];

/** `server.ssl.*`, and the same below `management.server.ssl` for management on a port of its own. */
function sslProperties<Prefix extends string>(prefix: Prefix) {
  const optional = (name: string, meaning: string, secret = false) =>
    optionalProperty(`${prefix}.${name}`, { type: text, meaning, secret });
  return {
    enabled: property(`${prefix}.enabled`, {
      type: bool,
      default: 'true',
      meaning: `Whether the other \`${prefix}\` properties count.`,
    }),
    keyStore: optional('key-store', 'PKCS#12 file with key and certificates; setting it serves HTTPS.'),
    keyStorePassword: optional('key-store-password', 'Password of the key store.', true),
    keyStoreType: optional(
      'key-store-type',
      `Accepted; the file itself tells its type, which has to be PKCS#12. Of a JKS store ${CONVERSION}.`,
    ),
    keyAlias: optional('key-alias', 'Accepted; the key store must hold one key.'),
    keyPassword: optional('key-password', 'Password of the key, if it is not the store’s.', true),
    certificate: optional('certificate', 'PEM file with the certificate chain; setting it serves HTTPS.'),
    certificateKey: optional('certificate-private-key', 'PEM file with the private key.'),
    trustCertificate: optional('trust-certificate', 'PEM file with the authorities that sign client certificates.'),
    trustStore: optional(
      'trust-store',
      'Has no effect while no client certificates are asked for; they need `trust-certificate` instead.',
    ),
    clientAuth: property(`${prefix}.client-auth`, {
      type: choice('none', 'want', 'need'),
      default: 'none',
      meaning: 'Whether clients may (`want`) or must (`need`) present a certificate.',
    }),
    enabledProtocols: property(`${prefix}.enabled-protocols`, {
      type: textList,
      default: '',
      meaning: `Versions of TLS, without a gap, of ${VERSIONS.join(', ')}; the last two if not set.`,
    }),
    ciphers: property(`${prefix}.ciphers`, {
      type: textList,
      default: '',
      meaning: 'Cipher suites by their Java or OpenSSL names; those of Node.js if not set.',
    }),
  } as const;
}

export const serverSslProperties = sslProperties('server.ssl');
export const managementSslProperties = sslProperties('management.server.ssl');

type SslProperties = typeof serverSslProperties;

/** Where the files are looked for, and where sentences for the log go. */
export interface SslSurroundings {
  readonly workingDirectory: string;
  readonly warnings: string[];
}

/** Whether anything is said of TLS at all. */
export function saysAnything(reader: PropertyReader, properties: SslProperties): boolean {
  return Object.values<Property<unknown>>(properties).some((one) => reader.isSet(one));
}

/**
 * Reads key and certificate and tries whether TLS can use them, so that a wrong file or password is a problem of the
 * configuration.
 * @returns undefined for plain HTTP
 */
export async function readSsl(
  reader: PropertyReader,
  properties: SslProperties,
  { workingDirectory, warnings }: SslSurroundings,
): Promise<ServerSslConfiguration | undefined> {
  const p = properties;
  if (!reader.value(p.enabled)) return undefined;
  const files = new SslFiles(reader, workingDirectory);
  const identity = reader.isSet(p.keyStore) ? await fromKeyStore(files, p) : await fromPem(files, p);
  if (identity === undefined) return undefined;
  const clientAuth = reader.value(p.clientAuth);
  if (clientAuth !== 'none' && reader.isSet(p.trustStore) && !reader.isSet(p.trustCertificate))
    reader.reject(
      p.trustStore,
      `${p.trustCertificate.name}, a PEM file, in its place; \`keytool -exportcert -rfc\` writes certificates in that form`,
    );
  return {
    ...identity,
    clientAuth,
    trustedCertificates: await trustedCertificates(files, p),
    ...readVersions(reader, p),
    ciphers: readCiphers(reader, p, warnings),
  };
}

type Identity = Pick<ServerSslConfiguration, 'keyStore' | 'certificate' | 'privateKey' | 'password'>;

const NOTHING: Identity = { keyStore: undefined, certificate: undefined, privateKey: undefined, password: undefined };

async function fromKeyStore(files: SslFiles, p: SslProperties): Promise<Identity | undefined> {
  const { reader } = files;
  const pfx = await files.content(p.keyStore);
  if (pfx === undefined) return undefined;
  const type = javaStoreType(pfx);
  if (type !== undefined) {
    reader.reject(p.keyStore, `a PKCS#12 file; this one is a ${type} store: ${CONVERSION}`);
    return undefined;
  }
  const passwords = [reader.value(p.keyStorePassword), reader.value(p.keyPassword)];
  const candidates = passwords.filter((one, index) => index === 0 || one !== undefined);
  const failures: string[] = [];
  for (const password of candidates) {
    const failure = failureOf({ pfx, ...(password === undefined ? {} : { passphrase: password }) });
    if (failure === undefined) return { ...NOTHING, keyStore: pfx.toString('base64'), password };
    failures.push(failure);
  }
  const [failure = ''] = failures;
  if (/mac verify failure/i.test(failure) || /invalid password/i.test(failure))
    reader.reject(p.keyStorePassword, `the password of ${files.path(p.keyStore)}, which this one does not open`);
  else if (/unsupported/i.test(failure))
    reader.reject(
      p.keyStore,
      `a PKCS#12 file with today's encryption; this one has an outdated one: ${CONVERSION} with Java 17 or later`,
    );
  else reader.reject(p.keyStore, `a PKCS#12 file with a private key and its certificate (${failure})`);
  return undefined;
}

/** Java's own store formats begin with these bytes. */
function javaStoreType(content: Buffer): string | undefined {
  const magic = content.subarray(0, 4).toString('hex');
  return magic === 'feedfeed' ? 'JKS' : magic === 'cececece' ? 'JCEKS' : undefined;
}

async function fromPem(files: SslFiles, p: SslProperties): Promise<Identity | undefined> {
  const { reader } = files;
  if (!reader.isSet(p.certificate)) {
    // Settings for HTTPS without the one that matters: plain HTTP is not what is wanted.
    if (saysAnything(reader, p))
      reader.reject(p.keyStore, `a PKCS#12 file (or ${p.certificate.name}), or ${p.enabled.name}=false`);
    return undefined;
  }
  if (!reader.isSet(p.certificateKey)) {
    reader.reject(p.certificateKey, `a PEM file: ${p.certificate.name} needs its private key`);
    return undefined;
  }
  const [certificate, privateKey] = [await files.pem(p.certificate), await files.pem(p.certificateKey)];
  if (certificate === undefined || privateKey === undefined) return undefined;
  const password = reader.value(p.keyPassword);
  const passphrase = password === undefined ? {} : { passphrase: password };
  const [cert, key] = [failureOf({ cert: certificate }), failureOf({ key: privateKey, ...passphrase })];
  if (cert !== undefined) reader.reject(p.certificate, `a PEM file with certificates (${cert})`);
  if (key !== undefined)
    reader.reject(
      p.certificateKey,
      `a PEM file with a private key; an encrypted one needs ${p.keyPassword.name} (${key})`,
    );
  if (cert !== undefined || key !== undefined) return undefined;
  const both = failureOf({ cert: certificate, key: privateKey, ...passphrase });
  if (both !== undefined)
    reader.reject(p.certificateKey, `the private key of the certificate in ${p.certificate.name}`);
  return { ...NOTHING, certificate, privateKey, password };
}

async function trustedCertificates(files: SslFiles, p: SslProperties): Promise<string | undefined> {
  const content = await files.pem(p.trustCertificate);
  if (content === undefined) return undefined;
  try {
    // Reads the first certificate of a bundle: enough to tell a certificate from something else.
    new X509Certificate(content);
  } catch (error) {
    files.reader.reject(p.trustCertificate, `a PEM file with certificates (${(error as Error).message})`);
  }
  return content;
}

/** Why TLS cannot use some options; undefined if it can. */
function failureOf(options: SecureContextOptions): string | undefined {
  try {
    createSecureContext(options);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function readVersions(
  reader: PropertyReader,
  p: SslProperties,
): Pick<ServerSslConfiguration, 'minimumVersion' | 'maximumVersion'> {
  const names = reader.value(p.enabledProtocols);
  const found = names.map((name) => VERSIONS.findIndex((version) => version.toLowerCase() === name.toLowerCase()));
  const [lowest, highest] = [Math.min(...found), Math.max(...found)];
  const fits = names.length === 0 || (lowest >= 0 && new Set(found).size === highest - lowest + 1);
  if (!fits) reader.reject(p.enabledProtocols, `a list of ${VERSIONS.join(', ')}, without a gap`);
  return { minimumVersion: VERSIONS[lowest], maximumVersion: VERSIONS[highest] };
}

function readCiphers(reader: PropertyReader, p: SslProperties, warnings: string[]): string | undefined {
  const names = reader.value(p.ciphers);
  if (names.length === 0) return undefined;
  const { known, unknown } = cipherNames(names);
  if (known.length === 0)
    reader.reject(p.ciphers, 'cipher suites by their Java or OpenSSL names; Node.js knows none of these');
  else if (unknown.length > 0)
    warnings.push(`${p.ciphers.name}: Node.js does not know these cipher suites: ${unknown.join(', ')}`);
  return known.join(':');
}

/** Reads the files that properties name; what cannot be read is reported to the reader. */
class SslFiles {
  constructor(
    readonly reader: PropertyReader,
    private readonly workingDirectory: string,
  ) {}

  /** Absolute. */
  path(property: Property<string | undefined>): string {
    const location = (this.reader.value(property) ?? '').trim();
    return resolve(this.workingDirectory, location.replace(/^file:(\/\/(?=\/))?/, ''));
  }

  async content(property: Property<string | undefined>): Promise<Buffer | undefined> {
    if (/^\s*classpath:/i.test(this.reader.value(property) ?? '')) {
      this.reader.reject(property, 'the path of a file; there is no class path here');
      return undefined;
    }
    const path = this.path(property);
    return readFile(path).catch((error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message;
      this.reader.reject(property, `the path of a readable file; ${path} cannot be read (${code})`);
      return undefined;
    });
  }

  async pem(property: Property<string | undefined>): Promise<string | undefined> {
    if (!this.reader.isSet(property)) return undefined;
    const content = (await this.content(property))?.toString('latin1');
    if (content === undefined || content.includes('-----BEGIN ')) return content;
    this.reader.reject(property, 'a file in PEM form');
    return undefined;
  }
}
