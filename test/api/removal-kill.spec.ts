import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { createTestDatabase, datasourceVariables, scratchDirectory, type TestDatabase } from '../support/database.js';
import { exchange } from '../support/http.js';
import { fillJobHistory } from '../support/job-history.js';
import { type Removal, removalsOf, someoneWaits } from '../support/removals.js';
import { type Millrace, startMillrace } from '../support/server.js';
import { eventually } from '../support/workbench.js';

/** Of Boot 2; see `test/support/job-history.ts`. */
const EXECUTIONS = 3_000;
/** Of both generations. */
const ALL = 3_300;

/** Every table with rows of executions, and the one that its rows hang on. */
const TABLES = ['', 'boot3_'].flatMap((prefix) => [
  ...['params', 'metadata'].map((what) => [
    `${prefix}task_execution_${what}`,
    'task_execution_id',
    `${prefix}task_execution`,
  ]),
  [`${prefix}task_task_batch`, 'task_execution_id', `${prefix}task_execution`],
  [`${prefix}batch_job_execution`, 'job_execution_id', `${prefix}task_task_batch`],
  [`${prefix}batch_job_instance`, 'job_instance_id', `${prefix}batch_job_execution`],
  ...['params', 'context'].map((what) => [
    `${prefix}batch_job_execution_${what}`,
    'job_execution_id',
    `${prefix}batch_job_execution`,
  ]),
  [`${prefix}batch_step_execution`, 'job_execution_id', `${prefix}batch_job_execution`],
  [`${prefix}batch_step_execution_context`, 'step_execution_id', `${prefix}batch_step_execution`],
]) as readonly (readonly [table: string, column: string, owner: string])[];

let directory: string;
let database: TestDatabase;
let application: pg.Client;
let servers: Millrace[];

beforeEach(async () => {
  directory = await mkdtemp(join(scratchDirectory(), 'millrace-removals-'));
  database = await createTestDatabase();
  application = await database.client();
  servers = [];
  await fillJobHistory(application, { executions: EXECUTIONS, jobs: 5 });
  for (const prefix of ['', 'boot3_']) {
    for (const statement of [
      `insert into ${prefix}task_execution_params select task_execution_id, 'a=b' from ${prefix}task_execution`,
      `insert into ${prefix}task_execution_metadata (id, task_execution_id, task_execution_manifest)
       select task_execution_id, task_execution_id, '{}' from ${prefix}task_execution`,
      `insert into ${prefix}batch_job_execution_context (job_execution_id, short_context)
       select job_execution_id, '{}' from ${prefix}batch_job_execution`,
      `insert into ${prefix}batch_step_execution_context (step_execution_id, short_context)
       select step_execution_id, '{}' from ${prefix}batch_step_execution`,
    ]) {
      await application.query(statement);
    }
  }
}, 120_000);

afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await database.close();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function start(environment: Readonly<Record<string, string>> = {}): Promise<Millrace> {
  const server = await startMillrace({
    dataDirectory: await mkdtemp(join(directory, 'data-')),
    environment: {
      ...datasourceVariables(database),
      SPRING_CLOUD_DATAFLOW_TASK_EXECUTION_DELETE_CHUNK_SIZE: '50',
      ...environment,
    },
  });
  servers.push(server);
  return server;
}

/** Somebody holds the row of an execution while `before` is done; what waits for it is killed in the middle of a batch. */
async function killAt(server: Millrace, held: number, ask: () => Promise<unknown>): Promise<Removal> {
  const holder = await database.client();
  await holder.query('begin');
  await holder.query('select from task_execution where task_execution_id = $1 for update', [held]);
  const asked = ask().catch(() => undefined);
  await someoneWaits(database);
  const [removal] = await removalsOf(server.baseUrl, '?running=true');
  server.kill('SIGKILL');
  await server.ended();
  await asked;
  await holder.query('rollback');
  await holder.end();
  await expectNothingHalf();
  if (removal === undefined) throw new Error('no removal is under way');
  return removal;
}

async function numberOf(sql: string): Promise<number> {
  const { rows } = await application.query<{ n: string }>(sql);
  return Number(rows[0]?.n);
}

async function expectNothingHalf(): Promise<void> {
  for (const [table, column, owner] of TABLES) {
    const orphans = `select count(*) as n from ${table} t where not exists (select from ${owner} o where o.${column} = t.${column})`;
    expect([table, await numberOf(orphans)]).toEqual([table, 0]);
    // What is there has all of its rows, too.
    const without = `select count(*) as n from ${owner} o where not exists (select from ${table} t where t.${column} = o.${column})`;
    expect([owner, table, await numberOf(without)]).toEqual([owner, table, 0]);
  }
}

function untilOver(server: Millrace, id: number): Promise<Removal> {
  return eventually(
    async () => (await removalsOf(server.baseUrl)).find((removal) => removal.id === id),
    (removal) => removal !== undefined && removal.state !== 'running',
    120_000,
  ) as Promise<Removal>;
}

/** Ids of executions in all audit records of removals, in both generations together. */
async function auditedIds(): Promise<number[]> {
  const { rows } = await application.query<{ audit_data: string }>(
    `select audit_data from audit_records where audit_data like '%Deleted Task Execution IDs%'`,
  );
  return rows.flatMap(({ audit_data }) => {
    const { 'Deleted Task Execution IDs': ids = '' } = JSON.parse(audit_data) as Record<string, string>;
    return ids.split(', ').map(Number);
  });
}

describe('a removal whose server is killed', () => {
  it.each([
    ['the same server, started again', false],
    ['another server', true],
  ])(
    'is carried on by %s, and counts and audits each execution once',
    async (_, another) => {
      const server = await start();
      const other = another ? await start() : undefined;
      const target = '/tasks/executions?action=REMOVE_DATA';
      const begun = await killAt(server, 1_520, () => exchange(server.baseUrl, { method: 'DELETE', target }));
      expect(begun).toMatchObject({
        state: 'running',
        expected: ALL,
        executions: 1_500,
        jobExecutions: 1_500,
        batches: 30,
      });
      expect(await numberOf('select count(*) as n from task_execution')).toBe(EXECUTIONS - 1_500);
      // What comes after it was asked for is none of its business.
      await application.query(
        `insert into task_execution (task_execution_id, task_name, start_time, end_time, exit_code)
       values (${EXECUTIONS + 1}, 'late', now(), now(), 0)`,
      );

      const next = other ?? (await start());
      const over = await untilOver(next, begun.id);
      expect(over).toMatchObject({
        state: 'ended',
        executions: ALL,
        jobExecutions: ALL,
        message: expect.stringMatching(/^Carried on by/),
      });
      // One of them is the taking over.
      expect(over.batches).toBe(ALL / 50 + 1);
      const { rows: left } = await application.query(
        'select task_name from task_execution union all select task_name from boot3_task_execution',
      );
      expect(left).toEqual([{ task_name: 'late' }]);
      for (const [table] of TABLES)
        expect([table, await numberOf(`select count(*) as n from ${table}`)]).toEqual([table, 0]);
      expect(await numberOf('select millrace_verify_counts() as n')).toBe(0);
      const expected = [EXECUTIONS, EXECUTIONS / 10].flatMap((n) =>
        Array.from({ length: n }, (_unused, index) => index + 1),
      );
      expect((await auditedIds()).sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
      expect(await removalsOf(next.baseUrl)).toHaveLength(1);
    },
    240_000,
  );

  it('of completed ones leaves what has ended only since', async () => {
    await application.query('update task_execution set end_time = null where task_execution_id = 2900');
    const server = await start();
    const target = '/tasks/executions?action=REMOVE_DATA&completed=true';
    const begun = await killAt(server, 520, () => exchange(server.baseUrl, { method: 'DELETE', target }));
    await application.query(
      `update task_execution set end_time = now() at time zone 'UTC' + interval '1 hour' where task_execution_id = 2900`,
    );
    expect(await untilOver(await start(), begun.id)).toMatchObject({ state: 'ended', executions: ALL - 1 });
    const { rows } = await application.query(
      'select task_execution_id::int as id from task_execution union all select task_execution_id::int from boot3_task_execution',
    );
    expect(rows).toEqual([{ id: 2900 }]);
  }, 240_000);
});

describe('a removal whose server is silent, but not dead', () => {
  it('is carried on by another, and the first gives up when it is back: each execution counts once', async () => {
    const [server, other] = [await start(), await start()];
    const holder = await database.client();
    await holder.query('begin');
    await holder.query('select from task_execution where task_execution_id = 520 for update');
    const target = '/tasks/executions?action=REMOVE_DATA';
    const answer = exchange(server.baseUrl, { method: 'DELETE', target }, 200_000);
    await someoneWaits(database);
    server.kill('SIGSTOP');
    try {
      // From now on the stopped server's transaction holds the rows of its batch.
      await holder.query('rollback');
      await eventually(
        () => removalsOf(other.baseUrl),
        ([removal]) => removal?.message?.startsWith('Carried on') ?? false,
        60_000,
      );
      await someoneWaits(database);
    } finally {
      server.kill('SIGCONT');
    }
    const [removal] = await removalsOf(other.baseUrl);
    const { status, text } = await answer;
    expect({ status, text }).toEqual({
      status: 503,
      text: expect.stringContaining(`Another server has taken over removal ${removal?.id}`),
    });
    const over = await untilOver(other, removal?.id ?? 0);
    expect(over).toMatchObject({ state: 'ended', executions: ALL, batches: ALL / 50 + 1 });
    expect(await numberOf(ALL_LEFT)).toBe(0);
    expect((await auditedIds()).length).toBe(ALL);
    expect(await numberOf('select millrace_verify_counts() as n')).toBe(0);
  }, 240_000);
});

describe('a removal in the background whose server is stopped', () => {
  it('is left to the next server, since its caller has heard that all is well', async () => {
    const asynchronous = { SPRING_CLOUD_DATAFLOW_ASYNC_ENABLED: 'true' };
    const server = await start(asynchronous);
    const holder = await database.client();
    await holder.query('begin');
    await holder.query('select from task_execution where task_execution_id = 520 for update');
    const target = '/tasks/executions?action=REMOVE_DATA';
    expect((await exchange(server.baseUrl, { method: 'DELETE', target })).status).toBe(200);
    await someoneWaits(database);
    const [begun] = await removalsOf(server.baseUrl, '?running=true');
    const stopping = server.stop();
    await holder.query('rollback');
    expect(await stopping).toMatchObject({ forced: false });
    await expectNothingHalf();
    const next = await start(asynchronous);
    const [left] = await removalsOf(next.baseUrl);
    expect(left).toMatchObject({ id: begun?.id, state: 'running' });
    expect(left?.executions).toBeLessThan(ALL);
    expect(await untilOver(next, left?.id ?? 0)).toMatchObject({ state: 'ended', executions: ALL, jobExecutions: ALL });
    expect(await numberOf(ALL_LEFT)).toBe(0);
    expect(await numberOf('select millrace_verify_counts() as n')).toBe(0);
    expect((await auditedIds()).length).toBe(ALL);
  }, 240_000);
});

describe('a run of the retention whose server is killed', () => {
  const policy = { MILLRACE_RETENTION_MAX_AGE: '1d', MILLRACE_RETENTION_KEEP_LAST: 'false' };
  const run = (server: Millrace) => exchange(server.baseUrl, { method: 'POST', target: '/millrace/retention/runs' });
  /** The walk goes from the latest to the first; this one is in its second batch. */
  const HELD = 1_000;
  const records = async () =>
    (
      await application.query<{ audit_data: string }>(
        `select audit_data from audit_records where correlation_id like 'Retention run%' order by id`,
      )
    ).rows.map(({ audit_data }) => JSON.parse(audit_data) as unknown);

  it('is carried on under the same policy, and told in one audit record', async () => {
    const server = await start(policy);
    const begun = await killAt(server, HELD, () => run(server));
    expect(begun.executions).toBeGreaterThan(0);
    const removed = EXECUTIONS + EXECUTIONS / 10 - (await numberOf(ALL_LEFT));
    expect(removed).toBe(begun.executions);
    const over = await untilOver(await start(policy), begun.id);
    expect(over).toMatchObject({ state: 'ended', executions: ALL, jobExecutions: ALL });
    expect(await numberOf(ALL_LEFT)).toBe(0);
    await expectNothingHalf();
    expect(await numberOf('select millrace_verify_counts() as n')).toBe(0);
    expect(await records()).toMatchObject([{ 'Deleted # of Task Executions': ALL, State: 'ended' }]);
  }, 240_000);

  it('is closed, and removes nothing more, under another one', async () => {
    const server = await start(policy);
    const begun = await killAt(server, HELD, () => run(server));
    const next = await start({ ...policy, MILLRACE_RETENTION_MAX_AGE: '30000d' });
    const over = await untilOver(next, begun.id);
    expect(over).toMatchObject({ state: 'interrupted', executions: begun.executions });
    await eventually(records, (found) => found.length > 0, 60_000);
    expect(await records()).toMatchObject([{ 'Deleted # of Task Executions': begun.executions, State: 'interrupted' }]);
    expect(await numberOf(ALL_LEFT)).toBe(ALL - begun.executions);
  }, 240_000);
});

const ALL_LEFT = `select (select count(*) from task_execution) + (select count(*) from boot3_task_execution) as n`;
