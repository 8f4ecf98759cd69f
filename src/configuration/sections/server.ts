import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ServerConfiguration, ServerSslConfiguration } from '../configuration.js';
import { bool, choice, dataSize, integer, text, urlPath } from '../property-types.js';
import { optionalProperty, type Property, property } from '../property.js';
import type { PropertyReader } from '../property-reader.js';

export const serverProperties = {
  port: property('server.port', {
    type: integer(0, 65535),
    default: '9393',
    meaning: 'Port of the HTTP server; 0 takes a free one.',
  }),
  address: optionalProperty('server.address', {
    type: text,
    meaning: 'Address to listen on; all interfaces if not set.',
  }),
  contextPath: property('server.servlet.context-path', {
    type: urlPath,
    default: '/',
    meaning: 'Path below which everything is served.',
  }),
  forwardHeaders: property('server.forward-headers-strategy', {
    type: choice('none', 'native', 'framework'),
    default: 'framework',
    meaning: 'Whether X-Forwarded-* and Forwarded headers decide the links in answers; `none` ignores them.',
  }),
  maximumFileSize: property('spring.servlet.multipart.max-file-size', {
    type: dataSize,
    default: '1MB',
    meaning: 'Largest file that may be uploaded.',
  }),
  apiDocument: property('springdoc.api-docs.enabled', {
    type: bool,
    default: 'true',
    meaning: 'Whether the OpenAPI document is served at /v3/api-docs.',
  }),
  swaggerUi: property('springdoc.swagger-ui.enabled', {
    type: bool,
    default: 'true',
    meaning: 'Whether the pages that show the OpenAPI document are served at /swagger-ui.html.',
  }),
  sslEnabled: property('server.ssl.enabled', {
    type: bool,
    default: 'true',
    meaning: 'Whether the other `server.ssl` properties count.',
  }),
  keyStore: optionalProperty('server.ssl.key-store', {
    type: text,
    meaning: 'PKCS#12 file with key and certificate; setting it serves HTTPS.',
  }),
  keyStorePassword: optionalProperty('server.ssl.key-store-password', {
    type: text,
    secret: true,
    meaning: 'Password of the key store.',
  }),
  keyStoreType: property('server.ssl.key-store-type', {
    type: choice('PKCS12', 'JKS'),
    default: 'PKCS12',
    meaning: 'Only PKCS12 is supported; `keytool -importkeystore -deststoretype pkcs12` converts a Java key store.',
  }),
  keyAlias: optionalProperty('server.ssl.key-alias', {
    type: text,
    meaning: 'Accepted; a key store must hold one key.',
  }),
  keyPassword: optionalProperty('server.ssl.key-password', {
    type: text,
    secret: true,
    meaning: 'Password of the key, if it is not the store’s.',
  }),
  certificate: optionalProperty('server.ssl.certificate', {
    type: text,
    meaning: 'PEM file with the certificate chain; setting it serves HTTPS.',
  }),
  certificateKey: optionalProperty('server.ssl.certificate-private-key', {
    type: text,
    meaning: 'PEM file with the private key.',
  }),
  trustCertificate: optionalProperty('server.ssl.trust-certificate', {
    type: text,
    meaning: 'PEM file with the authorities that sign client certificates.',
  }),
  clientAuth: property('server.ssl.client-auth', {
    type: choice('none', 'want', 'need'),
    default: 'none',
    meaning: 'Whether clients must present a certificate.',
  }),
} as const;

export async function readServer(reader: PropertyReader, workingDirectory: string): Promise<ServerConfiguration> {
  const p = serverProperties;
  return {
    port: reader.value(p.port),
    address: reader.value(p.address),
    contextPath: reader.value(p.contextPath),
    forwardHeaders: reader.value(p.forwardHeaders) !== 'none',
    maximumFileSize: reader.value(p.maximumFileSize),
    apiDocument: reader.value(p.apiDocument),
    swaggerUi: reader.value(p.swaggerUi),
    ssl: await readSsl(reader, workingDirectory),
  };
}

async function readSsl(reader: PropertyReader, workingDirectory: string): Promise<ServerSslConfiguration | undefined> {
  const p = serverProperties;
  const keyStore = reader.value(p.keyStore);
  const certificate = reader.value(p.certificate);
  if (!reader.value(p.sslEnabled) || (keyStore === undefined && certificate === undefined)) return undefined;
  const pem = (property: Property<string | undefined>) => readPem(reader, property, workingDirectory);
  const common = { clientAuth: reader.value(p.clientAuth), trustedCertificates: await pem(p.trustCertificate) };
  if (keyStore !== undefined) {
    if (reader.value(p.keyStoreType) !== 'PKCS12') reader.reject(p.keyStoreType, `PKCS12. ${p.keyStoreType.meaning}`);
    const path = filePath(keyStore, workingDirectory);
    const isFile = await stat(path).then(
      (found) => found.isFile(),
      () => false,
    );
    if (!isFile) reader.reject(p.keyStore, `the path of a readable file; there is none at ${path}`);
    const password = reader.value(p.keyPassword) ?? reader.value(p.keyStorePassword);
    return { kind: 'pkcs12', keyStore: path, password, ...common };
  }
  if (!reader.isSet(p.certificateKey))
    reader.reject(p.certificateKey, 'a PEM file: server.ssl.certificate needs its private key');
  return {
    kind: 'pem',
    certificate: (await pem(p.certificate)) ?? '',
    privateKey: (await pem(p.certificateKey)) ?? '',
    password: reader.value(p.keyPassword),
    ...common,
  };
}

async function readPem(
  reader: PropertyReader,
  property: Property<string | undefined>,
  workingDirectory: string,
): Promise<string | undefined> {
  const location = reader.value(property);
  if (location === undefined) return undefined;
  const path = filePath(location, workingDirectory);
  const content = await readFile(path, 'utf8').catch(() => undefined);
  if (content?.includes('-----BEGIN ') === true) return content;
  reader.reject(
    property,
    content === undefined ? `the path of a readable file; there is none at ${path}` : 'a file in PEM form',
  );
  return undefined;
}

function filePath(location: string, workingDirectory: string): string {
  return resolve(workingDirectory, location.trim().replace(/^file:(\/\/(?=\/))?/, ''));
}
