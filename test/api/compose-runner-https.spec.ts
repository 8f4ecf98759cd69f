import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CertificateAuthority, selfSignedCertificate, type TlsIdentity } from '../support/certificate.js';
import { scratchDirectory } from '../support/database.js';
import { type HttpProxy, startHttpProxy } from '../support/http-proxy.js';
import { RunnerBench } from '../support/runner-bench.js';
import { startTokenServer, type TokenServer, tokenWords } from '../support/token-server.js';

const SECRET = 'never-to-be-seen';

let bench: RunnerBench;
let directory: string;
/** What the tests have started. */
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  bench = await RunnerBench.open();
  directory = await mkdtemp(join(scratchDirectory(), 'millrace-runner-https-'));
}, 120_000);

afterEach(() => bench.killAll());

afterAll(async () => {
  for (const one of opened) await one.close();
  await bench?.close();
  await rm(directory, { recursive: true, force: true });
}, 120_000);

/** The server as its clients see it who speak HTTPS with it. */
async function secureServer(identity: TlsIdentity): Promise<HttpProxy> {
  const proxy = await startHttpProxy(bench.url, { identity });
  opened.push(proxy);
  return proxy;
}

/** A token server that speaks HTTPS. */
async function secureTokens(identity: TlsIdentity): Promise<TokenServer> {
  const tokens = await startTokenServer({ secret: SECRET, identity });
  opened.push(tokens);
  return tokens;
}

/** The variable that makes Node trust an authority beside those that it knows. */
async function trust(name: string, { certificate }: { readonly certificate: string }): Promise<Record<string, string>> {
  const file = join(directory, `${name}.pem`);
  await writeFile(file, certificate);
  return { NODE_EXTRA_CA_CERTS: file };
}

const at = ({ url }: { readonly url: string }) => `--dataflow-server-uri=${url}`;

describe('the composed task runner and a server that speaks HTTPS', () => {
  let server: HttpProxy;
  let misnamed: HttpProxy;
  let trustsServer: Readonly<Record<string, string>>;
  let trustsMisnamed: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const [identity, another] = [await selfSignedCertificate('127.0.0.1'), await selfSignedCertificate('192.0.2.1')];
    [server, misnamed] = [await secureServer(identity), await secureServer(another)];
    [trustsServer, trustsMisnamed] = [await trust('server', identity), await trust('misnamed', another)];
  });

  it.each([
    [
      'whose certificate nobody vouches for',
      0,
      () => ({ proxy: server, environment: {} }),
      'the certificate is signed by nobody whom this process trusts (self-signed certificate): name a PEM file with its ' +
        'authority in the variable NODE_EXTRA_CA_CERTS, or set skip-tls-certificate-verification=true',
    ],
    [
      'whose certificate is for another name',
      1,
      () => ({ proxy: misnamed, environment: trustsMisnamed }),
      'the certificate is for another name',
    ],
  ])(
    'is refused by the runner: one %s',
    async (_, index, given, sentence) => {
      const { proxy, environment } = given();
      const name = `untrusted${index}`;
      await bench.composed.define(name, 'a: ok && b: ok');
      const end = await bench.run(name, `${name}-a && ${name}-b`, [at(proxy)], environment);
      expect(end).toMatchObject({ code: 0, output: expect.stringContaining(sentence) });
      expect(await bench.written.jobs(name)).toMatchObject([{ status: 'FAILED' }]);
      expect(await bench.written.lastSteps(name)).toMatchObject([
        { name: `${name}-a_0`, status: 'FAILED', exit_message: expect.stringContaining(sentence) },
      ]);
      expect(proxy.requests).toEqual([]);
      expect(await bench.written.executions(`${name}-a`)).toEqual([]);
    },
    60_000,
  );

  it.each<[string, string, readonly string[], () => Readonly<Record<string, string>>]>([
    ['skipped', 'with skip-tls-certificate-verification', ['--skip-tls-certificate-verification=true'], () => ({})],
    ['vouched', 'with its authority in NODE_EXTRA_CA_CERTS', [], () => trustsServer],
  ])(
    '%s: launches children %s',
    async (name, _, words, environment) => {
      await bench.composed.define(name, 'a: ok && b: ok');
      const end = await bench.run(name, `${name}-a && ${name}-b`, [at(server), ...words], environment());
      expect(end).toMatchObject({ code: 0 });
      expect(await bench.written.jobs(name)).toMatchObject([{ status: 'COMPLETED' }]);
      expect(await bench.composed.names(name)).toEqual(['a', 'b']);
    },
    60_000,
  );

  it('is told when what answers there does not speak TLS', async () => {
    await bench.composed.define('plain', 'a: ok && b: ok');
    await bench.run('plain', 'plain-a && plain-b', [at({ url: bench.url.replace('http:', 'https:') })]);
    expect(await bench.written.lastSteps('plain')).toMatchObject([
      { status: 'FAILED', exit_message: expect.stringContaining('does not speak TLS') },
    ]);
  }, 60_000);
});

describe('the composed task runner and a token server that speaks HTTPS', () => {
  let authority: CertificateAuthority;
  let server: HttpProxy;

  beforeAll(async () => {
    authority = await CertificateAuthority.create();
    server = await secureServer(await authority.issue('127.0.0.1'));
    server.decide(({ headers }) => (headers.authorization === 'Bearer fresh-1' ? 'pass' : { status: 401, body: '' }));
  });

  it('gets tokens from one whose certificate is signed by the authority in NODE_EXTRA_CA_CERTS', async () => {
    await bench.composed.define('token', 'a: ok && b: ok');
    const tokens = await secureTokens(await authority.issue('127.0.0.1'));
    const words = [at(server), ...tokenWords(tokens.uri, SECRET)];
    const end = await bench.run('token', 'token-a && token-b', words, await trust('authority', authority));
    expect(end).toMatchObject({ code: 0 });
    expect(await bench.written.jobs('token')).toMatchObject([{ status: 'COMPLETED' }]);
    expect(await bench.composed.names('token')).toEqual(['a', 'b']);
    // One token is enough for all requests of the run.
    expect(tokens.asked).toBe(1);
    for (const secret of [SECRET, 'fresh-']) expect(end.output).not.toContain(secret);
  }, 60_000);

  it('is told where and what to do when it trusts the server, but not the token server', async () => {
    await bench.composed.define('stranger', 'a: ok && b: ok');
    const tokens = await secureTokens(await (await CertificateAuthority.create()).issue('127.0.0.1'));
    const from = server.requests.length;
    const words = [at(server), ...tokenWords(tokens.uri, SECRET)];
    const end = await bench.run('stranger', 'stranger-a && stranger-b', words, await trust('authority', authority));
    const sentence =
      `stranger-a was not launched: no token for the server: POST ${tokens.uri}: the certificate is signed by nobody ` +
      'whom this process trusts (unable to verify the first certificate): name a PEM file with its authority in the ' +
      'variable NODE_EXTRA_CA_CERTS, or set skip-tls-certificate-verification=true, which takes any certificate';
    expect(end).toMatchObject({ code: 0, output: expect.stringContaining(sentence) });
    expect(end.output).not.toContain(SECRET);
    expect(await bench.written.jobs('stranger')).toMatchObject([{ status: 'FAILED' }]);
    expect(await bench.written.lastSteps('stranger')).toMatchObject([
      { name: 'stranger-a_0', status: 'FAILED', exit_message: sentence },
    ]);
    // Nobody has got the secret, and the server was not even asked.
    expect(tokens.asked).toBe(0);
    expect(server.requests.slice(from)).toEqual([]);
  }, 60_000);
});
