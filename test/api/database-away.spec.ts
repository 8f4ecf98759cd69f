import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ErrorsSchema } from '../../src/representation/resource.js';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { exchange, form, getJson, postForm, type WireAnswer } from '../support/http.js';
import { ServerClient, type Launched } from '../support/server-client.js';
import { StoppablePostgres, untilRecovered } from '../support/stoppable-postgres.js';

let postgres: StoppablePostgres;
let server: ApiServer;
let client: ServerClient;

beforeAll(async () => {
  postgres = await StoppablePostgres.start();
  server = await startApiServer({
    properties: {
      ...postgres.properties,
      'management.endpoint.health.show-details': 'always',
      'management.endpoint.health.probes.enabled': 'true',
    },
  });
  client = new ServerClient(server.url);
  await client.register('pause', '1.0', 'file:///bin/sleep');
  await client.define('nap', 'pause');
}, 120_000);

afterAll(async () => {
  await server?.close();
  await postgres?.close();
}, 60_000);

const REQUESTS = [
  ['GET', '/apps'],
  ['GET', '/tasks/definitions'],
  ['GET', '/tasks/definitions/nap'],
  ['GET', '/tasks/executions'],
  ['GET', '/tasks/executions/1'],
  ['GET', '/tasks/thinexecutions'],
  ['GET', '/jobs/executions'],
  ['GET', '/jobs/thinexecutions'],
  ['GET', '/audit-records'],
  ['POST', '/apps/task/other/1.0', { uri: 'file:///bin/true' }],
  ['POST', '/tasks/definitions', { name: 'half', definition: 'pause' }],
  ['POST', '/tasks/executions/launch', { name: 'nap' }],
  ['POST', '/tasks/executions/1', {}],
  ['DELETE', '/tasks/executions/1'],
  ['DELETE', '/tasks/definitions/nap'],
  ['DELETE', '/apps/task/pause/1.0'],
] as const;

function send([method, target, fields]: (typeof REQUESTS)[number]): Promise<WireAnswer> {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' };
  return exchange(server.url, { method, target, headers, body: fields === undefined ? undefined : form(fields) });
}

function expectUnavailable(answer: WireAnswer): void {
  expect({ status: answer.status, text: answer.text }).toEqual({ status: 503, text: answer.text });
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  const [error] = ErrorsSchema.parse(answer.body)._embedded.errors;
  expect(error?.message).toMatch(/database cannot be reached/i);
}

const recovered = () => untilRecovered(server.url, '/tasks/definitions/nap', expectUnavailable);

describe('while PostgreSQL is away', () => {
  let napping: Launched;

  beforeAll(async () => {
    napping = await client.launch('nap', { arguments: '3' });
    for (let attempt = 0; (await client.execution(napping)).taskExecutionStatus !== 'RUNNING'; attempt += 1) {
      if (attempt > 100) throw new Error('the task does not start');
      await sleep(100);
    }
    await postgres.stop();
  }, 60_000);

  it.each(REQUESTS)('%s %s answers 503, and when to try again', async (...request) => {
    expectUnavailable(await send(request));
  });

  it('many requests at once are all answered', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => getJson(server.url, '/tasks/executions')));
    answers.forEach(expectUnavailable);
  });

  it('what needs no database is answered as ever', async () => {
    for (const target of ['/', '/about', '/schema/targets', '/tasks/platforms', '/v3/api-docs', '/management/info']) {
      expect({ target, status: (await getJson(server.url, target)).status }).toEqual({ target, status: 200 });
    }
    const sorted = await getJson(server.url, '/tasks/platforms?page=abc');
    expect(sorted.status).toBe(200);
  });

  it('health is down, the server alive and ready to say so', async () => {
    expect(await getJson(server.url, '/management/health')).toMatchObject({
      status: 503,
      body: { status: 'DOWN', components: { db: { status: 'DOWN', details: { error: expect.any(String) } } } },
    });
    expect(await getJson(server.url, '/management/health/db')).toMatchObject({ status: 503 });
    expect(await getJson(server.url, '/management/health/liveness')).toMatchObject({ status: 200 });
    expect(await getJson(server.url, '/management/health/readiness')).toMatchObject({ status: 200 });
  });

  it('and back again, everything goes on without a restart', async () => {
    // The task ends while nobody can write that down.
    await sleep(3_000);
    await postgres.startAgain();
    await recovered();
    const ended = await client.ended(napping, 60_000);
    expect(ended).toMatchObject({ exitCode: 0, taskExecutionStatus: 'COMPLETE' });
    const next = await client.ended(await client.launch('nap', { arguments: '0' }), 60_000);
    expect(next).toMatchObject({ exitCode: 0 });
    expect(await getJson(server.url, '/management/health')).toMatchObject({ status: 200, body: { status: 'UP' } });
  }, 120_000);

  it('nothing of what was refused is there', async () => {
    expect((await getJson(server.url, '/tasks/definitions/half')).status).toBe(404);
    expect((await getJson(server.url, '/apps/task/other/1.0')).status).toBe(404);
    expect((await getJson(server.url, '/apps/task/pause/1.0')).status).toBe(200);
    expect((await getJson(server.url, '/tasks/executions?name=nap')).body).toMatchObject({
      page: { totalElements: 2 },
    });
    const records = await client.list<{ auditAction: string; correlationId: string }>('/audit-records?size=100');
    expect(records.map(({ auditAction, correlationId }) => `${auditAction} ${correlationId}`)).toEqual([
      'CREATE pause',
      'CREATE nap',
      'DEPLOY nap',
      'DEPLOY nap',
    ]);
  });
});

describe('a PostgreSQL that comes and goes', () => {
  it('breaks no launch: each that was accepted happens once, each that was refused not at all', async () => {
    await client.define('burst', 'pause');
    let accepted = 0;
    let stopping = false;
    const launches = (async () => {
      while (!stopping) {
        const answer = await postForm(server.url, '/tasks/executions/launch', { name: 'burst', arguments: '0' });
        if (answer.status === 201) accepted += 1;
        else if (answer.status === 429) await sleep(50);
        else expectUnavailable(answer);
      }
    })();
    for (let round = 0; round < 2; round += 1) {
      await sleep(700);
      await postgres.stop();
      await sleep(300);
      await postgres.startAgain();
    }
    await sleep(1_000);
    stopping = true;
    await launches;
    await recovered();
    const executions = await client.list<Launched>('/tasks/executions?name=burst&size=2000');
    // An answer can be lost together with the connection, after the commit: then there is one more than was accepted.
    expect(executions.length).toBeGreaterThanOrEqual(accepted);
    expect(executions.length).toBeLessThanOrEqual(accepted + 2);
    expect(accepted).toBeGreaterThan(0);
    for (const execution of executions) {
      expect(await client.ended(execution, 60_000)).toMatchObject({ exitCode: 0, taskExecutionStatus: 'COMPLETE' });
    }
  }, 180_000);
});
