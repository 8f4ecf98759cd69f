import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type HttpProxy, type ProxiedRequest, startHttpProxy } from '../support/http-proxy.js';
import { RunnerBench } from '../support/runner-bench.js';
import { freePort } from '../support/server-process.js';
import { startTokenServer, tokenWords } from '../support/token-server.js';

const SECRET = 'never-to-be-seen';

let bench: RunnerBench;
let proxy: HttpProxy;

beforeAll(async () => {
  bench = await RunnerBench.open();
  proxy = await startHttpProxy(bench.url);
}, 120_000);

afterEach(async () => {
  proxy.decide(() => 'pass');
  await bench.killAll();
});

afterAll(async () => {
  await proxy?.close();
  await bench?.close();
}, 120_000);

/** A run whose way to the server leads through the proxy. */
const run = (name: string, graph: string, words: readonly string[] = []) =>
  bench.run(name, graph, [`--dataflow-server-uri=${proxy.url}`, ...words]);

const isLaunch = ({ method, target }: ProxiedRequest) => method === 'POST' && target === '/tasks/executions/launch';

/** The child that a launch is for. */
const childOf = ({ body }: ProxiedRequest) => new URLSearchParams(body).get('name') ?? '';

describe('the way to the server', () => {
  it('may lose the answer to a launch: nothing is launched twice', async () => {
    await bench.composed.define('los', 'a: ok && b: ok');
    const from = proxy.requests.length;
    const lost = new Set<string>();
    proxy.decide((request) => {
      if (!isLaunch(request) || lost.has(childOf(request))) return 'pass';
      lost.add(childOf(request));
      return 'lose answer';
    });
    const { code, output } = await run('los', 'los-a && los-b');
    expect({ code, output }).toMatchObject({ code: 0 });
    for (const child of ['los-a', 'los-b']) expect(await bench.written.executions(child)).toHaveLength(1);
    const launches = proxy.requests.slice(from).filter(isLaunch);
    expect(launches.filter((request) => childOf(request) === 'los-a')).toHaveLength(1);
    expect(output).toContain('its answer had been lost');
  }, 120_000);

  it('may be cut for a while: launches and looks wait for it', async () => {
    await bench.workbench.scriptTask('awa-a', 'sleep 1');
    const seen = new Map<string, number>();
    // The first requests of each kind are lost before they arrive, or a gateway answers for a server that does not.
    proxy.decide((request) => {
      const kind = `${request.method} ${request.target} ${childOf(request)}`;
      const count = (seen.get(kind) ?? 0) + 1;
      seen.set(kind, count);
      if (count === 1) return 'reset';
      return count === 2 ? { status: 503, body: '{}' } : 'pass';
    });
    const { code, output } = await run('awa', 'awa-a');
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(await bench.written.executions('awa-a')).toMatchObject([{ exit_code: 0 }]);
  }, 120_000);

  it('may lead nowhere at first', async () => {
    await bench.composed.define('lat-a', 'ok');
    const port = await freePort();
    const runner = bench.start('lat', 'lat-a', [`--dataflow-server-uri=http://127.0.0.1:${port}`]);
    await runner.told('ECONNREFUSED');
    const late = await startHttpProxy(bench.url, { port });
    try {
      expect(await runner.ended()).toBe(0);
    } finally {
      await late.close();
    }
    expect(await bench.written.executions('lat-a')).toHaveLength(1);
  }, 120_000);

  it('fails a step whose child the server does not know', async () => {
    const { code, output } = await run('unk', 'unk-nobody');
    expect({ code, output }).toMatchObject({ code: 0 });
    const [job] = await bench.written.jobs('unk');
    expect(job).toMatchObject({ status: 'FAILED' });
    expect(await bench.written.steps(job?.id)).toMatchObject([
      { status: 'FAILED', exit_message: expect.stringContaining('Could not find task definition named unk-nobody') },
    ]);
  });

  it.each<[string, (tokenUri: string) => readonly string[], string]>([
    [
      'user and password',
      () => ['--dataflow-server-username=ada', `--dataflow-server-password=${SECRET}`],
      `Basic ${Buffer.from(`ada:${SECRET}`).toString('base64')}`,
    ],
    ['a token', () => [`--dataflow-server-access-token=${SECRET}`], `Bearer ${SECRET}`],
    // The server does not take the first token.
    ['client credentials', (uri) => tokenWords(uri, SECRET), 'Bearer fresh-2'],
  ])(
    'is taken with %s',
    async (_, words, expected) => {
      const name = `aut${expected.length}`;
      await bench.composed.define(`${name}-a`, 'ok');
      const tokens = await startTokenServer({ secret: SECRET });
      const from = proxy.requests.length;
      proxy.decide(({ headers }) =>
        headers.authorization === expected ? 'pass' : { status: 401, body: '{"message":"who are you?"}' },
      );
      try {
        const { code, output } = await run(name, `${name}-a`, words(tokens.uri));
        expect({ code, output }).toMatchObject({ code: 0 });
        expect((await bench.written.jobs(name))[0]).toMatchObject({ status: 'COMPLETED' });
        expect(proxy.requests.slice(from).at(-1)?.headers.authorization).toBe(expected);
        for (const secret of [SECRET, 'fresh-', expected]) expect(output).not.toContain(secret);
      } finally {
        await tokens.close();
      }
    },
    120_000,
  );

  it('may lose the answer of a token server: that leaves no doubt about a launch', async () => {
    await bench.composed.define('tok-a', 'ok');
    const tokens = await startTokenServer({ secret: SECRET });
    const way = await startHttpProxy(new URL(tokens.uri).origin);
    way.decide(() => (way.requests.length === 2 ? 'lose answer' : 'pass'));
    // The first token is good for looks only, so that the launch asks for another one.
    proxy.decide((request) =>
      isLaunch(request) && request.headers.authorization === 'Bearer fresh-1' ? { status: 401, body: '' } : 'pass',
    );
    try {
      const { code, output } = await run('tok', 'tok-a', tokenWords(`${way.url}/token`, SECRET));
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output).toMatch(/tok-a: no token for the server: POST \S+\/token: .*; trying again$/m);
      expect((await bench.written.jobs('tok'))[0]).toMatchObject({ status: 'COMPLETED' });
      expect(await bench.written.executions('tok-a')).toHaveLength(1);
    } finally {
      await way.close();
      await tokens.close();
    }
  }, 120_000);

  it('is refused to those whom the token server does not know, at once and in words', async () => {
    await bench.composed.define('stranger-a', 'ok');
    const tokens = await startTokenServer({ secret: SECRET });
    try {
      const { code, output } = await run('stranger', 'stranger-a', tokenWords(tokens.uri, 'of-last-year'));
      expect({ code, output }).toMatchObject({ code: 0 });
      const [job] = await bench.written.jobs('stranger');
      expect((await bench.written.steps(job?.id))[0]?.exit_message).toContain(
        `stranger-a was not launched: no token for the server: ${tokens.uri} answered 401 (invalid_client): ` +
          `check the runner's client id, client secret and scopes`,
      );
      expect(tokens.asked).toBe(1);
      expect(output).not.toContain('of-last-year');
      expect(await bench.written.executions('stranger-a')).toHaveLength(0);
    } finally {
      await tokens.close();
    }
  }, 120_000);

  it('is refused to those whom the server does not know, in words', async () => {
    proxy.decide(() => ({ status: 401, body: '' }));
    const { code } = await run('who', 'who-a');
    expect(code).toBe(0);
    const [job] = await bench.written.jobs('who');
    expect((await bench.written.steps(job?.id))[0]?.exit_message).toContain(
      '401: who the runner says it is may not do that',
    );
  });
});
