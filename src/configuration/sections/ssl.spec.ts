import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLS } from '../../../test/support/tls-fixtures.js';
import { loadConfiguration } from '../load-configuration.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-ssl-'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
  const files: Record<string, string | Buffer> = {
    'store.p12': Buffer.from(TLS.keyStore, 'base64'),
    'old.p12': Buffer.from(TLS.outdatedKeyStore, 'base64'),
    'store.jks': Buffer.from(TLS.javaKeyStore, 'base64'),
    'cert.pem': TLS.certificate,
    'key.pem': TLS.key,
    'other.pem': privateKey.export(pkcs8),
    'locked.pem': privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'geheim' }),
    'damaged.pem': '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n',
    nonsense: 'nonsense',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function load(yaml: string) {
  await writeFile(join(directory, 'application.yaml'), yaml);
  return loadConfiguration({ environment: {}, arguments: [], workingDirectory: directory });
}

const ssl = async (yaml: string) => (await load(`server.ssl: ${yaml}`)).configuration.server.ssl;

const OPEN = 'key-store: store.p12, key-store-password: test-password';
const PEM = 'certificate: cert.pem, certificate-private-key: key.pem';

describe('server.ssl', () => {
  it('takes a PKCS#12 key store', async () => {
    expect(await ssl('{key-store: "file:store.p12", key-store-password: test-password, client-auth: need}')).toEqual({
      keyStore: TLS.keyStore,
      certificate: undefined,
      privateKey: undefined,
      password: 'test-password',
      clientAuth: 'need',
      trustedCertificates: undefined,
      minimumVersion: undefined,
      maximumVersion: undefined,
      ciphers: undefined,
    });
  });

  it('takes PEM files', async () => {
    expect(await ssl(`{${PEM}, trust-certificate: cert.pem}`)).toMatchObject({
      keyStore: undefined,
      certificate: TLS.certificate,
      privateKey: TLS.key,
      trustedCertificates: TLS.certificate,
    });
  });

  it.each([
    ['a type that the file is not, as Java does', `{${OPEN}, key-store-type: JKS}`],
    ['the password of the key when it is the store’s', '{key-store: store.p12, key-password: test-password}'],
    ['a password of the key that differs', `{${OPEN}, key-password: other}`],
    ['a trust store that nothing asks for', `{${OPEN}, trust-store: missing.p12}`],
  ])('takes %s', async (_what, yaml) => {
    expect(await ssl(yaml)).toMatchObject({ keyStore: TLS.keyStore, password: 'test-password' });
  });

  it.each(['{}', `{${OPEN}, enabled: off}`, '{enabled: false, key-store: missing.p12}'])(
    'is off with %s',
    async (yaml) => {
      expect(await ssl(yaml)).toBeUndefined();
    },
  );

  it.each([
    ['TLSv1.2', 'TLSv1.2', 'TLSv1.2'],
    ['[TLSv1.3, tlsv1.2]', 'TLSv1.2', 'TLSv1.3'],
    ['"TLSv1.1,TLSv1.2,TLSv1.3"', 'TLSv1.1', 'TLSv1.3'],
  ])('enabled-protocols %s', async (list, minimumVersion, maximumVersion) => {
    expect(await ssl(`{${OPEN}, enabled-protocols: ${list}}`)).toMatchObject({ minimumVersion, maximumVersion });
  });

  it('translates cipher suites, and tells of those that Node.js does not have', async () => {
    const ciphers = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_KRB5_WITH_RC4_128_MD5';
    const { configuration, warnings } = await load(`server.ssl: {${OPEN}, ciphers: "${ciphers}"}`);
    expect(configuration.server.ssl?.ciphers).toBe('ECDHE-ECDSA-AES128-GCM-SHA256:TLS_AES_256_GCM_SHA384');
    expect(warnings).toEqual([
      'server.ssl.ciphers: Node.js does not know these cipher suites: TLS_KRB5_WITH_RC4_128_MD5',
    ]);
  });

  it.each<[string, string, string]>([
    ['{key-store: no.p12}', 'key-store', 'the path of a readable file; .*no\\.p12 cannot be read \\(ENOENT\\)'],
    ['{key-store: .}', 'key-store', '.* cannot be read \\(EISDIR\\)'],
    ['{key-store: "classpath:keys.p12"}', 'key-store', 'the path of a file; there is no class path here'],
    ['{key-store: store.p12}', 'key-store-password', 'the password of .*store\\.p12, which this one does not open'],
    ['{key-store: store.p12, key-store-password: geheim}', 'key-store-password', 'the password of .*store\\.p12'],
    ['{key-store: store.jks, key-store-password: x}', 'key-store', 'a PKCS#12 file; this one is a JKS store: `keytool'],
    ['{key-store: old.p12, key-store-password: test-password}', 'key-store', '.* outdated one: `keytool .* Java 17'],
    ['{key-store: nonsense}', 'key-store', 'a PKCS#12 file with a private key and its certificate \\('],
    ['{certificate: nonsense, certificate-private-key: key.pem}', 'certificate', 'a file in PEM form'],
    ['{certificate: damaged.pem, certificate-private-key: key.pem}', 'certificate', 'a PEM file with certificates'],
    [
      '{certificate: cert.pem, certificate-private-key: no.pem}',
      'certificate-private-key',
      '.*no\\.pem cannot be read',
    ],
    [
      '{certificate: cert.pem, certificate-private-key: cert.pem}',
      'certificate-private-key',
      'a PEM file with a private',
    ],
    [
      '{certificate: cert.pem, certificate-private-key: locked.pem}',
      'certificate-private-key',
      '.* server.ssl.key-password',
    ],
    [
      '{certificate: cert.pem, certificate-private-key: other.pem}',
      'certificate-private-key',
      'the private key of the',
    ],
    ['{certificate: cert.pem}', 'certificate-private-key', 'a PEM file: server.ssl.certificate needs its private key'],
    [`{${PEM}, trust-certificate: key.pem}`, 'trust-certificate', 'a PEM file with certificates'],
    [`{${OPEN}, client-auth: need, trust-store: t.p12}`, 'trust-store', 'server.ssl.trust-certificate, a PEM file'],
    [`{${OPEN}, client-auth: maybe}`, 'client-auth', 'one of none, want, need'],
    [`{${OPEN}, enabled-protocols: SSLv3}`, 'enabled-protocols', 'a list of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3'],
    [`{${OPEN}, enabled-protocols: "TLSv1.1,TLSv1.3"}`, 'enabled-protocols', '.*without a gap'],
    [`{${OPEN}, ciphers: ROT13}`, 'ciphers', 'cipher suites by their Java or OpenSSL names'],
    ['{enabled: true}', 'key-store', 'a PKCS#12 file \\(or server.ssl.certificate\\), or server.ssl.enabled=false'],
    ['{client-auth: need}', 'key-store', 'a PKCS#12 file'],
  ])('refuses %s', async (yaml, property, allowed) => {
    const failure = load(`server.ssl: ${yaml}`);
    await expect(failure).rejects.toThrow(
      new RegExp(
        `^The configuration has a problem:\\n\\n  server\\.ssl\\.${property}\\n    source: .*\\n(?:    found: .*\\n)?    allowed: ${allowed}.*$`,
      ),
    );
    await expect(failure).rejects.not.toThrow('geheim');
  });
});

describe('management.server', () => {
  const listener = async (yaml: string) => (await load(yaml)).configuration.management.listener;

  it.each([
    ['', 'server'],
    ['server.port: 8080\nmanagement.server.port: 8080', 'server'],
    ['management.server.address: 127.0.0.1', 'server'],
    ['management.server.port: -1', 'none'],
  ])('%j is %s', async (yaml, expected) => {
    expect(await listener(yaml)).toBe(expected);
  });

  it('has a listener of its own at another port, with an address of its own', async () => {
    const yaml = 'server: {port: 0, address: 127.0.0.1}\nmanagement.server: {port: 0, base-path: /ops/}';
    expect(await listener(yaml)).toEqual({ port: 0, address: undefined, basePath: '/ops', ssl: undefined });
    expect(await listener('management.server: {port: 8081, address: "::1"}')).toMatchObject({ address: '::1' });
  });

  it('has the certificate of the server unless it says otherwise', async () => {
    const own = (yaml: string) => listener(`server.ssl: {${OPEN}}\nmanagement.server: {port: 8081, ssl: ${yaml}}`);
    expect(await own('{}')).toMatchObject({ ssl: { keyStore: TLS.keyStore } });
    expect(await own('{enabled: false}')).toMatchObject({ ssl: undefined });
    expect(await own(`{${PEM}}`)).toMatchObject({ ssl: { keyStore: undefined, certificate: TLS.certificate } });
    await expect(own('{enabled: true}')).rejects.toThrow('management.server.ssl.key-store');
  });
});
