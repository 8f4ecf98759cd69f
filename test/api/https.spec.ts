import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { getJson } from '../support/http.js';
import { TLS } from '../support/tls-fixtures.js';

let database: TestDatabase;
let directory: string;
const servers: ApiServer[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'millrace-https-'));
  await writeFile(join(directory, 'store.p12'), Buffer.from(TLS.keyStore, 'base64'));
  await writeFile(join(directory, 'cert.pem'), TLS.certificate);
  await writeFile(join(directory, 'key.pem'), TLS.key);
}, 120_000);

afterAll(async () => {
  for (const server of servers) await server.close();
  await database?.close();
  await rm(directory, { recursive: true, force: true });
});

async function start(properties: Readonly<Record<string, string>>): Promise<ApiServer> {
  const server = await startApiServer({ database, properties });
  servers.push(server);
  return server;
}

const keyStore = () => ({
  'server.ssl.key-store': join(directory, 'store.p12'),
  'server.ssl.key-store-password': TLS.password,
});
const pemFiles = () => ({
  'server.ssl.certificate': `file:${join(directory, 'cert.pem')}`,
  'server.ssl.certificate-private-key': join(directory, 'key.pem'),
});

/** Asks a server whose certificate is checked, down to its name. */
function get(url: string, target: string, options: RequestOptions = {}) {
  return new Promise<{ status: number; body: unknown }>((resolve, reject) => {
    const headers = { Accept: 'application/json' };
    const sent = request(`${url}${target}`, { ca: TLS.certificate, agent: false, headers, ...options }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) as unknown }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** The version and cipher suite of a handshake. */
async function handshake(url: string, options: object = {}): Promise<{ version: string | null; cipher: string }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ca: TLS.certificate, ...options });
  try {
    await once(socket, 'secureConnect');
    return { version: socket.getProtocol(), cipher: socket.getCipher().standardName };
  } finally {
    socket.destroy();
  }
}

const hrefOf = (body: unknown, rel: string) => (body as { _links: Record<string, { href: string }> })._links[rel]?.href;

describe.each([
  ['a key store', keyStore],
  ['PEM files', pemFiles],
])('with %s', (_what, files) => {
  it('everything is served over TLS, links included', async () => {
    const { url } = await start({ ...files(), 'server.servlet.context-path': '/flow' });
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/flow$/);
    const { status, body } = await get(url, '/');
    expect(status).toBe(200);
    expect(hrefOf(body, 'about')).toBe(`${url}/about`);
    expect(await get(url, '/management/health')).toEqual({ status: 200, body: { status: 'UP' } });
  });

  it('a client that speaks plain HTTP gets nothing', async () => {
    const { url } = await start(files());
    await expect(getJson(url.replace('https:', 'http:'), '/about')).rejects.toThrow();
    expect(await get(url, '/about')).toMatchObject({ status: 200 });
  });
});

it('server.ssl.enabled=false serves plain HTTP', async () => {
  const { url } = await start({ ...keyStore(), 'server.ssl.enabled': 'false' });
  const { body } = await getJson(url, '/');
  expect(hrefOf(body, 'about')).toBe(`${url}/about`);
  expect(url).toMatch(/^http:/);
});

it('protocols and cipher suites are those that are configured', async () => {
  const { url } = await start({
    ...keyStore(),
    'server.ssl.enabled-protocols': 'TLSv1.2',
    'server.ssl.ciphers': 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  });
  const agreed = { version: 'TLSv1.2', cipher: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384' };
  expect(await handshake(url)).toEqual(agreed);
  await expect(handshake(url, { minVersion: 'TLSv1.3' })).rejects.toThrow(/protocol version|ECONNRESET/);
  await expect(handshake(url, { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).rejects.toThrow(
    /handshake failure|ECONNRESET/,
  );
});

describe('client certificates', () => {
  const asking = (clientAuth: string) => ({
    ...pemFiles(),
    'server.ssl.client-auth': clientAuth,
    'server.ssl.trust-certificate': join(directory, 'cert.pem'),
  });
  const known = { cert: TLS.certificate, key: TLS.key };

  it('are needed with client-auth=need', async () => {
    const { url } = await start(asking('need'));
    expect(await get(url, '/about', known)).toMatchObject({ status: 200 });
    await expect(get(url, '/about')).rejects.toThrow();
  });

  it('may be left out with client-auth=want', async () => {
    const { url } = await start(asking('want'));
    expect(await get(url, '/about', known)).toMatchObject({ status: 200 });
    expect(await get(url, '/about')).toMatchObject({ status: 200 });
  });
});

describe('management at a port of its own', () => {
  it('has the certificate of the server', async () => {
    const { managementUrl } = await start({ ...keyStore(), 'management.server.port': '0' });
    expect(await get(managementUrl?.replace('localhost', '127.0.0.1') ?? '', '/health')).toEqual({
      status: 200,
      body: { status: 'UP' },
    });
  });

  it('may be plain while the server is not', async () => {
    const { url, managementUrl = '' } = await start({
      ...keyStore(),
      'management.server.port': '0',
      'management.server.address': '127.0.0.1',
      'management.server.ssl.enabled': 'false',
    });
    expect(managementUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/management$/);
    const { body } = await getJson(managementUrl, '');
    expect(hrefOf(body, 'health')).toBe(`${managementUrl}/health`);
    expect(await get(url, '/management/health')).toMatchObject({ status: 404 });
  });
});
