import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { selfSignedCertificate } from '../support/certificate.js';
import { scratchDirectory } from '../support/database.js';
import { type HttpProxy, startHttpProxy } from '../support/http-proxy.js';
import { RunnerBench } from '../support/runner-bench.js';

describe('the composed task runner and a server that speaks HTTPS', () => {
  let bench: RunnerBench;
  let directory: string;
  let authority: string;
  const proxies: HttpProxy[] = [];

  beforeAll(async () => {
    bench = await RunnerBench.open();
    directory = await mkdtemp(join(scratchDirectory(), 'millrace-runner-https-'));
    const identity = await selfSignedCertificate('127.0.0.1');
    authority = join(directory, 'authority.pem');
    await writeFile(authority, identity.certificate);
    proxies.push(await startHttpProxy(bench.url, { identity }));
    const another = await selfSignedCertificate('192.0.2.1');
    await writeFile(join(directory, 'another.pem'), another.certificate);
    proxies.push(await startHttpProxy(bench.url, { identity: another }));
  }, 120_000);

  afterEach(() => bench.killAll());

  afterAll(async () => {
    for (const proxy of proxies) await proxy.close();
    await bench?.close();
    await rm(directory, { recursive: true, force: true });
  }, 120_000);

  const at = (index = 0) => `--dataflow-server-uri=${proxies[index]?.url}`;

  it.each([
    [
      'whose certificate nobody vouches for',
      0,
      {},
      'the certificate is signed by nobody whom this process trusts (self-signed certificate): name a PEM file with its ' +
        'authority in the variable NODE_EXTRA_CA_CERTS, or set skip-tls-certificate-verification=true',
    ],
    [
      'whose certificate is for another name',
      1,
      { NODE_EXTRA_CA_CERTS: 'another.pem' },
      'the certificate is for another name',
    ],
  ])(
    'is refused by the runner: one %s',
    async (_, index, environment, sentence) => {
      const name = `untrusted${index}`;
      await bench.composed.define(name, 'a: ok && b: ok');
      const variables = Object.entries(environment).map(([key, file]) => [key, join(directory, file)] as const);
      const end = await bench.run(name, `${name}-a && ${name}-b`, [at(index)], Object.fromEntries(variables));
      expect(end).toMatchObject({ code: 0, output: expect.stringContaining(sentence) });
      expect(await bench.written.jobs(name)).toMatchObject([{ status: 'FAILED' }]);
      expect(await bench.written.lastSteps(name)).toMatchObject([
        { name: `${name}-a_0`, status: 'FAILED', exit_message: expect.stringContaining(sentence) },
      ]);
      expect(proxies[index]?.requests).toEqual([]);
      expect(await bench.written.executions(`${name}-a`)).toEqual([]);
    },
    60_000,
  );

  it.each<[string, string, readonly string[], () => Readonly<Record<string, string>>]>([
    ['skipped', 'with skip-tls-certificate-verification', ['--skip-tls-certificate-verification=true'], () => ({})],
    ['vouched', 'with its authority in NODE_EXTRA_CA_CERTS', [], () => ({ NODE_EXTRA_CA_CERTS: authority })],
  ])(
    '%s: launches children %s',
    async (name, _, words, environment) => {
      await bench.composed.define(name, 'a: ok && b: ok');
      const end = await bench.run(name, `${name}-a && ${name}-b`, [at(), ...words], environment());
      expect(end).toMatchObject({ code: 0 });
      expect(await bench.written.jobs(name)).toMatchObject([{ status: 'COMPLETED' }]);
      expect(await bench.composed.names(name)).toEqual(['a', 'b']);
    },
    60_000,
  );

  it('is told when what answers there does not speak TLS', async () => {
    await bench.composed.define('plain', 'a: ok && b: ok');
    await bench.run('plain', 'plain-a && plain-b', [`--dataflow-server-uri=${bench.url.replace('http:', 'https:')}`]);
    expect(await bench.written.lastSteps('plain')).toMatchObject([
      { status: 'FAILED', exit_message: expect.stringContaining('does not speak TLS') },
    ]);
  }, 60_000);
});
