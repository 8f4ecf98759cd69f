import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { Database } from '../../src/database/database.js';
import { JobStatistics } from '../../src/jobs/job-statistics.service.js';
import { meanOf, type Measure, MEASURES, standardDeviationOf } from '../../src/jobs/step-history.js';
import type { SchemaTargetName } from '../../src/platforms/platform.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { fillJobHistory } from '../support/job-history.js';

let test: TestDatabase;
let database: Database;
let client: pg.Client;
let statistics: JobStatistics;

beforeEach(async () => {
  test = await createTestDatabase();
  database = await test.open();
  client = await test.client();
  statistics = new JobStatistics(database);
}, 60_000);

afterEach(async () => {
  await test?.close();
});

async function rowsOf(sql: string, parameters: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await client.query<Record<string, unknown>>(sql, parameters)).rows;
}

const GENERATIONS: readonly (readonly [SchemaTargetName, string])[] = [
  ['boot2', 'batch_'],
  ['boot3', 'boot3_batch_'],
];

/** The list of executions, and the numbers of instances, against the rows themselves. */
async function expectTrueLists(): Promise<void> {
  await statistics.matchingJobs('%');
  const listed = await rowsOf(
    'select schema_target, job_execution_id, job_instance_id, job_name, status, start_time::text from millrace_job_execution order by 1, 2',
  );
  const rows = GENERATIONS.map(
    ([target, prefix]) => `select '${target}' as schema_target, e.job_execution_id, e.job_instance_id, i.job_name,
      coalesce(e.status, 'UNKNOWN') as status, e.start_time::text
      from ${prefix}job_execution e join ${prefix}job_instance i using (job_instance_id)`,
  );
  expect(listed).toEqual(await rowsOf(`${rows.join(' union all ')} order by 1, 2`));
  const counted = await rowsOf(
    `select job_name::text, sum(instances)::bigint as n from millrace_job_instance_count
      group by 1 having sum(instances) <> 0 order by 1`,
  );
  const names = GENERATIONS.map(([, prefix]) => `select job_name from ${prefix}job_instance`).join(' union all ');
  expect(counted).toEqual(
    await rowsOf(
      `select job_name::text collate "C" as job_name, count(*) as n from (${names}) n group by 1 order by 1`,
    ),
  );
}

/** Figures of one step computed from the step executions, in other words than the migration's. */
async function computedHistory(target: SchemaTargetName, job: string, step: string) {
  const prefix = target === 'boot2' ? 'batch_' : 'boot3_batch_';
  const duration = `(floor(extract(epoch from s.end_time) * 1000) - floor(extract(epoch from s.start_time) * 1000))::bigint`;
  const value = (column: string) =>
    column === 'duration'
      ? duration
      : column === 'duration_per_read'
        ? `case when read_count > 0 then ${duration} / read_count end`
        : `coalesce(${column}, 0)`;
  const columns = MEASURES.map(({ name, column }) => {
    const of = value(column);
    return `json_build_array(count(${of}), min(${of}), max(${of}), avg(${of})::float8, stddev_pop(${of})::float8) as "${name}"`;
  });
  const [row] = await rowsOf(
    `select ${columns.join(', ')} from ${prefix}step_execution s
       join ${prefix}job_execution using (job_execution_id) join ${prefix}job_instance using (job_instance_id)
      where s.end_time is not null and job_name = $1 and split_part(step_name, ':partition', 1) = $2`,
    [job, step],
  );
  return row as Readonly<Record<Measure, readonly (number | null)[]>>;
}

async function expectTrueHistory(
  target: SchemaTargetName,
  job: string,
  step: string,
  partitioned = false,
): Promise<void> {
  const stepName = partitioned ? `${step}:partition*` : step;
  const kept = await statistics.historyOf({ schemaTarget: target, jobName: job, stepName });
  const computed = await computedHistory(target, job, step);
  for (const { name } of MEASURES) {
    const { count, min, max } = kept[name];
    const [n, least, greatest, mean, deviation] = computed[name];
    expect({ target, job, step, name, count, min, max }).toEqual({
      ...{ target, job, step, name, count: n },
      ...{ min: least ?? 0, max: greatest ?? 0 },
    });
    expect(meanOf(kept[name])).toBeCloseTo(mean ?? 0, 6);
    expect(standardDeviationOf(kept[name])).toBeCloseTo(deviation ?? 0, 3);
  }
}

async function expectTrueHistories(): Promise<void> {
  for (const [target] of GENERATIONS) {
    for (const job of ['job-1', 'job-2', 'job-5']) {
      for (const step of ['step0', 'step1', 'step2']) await expectTrueHistory(target, job, step);
    }
  }
}

describe('what triggers keep', () => {
  it('stays true while applications write, correct and delete', async () => {
    await fillJobHistory(client, { executions: 2000, jobs: 5 });
    await expectTrueLists();
    await expectTrueHistories();
    const changes = [
      // What ran, ends.
      `update batch_step_execution set end_time = start_time + interval '77 ms', read_count = 5 where end_time is null`,
      `update batch_job_execution set end_time = start_time, status = 'COMPLETED', version = version + 1 where end_time is null`,
      // An update that changes nothing that counts.
      `update batch_step_execution set version = version + 1, last_updated = now()`,
      // A correction of what had ended.
      `update boot3_batch_step_execution set read_count = 100000, end_time = end_time + interval '3 hours' where step_execution_id = 5`,
      `update batch_job_execution set status = null, start_time = null where job_execution_id = 12`,
      // The greatest and the least leave.
      `delete from batch_step_execution where job_execution_id between 1 and 300`,
      // Steps, job and instance by one statement, as a clean-up does.
      `with steps as (delete from boot3_batch_step_execution where job_execution_id <= 100),
            params as (delete from boot3_batch_job_execution_params where job_execution_id <= 100)
       delete from boot3_batch_job_execution where job_execution_id <= 0`,
      `with steps as (delete from batch_step_execution where job_execution_id between 301 and 600),
            params as (delete from batch_job_execution_params where job_execution_id <= 600),
            jobs as (delete from batch_job_execution where job_execution_id <= 600)
       delete from batch_job_instance where job_instance_id <= 600`,
    ];
    for (const change of changes) {
      await client.query(change);
      await expectTrueLists();
      await expectTrueHistories();
      await statistics.fold();
      await expectTrueLists();
      await expectTrueHistories();
    }
    await client.query(
      `truncate batch_job_instance, batch_job_execution, batch_job_execution_params, batch_job_execution_context,
         batch_step_execution, batch_step_execution_context`,
    );
    await expectTrueLists();
    await expectTrueHistories();
  }, 120_000);

  it('takes partitions of a step as one', async () => {
    await fillJobHistory(client, { executions: 4, jobs: 2 });
    await client.query(
      `insert into batch_step_execution (step_execution_id, version, step_name, job_execution_id, start_time, end_time, read_count)
       select 1000 + n, 1, 'load:partition' || n, 2, '2026-11-20 00:00:00.0009', '2026-11-20 00:00:01.0001', n from generate_series(0, 9) n`,
    );
    await expectTrueHistory('boot2', 'job-1', 'load', true);
  });

  it('is folded to one row each, and stays', async () => {
    for (let round = 0; round < 20; round += 1) {
      await client.query(`insert into batch_job_instance values ($1::bigint, 0, 'job', $1::bigint)`, [round]);
      await client.query(
        `insert into batch_job_execution (job_execution_id, job_instance_id, create_time) values ($1, $1, now())`,
        [round],
      );
      await client.query(
        `insert into batch_step_execution (step_execution_id, version, step_name, job_execution_id, start_time, end_time, read_count)
         values ($1::bigint, 1, 'step', $1::bigint, now(), now(), $1::bigint)`,
        [round],
      );
    }
    await statistics.fold();
    expect(await rowsOf('select count(*) as n from millrace_step_history')).toEqual([{ n: 1 }]);
    expect(await rowsOf('select instances as n from millrace_job_instance_count')).toEqual([{ n: 20 }]);
    await expectTrueHistory('boot2', 'job', 'step');
  });

  it('stays true while many write at once and servers fold and compute', async () => {
    await fillJobHistory(client, { executions: 400, jobs: 5 });
    await client.query('update batch_step_execution set end_time = null');
    await statistics.fold();
    const writers = await Promise.all(Array.from({ length: 4 }, () => test.client()));
    const finish = async (writer: pg.Client, index: number): Promise<void> => {
      for (let id = 3 + index; id < 1203; id += writers.length) {
        await writer.query(
          `update batch_step_execution set end_time = start_time + $1 * interval '1 ms' where step_execution_id = $1`,
          [id],
        );
        if (id % 97 === 0)
          await writer.query('delete from batch_step_execution where step_execution_id = $1 - 40', [id]);
      }
    };
    let writing = true;
    const others = [new JobStatistics(await test.open()), statistics].map(async (server, index) => {
      while (writing) {
        await server.fold();
        await server.historyOf({ schemaTarget: 'boot2', jobName: index === 0 ? 'job-1' : 'job-2', stepName: 'step1' });
      }
    });
    await Promise.all(writers.map(finish));
    writing = false;
    await Promise.all(others);
    await expectTrueHistories();
  }, 120_000);
});

describe('applications', () => {
  const launch = async (writer: pg.Client, id: number): Promise<void> => {
    await writer.query(`insert into batch_job_instance values ($1::bigint, 0, 'job', 'key' || $1::bigint)`, [id]);
    await writer.query(
      `insert into batch_job_execution (job_execution_id, version, job_instance_id, create_time, status)
       values ($1, 0, $1, now(), 'STARTING')`,
      [id],
    );
  };

  it('insert in serializable transactions without one more read', async () => {
    const locksOf = async (id: number) => {
      await client.query('begin isolation level serializable');
      await launch(client, id);
      const locks = await rowsOf(
        `select distinct relation::regclass::text as name, locktype from pg_locks
          where mode = 'SIReadLock' and pid = pg_backend_pid() order by 1, 2`,
      );
      await client.query('commit');
      return locks;
    };
    await locksOf(1);
    const withTriggers = await locksOf(2);
    for (const table of ['batch_job_instance', 'batch_job_execution']) {
      await client.query(`alter table ${table} disable trigger user`);
    }
    expect(withTriggers.length).toBeGreaterThan(0);
    expect(withTriggers).toEqual(await locksOf(3));
  });

  it('have their executions listed by name at once', async () => {
    await launch(client, 1);
    const names = () => rowsOf('select job_name::text from millrace_job_execution');
    expect(await names()).toEqual([{ job_name: null }]);
    expect(await statistics.matchingJobs('job')).toMatchObject({ names: ['job'], instances: 1 });
    expect(await names()).toEqual([{ job_name: 'job' }]);
  });

  it('need no rights on what is kept, and cannot turn it elsewhere', async () => {
    await client.query(`create role ${test.name}_app`);
    await client.query(
      `grant select, insert, update, delete on batch_job_instance, batch_job_execution, batch_step_execution to ${test.name}_app`,
    );
    await client.query(`set role ${test.name}_app`);
    await client.query('create temporary table millrace_job_execution (trap int)');
    await launch(client, 1);
    await client.query(`update batch_job_execution set status = 'STARTED', start_time = now()`);
    await client.query(
      `insert into batch_step_execution (step_execution_id, version, step_name, job_execution_id, start_time) values (1, 0, 's', 1, now())`,
    );
    await client.query('update batch_step_execution set end_time = now()');
    await client.query('delete from batch_step_execution');
    await client.query('reset role');
    await client.query('drop table pg_temp.millrace_job_execution');
    await expectTrueLists();
    await client.query(`drop owned by ${test.name}_app`);
    await client.query(`drop role ${test.name}_app`);
  });

  it('go on when our tables are dropped and the triggers forgotten', async () => {
    await launch(client, 1);
    await client.query('drop view millrace_step_history_computed');
    await client.query('drop table millrace_job_execution, millrace_job_instance_count, millrace_step_history');
    await launch(client, 2);
    await client.query(
      `insert into batch_step_execution (step_execution_id, version, step_name, job_execution_id, start_time) values (1, 0, 's', 1, now())`,
    );
    await client.query('update batch_step_execution set end_time = now()');
    await client.query(`update batch_job_execution set status = 'COMPLETED'`);
    await client.query('delete from batch_step_execution');
    expect(await rowsOf('select status from batch_job_execution')).toEqual([
      { status: 'COMPLETED' },
      { status: 'COMPLETED' },
    ]);
  });
});
