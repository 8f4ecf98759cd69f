import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { lockKeyOf } from '../../src/composition/runner/lock-key.js';
import { RunnerBench } from '../support/runner-bench.js';

const TASK = ['execution', 'execution_params', 'task_batch', 'lock'];
const BATCH = [
  'job_instance',
  'job_execution',
  'job_execution_params',
  'job_execution_context',
  'step_execution',
  'step_execution_context',
];

describe('the composed task runner and tables of other names', () => {
  let bench: RunnerBench;

  beforeAll(async () => {
    bench = await RunnerBench.open();
  }, 120_000);

  afterEach(() => bench.killAll());

  afterAll(() => bench?.close(), 120_000);

  const words = (task: string, batch: string) => [
    `--spring.cloud.task.tablePrefix=${task}`,
    `--spring.batch.jdbc.table-prefix=${batch}`,
  ];

  /** Makes tables and sequences with the columns of Boot 2, as their owner would. */
  async function makeTables(task: string, batch: string): Promise<void> {
    const tables = (prefix: string, own: string, names: readonly string[]) =>
      names.map(
        (name) => `create table ${own}${name} (like ${prefix}${name} including defaults including constraints)`,
      );
    const sequences = [`${task}seq`, ...['job_seq', 'job_execution_seq', 'step_execution_seq'].map((s) => batch + s)];
    const all = [
      ...tables('task_', task, TASK),
      ...tables('batch_', batch, BATCH),
      ...sequences.map((sequence) => `create sequence ${sequence} start with 700`),
    ];
    for (const statement of all) await bench.composed.rows(statement);
  }

  it.each([
    ['nightly', 'NIGHTLY_TASK_', 'NIGHTLY_BATCH_'],
    ['elsewhere', 'Elsewhere.BOOT3_TASK_', 'elsewhere.BOOT3_BATCH_'],
  ])(
    '%s: writes to %s and %s, and goes on there',
    async (name, task, batch) => {
      await bench.composed.rows('create schema if not exists elsewhere');
      await makeTables(task, batch);
      await bench.composed.define(name, 'a: ok && b: code');
      await bench.composed.setCode(`${name}-b`, 3);
      const graph = `${name}-a && ${name}-b`;
      const alone = ['--spring.cloud.task.single-instance-enabled=true', ...words(task, batch)];
      await bench.composed.rows(
        `insert into ${task}lock (lock_key, region, client_id, created_date) values ($1, 'DEFAULT', '1', '2020-01-01')`,
        [lockKeyOf(name)],
      );
      expect((await bench.run(name, graph, alone)).code).toBe(0);
      // The lock had expired, was taken, and was given back.
      expect(await bench.composed.rows(`select * from ${task}lock`)).toEqual([]);
      await bench.composed.setCode(`${name}-b`, 0);
      expect((await bench.run(name, graph, [...words(task, batch), 'run.id(long)=1'])).code).toBe(0);

      const steps = await bench.composed.rows(
        `select job.job_execution_id::int as job, step_name, step.status, key_name, long_val::int as run
       from ${batch}step_execution as step join ${batch}job_execution as job using (job_execution_id)
       join ${batch}job_instance as instance using (job_instance_id)
       join ${batch}job_execution_params as parameter using (job_execution_id)
       join ${batch}step_execution_context as context using (step_execution_id)
       where job_name = $1 order by step.step_execution_id`,
        [name],
      );
      const run = { key_name: 'run.id', run: 1 };
      expect(steps).toEqual([
        { job: 700, step_name: `${name}-a_0`, status: 'COMPLETED', ...run },
        { job: 700, step_name: `${name}-b_0`, status: 'FAILED', ...run },
        { job: 701, step_name: `${name}-b_0`, status: 'COMPLETED', ...run },
      ]);
      const tasks = await bench.composed.rows(
        `select task.task_execution_id::int as id, job_execution_id::int as job, exit_code, end_time is not null as ended,
              (select count(*)::int from ${task}execution_params as p where p.task_execution_id = task.task_execution_id) > 0 as told
       from ${task}execution as task join ${task}task_batch using (task_execution_id) order by 1`,
      );
      expect(tasks).toEqual([
        { id: 700, job: 700, exit_code: 0, ended: true, told: true },
        { id: 701, job: 701, exit_code: 0, ended: true, told: true },
      ]);
      // The server's own tables have the children, and nothing of the run.
      expect(await bench.written.jobs(name)).toEqual([]);
      expect(await bench.written.executions(name)).toEqual([]);
      expect(await bench.composed.names(name)).toEqual(['a', 'b', 'b']);
    },
    90_000,
  );

  it('takes no tables of Spring Batch 5, and writes nothing then', async () => {
    await bench.composed.define('five', 'a: ok && b: ok');
    const end = await bench.run('five', 'five-a && five-b', words('BOOT3_TASK_', 'BOOT3_BATCH_'));
    expect(end).toMatchObject({
      code: 1,
      output: expect.stringContaining("spring.batch.jdbc.table-prefix 'BOOT3_BATCH_' are those of Spring Batch 5"),
    });
    expect(await bench.composed.rows(`select 1 from boot3_task_execution where task_name = 'five'`)).toEqual([]);
    expect(await bench.composed.names('five')).toEqual([]);
  }, 60_000);

  it('says which tables are not there', async () => {
    const end = await bench.run('none', 'none-a', words('NOBODYS_TASK_', 'NOBODYS_BATCH_'));
    expect(end).toMatchObject({
      code: 1,
      output: expect.stringContaining('begin with NOBODYS_TASK_ and NOBODYS_BATCH_'),
    });
  }, 60_000);
});
