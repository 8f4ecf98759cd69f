import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { type RunnerProcess, startRunner } from '../support/composed-runner.js';
import { createTestDatabase, scratchDirectory, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/server-process.js';
import { type HttpProxy, type ProxiedRequest, startHttpProxy } from '../support/http-proxy.js';
import { type Millrace, startMillrace } from '../support/server.js';
import { ServerClient } from '../support/server-client.js';
import { eventually, writeScript } from '../support/workbench.js';

let database: TestDatabase;
let server: Millrace;
let sql: pg.Client;
let client: ServerClient;
let directory: string;
let proxy: HttpProxy;
const runners: RunnerProcess[] = [];

const PASSWORD_OF_SERVER = 'never-to-be-seen';

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(scratchDirectory(), 'millrace-compose-'));
  server = await startMillrace({ environment: datasource() });
  proxy = await startHttpProxy(server.baseUrl);
  sql = await database.client();
  client = new ServerClient(server.baseUrl);
}, 120_000);

afterEach(async () => {
  proxy.decide(() => 'pass');
  for (const runner of runners.splice(0)) {
    runner.signal('SIGKILL');
    await runner.ended();
  }
});

afterAll(async () => {
  await proxy?.close();
  await server?.stop();
  await server?.clear();
  await database?.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}, 120_000);

function datasource(): Record<string, string> {
  const { url, username, password } = database.configuration.datasource;
  return {
    SPRING_DATASOURCE_URL: url ?? '',
    SPRING_DATASOURCE_USERNAME: username ?? '',
    SPRING_DATASOURCE_PASSWORD: password ?? '',
  };
}

/** Registers programs and defines their composition. */
async function define(name: string, definition: string, programs: Readonly<Record<string, readonly string[]>>) {
  for (const [app, lines] of Object.entries(programs)) {
    await client.register(`${name}${app}`, '1.0.0', await writeScript(directory, `${name}-${app}.sh`, lines));
  }
  if (definition === 'a') {
    // One app alone is no composed task for a server; a graph of one child is one for the runner.
    await client.define(`${name}-a`, `${name}a`);
    return;
  }
  const named = definition.replaceAll(/\b([a-z])\b/g, (app) => (app in programs ? `${app}: ${name}${app}` : app));
  await client.define(name, named);
}

function start(name: string, graph: string, words: readonly string[] = [], uri = proxy.url): RunnerProcess {
  const runner = startRunner(
    [`--graph=${graph}`, `--dataflow-server-uri=${uri}`, '--interval-time-between-checks=500', ...words],
    { ...datasource(), SPRING_APPLICATION_JSON: JSON.stringify({ 'spring.cloud.task.name': name }) },
  );
  runners.push(runner);
  return runner;
}

async function run(name: string, graph: string, words: readonly string[] = []) {
  const runner = start(name, graph, words);
  return { code: await runner.ended(), output: runner.output() };
}

async function rows<Row extends pg.QueryResultRow>(text: string, ...parameters: unknown[]): Promise<Row[]> {
  return (await sql.query<Row>(text, parameters)).rows;
}

const tasks = (name: string) =>
  rows<{ id: number; exit_code: number | null; ended: boolean; parent: number | null; error_message: string | null }>(
    `select task_execution_id as id, exit_code, end_time is not null as ended, parent_execution_id as parent, error_message
     from task_execution where task_name = $1 order by task_execution_id`,
    name,
  );
const jobs = (name: string) =>
  rows<{ id: number; instance: number; status: string; exit_code: string; job_key: string; exit_message: string }>(
    `select job_execution_id as id, job_instance_id as instance, status, exit_code, exit_message, job_key
     from batch_job_execution join batch_job_instance using (job_instance_id) where job_name = $1 order by 1`,
    name,
  );
const steps = (job: number | undefined) =>
  rows<{ name: string; status: string; exit_code: string; exit_message: string; short_context: string }>(
    `select step_name as name, status, exit_code, exit_message, short_context
     from batch_step_execution join batch_step_execution_context using (step_execution_id)
     where job_execution_id = $1 order by step_execution_id`,
    job,
  );
const outcomes = async (job: number | undefined) => (await steps(job)).map(({ name, status }) => `${name} ${status}`);

const launches = (seen: readonly ProxiedRequest[], child: string) =>
  seen.filter(
    ({ method, target, body }) =>
      method === 'POST' && target === '/tasks/executions/launch' && new URLSearchParams(body).get('name') === child,
  ).length;
const isLaunch = ({ method, target }: ProxiedRequest) => method === 'POST' && target === '/tasks/executions/launch';

describe('the composed task runner', () => {
  it('runs a sequence, and writes the rows of SCDF’s runner', async () => {
    await define('seq', 'a && b', { a: ['echo one'], b: ['echo "$@"'] });
    const { code, output } = await run('seq', 'seq-a && seq-b', ['day=monday', '--composed-task-arguments=--b.x=1']);
    expect({ code, output }).toMatchObject({ code: 0 });

    const [task] = await tasks('seq');
    expect(task).toMatchObject({ exit_code: 0, ended: true, parent: null, error_message: null });
    const recorded = await rows('select task_param from task_execution_params where task_execution_id = $1', task?.id);
    expect(recorded.map((row) => row['task_param'] as string)).toEqual([
      '--graph=seq-a && seq-b',
      `--dataflow-server-uri=${proxy.url}`,
      '--interval-time-between-checks=500',
      'day=monday',
      '--composed-task-arguments=--b.x=1',
      '--spring.cloud.data.flow.taskappname=composed-task-runner',
    ]);

    const [job] = await jobs('seq');
    const key = createHash('md5').update('day=monday;run.id=1;').digest('hex');
    expect(job).toMatchObject({ status: 'COMPLETED', exit_code: 'COMPLETED', exit_message: '', job_key: key });
    const linked = await rows(
      'select job_execution_id as id from task_task_batch where task_execution_id = $1',
      task?.id,
    );
    expect(linked).toEqual([{ id: job?.id }]);
    expect(
      await rows(
        'select key_name, type_cd, long_val, string_val, identifying from batch_job_execution_params where job_execution_id = $1 order by 1',
        job?.id,
      ),
    ).toEqual([
      { key_name: 'day', type_cd: 'STRING', long_val: 0, string_val: 'monday', identifying: 'Y' },
      { key_name: 'run.id', type_cd: 'LONG', long_val: 1, string_val: '', identifying: 'Y' },
    ]);

    const [[first], [second]] = [await tasks('seq-a'), await tasks('seq-b')];
    expect([first, second]).toMatchObject([
      { parent: task?.id, exit_code: 0 },
      { parent: task?.id, exit_code: 0 },
    ]);
    const parent = [
      `--spring.cloud.task.parent-execution-id=${task?.id}`,
      '--spring.cloud.task.parent-schema-target=boot2',
    ];
    const context = (child: string, id: number | undefined, given: readonly string[]) => ({
      '@class': 'java.util.HashMap',
      'schema-target': 'boot2',
      'task-arguments': ['java.util.ArrayList', given],
      'task-execution-id': ['java.lang.Long', id],
      'batch.taskletType': 'org.springframework.cloud.dataflow.composedtaskrunner.TaskLauncherTasklet',
      'task-name': child,
      'batch.stepType': 'org.springframework.batch.core.step.tasklet.TaskletStep',
    });
    const written = await steps(job?.id);
    expect(
      written.map(({ short_context: text, ...step }) => ({ ...step, context: JSON.parse(text) as unknown })),
    ).toEqual([
      {
        name: 'seq-a_0',
        status: 'COMPLETED',
        exit_code: 'COMPLETED',
        exit_message: '',
        context: context('seq-a', first?.id, parent),
      },
      {
        name: 'seq-b_0',
        status: 'COMPLETED',
        exit_code: 'COMPLETED',
        exit_message: '',
        context: context('seq-b', second?.id, ['--x=1', ...parent]),
      },
    ]);
    // The server shows them as it shows those of SCDF's runner.
    const shown = await client.get(`/tasks/executions/${task?.id}`);
    expect(shown).toMatchObject({ taskExecutionStatus: 'COMPLETE', jobExecutionIds: [job?.id] });
  }, 120_000);

  it('runs a split side by side, and what comes after it', async () => {
    const met = join(directory, 'met');
    const meet = (me: string, other: string) => [
      `touch ${met}-${me}`,
      `until [ ! -d ${directory} ] || [ -e ${met}-${other} ]; do sleep 0.05; done`,
    ];
    await define('spl', '<a || b> && c', { a: meet('a', 'b'), b: meet('b', 'a'), c: ['true'] });
    expect((await run('spl', '<spl-a || spl-b> && spl-c')).code).toBe(0);
    const [job] = await jobs('spl');
    expect((await outcomes(job?.id)).sort()).toEqual(['spl-a_0 COMPLETED', 'spl-b_0 COMPLETED', 'spl-c_0 COMPLETED']);
  }, 120_000);

  it('follows transitions, by exit status and by exit code', async () => {
    await define('tra', "a 3->b '*'->c", { a: ['exit 3'], b: ['true'], c: ['true'] });
    expect((await run('tra', "tra-a 'FAILED'->tra-b '*'->tra-c")).code).toBe(0);
    const byNumber = await run('tra', 'tra-a 3->tra-b 4->tra-c');
    expect(byNumber).toMatchObject({ code: 0, output: expect.stringContaining('ended COMPLETED') });
    const [byStatus, byCode] = await jobs('tra');
    expect([byStatus, byCode]).toMatchObject([{ status: 'COMPLETED' }, { status: 'COMPLETED' }]);
    for (const job of [byStatus, byCode]) {
      expect(await outcomes(job?.id)).toEqual(['tra-a_0 ABANDONED', 'tra-b_0 COMPLETED']);
    }
  }, 120_000);

  it('fails with its children; its exit code tells of it where that is wanted; a restart goes on where it failed', async () => {
    const gate = join(directory, 'gate');
    await define('res', 'a && b && c', { a: ['true'], b: [`test -e ${gate}`], c: ['true'] });
    const graph = 'res-a && res-b && res-c';
    expect((await run('res', graph)).code).toBe(0);
    expect((await run('res', graph, ['--spring.cloud.task.batch.fail-on-job-failure=true'])).code).toBe(1);
    const [first, second] = await jobs('res');
    expect([first, second]).toMatchObject([{ status: 'FAILED' }, { status: 'FAILED' }]);
    expect(first?.instance).not.toBe(second?.instance);
    expect(await outcomes(first?.id)).toEqual(['res-a_0 COMPLETED', 'res-b_0 FAILED']);
    expect((await steps(first?.id))[1]?.exit_message).toMatch(/^Task returned a non zero exit code\./);
    const [task, other] = await tasks('res');
    expect([task, other]).toMatchObject([{ exit_code: 0, error_message: null }, { exit_code: 1 }]);
    expect(await client.get(`/tasks/executions/${task?.id}`)).toMatchObject({ taskExecutionStatus: 'ERROR' });

    await writeFile(gate, '');
    expect((await run('res', graph, ['run.id(long)=1'])).code).toBe(0);
    const again = (await jobs('res')).at(-1);
    expect(again).toMatchObject({ instance: first?.instance, status: 'COMPLETED' });
    expect(await outcomes(again?.id)).toEqual(['res-b_0 COMPLETED', 'res-c_0 COMPLETED']);

    const refused = await run('res', graph, ['run.id(long)=1']);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('already exists and is complete') });
    expect((await tasks('res')).at(-1)).toMatchObject({
      exit_code: 1,
      ended: true,
      error_message: expect.stringContaining('already exists and is complete'),
    });
  }, 120_000);

  it('tries a child again as its properties say', async () => {
    const count = join(directory, 'count');
    await define('ret', 'a', { a: [`echo x >> ${count}`, `test "$(wc -l < ${count})" -ge 3`] });
    const properties = { 'deployer.a.millrace.retry.max-attempts': '3', 'deployer.a.millrace.retry.backoff': '10ms' };
    const words = Object.entries(properties).map(([key, value]) => `--composed-task-app-properties.${key}=${value}`);
    expect((await run('ret', 'ret-a', words)).code).toBe(0);
    expect((await tasks('ret-a')).map(({ exit_code: code }) => code)).toEqual([1, 1, 0]);
    const [job] = await jobs('ret');
    expect(await outcomes(job?.id)).toEqual(['ret-a_0 COMPLETED']);
  }, 120_000);
});

describe('its own execution', () => {
  it('is the one that a server made, if there is one', async () => {
    await define('own', 'a', { a: ['true'] });
    const [made] = await rows<{ id: number }>(
      `insert into task_execution (task_execution_id, task_name, last_updated)
       values (nextval('task_seq'), 'own', now()) returning task_execution_id as id`,
    );
    const word = `--spring.cloud.task.executionid=${made?.id}`;
    expect((await run('own', 'own-a', [word])).code).toBe(0);
    expect(await tasks('own')).toMatchObject([{ id: made?.id, exit_code: 0, ended: true }]);
    expect((await tasks('own-a'))[0]?.parent).toBe(made?.id);

    expect(await run('own', 'own-a', [word])).toMatchObject({
      code: 1,
      output: expect.stringContaining(`Invalid TaskExecution, ID ${made?.id} task is already complete`),
    });
    expect(await run('own', 'own-a', ['--spring.cloud.task.executionid=987654321'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('Invalid TaskExecution, ID 987654321 not found'),
    });
  }, 120_000);

  it('goes on under its id after its process was killed, with the children that run', async () => {
    const gate = join(directory, 'killed');
    await define('kil', 'a && b', {
      a: [`until [ ! -d ${directory} ] || [ -e ${gate} ]; do sleep 0.05; done`],
      b: ['true'],
    });
    const [made] = await rows<{ id: number }>(
      `insert into task_execution (task_execution_id, task_name, last_updated)
       values (nextval('task_seq'), 'kil', now()) returning task_execution_id as id`,
    );
    const words = [`--spring.cloud.task.executionid=${made?.id}`];
    const first = start('kil', 'kil-a && kil-b', words);
    const [job] = await eventually(
      () => jobs('kil'),
      ([one]) => one !== undefined,
    );
    await eventually(
      () => steps(job?.id),
      ([step]) => step?.short_context.includes('task-execution-id') === true,
    );
    first.signal('SIGKILL');
    await first.ended();
    await writeFile(gate, '');
    const second = await run('kil', 'kil-a && kil-b', words);
    expect(second.code).toBe(0);
    // Its rows say which execution it is: there is nothing to find out.
    expect(second.output).not.toContain('kil-a was launched');
    expect(await jobs('kil')).toMatchObject([{ id: job?.id, status: 'COMPLETED' }]);
    expect(await outcomes(job?.id)).toEqual(['kil-a_0 COMPLETED', 'kil-b_0 COMPLETED']);
    expect([(await tasks('kil-a')).length, (await tasks('kil-b')).length]).toEqual([1, 1]);
  }, 120_000);

  it.each([
    [['--graph=x'], 'spring.cloud.task.name property must have a value.'],
    [['--graph=x', '--spring.cloud.task.name=x', '--spring.datasource.url='], 'No database is configured'],
    [['--spring.cloud.task.name=x'], 'The property graph must have a value'],
    [['--spring.cloud.task.name=x', '--graph=x', '--dataflow-server-password=p'], 'only together with a username'],
  ])('begins nothing with %j', async (words, message) => {
    const runner = startRunner(words, datasource());
    expect(await runner.ended()).toBe(1);
    expect(runner.output()).toContain(message);
  });

  it('ends as failed when the graph cannot be run', async () => {
    const { code, output } = await run('bad', "bad-a 'FAILED'->bad-b '*'->bad-c && bad-d");
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('Invalid flow following') });
    expect(await tasks('bad')).toMatchObject([
      { exit_code: 1, ended: true, error_message: expect.stringContaining('Invalid flow following') },
    ]);
    expect(await jobs('bad')).toEqual([]);
  });

  it('says so when the database is not a task server’s', async () => {
    const { url = '' } = database.configuration.datasource;
    const other = url.replace(/\/[^/]+$/, '/template1');
    const { code, output } = await run('bad', 'bad-a', [`--spring.datasource.url=${other}`]);
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('has no tables') });
  });
});

describe('a stop', () => {
  it('by SIGTERM leaves a stopped job that can be restarted, and the children alone', async () => {
    const gate = join(directory, 'stopped');
    await define('sto', 'a && b', {
      a: [`until [ ! -d ${directory} ] || [ -e ${gate} ]; do sleep 0.05; done`],
      b: ['true'],
    });
    const runner = start('sto', 'sto-a && sto-b');
    const [child] = await eventually(
      () => tasks('sto-a'),
      ([one]) => one !== undefined && runner.output().includes('step sto-a_0 began'),
    );
    runner.signal('SIGTERM');
    expect(await runner.ended()).toBe(143);
    const [job] = await jobs('sto');
    expect(job).toMatchObject({ status: 'STOPPED', exit_code: 'STOPPED' });
    expect(await outcomes(job?.id)).toEqual(['sto-a_0 STOPPED']);
    expect(await tasks('sto')).toMatchObject([{ exit_code: 143, ended: true }]);
    expect((await tasks('sto-a'))[0]?.ended).toBe(false);

    await writeFile(gate, '');
    expect((await run('sto', 'sto-a && sto-b', ['run.id(long)=1'])).code).toBe(0);
    const again = (await jobs('sto')).at(-1);
    expect(again).toMatchObject({ instance: job?.instance, status: 'COMPLETED' });
    expect(await outcomes(again?.id)).toEqual(['sto-a_0 COMPLETED', 'sto-b_0 COMPLETED']);
    expect((await tasks('sto-a')).map(({ id }) => id)).toContain(child?.id);
  }, 120_000);

  it('by the status of its job ends it as SCDF’s runner does', async () => {
    const gate = join(directory, 'stopping');
    await define('sta', 'a && b', {
      a: [`until [ ! -d ${directory} ] || [ -e ${gate} ]; do sleep 0.05; done`],
      b: ['true'],
    });
    const runner = start('sta', 'sta-a && sta-b');
    await eventually(async () => runner.output().includes('step sta-a_0 began'), Boolean);
    await rows(`update batch_job_execution set status = 'STOPPING', version = version + 1
                where job_instance_id in (select job_instance_id from batch_job_instance where job_name = 'sta')`);
    expect(await runner.ended()).toBe(0);
    const [job] = await jobs('sta');
    expect(job).toMatchObject({ status: 'STOPPED' });
    expect(await outcomes(job?.id)).toEqual(['sta-a_0 STOPPED']);
    await writeFile(gate, '');
  }, 120_000);
});

describe('the way to the server', () => {
  it('may lose the answer to a launch: nothing is launched twice', async () => {
    await define('los', 'a && b', { a: ['true'], b: ['true'] });
    const from = proxy.requests.length;
    const lost = new Set<string>();
    proxy.decide((request) => {
      const child = new URLSearchParams(request.body).get('name') ?? '';
      if (!isLaunch(request) || lost.has(child)) return 'pass';
      lost.add(child);
      return 'lose answer';
    });
    const { code, output } = await run('los', 'los-a && los-b');
    expect({ code, output }).toMatchObject({ code: 0 });
    expect([(await tasks('los-a')).length, (await tasks('los-b')).length]).toEqual([1, 1]);
    expect(launches(proxy.requests.slice(from), 'los-a')).toBe(1);
    expect(output).toContain('its answer had been lost');
  }, 120_000);

  it('may be cut for a while: launches and looks wait for it', async () => {
    await define('awa', 'a', { a: ['sleep 1'] });
    const seen = new Map<string, number>();
    // The first requests of each kind are lost before they arrive, or a gateway answers for a server that does not.
    proxy.decide((request) => {
      const kind = `${request.method} ${request.target} ${new URLSearchParams(request.body).get('name')}`;
      const count = (seen.get(kind) ?? 0) + 1;
      seen.set(kind, count);
      if (count === 1) return 'reset';
      return count === 2 ? { status: 503, body: '{}' } : 'pass';
    });
    const { code, output } = await run('awa', 'awa-a');
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(await tasks('awa-a')).toMatchObject([{ exit_code: 0 }]);
  }, 120_000);

  it('may lead nowhere at first', async () => {
    await define('lat', 'a', { a: ['true'] });
    const port = await freePort();
    const runner = start('lat', 'lat-a', [], `http://127.0.0.1:${port}`);
    await eventually(async () => runner.output().includes('ECONNREFUSED'), Boolean);
    const late = await startForwarder(port);
    try {
      expect(await runner.ended()).toBe(0);
    } finally {
      late.close();
    }
    expect((await tasks('lat-a')).length).toBe(1);
  }, 120_000);

  it('fails a step whose child the server does not know', async () => {
    const { code, output } = await run('unk', 'unk-nobody');
    expect({ code, output }).toMatchObject({ code: 0 });
    const [job] = await jobs('unk');
    expect(job).toMatchObject({ status: 'FAILED' });
    expect(await steps(job?.id)).toMatchObject([
      { status: 'FAILED', exit_message: expect.stringContaining('Could not find task definition named unk-nobody') },
    ]);
  });

  it.each<[string, (tokens: string) => readonly string[], string]>([
    [
      'user and password',
      () => ['--dataflow-server-username=ada', `--dataflow-server-password=${PASSWORD_OF_SERVER}`],
      `Basic ${Buffer.from(`ada:${PASSWORD_OF_SERVER}`).toString('base64')}`,
    ],
    ['a token', () => [`--dataflow-server-access-token=${PASSWORD_OF_SERVER}`], `Bearer ${PASSWORD_OF_SERVER}`],
    [
      'client credentials',
      (tokens) => [
        '--oauth2-client-credentials-client-id=runner',
        `--oauth2-client-credentials-client-secret=${PASSWORD_OF_SERVER}`,
        `--oauth2-client-credentials-token-uri=${tokens}/token`,
        '--oauth2-client-credentials-scopes=launch,view',
      ],
      'Bearer fresh-2',
    ],
  ])(
    'is taken with %s',
    async (_, words, expected) => {
      const name = `aut${expected.length}`;
      await define(name, 'a', { a: ['true'] });
      const tokens = await startTokenServer();
      const from = proxy.requests.length;
      proxy.decide(({ headers }) =>
        headers.authorization === expected ? 'pass' : { status: 401, body: '{"message":"who are you?"}' },
      );
      try {
        const { code, output } = await run(name, `${name}-a`, words(tokens.url));
        expect({ code, output }).toMatchObject({ code: 0 });
        expect((await jobs(name))[0]).toMatchObject({ status: 'COMPLETED' });
        expect(proxy.requests.slice(from).at(-1)?.headers.authorization).toBe(expected);
        for (const secret of [PASSWORD_OF_SERVER, 'fresh-', expected]) expect(output).not.toContain(secret);
      } finally {
        tokens.server.close();
      }
    },
    120_000,
  );

  it('is refused to those whom the server does not know, in words', async () => {
    proxy.decide(() => ({ status: 401, body: '' }));
    const { code } = await run('who', 'who-a');
    expect(code).toBe(0);
    const [job] = await jobs('who');
    expect((await steps(job?.id))[0]?.exit_message).toContain('401: who the runner says it is may not do that');
  });
});

/** Gives a token to the client `runner`; the first one is taken back at once. */
async function startTokenServer(): Promise<{ readonly url: string; readonly server: Server }> {
  let given = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const expected = `Basic ${Buffer.from(`runner:${PASSWORD_OF_SERVER}`).toString('base64')}`;
      const fields = new URLSearchParams(body);
      const right =
        request.headers.authorization === expected &&
        fields.get('grant_type') === 'client_credentials' &&
        fields.get('scope') === 'launch view';
      given += 1;
      response.writeHead(right ? 200 : 400, { 'content-type': 'application/json' });
      response.end(right ? JSON.stringify({ access_token: `fresh-${given}`, expires_in: 3600 }) : '{"error":"no"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Passes on to the server what comes to a port. */
async function startForwarder(port: number): Promise<{ close(): void }> {
  const { connect, createServer: listen } = await import('node:net');
  const target = new URL(server.baseUrl);
  const forwarder = listen((socket) => {
    const onward = connect(Number(target.port), target.hostname);
    socket.on('error', () => onward.destroy()).pipe(onward);
    onward.on('error', () => socket.destroy()).pipe(socket);
  });
  await new Promise<void>((resolve) => forwarder.listen(port, '127.0.0.1', resolve));
  return { close: () => void forwarder.close() };
}
