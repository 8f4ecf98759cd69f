import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestDatabase, datasourceVariables, scratchDirectory, type TestDatabase } from '../support/database.js';
import { exchange } from '../support/http.js';
import { type Launched, ServerClient, type TaskExecution } from '../support/server-client.js';
import { type Millrace, startMillrace } from '../support/server.js';
import { eventually, refusalOf, Workbench, writeScript } from '../support/workbench.js';

/** What a launch that has not reached its platform shows of itself. */
interface Waiting {
  readonly state: string;
  readonly priority: number;
  readonly position: number | null;
  readonly queuedAt: string;
  readonly reason: string | null;
}

type Queued = Waiting & Launched & { readonly taskName: string };

const LIMIT = 'spring.cloud.dataflow.task.platform.local.accounts.default.maximum-concurrent-tasks';

/** The program of all tests: it says when it starts and when it ends, and goes on until its gate is open. */
const program = (directory: string) => [
  `echo "start $1 $SPRING_CLOUD_TASK_EXECUTIONID" >> ${join(directory, 'ledger')}`,
  `until [ ! -d ${directory} ] || [ -e ${join(directory, 'gate')} ] || [ -e ${join(directory, 'gate')}-$1 ]; do sleep 0.05; done`,
  `echo "end $1 $SPRING_CLOUD_TASK_EXECUTIONID" >> ${join(directory, 'ledger')}`,
];

const ledgerOf = async (directory: string): Promise<readonly (readonly string[])[]> => {
  const text = await readFile(join(directory, 'ledger'), 'utf8').catch(() => '');
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
};

/** Names in the order in which their programs started. */
const startsOf = async (directory: string) =>
  (await ledgerOf(directory)).filter(([what]) => what === 'start').map(([, name]) => name);

/** The most programs that ran at once. */
const mostAtOnce = async (directory: string) => {
  let running = 0;
  let most = 0;
  for (const [what] of await ledgerOf(directory)) {
    running += what === 'start' ? 1 : -1;
    most = Math.max(most, running);
  }
  return most;
};

/** One task a launch, so that no launch has the properties of another. */
async function launch(client: ServerClient, name: string, priority?: number | string): Promise<Launched> {
  await client.define(name, 'waiter');
  const properties = priority === undefined ? '' : `deployer.waiter.millrace.priority=${priority}`;
  return client.launch(name, { arguments: name, properties });
}

const executionOf = async (client: ServerClient, launched: Launched) =>
  (await client.execution(launched)) as TaskExecution & {
    launch?: Waiting;
    deploymentProperties: Record<string, string>;
  };

describe('a queue', () => {
  let bench: Workbench;

  beforeEach(async () => {
    bench = await Workbench.open({
      [LIMIT]: '1',
      'millrace.launch.queue': 'true',
      'management.endpoints.web.exposure.include': '*',
      'management.metrics.export.prometheus.enabled': 'true',
    });
    await bench.client.register('waiter', '1.0.0', await bench.script('waiter.sh', ...program(bench.directory)));
  }, 120_000);

  afterEach(async () => {
    await bench?.script('gate');
    await bench?.close();
  });

  const patch = (launched: Launched, priority: string) =>
    exchange(bench.server.url, {
      method: 'PATCH',
      target: `/millrace/launches/${launched.executionId}?schemaTarget=${launched.schemaTarget}&priority=${priority}`,
      headers: { Accept: 'application/json' },
    });
  const queue = async () => (await bench.list<Queued>('/millrace/launches?state=queued')).elements;
  const order = async () => (await queue()).map(({ taskName, priority, position }) => [taskName, priority, position]);

  it('gives room by priority, then by age', async () => {
    const launched = [await launch(bench.client, 'first')];
    launched.push(await launch(bench.client, 'low', -5));
    launched.push(await launch(bench.client, 'older'));
    launched.push(await launch(bench.client, 'high', 10));
    launched.push(await launch(bench.client, 'younger'));
    launched.push(await launch(bench.client, 'higher', 1000));
    expect(await order()).toEqual([
      ['higher', 1000, 1],
      ['high', 10, 2],
      ['older', 0, 3],
      ['younger', 0, 4],
      ['low', -5, 5],
    ]);
    await bench.script('gate');
    const ended = await Promise.all(launched.map((one) => bench.client.ended(one)));
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await startsOf(bench.directory)).toEqual(['first', 'higher', 'high', 'older', 'younger', 'low']);
    expect(await mostAtOnce(bench.directory)).toBe(1);
    const started = (name: string) => ended.find(({ taskName }) => taskName === name)?.startTime ?? '';
    const times = ['first', 'higher', 'high', 'older', 'younger', 'low'].map(started);
    expect(times).toEqual([...times].sort());
    expect(await queue()).toEqual([]);
  }, 90_000);

  it('shows in the execution what it waits for, in words that SCDF’s clients do not read', async () => {
    await launch(bench.client, 'first');
    const second = await launch(bench.client, 'second');
    const third = await launch(bench.client, 'third', 3);
    const waiting = await executionOf(bench.client, second);
    expect(waiting).toMatchObject({
      taskExecutionStatus: 'UNKNOWN',
      startTime: null,
      errorMessage: null,
      launch: {
        state: 'queued',
        priority: 0,
        position: 2,
        queuedAt: expect.stringMatching(/^20.*\+0000$/),
        reason: "Waits for room on platform account 'default', at position 2 of the queue.",
      },
    });
    const listed = await bench.list<TaskExecution & { launch?: Waiting }>('/tasks/executions');
    expect(
      Object.fromEntries(listed.elements.map(({ taskName, launch: one }) => [taskName, one?.position ?? null])),
    ).toEqual({ first: null, second: 2, third: 1 });
    expect(await executionOf(bench.client, third)).toMatchObject({
      launch: { priority: 3, position: 1 },
      deploymentProperties: { 'deployer.waiter.millrace.priority': '3' },
    });
    expect(await bench.client.get('/tasks/executions/current')).toEqual([
      {
        name: 'default',
        type: 'Local',
        maximumTaskExecutions: 1,
        runningExecutionCount: 1,
        queuedExecutionCount: 2,
        links: [],
      },
    ]);
    await bench.script('gate');
    await bench.client.ended(third);
    expect((await executionOf(bench.client, third)).launch).toBeUndefined();
    expect(await bench.client.get(`/millrace/launches/${third.executionId}`)).toMatchObject({
      state: 'ended',
      position: null,
      launchedAt: expect.any(String),
    });
    await bench.client.ended(second);
  }, 60_000);

  it('lets those that wait change places, writes it down, and refuses it for all others', async () => {
    const first = await launch(bench.client, 'first');
    const second = await launch(bench.client, 'second');
    const third = await launch(bench.client, 'third');
    expect(await patch(third, '7')).toMatchObject({ status: 200, body: { state: 'queued', priority: 7, position: 1 } });
    expect(await order()).toEqual([
      ['third', 7, 1],
      ['second', 0, 2],
    ]);
    const { elements } = await bench.list<{ auditData: string }>('/audit-records?actions=UPDATE');
    expect(elements.map(({ auditData }) => JSON.parse(auditData) as unknown)).toEqual([
      { executionId: third.executionId, schemaTarget: 'boot2', priority: 7, formerPriority: 0 },
    ]);
    expect(refusalOf(await patch(first, '7'))).toEqual({
      status: 409,
      message: `The launch of TaskExecution with id ${first.executionId} for schema target boot2 does not wait for room (any more).`,
    });
    expect(refusalOf(await patch({ executionId: 4711, schemaTarget: 'boot2' }, '7')).status).toBe(404);
    for (const wrong of ['1001', '-1001', 'high', '1.5', '']) expect((await patch(second, wrong)).status).toBe(400);
    await bench.script('gate');
    for (const one of [first, second, third]) expect(await bench.client.ended(one)).toMatchObject({ exitCode: 0 });
    expect(await startsOf(bench.directory)).toEqual(['first', 'third', 'second']);
  }, 60_000);

  it('lists pages, by state and by account', async () => {
    await launch(bench.client, 'first');
    for (let at = 0; at < 5; at++) await launch(bench.client, `n${at}`);
    const page = await bench.list<Queued>('/millrace/launches?state=queued&page=1&size=2');
    expect(page.page).toEqual({ size: 2, totalElements: 5, totalPages: 3, number: 1 });
    expect(page.elements.map(({ taskName, position }) => [taskName, position])).toEqual([
      ['n2', 3],
      ['n3', 4],
    ]);
    const states = (await bench.list<Queued>('/millrace/launches')).elements.map(({ state }) => state);
    expect(states).toEqual(['queued', 'queued', 'queued', 'queued', 'queued', 'launched']);
    expect((await bench.list('/millrace/launches?state=launched&platform=default')).page.totalElements).toBe(1);
    expect((await bench.list('/millrace/launches?platform=elsewhere')).page.totalElements).toBe(0);
    expect((await bench.get('/millrace/launches?state=sleeping')).status).toBe(400);
  }, 60_000);

  it('lets go of one that is stopped, and of no other', async () => {
    const [first, second, third] = [
      await launch(bench.client, 'first'),
      await launch(bench.client, 'second'),
      await launch(bench.client, 'third'),
    ];
    expect((await bench.stop(second)).status).toBe(200);
    expect(await bench.client.ended(second)).toMatchObject({
      taskExecutionStatus: 'ERROR',
      errorMessage: 'Stopped before it was started.',
    });
    expect(await order()).toEqual([['third', 0, 1]]);
    await bench.script('gate');
    for (const one of [first, third]) expect(await bench.client.ended(one)).toMatchObject({ exitCode: 0 });
    expect(await startsOf(bench.directory)).toEqual(['first', 'third']);
  }, 60_000);

  it('keeps a priority for the task’s next launch, until another is asked for or it is unset', async () => {
    await launch(bench.client, 'first');
    await bench.client.define('often', 'waiter');
    const asked = [
      'deployer.*.millrace.priority=4',
      '',
      'deployer.waiter.millrace.priority=9',
      'deployer.*.millrace.priority=',
    ];
    for (const properties of asked) await bench.client.launch('often', { properties });
    await bench.client.launch('often', { properties: 'deployer.waiter.millrace.priority=' });
    const byAge = [...(await queue())].sort((one, other) => one.executionId - other.executionId);
    expect(byAge.map(({ priority }) => priority)).toEqual([4, 4, 9, 9, 0]);
  }, 60_000);

  it.each(['high', '1001', '-1001', '1.5', '1e2'])(
    'refuses the priority %s before anything is written',
    async (value) => {
      await bench.client.define('wrong', 'waiter');
      const properties = `deployer.*.millrace.priority=${value}`;
      const answer = await bench.post('/tasks/executions/launch', { name: 'wrong', properties });
      expect(refusalOf(answer)).toEqual({
        status: 400,
        message: `Deployment property 'millrace.priority' has the value '${value}'. It must be a whole number from -1000 to 1000.`,
      });
      expect((await bench.list('/tasks/executions')).page.totalElements).toBe(0);
    },
  );

  it('tells Prometheus how many wait and how long they did', async () => {
    const metric = async (name: string) => {
      const { text } = await bench.get('/management/prometheus');
      const line = text.split('\n').find((one) => name.split(' ').every((part) => one.includes(part)));
      return Number(line?.split(' ').at(-1));
    };
    expect(await metric('millrace_launches account="default" state="queued"')).toBe(0);
    const launched = [];
    for (let at = 0; at < 4; at++) launched.push(await launch(bench.client, `n${at}`));
    expect(await metric('millrace_launches account="default" state="queued"')).toBe(3);
    expect(await metric('millrace_launches account="default" state="launched"')).toBe(1);
    await bench.script('gate');
    for (const one of launched) await bench.client.ended(one);
    expect(await metric('millrace_launches account="default" state="queued"')).toBe(0);
    expect(await metric('millrace_launch_queue_seconds_count account="default"')).toBe(3);
  }, 60_000);
});

describe('without a queue', () => {
  it('a full account refuses, whatever the priority, which reaches no program', async () => {
    const bench = await Workbench.open({ [LIMIT]: '1' });
    try {
      await bench.scriptTask(
        'waiter',
        'env',
        `until [ ! -d ${bench.directory} ] || [ -e ${join(bench.directory, 'gate')} ]; do sleep 0.05; done`,
      );
      const properties = 'deployer.*.millrace.priority=1000';
      const launched = await bench.client.launch('waiter', { properties });
      expect(refusalOf(await bench.post('/tasks/executions/launch', { name: 'waiter', properties }))).toEqual({
        status: 429,
        message: 'Cannot launch task waiter. The maximum concurrent task executions is at its limit [1].',
      });
      await bench.script('gate');
      const ended = await bench.client.ended(launched);
      const log = await bench.client.log(ended);
      expect(log).toContain('SPRING_CLOUD_TASK_EXECUTIONID');
      expect(log).not.toMatch(/priority/i);
    } finally {
      await bench.close();
    }
  }, 60_000);
});

describe('a queue that outlives its server', () => {
  let directory: string;
  let database: TestDatabase;
  let servers: Millrace[];

  beforeEach(async () => {
    directory = await mkdtemp(join(scratchDirectory(), 'millrace-queue-'));
    await mkdir(join(directory, 'data'));
    database = await createTestDatabase();
    servers = [];
  }, 60_000);

  afterEach(async () => {
    await appendFile(join(directory, 'gate'), '');
    await Promise.all(servers.map((server) => server.stop()));
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  /** All of them share a data directory, so that they see the same programs. */
  const start = async (limit: number, environment: Readonly<Record<string, string>> = {}) => {
    const server = await startMillrace({
      dataDirectory: join(directory, 'data'),
      environment: {
        ...datasourceVariables(database),
        MILLRACE_FOLLOW_UP_INTERVAL: '1s',
        MILLRACE_LAUNCH_QUEUE: 'true',
        [LIMIT.replaceAll('.', '_').replaceAll('-', '_').toUpperCase()]: String(limit),
        ...environment,
      },
    });
    servers.push(server);
    return server;
  };
  const prepare = async (client: ServerClient) =>
    client.register('waiter', '1.0.0', await writeScript(directory, 'waiter.sh', program(directory)));
  /** Launches by turns from each client. */
  const launchAll = async (clients: readonly [ServerClient, ...ServerClient[]], count: number) => {
    const [first] = clients;
    const numbers = Array.from({ length: count }, (_, at) => at);
    await Promise.all(numbers.map((at) => first.define(`n${at}`, 'waiter')));
    return Promise.all(
      numbers.map((at) => {
        const properties = `deployer.*.millrace.priority=${at % 3}`;
        const client = clients[at % clients.length] ?? first;
        return client.launch(`n${at}`, { arguments: `n${at}`, properties });
      }),
    );
  };
  const expectOnceEach = async (launched: readonly Launched[]) => {
    const ran = (await ledgerOf(directory)).filter(([what]) => what === 'start').map(([, name, id]) => `${name} ${id}`);
    expect([...ran].sort()).toEqual(launched.map(({ executionId }, at) => `n${at} ${executionId}`).sort());
  };

  it('killed with all of it waiting, it loses and doubles none, and keeps the order', async () => {
    const killed = await start(2);
    await prepare(new ServerClient(killed.baseUrl));
    const launched = await launchAll([new ServerClient(killed.baseUrl)], 20);
    killed.kill('SIGKILL');
    await killed.ended();
    // One at a time from here on: of two that start side by side either may come first.
    const client = new ServerClient((await start(1)).baseUrl);
    const waiting = await client.list<Queued>('/millrace/launches?state=queued&size=100');
    expect(waiting.length).toBe(18);
    await writeScript(directory, 'gate', []);
    for (const one of launched) expect(await client.ended(one)).toMatchObject({ exitCode: 0 });
    await expectOnceEach(launched);
    expect(await mostAtOnce(directory)).toBeLessThanOrEqual(2);
    expect((await startsOf(directory)).slice(2)).toEqual(waiting.map(({ taskName }) => taskName));
  }, 120_000);

  it('killed while it moves, it loses and doubles none', async () => {
    const killed = await start(2);
    await prepare(new ServerClient(killed.baseUrl));
    await writeScript(directory, 'gate', []);
    const launched = await launchAll([new ServerClient(killed.baseUrl)], 40);
    await eventually(
      () => startsOf(directory),
      (starts) => starts.length > 10,
    );
    killed.kill('SIGKILL');
    await killed.ended();
    const client = new ServerClient((await start(2)).baseUrl);
    for (const one of launched) expect(await client.ended(one)).toMatchObject({ exitCode: 0 });
    await expectOnceEach(launched);
  }, 120_000);

  it('is one for all replicas, and none of them exceeds the limit', async () => {
    const [client, other] = [new ServerClient((await start(3)).baseUrl), new ServerClient((await start(3)).baseUrl)];
    await prepare(client);
    await writeScript(directory, 'gate', []);
    const launched = await launchAll([client, other], 40);
    for (const one of launched) expect(await client.ended(one)).toMatchObject({ exitCode: 0 });
    await expectOnceEach(launched);
    expect(await mostAtOnce(directory)).toBeLessThanOrEqual(3);
  }, 120_000);

  it('still gets its room after the queue was switched off, before any new launch does', async () => {
    const queueing = await start(1);
    await prepare(new ServerClient(queueing.baseUrl));
    const launched = await launchAll([new ServerClient(queueing.baseUrl)], 3);
    await queueing.stop();
    const refusing = await start(1, { MILLRACE_LAUNCH_QUEUE: 'false' });
    const client = new ServerClient(refusing.baseUrl);
    await expect(client.launch('n0')).rejects.toThrow('429');
    await writeScript(directory, 'gate', []);
    for (const one of launched) expect(await client.ended(one)).toMatchObject({ exitCode: 0 });
    await expectOnceEach(launched);
    expect(await client.ended(await client.launch('n0', { arguments: 'again' }))).toMatchObject({ exitCode: 0 });
  }, 120_000);
});
