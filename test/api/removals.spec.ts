import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { exchange } from '../support/http.js';
import { fillJobHistory } from '../support/job-history.js';
import { beginToClose, removalsOf, someoneWaits } from '../support/removals.js';
import { eventually, refusalOf } from '../support/workbench.js';

/** Job history of `test/support/job-history.ts`: 3,000 executions of Boot 2 and 300 of Boot 3, one a minute since 2024. */
const EXECUTIONS = 3_000;

describe('removing many executions', () => {
  let database: TestDatabase;
  let application: pg.Client;
  let server: ApiServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await database.client();
    server = await startApiServer({ database });
  }, 120_000);
  afterAll(async () => {
    await server?.close();
    await database?.close();
  });
  beforeEach(async () => {
    await eventually(clear, (cleared) => cleared);
    await fillJobHistory(application, { executions: EXECUTIONS, jobs: 5 });
  }, 60_000);

  /** What the server reads in the background locks tables in another order; PostgreSQL ends one of the two. */
  const clear = () =>
    application
      .query(
        'truncate task_execution, boot3_task_execution, batch_job_instance, boot3_batch_job_instance, millrace_removal, audit_records cascade',
      )
      .then(
        () => true,
        (error: pg.DatabaseError) => {
          if (error.code === '40P01') return false;
          throw error;
        },
      );
  const remove = (query: string) =>
    exchange(server.url, { method: 'DELETE', target: `/tasks/executions?action=REMOVE_DATA${query}` });
  const numberOf = async (sql: string) => Number((await application.query<{ n: string }>(sql)).rows[0]?.n);
  const count = (table: string) => numberOf(`select count(*) as n from ${table}`);
  const wrongCounts = () => numberOf('select millrace_verify_counts() as n');

  it('goes in batches, each with its jobs, and leaves exact counts', async () => {
    expect((await remove('&days=1')).status).toBe(200);
    const [removal] = await removalsOf(server.url);
    expect(removal).toMatchObject({
      kind: 'clean-up',
      state: 'ended',
      expected: 3_300,
      executions: 3_300,
      jobExecutions: 3_300,
      batches: 7,
      selection: { completedOnly: false, actions: ['REMOVE_DATA'] },
    });
    for (const table of ['task_execution', 'batch_step_execution', 'boot3_batch_job_execution', 'batch_job_instance']) {
      expect([table, await count(table)]).toEqual([table, 0]);
    }
    expect(await count('audit_records')).toBe(7);
    expect(await wrongCounts()).toBe(0);
  });

  it('finds those of a name among all others', async () => {
    expect((await remove('&name=task-2&completed=true')).status).toBe(200);
    const left = await numberOf(`select count(*) as n from task_execution where task_name = 'task-2'`);
    const [removal] = await removalsOf(server.url);
    expect([left, removal?.expected]).toEqual([0, removal?.executions]);
    expect(await numberOf('select count(distinct task_name) as n from task_execution')).toBe(4);
    expect(await wrongCounts()).toBe(0);
  });

  it('shows how far it is, and what it has removed by then is removed whole', async () => {
    // Somebody holds a row of the second batch.
    await application.query('begin');
    await application.query('select from task_execution where task_execution_id = 700 for update');
    const removing = remove('&completed=true');
    const other = await database.client();
    const [removal] = await eventually(
      () => removalsOf(server.url, '?running=true'),
      ([found]) => found?.executions === 500,
    );
    expect(removal).toMatchObject({ state: 'running', expected: 3_300, executions: 500, batches: 1 });
    const { rows } = await other.query(
      `select count(*)::int as tasks, min(task_execution_id)::int as first,
         (select count(*)::int from batch_job_execution) as jobs, (select count(*)::int from task_task_batch) as links
         from task_execution`,
    );
    expect(rows).toEqual([{ tasks: 2_500, first: 501, jobs: 2_500, links: 2_500 }]);
    await application.query('commit');
    expect((await removing).status).toBe(200);
    expect(await count('task_execution')).toBe(0);
  });

  it('counts each execution once when it is asked for twice at a time', async () => {
    const answers = await Promise.all([remove('&completed=true'), remove('&completed=true')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const removals = await removalsOf(server.url);
    expect(removals.reduce((sum, { executions }) => sum + executions, 0)).toBe(3_300);
    expect(await count('task_execution')).toBe(0);
    expect(await wrongCounts()).toBe(0);
  });

  it('takes a run with more children than a batch as one', async () => {
    await application.query(
      'update task_execution set parent_execution_id = 10 where task_execution_id between 11 and 2600',
    );
    const target = '/tasks/executions/10?schemaTarget=boot2&action=REMOVE_DATA';
    expect((await exchange(server.url, { method: 'DELETE', target })).status).toBe(200);
    expect(await count('task_execution')).toBe(EXECUTIONS - 2_591);
    expect(await count('batch_job_execution')).toBe(EXECUTIONS - 2_591);
    expect(await count('audit_records')).toBe(1);
    expect(await wrongCounts()).toBe(0);
  });

  it('ends with the server between two batches', async () => {
    const second = await startApiServer({ database });
    await application.query('begin');
    await application.query('select from task_execution where task_execution_id = 700 for update');
    const removing = exchange(second.url, {
      method: 'DELETE',
      target: '/tasks/executions?action=REMOVE_DATA&completed=true',
    }).catch(() => undefined);
    await someoneWaits(database);
    const { closed } = await beginToClose(second);
    await application.query('commit');
    await closed;
    await removing;
    const [removal] = await removalsOf(server.url);
    expect(removal).toMatchObject({ state: 'interrupted', executions: 1_000, batches: 2 });
    expect(await count('task_execution')).toBe(EXECUTIONS - 1_000);
    expect(await count('batch_job_execution')).toBe(EXECUTIONS - 1_000);
  });

  it('is not known by an id that it never had', async () => {
    const answer = await exchange(server.url, { method: 'GET', target: '/millrace/removals/4711' });
    expect(refusalOf(answer)).toEqual({ status: 404, message: 'Could not find a removal with id 4711' });
  });
});
