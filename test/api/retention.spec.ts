import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { exchange } from '../support/http.js';
import { beginToClose, type Removal, removalsOf, someoneWaits } from '../support/removals.js';
import { eventually, refusalOf } from '../support/workbench.js';

/** An execution as a test makes it up: `days` since its end, or since its start if it runs. */
interface Row {
  readonly target?: 'boot2' | 'boot3';
  readonly id: number;
  readonly name?: string;
  readonly days: number;
  readonly code?: number;
  readonly running?: boolean;
  readonly parent?: number;
}

interface RetentionState {
  readonly enabled: boolean;
  readonly rules: Record<string, unknown>;
  readonly tasks: Record<string, Record<string, unknown>>;
  readonly lastRun: Removal | null;
  readonly runUnderWay: Removal | null;
  readonly due: { executions: number; jobExecutions: number; byTask: unknown[]; complete: boolean };
}

let database: TestDatabase;
let application: pg.Client;
const servers: ApiServer[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  application = await database.client();
}, 120_000);

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await database.close();
}, 60_000);

const start = async (properties: Readonly<Record<string, string>>) => {
  const named = Object.entries(properties).map(([name, value]) => [`millrace.retention.${name}`, value]);
  const server = await startApiServer({ database, properties: Object.fromEntries(named) as Record<string, string> });
  servers.push(server);
  return server;
};
const post = (server: ApiServer, query = '') =>
  exchange(server.url, { method: 'POST', target: `/millrace/retention/runs${query}` });
const state = async (server: ApiServer) =>
  (await exchange(server.url, { method: 'GET', target: '/millrace/retention' })).body as RetentionState;
const removals = (server: ApiServer, query = '') => removalsOf(server.url, query);

/** Runs the retention to its end. */
const run = async (server: ApiServer, query = '') => {
  const answer = await post(server, query);
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 202 });
  const { id } = answer.body as Removal;
  return eventually(
    async () => (await removals(server)).find((removal) => removal.id === id),
    (removal) => removal !== undefined && removal.state !== 'running',
  ) as Promise<Removal>;
};

/** Executions with a parameter, a manifest, a job with a step and contexts, and a log. */
async function insert(rows: readonly Row[]): Promise<void> {
  for (const { target = 'boot2', id, name = 'a', days, code = 0, running = false, parent } of rows) {
    const prefix = target === 'boot2' ? '' : 'boot3_';
    const made = target === 'boot2' ? '' : 'create_time, ';
    await application.query(
      `insert into ${prefix}task_execution (task_execution_id, task_name, start_time, end_time, exit_code, external_execution_id,
         parent_execution_id)
       values ($1, $2, now() - $3 * interval '1 day' - interval '1 minute', now() - $4 * interval '1 day', $5, $6, $7)`,
      [id, name, days, running ? null : days, running ? null : code, `${name}-${id}`, parent ?? null],
    );
    const statements = [
      `insert into ${prefix}task_execution_params values ($1, 'x=y')`,
      `insert into ${prefix}task_execution_metadata (id, task_execution_id, task_execution_manifest) values ($1, $1, '{}')`,
      `insert into ${prefix}batch_job_instance (job_instance_id, version, job_name, job_key) values ($1, 0, 'job', md5($1::bigint::text))`,
      `insert into ${prefix}batch_job_execution (job_execution_id, version, job_instance_id, create_time, start_time, status)
         values ($1, 0, $1, now(), now(), 'COMPLETED')`,
      `insert into ${prefix}batch_job_execution_context (job_execution_id, short_context) values ($1, '{}')`,
      `insert into ${prefix}batch_step_execution (step_execution_id, version, step_name, job_execution_id, ${made}start_time, status)
         values ($1, 0, 'step', $1, ${made === '' ? '' : 'now(),'} now(), 'COMPLETED')`,
      `insert into ${prefix}batch_step_execution_context (step_execution_id, short_context) values ($1, '{}')`,
      `insert into ${prefix}task_task_batch values ($1, $1)`,
      `insert into millrace_log (schema_target, task_execution_id, external_execution_id, content, original_length, truncated)
         values ('${target}', $1, 'log', 'x', 1, false)`,
    ];
    for (const statement of statements) await application.query(statement, [id]);
  }
}

/** `target/id` of what is there, and that nothing is left of what is not. */
async function rest(): Promise<string[]> {
  const left: string[] = [];
  for (const [target, prefix] of [
    ['boot2', ''],
    ['boot3', 'boot3_'],
  ]) {
    const ids = async (table: string, column = 'task_execution_id', where = 'true') =>
      (
        await application.query<{ id: string }>(
          `select ${column}::text as id from ${table} where ${where} order by ${column}`,
        )
      ).rows.map(({ id }) => id);
    const there = await ids(`${prefix}task_execution`);
    for (const [table, column] of [
      ['task_execution_params', 'task_execution_id'],
      ['task_execution_metadata', 'task_execution_id'],
      ['task_task_batch', 'task_execution_id'],
      ['batch_job_execution', 'job_execution_id'],
      ['batch_job_instance', 'job_instance_id'],
      ['batch_job_execution_context', 'job_execution_id'],
      ['batch_step_execution', 'job_execution_id'],
      ['batch_step_execution_context', 'step_execution_id'],
    ] as const) {
      expect([table, await ids(`${prefix}${table}`, column)]).toEqual([table, there]);
    }
    expect(await ids('millrace_log', 'task_execution_id', `schema_target = '${target}'`)).toEqual(there);
    left.push(...there.map((id) => `${target}/${id}`));
  }
  return left;
}

async function expectExactCounts(): Promise<void> {
  const { rows } = await application.query<{ n: string }>('select millrace_verify_counts() as n');
  expect(Number(rows[0]?.n)).toBe(0);
}

describe('a run of the retention', () => {
  it('removes by age in both generations, whole, and says so in an audit record', async () => {
    await insert([
      { id: 1, days: 40 },
      { id: 2, days: 31, code: 1 },
      { id: 3, days: 29 },
      { id: 1, days: 50, target: 'boot3', name: 'b' },
      { id: 2, days: 1, target: 'boot3', name: 'b' },
    ]);
    const server = await start({ 'max-age': '30d' });
    expect((await state(server)).due).toEqual({
      executions: 3,
      jobExecutions: 3,
      byTask: [
        { taskName: 'a', executions: 2 },
        { taskName: 'b', executions: 1 },
      ],
      complete: true,
    });
    const removal = await run(server);
    expect(removal).toMatchObject({ kind: 'retention', state: 'ended', executions: 3, jobExecutions: 3, tasksDone: 2 });
    expect(await rest()).toEqual(['boot2/3', 'boot3/2']);
    await expectExactCounts();
    const audit = await exchange(server.url, { method: 'GET', target: '/audit-records?actions=DELETE' });
    const records = (audit.body as { _embedded: { auditRecordResourceList: Record<string, string>[] } })._embedded
      .auditRecordResourceList;
    expect(records.map(({ correlationId }) => correlationId)).toEqual([`Retention run ${removal.id}`]);
    expect(JSON.parse(records[0]?.['auditData'] ?? '')).toMatchObject({
      'Deleted # of Task Executions': 3,
      'Deleted # of Job Executions': 3,
      'Deleted Task Executions by Task': { a: 2, b: 1 },
      State: 'ended',
      Policy: { maxAge: 30 * 86_400_000 },
    });
    expect((await state(server)).lastRun).toMatchObject({ id: removal.id, executions: 3 });
  });

  const history: readonly Row[] = [
    { id: 1, days: 9, code: 3 },
    { id: 2, days: 8 },
    { id: 3, days: 7, code: 3 },
    { id: 4, days: 6, target: 'boot3' },
    { id: 5, days: 5 },
    { id: 6, days: 4, running: true },
    { id: 7, days: 3 },
  ];
  const without = (...removed: string[]) =>
    history
      .map(({ target = 'boot2', id }) => `${target}/${id}`)
      .filter((key) => !removed.includes(key))
      .sort();

  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['by number', { 'max-per-task': '2' }, ['boot2/1', 'boot2/2', 'boot2/3']],
    ['by status', { 'max-age': '1d', statuses: 'error' }, ['boot2/1', 'boot2/3']],
    ['failed ones later', { 'max-age': '1d', 'failed.max-age': '8d' }, ['boot2/1', 'boot2/2', 'boot2/5']],
    ['but the last failed', { 'max-age': '1d', 'keep-last-failed': 'true' }, ['boot2/1', 'boot2/2', 'boot2/5']],
    ['all but the last', { 'max-age': '1d' }, ['boot2/1', 'boot2/2', 'boot2/3', 'boot2/5']],
    [
      'the last one too',
      { 'max-age': '1d', 'keep-last': 'false' },
      ['boot2/1', 'boot2/2', 'boot2/3', 'boot2/5', 'boot2/7', 'boot3/4'],
    ],
    ['nothing of a task that is left out', { 'max-age': '1d', 'tasks.a.enabled': 'false' }, []],
    ['by an age of the task', { 'max-age': '30d', 'tasks.a.max-age': '180h' }, ['boot2/1', 'boot2/2']],
  ])('removes %s', async (_name, properties, removed) => {
    await insert(history);
    const server = await start(properties);
    expect((await state(server)).due.executions).toBe(removed.length);
    expect(await run(server)).toMatchObject({ state: 'ended', executions: removed.length });
    expect(await rest()).toEqual(without(...removed));
  });

  it('removes children with their parent, and none of a parent that stays or of which something runs', async () => {
    await insert([
      { id: 1, name: 'flow', days: 20 },
      { id: 2, name: 'flow-x', days: 20, parent: 1 },
      { id: 3, name: 'flow-x-y', days: 20, parent: 2 },
      { id: 4, name: 'flow', days: 2 },
      { id: 5, name: 'flow-x', days: 20, parent: 4 },
      { id: 6, name: 'flow', days: 20 },
      { id: 7, name: 'flow-x', days: 20, running: true, parent: 6 },
      { id: 8, name: 'flow-x', days: 20, parent: 6 },
      { id: 9, name: 'flow-x', days: 20, parent: 4711 },
    ]);
    const server = await start({ 'max-age': '10d', 'keep-last': 'false' });
    expect(await run(server)).toMatchObject({ state: 'ended', executions: 4 });
    expect(await rest()).toEqual(['boot2/4', 'boot2/5', 'boot2/6', 'boot2/7', 'boot2/8']);
    await expectExactCounts();
  });

  it('removes what is due of many tasks in one transaction for each generation', async () => {
    const old = Array.from({ length: 60 }, (_unused, index): Row => {
      const [target, name] = [index % 2 === 0 ? 'boot2' : 'boot3', `task-${index % 20}`] as const;
      return { id: index + 1, target, name, days: 20 };
    });
    await insert(old);
    const server = await start({ 'max-age': '10d', 'keep-last': 'false' });
    expect(await run(server, '?dryRun=true')).toMatchObject({ executions: 60, batches: 2, tasks: 20, tasksDone: 20 });
    expect(await run(server)).toMatchObject({ state: 'ended', executions: 60, batches: 2, tasks: 20, tasksDone: 20 });
    expect(await rest()).toEqual([]);
    await expectExactCounts();
  });

  it('leaves what its platform is not done with', async () => {
    await insert([
      { id: 1, days: 20 },
      { id: 2, days: 20 },
    ]);
    await application.query(
      `insert into millrace_launch (schema_target, task_execution_id, task_name, platform_account, external_execution_id, state, request)
       values ('boot2', 1, 'a', 'elsewhere', 'a-1', 'launched', '{}'), ('boot2', 2, 'a', 'elsewhere', 'a-2', 'ended', '{}')`,
    );
    const server = await start({ 'max-age': '10d', 'keep-last': 'false' });
    expect(await run(server)).toMatchObject({ state: 'ended', executions: 1 });
    expect(await rest()).toEqual(['boot2/1']);
    const { rows } = await application.query<{ id: string }>(
      'select task_execution_id::text as id from millrace_launch',
    );
    expect(rows).toEqual([{ id: '1' }]);
  });

  it('removes nothing when it is dry, whoever asks', async () => {
    await insert([
      { id: 1, days: 20 },
      { id: 2, days: 20 },
    ]);
    const server = await start({ 'max-age': '10d', 'keep-last': 'false' });
    expect(await run(server, '?dryRun=true')).toMatchObject({ dryRun: true, state: 'ended', executions: 2 });
    const careful = await start({ 'max-age': '10d', 'keep-last': 'false', 'dry-run': 'true' });
    expect(await run(careful)).toMatchObject({ dryRun: true, executions: 2 });
    expect(refusalOf(await post(careful, '?dryRun=false')).status).toBe(409);
    expect(await rest()).toEqual(['boot2/1', 'boot2/2']);
    const { rows } = await application.query('select from audit_records');
    expect(rows).toHaveLength(0);
  });

  it('is refused without a limit, and with a flag that is none', async () => {
    await insert([{ id: 1, days: 2000 }]);
    const server = await start({});
    expect(refusalOf(await post(server)).status).toBe(409);
    expect(refusalOf(await post(server, '?dryRun=perhaps')).status).toBe(400);
    expect((await state(server)).due.executions).toBe(0);
    expect(await rest()).toEqual(['boot2/1']);
  });
});

describe('by itself', () => {
  it('one of two servers runs it, once an interval', async () => {
    await insert([
      { id: 1, days: 20 },
      { id: 2, days: 20 },
      { id: 3, days: 20 },
    ]);
    const properties = { enabled: 'true', interval: '1s', 'max-age': '10d' };
    const [one] = await Promise.all([start(properties), start(properties)]);
    const runs = await eventually(
      () => removals(one, '?kind=retention&size=100'),
      (found) => found.filter((removal) => removal.state === 'ended').length >= 3,
    );
    expect(await rest()).toEqual(['boot2/3']);
    expect(runs.reduce((sum, { executions }) => sum + executions, 0)).toBe(2);
    const starts = runs.map(({ startTime }) => Date.parse(startTime.replace('+0000', 'Z'))).reverse();
    const gaps = starts.slice(1).map((moment, index) => moment - (starts[index] ?? 0));
    expect(gaps.filter((gap) => gap < 1_000)).toEqual([]);
    const audited = await application.query('select from audit_records');
    expect(audited.rows.length).toBeGreaterThan(0);
  });

  it('nothing is removed where it is not enabled', async () => {
    await insert([{ id: 1, days: 20 }]);
    const server = await start({ 'max-age': '10d', interval: '1s', 'keep-last': 'false' });
    expect(await state(server)).toMatchObject({ enabled: false, lastRun: null, runUnderWay: null });
    expect(await run(server, '?dryRun=true')).toMatchObject({ scheduled: false });
    expect(await rest()).toEqual(['boot2/1']);
    expect(await removals(server)).toHaveLength(1);
  });

  it('is not started twice at a time, on whichever server', async () => {
    await insert([{ id: 1, days: 20 }]);
    const properties = { 'max-age': '10d', 'keep-last': 'false' };
    const [one, other] = await Promise.all([start(properties), start(properties)]);
    // Whoever holds a row of the first batch holds up the run.
    await application.query('begin');
    await application.query('select from task_execution for update');
    expect((await post(one)).status).toBe(202);
    expect((await state(other)).runUnderWay).toMatchObject({ state: 'running', executions: 0 });
    expect(refusalOf(await post(other)).status).toBe(409);
    expect(refusalOf(await post(one)).status).toBe(409);
    await application.query('commit');
    await eventually(
      () => removals(other),
      ([removal]) => removal?.state === 'ended' && removal.executions === 1,
    );
  });

  it('a run ends with its server between two batches, and the rest is left to the next', async () => {
    await insert([
      { id: 1, days: 20 },
      { id: 2, days: 20, name: 'b' },
      { id: 3, days: 20, name: 'c', target: 'boot3' },
    ]);
    await application.query('begin');
    await application.query('select from task_execution where task_execution_id = 2 for update');
    const properties = { 'max-age': '10d', 'keep-last': 'false' };
    const one = await start({ ...properties, enabled: 'true' });
    const other = await start(properties);
    await someoneWaits(database);
    const { closed } = await beginToClose(one);
    await application.query('commit');
    await closed;
    servers.splice(servers.indexOf(one), 1);
    expect(await rest()).toEqual(['boot3/3']);
    expect((await state(other)).lastRun).toMatchObject({ state: 'interrupted', scheduled: true, executions: 2 });
    expect(await run(other)).toMatchObject({ state: 'ended', executions: 1 });
    expect(await rest()).toEqual([]);
  });

  it('a run by itself that finds nothing leaves no audit record; one that removes leaves one', async () => {
    const server = await start({ 'max-age': '10d', 'keep-last': 'false', enabled: 'true', interval: '1s' });
    const ended = (executions: number) =>
      eventually(
        () => state(server),
        ({ lastRun }) => lastRun?.state === 'ended' && lastRun.scheduled && lastRun.executions === executions,
      );
    const records = async () => (await application.query('select from audit_records')).rowCount;
    await ended(0);
    expect(await records()).toBe(0);
    await insert([{ id: 1, days: 20 }]);
    await ended(1);
    expect(await records()).toBe(1);
  });

  it('a run whose server died is told as interrupted, and accounted for by the next', async () => {
    await application.query(
      `insert into millrace_removal (kind, dry_run, selection, server, executions, updated_at)
       values ('retention', false, '{}', 'gone', 7, now() - interval '1 hour')`,
    );
    const server = await start({ 'max-age': '10d' });
    expect(await state(server)).toMatchObject({ runUnderWay: null, lastRun: { state: 'interrupted', executions: 7 } });
    await run(server);
    const { rows } = await application.query<{ audit_data: string }>(
      'select audit_data from audit_records order by id',
    );
    expect(rows.map(({ audit_data }) => JSON.parse(audit_data) as unknown)).toMatchObject([
      { 'Deleted # of Task Executions': 7, State: 'interrupted' },
      { 'Deleted # of Task Executions': 0, State: 'ended' },
    ]);
  });
});

it.each<[string, Readonly<Record<string, string>>]>([
  ['millrace.retention.enabled', { enabled: 'true' }],
  ['millrace.retention.max-age', { 'max-age': '90' }],
  ['millrace.retention.interval', { interval: '10' }],
  ['millrace.retention.statuses', { statuses: 'COMPLETE,LATE' }],
  ['millrace.retention.max-per-task', { 'max-per-task': '0' }],
])('%s is checked at the start', async (name, properties) => {
  await expect(start(properties)).rejects.toThrow(name);
});
