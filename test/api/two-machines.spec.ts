import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlatformDomains } from '../../migrations/0013-platform-domains.js';
import { createTestDatabase, datasourceVariables, scratchDirectory, type TestDatabase } from '../support/database.js';
import { exchange, postForm } from '../support/http.js';
import { type Launched, ServerClient } from '../support/server-client.js';
import { type Millrace, startMillrace } from '../support/server.js';
import { freePort } from '../support/server-process.js';
import { eventually, writeScript } from '../support/workbench.js';

/** Rounds of follow-up and of recovery that both servers get to do the wrong thing, ms; see {@link startOn}. */
const SEVERAL_ROUNDS = 5_000;

let directory: string;
let database: TestDatabase;
let servers: Millrace[];
let host: Server | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(scratchDirectory(), 'millrace-machines-'));
  database = await createTestDatabase();
  servers = [];
  host = undefined;
}, 60_000);

afterEach(async () => {
  await writeScript(directory, 'gate', []);
  await Promise.all(servers.map((server) => server.stop()));
  host?.closeAllConnections();
  host?.close();
  await database.close();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** A server as another machine would have it: the same database, a data directory of its own. */
async function start(name: string, environment: Readonly<Record<string, string>> = {}): Promise<Millrace> {
  return startOn(await mkdtemp(join(directory, `${name}-`)), environment);
}

async function startOn(dataDirectory: string, environment: Readonly<Record<string, string>> = {}): Promise<Millrace> {
  const server = await startMillrace({
    dataDirectory,
    environment: {
      ...datasourceVariables(database),
      MILLRACE_FOLLOW_UP_INTERVAL: '1s',
      ...environment,
    },
  });
  servers.push(server);
  return server;
}

async function defineScript(client: ServerClient, name: string, ...lines: readonly string[]): Promise<void> {
  await client.register(name, '1.0.0', await writeScript(directory, `${name}.sh`, lines));
  await client.define(name, name);
}

const waiting = () => [
  `until [ ! -d ${directory} ] || [ -e ${join(directory, 'gate')} ]; do sleep 0.1; done`,
  'exit "${1:-0}"',
];

function untilRunning(client: ServerClient, launched: Launched) {
  return eventually(
    () => client.execution(launched),
    ({ taskExecutionStatus }) => taskExecutionStatus === 'RUNNING',
  );
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

describe('two servers with directories of their own on one database', () => {
  it('leave each other’s executions alone, and say where their logs are', async () => {
    const [a, b] = await Promise.all([start('a'), start('b')]);
    const [here, there] = [new ServerClient(a.baseUrl), new ServerClient(b.baseUrl)];
    await defineScript(here, 'waiter', 'echo began', ...waiting());
    const launched = await here.launch('waiter');
    const running = await untilRunning(there, launched);
    await sleep(SEVERAL_ROUNDS);
    expect(await there.execution(launched)).toMatchObject({ taskExecutionStatus: 'RUNNING', errorMessage: null });
    expect(await here.log(running)).toBe('stdout:\nbegan\n');
    expect(await there.log(running)).toMatch(
      new RegExp(`^The log of this execution is on another machine: ask the server on ${hostname()} \\(last seen 20`),
    );
    expect(await here.get('/tasks/executions/current')).toMatchObject([{ runningExecutionCount: 1 }]);
    expect(await there.get('/tasks/executions/current')).toMatchObject([{ runningExecutionCount: 0 }]);
    await writeScript(directory, 'gate', []);
    expect(await there.ended(launched)).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0 });
  }, 120_000);

  it('have each their own room', async () => {
    const one = { SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_LOCAL_ACCOUNTS_DEFAULT_MAXIMUM_CONCURRENT_TASKS: '1' };
    const queue = { ...one, MILLRACE_LAUNCH_QUEUE: 'true' };
    const [a, b] = await Promise.all([start('a', queue), start('b', one)]);
    const [here, there] = [new ServerClient(a.baseUrl), new ServerClient(b.baseUrl)];
    await defineScript(here, 'waiter', ...waiting());
    const running = [await here.launch('waiter'), await there.launch('waiter')];
    for (const launched of running) await untilRunning(here, launched);
    expect((await postForm(b.baseUrl, '/tasks/executions/launch', { name: 'waiter' })).status).toBe(429);
    const queued = await here.launch('waiter');
    await sleep(SEVERAL_ROUNDS);
    expect(await there.execution(queued)).toMatchObject({ taskExecutionStatus: 'UNKNOWN' });
    await writeScript(directory, 'gate', []);
    for (const launched of [...running, queued]) expect(await there.ended(launched)).toMatchObject({ exitCode: 0 });
    const log = await here.log(await here.execution(queued));
    expect(log).toBe('');
  }, 120_000);

  it('stop and clean up for each other', async () => {
    const [a, b] = await Promise.all([start('a'), start('b')]);
    const [here, there] = [new ServerClient(a.baseUrl), new ServerClient(b.baseUrl)];
    await defineScript(here, 'waiter', ...waiting());
    const launched = await here.launch('waiter');
    const { externalExecutionId } = await untilRunning(here, launched);
    const { executionId, schemaTarget } = launched;
    const stopped = await postForm(b.baseUrl, `/tasks/executions/${executionId}`, { schemaTarget });
    expect(stopped.status).toBe(200);
    expect(await there.ended(launched)).toMatchObject({ exitCode: 143, errorMessage: 'killed by signal SIGTERM' });

    const files = join(a.dataDirectory, 'tasks', 'default', externalExecutionId);
    expect(await exists(files)).toBe(true);
    const target = `/tasks/executions/${executionId}?schemaTarget=${schemaTarget}&action=CLEANUP,REMOVE_DATA`;
    expect((await exchange(b.baseUrl, { method: 'DELETE', target })).status).toBe(200);
    await eventually(
      () => exists(files),
      (found) => !found,
    );
  }, 120_000);

  it('launch only what they accepted themselves', async () => {
    const [a, b] = await Promise.all([start('a'), start('b')]);
    const [here, there] = [new ServerClient(a.baseUrl), new ServerClient(b.baseUrl)];
    const port = await freePort();
    await here.register('fetched', '1.0.0', `http://127.0.0.1:${port}/fetched.sh`);
    await here.define('fetched', 'fetched');
    const launched = await here.launch('fetched');
    await eventually(
      () => there.execution(launched),
      ({ errorMessage }) => errorMessage !== null,
    );
    a.kill('SIGKILL');
    await a.ended();

    let asked = 0;
    host = createServer((_request, response) => {
      asked += 1;
      response.end('#!/bin/sh\necho fetched\n');
    }).listen(port, '127.0.0.1');
    await sleep(SEVERAL_ROUNDS);
    expect(asked).toBe(0);
    expect(await there.execution(launched)).toMatchObject({ taskExecutionStatus: 'UNKNOWN' });

    const again = new ServerClient((await startOn(a.dataDirectory)).baseUrl);
    const ended = await there.ended(launched);
    expect(ended).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });
    expect(await again.log(ended)).toBe('stdout:\nfetched\n');
  }, 120_000);

  it('end what one that does not come back has left', async () => {
    const soon = { MILLRACE_FOLLOW_UP_LOST_AFTER: '4s' };
    const [a, b] = await Promise.all([start('a', soon), start('b', soon)]);
    const [here, there] = [new ServerClient(a.baseUrl), new ServerClient(b.baseUrl)];
    await defineScript(here, 'waiter', ...waiting());
    const [lost, own] = [await here.launch('waiter'), await there.launch('waiter')];
    for (const launched of [lost, own]) await untilRunning(there, launched);
    await sleep(SEVERAL_ROUNDS);
    expect(await there.execution(lost)).toMatchObject({ taskExecutionStatus: 'RUNNING' });
    a.kill('SIGKILL');
    await a.ended();
    const ended = await there.ended(lost, 60_000);
    expect(ended).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 1 });
    expect(ended.errorMessage).toMatch(
      new RegExp(`^The server on ${hostname()}, the only one that can see this .* not been seen since 20.*Z\\.`),
    );
    expect(await there.execution(own)).toMatchObject({ taskExecutionStatus: 'RUNNING' });
  }, 120_000);

  it('give up, in the end, an execution of an earlier version that none of them knows', async () => {
    const opened = await database.open();
    const runner = opened.dataSource.createQueryRunner();
    const migration = new PlatformDomains();
    await migration.down(runner);
    await opened.query(
      "insert into task_execution (task_execution_id, task_name, start_time) values (1, 'old', now())",
    );
    await opened.query(
      `insert into millrace_launch (schema_target, task_execution_id, task_name, platform_account, external_execution_id, state,
         request, accepted_at)
       values ('boot2', 1, 'old', 'default', 'old-1', 'launched', '{"arguments": []}', now() - interval '1 day')`,
    );
    await migration.up(runner);
    await runner.release();
    expect(await opened.query('select platform_account, domain, host from millrace_platform_domain')).toEqual([
      { platform_account: 'default', domain: '', host: null },
    ]);
    const client = new ServerClient((await start('a', { MILLRACE_FOLLOW_UP_LOST_AFTER: '6s' })).baseUrl);
    const launched = { executionId: 1, schemaTarget: 'boot2' };
    await sleep(2_000);
    expect(await client.execution(launched)).toMatchObject({ taskExecutionStatus: 'RUNNING' });
    const ended = await client.ended(launched);
    expect(ended).toMatchObject({
      taskExecutionStatus: 'ERROR',
      errorMessage: expect.stringMatching(/^The server on an unknown host, /),
    });
  }, 120_000);

  it('find out whose an execution is that an earlier version launched', async () => {
    const [a, b] = await Promise.all([start('a'), start('b')]);
    const [here, there] = [new ServerClient(a.baseUrl), new ServerClient(b.baseUrl)];
    await defineScript(here, 'waiter', ...waiting());
    const launched = [await here.launch('waiter', { arguments: '3' }), await there.launch('waiter')];
    for (const one of launched) await untilRunning(here, one);
    const client = await database.client();
    const domains = async () =>
      (
        await client.query<{ domain: string | null }>('select domain from millrace_launch order by task_execution_id')
      ).rows.map(({ domain }) => domain);
    const before = await domains();
    expect(new Set(before).size).toBe(2);
    await client.query('update millrace_launch set domain = null');
    await eventually(domains, (now) => now.every((domain) => domain !== null));
    expect(await domains()).toEqual(before);
    await writeScript(directory, 'gate', []);
    const ended = await Promise.all(launched.map((one) => there.ended(one)));
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([3, 0]);
  }, 120_000);
});
