import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { Database } from '../../src/database/database.js';
import { RowCounts } from '../../src/database/row-counts.js';
import { createTestDatabase, restoreScdfDatabase, type TestDatabase } from '../support/database.js';

const GENERATIONS = [
  { target: 'boot2', prefix: '' },
  { target: 'boot3', prefix: 'boot3_' },
] as const;

describe('counts of executions', () => {
  let holder: TestDatabase;
  let database: Database;
  let counts: RowCounts;
  let application: pg.Client;

  const compact = () => database.query('select millrace_compact_counts()');
  const verify = async (): Promise<number> =>
    (await database.query<{ n: number }>('select millrace_verify_counts() as n'))[0]!.n;

  beforeAll(async () => {
    holder = await createTestDatabase();
    database = await holder.open();
    counts = new RowCounts(database);
    application = await holder.client();
  }, 60_000);
  afterAll(async () => holder?.close());
  beforeEach(async () => {
    for (const { prefix } of GENERATIONS) {
      await application.query(`truncate ${prefix}task_execution, ${prefix}batch_job_instance cascade`);
    }
  });

  describe.each(GENERATIONS)('of tasks in $target', ({ target, prefix }) => {
    const insert = (id: number, name: string | null) =>
      application.query(`insert into ${prefix}task_execution (task_execution_id, task_name) values ($1, $2)`, [
        id,
        name,
      ]);

    it('follow an execution from its launch to its end', async () => {
      await insert(1, 'a');
      const steps: [string, string][] = [
        ['external_execution_id = $$x$$', 'UNKNOWN'],
        ['start_time = now()', 'RUNNING'],
        ['end_time = now()', 'RUNNING'],
        ['exit_code = 0', 'COMPLETE'],
        ['exit_code = 137', 'ERROR'],
      ];
      for (const [change, state] of steps) {
        await application.query(`update ${prefix}task_execution set ${change}`);
        for (const candidate of ['UNKNOWN', 'RUNNING', 'COMPLETE', 'ERROR'] as const) {
          const expected = candidate === state ? 1 : 0;
          expect(await counts.countTaskExecutions({ states: [candidate] })).toBe(expected);
          await compact();
          expect(await counts.countTaskExecutions({ states: [candidate] })).toBe(expected);
        }
      }
      await application.query(`delete from ${prefix}task_execution`);
      expect(await counts.countTaskExecutions()).toBe(0);
    });

    it('are told apart by name, state and generation', async () => {
      await application.query(
        `insert into ${prefix}task_execution (task_execution_id, task_name, start_time, end_time, exit_code)
         select g, 'task' || g % 3, now(), case when g % 2 = 0 then now() end, case when g % 2 = 0 then 0 end
           from generate_series(1, 60) g`,
      );
      const other = target === 'boot2' ? 'boot3' : 'boot2';
      for (const moment of ['appended', 'folded']) {
        expect([moment, await counts.countTaskExecutions()]).toEqual([moment, 60]);
        expect(await counts.countTaskExecutions({ name: 'task1' })).toBe(20);
        expect(await counts.countTaskExecutions({ name: 'task1', states: ['RUNNING'] })).toBe(10);
        expect(await counts.countTaskExecutions({ schemaTarget: target, states: ['RUNNING', 'COMPLETE'] })).toBe(60);
        expect(await counts.countTaskExecutions({ schemaTarget: other })).toBe(0);
        expect(await counts.countTaskExecutions({ states: [] })).toBe(0);
        expect(await counts.countTaskExecutions({ name: 'task' })).toBe(0);
        await compact();
      }
    });

    it('take executions without a name', async () => {
      await insert(1, null);
      expect(await counts.countTaskExecutions()).toBe(1);
      expect(await verify()).toBe(0);
    });

    it('fall to zero when the table is truncated', async () => {
      await insert(1, 'a');
      await compact();
      await insert(2, 'a');
      await application.query(`truncate ${prefix}task_execution cascade`);
      expect(await counts.countTaskExecutions()).toBe(0);
      expect(await verify()).toBe(0);
    });

    it('forget what was rolled back', async () => {
      await application.query('begin');
      await insert(1, 'a');
      await application.query('rollback');
      expect(await counts.countTaskExecutions()).toBe(0);
    });
  });

  describe.each(GENERATIONS)('of jobs in $target', ({ target, prefix }) => {
    const instance = (id: number, name: string) =>
      application.query(`insert into ${prefix}batch_job_instance values ($1, 0, $2, $3)`, [id, name, `key${id}`]);
    const execution = (id: number, of: number, status: string) =>
      application.query(
        `insert into ${prefix}batch_job_execution (job_execution_id, job_instance_id, create_time, status)
         values ($1, $2, now(), $3)`,
        [id, of, status],
      );

    it('go by the name of their instance and their status', async () => {
      await instance(1, 'nightly_load');
      await instance(2, 'nightlyXload');
      await execution(1, 1, 'STARTING');
      await execution(2, 1, 'FAILED');
      await execution(3, 2, 'COMPLETED');
      await application.query(`update ${prefix}batch_job_execution set status = 'STARTED' where job_execution_id = 1`);
      for (const moment of ['appended', 'folded']) {
        expect([moment, await counts.countJobExecutions()]).toEqual([moment, 3]);
        expect(await counts.countJobExecutions({ name: 'nightly_load' })).toBe(2);
        expect(await counts.countJobExecutions({ nameLike: 'nightly_load' })).toBe(3);
        expect(await counts.countJobExecutions({ nameLike: '%X%', schemaTarget: target })).toBe(1);
        expect(await counts.countJobExecutions({ statuses: ['STARTED', 'FAILED'] })).toBe(2);
        expect(await counts.countJobExecutions({ statuses: ['STARTING'] })).toBe(0);
        await compact();
      }
      expect(await verify()).toBe(0);
    });

    it('stay right when execution and instance are gone before the counts are folded', async () => {
      await instance(1, 'short');
      await execution(1, 1, 'STARTING');
      await application.query(`update ${prefix}batch_job_execution set status = 'COMPLETED'`);
      await application.query(`delete from ${prefix}batch_job_execution`);
      await application.query(`delete from ${prefix}batch_job_instance`);
      expect(await counts.countJobExecutions()).toBe(0);
      expect(await counts.countJobExecutions({ name: 'short' })).toBe(0);
      await compact();
      expect(await database.query('select * from millrace_count')).toEqual([]);
      expect(await verify()).toBe(0);
    });
  });

  it('of an adopted database are there from the start', async () => {
    const theirs = await restoreScdfDatabase();
    try {
      const adopted = new RowCounts(await theirs.open());
      expect(await adopted.countTaskExecutions()).toBe(11);
      expect(await adopted.countTaskExecutions({ name: 'morning', states: ['ERROR'] })).toBe(1);
      expect(await adopted.countTaskExecutions({ schemaTarget: 'boot3' })).toBe(4);
      expect(await adopted.countJobExecutions()).toBe(7);
    } finally {
      await theirs.close();
    }
  }, 60_000);

  it('are exact at every moment while many sessions write, delete and fold', async () => {
    const sessions = await Promise.all(Array.from({ length: 4 }, () => holder.client()));
    const writers = sessions.map(async (session, writer) => {
      for (let step = 0; step < 60; step += 1) {
        const id = writer * 1000 + step;
        await session.query('begin');
        await session.query(
          `insert into task_execution (task_execution_id, task_name, start_time) values ($1, $2, now())`,
          [id, `task${id % 5}`],
        );
        if (step % 3 === 0) {
          await session.query(
            'update task_execution set end_time = now(), exit_code = $1 where task_execution_id = $2',
            [step % 2, id],
          );
        }
        if (step % 7 === 0) await session.query('delete from task_execution where task_execution_id = $1', [id - 2]);
        await session.query(step % 11 === 0 ? 'rollback' : 'commit');
      }
    });
    let writing = true;
    const done = Promise.all(writers).finally(() => (writing = false));
    const folding = (async () => {
      while (writing) await compact();
    })();
    const differences: unknown[] = [];
    while (writing) {
      // One statement, so both sides are of the same moment.
      differences.push(
        ...(await database.query(
          `select name, state, sum(n) as n from (
             select name, state, n from millrace_count union all select name, state, n from millrace_count_pending
             union all select task_name, millrace_task_state(start_time, end_time, exit_code), -1 from task_execution) c
            group by 1, 2 having sum(n) <> 0`,
        )),
      );
    }
    await done;
    await folding;
    expect(differences).toEqual([]);
    expect(await verify()).toBe(0);
    const [{ n }] = (await database.query('select count(*) as n from task_execution')) as [{ n: number }];
    expect(n).toBeGreaterThan(100);
    expect(await counts.countTaskExecutions()).toBe(n);
  }, 60_000);

  it('do not make a writer wait for another one', async () => {
    const [first, second] = [await holder.client(), await holder.client()];
    await first.query('begin');
    await first.query(`insert into task_execution (task_execution_id, task_name) values (1, 'a')`);
    await second.query(`set lock_timeout = '2s'`);
    await second.query(`insert into task_execution (task_execution_id, task_name) values (2, 'a')`);
    await compact();
    await second.query('delete from task_execution where task_execution_id = 2');
    expect(await counts.countTaskExecutions()).toBe(0);
    await first.query('commit');
    expect(await counts.countTaskExecutions()).toBe(1);
  });

  it('are corrected when rows changed behind the triggers', async () => {
    await application.query(`set session_replication_role = replica`);
    await application.query(`insert into task_execution (task_execution_id, task_name) values (1, 'a'), (2, 'b')`);
    await application.query(`reset session_replication_role`);
    expect(await counts.countTaskExecutions()).toBe(0);
    expect(await verify()).toBe(2);
    expect(await counts.countTaskExecutions({ name: 'b' })).toBe(1);
    expect(await verify()).toBe(0);
  });

  it("work for an application's database user who has no rights on our tables", async () => {
    await application.query(`drop role if exists ${holder.name}_app`);
    await application.query(`create role ${holder.name}_app`);
    try {
      await application.query(`grant select, insert, update, delete on task_execution to ${holder.name}_app`);
      await application.query(`set role ${holder.name}_app`);
      await application.query(`insert into task_execution (task_execution_id, task_name) values (1, 'a')`);
      await application.query(`update task_execution set start_time = now()`);
      await expect(application.query('select * from millrace_count_delta')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await application.query('reset role');
      await application.query(`drop owned by ${holder.name}_app`);
      await application.query(`drop role ${holder.name}_app`);
    }
    expect(await counts.countTaskExecutions({ states: ['RUNNING'] })).toBe(1);
  });

  it('never stop an application, even when our tables are dropped', async () => {
    const client = await holder.client();
    await client.query('begin');
    await client.query('drop table millrace_count_delta cascade');
    await client.query(`insert into task_execution (task_execution_id, task_name) values (1, 'a')`);
    await client.query(`update task_execution set start_time = now()`);
    await client.query('delete from task_execution');
    await client.query('rollback');
  });
});
