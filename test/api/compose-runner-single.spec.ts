import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunnerProcess } from '../support/composed-runner.js';
import { RunnerBench } from '../support/runner-bench.js';
import { eventually } from '../support/workbench.js';

const ALONE = '--spring.cloud.task.single-instance-enabled=true';

let bench: RunnerBench;

beforeAll(async () => {
  bench = await RunnerBench.open();
}, 120_000);

afterEach(() => bench.killAll());

afterAll(() => bench?.close(), 120_000);

const running = (name: string) => `Task with name "${name}" is already running.`;

/** The key of a lock, as PostgreSQL computes what Java's `UUID.nameUUIDFromBytes` does. */
const KEY = `(select overlay(overlay(hash placing '3' from 13) placing
   to_hex(8 | (('x' || substr(hash, 17, 1))::bit(4)::int & 3)) from 17)::uuid::text from (select md5($1) as hash))`;

/** The row of a task's lock. */
async function lockOf(name: string) {
  const [row] = await bench.composed.rows<{ region: string; client: string; created: string; fresh: boolean }>(
    `select region, trim(client_id) as client, created_date::text as created,
            abs(extract(epoch from created_date - (now() at time zone 'UTC'))) < 60 as fresh
     from task_lock where lock_key = ${KEY}`,
    [name],
  );
  return row;
}

/** Gives the lock to somebody else, as Spring Cloud Task writes it. */
async function lockFor(name: string, client: string, age: string): Promise<void> {
  await bench.composed.rows(
    `insert into task_lock (region, lock_key, client_id, created_date)
     values ('DEFAULT', ${KEY}, $2, (now() at time zone 'UTC') - $3::interval)`,
    [name, client, age],
  );
}

/** Starts a run, and waits until its first child, `a`, runs. */
async function startedRun(name: string, words: readonly string[] = [], times = 1): Promise<RunnerProcess> {
  const runner = bench.start(name, `${name}-a && ${name}-b`, [ALONE, ...words]);
  await bench.composed.started(`${name}-a`, times);
  return runner;
}

const run = (name: string, words: readonly string[] = []) =>
  bench.run(name, `${name}-a && ${name}-b`, [ALONE, ...words]);

describe('a task that runs once at a time', () => {
  it('is refused while it runs, as Spring Cloud Task does it, and runs afterwards', async () => {
    await bench.composed.define('one', 'a: wait && b: ok');
    const first = await startedRun('one');
    const [{ id } = { id: 0 }] = await bench.written.executions('one');
    const row = await lockOf('one');
    expect(row).toMatchObject({ region: 'DEFAULT', client: `millrace:${id}`, fresh: true });

    const second = await run('one', ['--spring.cloud.task.single-instance-lock-check-interval=100']);
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining(running('one')) });
    const refused = { started: true, ended: true, exit_code: 1, error_message: running('one') };
    expect(await bench.written.executions('one')).toMatchObject([{ ended: false }, refused]);

    // It holds the lock for longer than its time to live: it renews it.
    await eventually(
      () => lockOf('one'),
      (now) => now !== undefined && Date.parse(`${now.created}Z`) - Date.parse(`${row?.created}Z`) > 4_000,
    );
    expect((await run('one', ['--spring.cloud.task.single-instance-lock-ttl=3000'])).code).toBe(1);

    await bench.composed.openGate('one-a');
    expect(await first.ended()).toBe(0);
    expect(await lockOf('one')).toBeUndefined();
    expect((await run('one')).code).toBe(0);
    expect(await lockOf('one')).toBeUndefined();
    expect((await bench.written.jobs('one')).map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED']);
    expect(await bench.composed.names('one')).toEqual(['a', 'b', 'a', 'b']);
  }, 120_000);

  it('lets one of many begin that start together', async () => {
    await bench.composed.define('many', 'a: wait && b: ok');
    const runners = Array.from({ length: 4 }, () => bench.start('many', 'many-a && many-b', [ALONE]));
    await eventually(
      () => bench.written.executions('many'),
      (rows) => rows.filter(({ exit_code: code }) => code === 1).length === 3,
    );
    await bench.composed.openGate('many-a');
    expect((await Promise.all(runners.map((runner) => runner.ended()))).sort()).toEqual([0, 1, 1, 1]);
    expect(await bench.composed.names('many')).toEqual(['a', 'b']);
    expect(await lockOf('many')).toBeUndefined();
  }, 120_000);

  it('gives the lock back after a failure, and after SIGTERM', async () => {
    await bench.composed.define('back', 'a: fail && b: ok');
    expect((await run('back', ['--spring.cloud.task.batch.fail-on-job-failure=true'])).code).toBe(1);
    expect(await lockOf('back')).toBeUndefined();
    expect((await run('back', ['run.id(long)=none'])).code).toBe(1);
    expect(await lockOf('back')).toBeUndefined();

    await bench.composed.define('term', 'a: wait && b: ok');
    const runner = await startedRun('term');
    expect(await lockOf('term')).toBeDefined();
    runner.signal('SIGTERM');
    expect(await runner.ended()).toBe(143);
    expect(await lockOf('term')).toBeUndefined();
  }, 120_000);
});

describe('a holder of the lock that was killed', () => {
  it('leaves its row, which the next run takes over', async () => {
    await bench.composed.define('dead', 'a: wait && b: ok');
    await (await startedRun('dead')).kill();
    const [{ id } = { id: 0 }] = await bench.written.executions('dead');
    expect(await lockOf('dead')).toMatchObject({ client: `millrace:${id}` });
    await bench.composed.openGate('dead-a');
    const next = await run('dead');
    expect(next.code).toBe(0);
    expect(next.output).toContain(`the lock of the task was that of millrace:${id}, whose process is gone`);
    expect(await lockOf('dead')).toBeUndefined();
  }, 120_000);

  it('has the lock still when it comes back under its execution', async () => {
    await bench.composed.define('again', 'a: wait && b: ok');
    const words = [(await bench.madeExecution('again')).word];
    const first = await startedRun('again', words);
    await bench.remembered('again', 'task-execution-id');
    await first.kill();
    const back = bench.start('again', 'again-a && again-b', [ALONE, ...words]);
    await back.told('goes on, where an earlier process was cut short');
    expect(back.output()).not.toContain('taken over');
    // A process too many for one execution leaves that alone.
    const twin = await run('again', words);
    expect(twin).toMatchObject({ code: 1, output: expect.stringContaining(running('again')) });
    expect(await bench.written.executions('again')).toMatchObject([{ ended: false, error_message: null }]);
    await bench.composed.openGate('again-a');
    expect(await back.ended()).toBe(0);
    expect(await bench.composed.names('again')).toEqual(['a', 'b']);
    expect(await lockOf('again')).toBeUndefined();
  }, 120_000);

  it('ends the job that it had begun, when another run has the lock by the time it comes back', async () => {
    await bench.composed.define('late', 'a: wait && b: ok');
    const words = [(await bench.madeExecution('late')).word];
    await (await startedRun('late', words)).kill();
    const other = await startedRun('late', [], 2);
    expect((await run('late', words)).code).toBe(1);
    expect(await bench.written.executions('late')).toMatchObject([
      { ended: true, error_message: running('late') },
      { ended: false },
    ]);
    expect(await bench.written.jobs('late')).toMatchObject([
      { status: 'FAILED', exit_message: running('late') },
      { status: 'STARTED' },
    ]);
    await bench.composed.openGate('late-a');
    expect(await other.ended()).toBe(0);
  }, 120_000);
});

describe('a holder of the lock whose connections break', () => {
  it('keeps the lock', async () => {
    await bench.composed.define('cut', 'a: wait && b: ok');
    const first = await startedRun('cut');
    const client = (await lockOf('cut'))?.client ?? '';
    const cutOff = () =>
      bench.composed.rows(
        `select pg_terminate_backend(pid) from pg_locks, (
         select hashtextextended('millrace:lock:' || to_regclass('task_lock')::oid || ':' || $1, 0) as key) as one
       where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
         and (classid::bigint << 32) | objid::bigint = key`,
        [client],
      );
    expect(await cutOff()).toHaveLength(1);
    const second = bench.start('cut', 'cut-a && cut-b', [ALONE]);
    let over = false;
    const code = second.ended().finally(() => (over = true));
    // The first comes back each time, and loses its connection again.
    while (!over) await cutOff();
    expect(await code).toBe(1);
    await first.told('the lock of the task cannot be renewed: ');
    await bench.composed.openGate('cut-a');
    expect(await first.ended()).toBe(0);
    expect(await lockOf('cut')).toBeUndefined();
  }, 120_000);

  it('goes on when the lock was taken away, and leaves it to who has it', async () => {
    await bench.composed.define('gone', 'a: wait && b: ok');
    const first = await startedRun('gone');
    await bench.composed.rows(`update task_lock set client_id = '4711' where lock_key = ${KEY}`, ['gone']);
    await first.told('the lock of the task was taken away');
    await bench.composed.openGate('gone-a');
    expect(await first.ended()).toBe(0);
    expect(await lockOf('gone')).toMatchObject({ client: '4711' });
  }, 120_000);
});

describe('a lock of Spring Cloud Task’s', () => {
  it.each([
    ['default', '20 days', []],
    ['limited', '20 seconds', ['--spring.cloud.task.single-instance-lock-ttl=600000']],
  ])(
    '%s: is respected for as long as it has not expired',
    async (name, age, words) => {
      await bench.composed.define(name, 'a: ok && b: ok');
      await lockFor(name, '4711', age);
      const before = await lockOf(name);
      expect(await run(name, words)).toMatchObject({ code: 1, output: expect.stringContaining(running(name)) });
      expect(await lockOf(name)).toEqual(before);
      expect(await bench.written.executions(name)).toMatchObject([
        { ended: true, exit_code: 1, error_message: running(name) },
      ]);
      expect(await bench.written.jobs(name)).toEqual([]);
      expect(await bench.composed.names(name)).toEqual([]);
    },
    60_000,
  );

  it.each([
    ['forgotten', '25 days', []],
    ['expired', '20 seconds', ['--spring.cloud.task.single-instance-lock-ttl=10000']],
  ])(
    '%s: is taken over once it has expired',
    async (name, age, words) => {
      await bench.composed.define(name, 'a: ok && b: ok');
      await lockFor(name, '4711', age);
      expect((await run(name, words)).code).toBe(0);
      expect(await bench.composed.names(name)).toEqual(['a', 'b']);
      expect(await lockOf(name)).toBeUndefined();
    },
    60_000,
  );

  it('is waited for a moment, and had when it is given back; SIGTERM ends the wait', async () => {
    await bench.composed.define('brief', 'a: ok && b: ok');
    await lockFor('brief', '4711', '0 seconds');
    const words = [ALONE, '--spring.cloud.task.single-instance-lock-check-interval=60000'];
    const asked = bench.start('brief', 'brief-a && brief-b', words);
    await asked.told('the lock of the task is held by 4711');
    asked.signal('SIGTERM');
    expect(await asked.ended()).toBe(143);
    expect(await bench.written.executions('brief')).toMatchObject([{ ended: true, exit_code: 1 }]);
    expect(await lockOf('brief')).toMatchObject({ client: '4711' });

    const runner = bench.start('brief', 'brief-a && brief-b', words);
    await runner.told('the lock of the task is held by 4711');
    await bench.composed.rows(`delete from task_lock where lock_key = ${KEY}`, ['brief']);
    expect(await runner.ended()).toBe(0);
  }, 60_000);

  it('says what is wrong when there is no table of locks', async () => {
    await bench.composed.define('bare', 'a: ok && b: ok');
    await bench.composed.rows('alter table task_lock rename to task_lock_away');
    try {
      expect(await run('bare')).toMatchObject({ code: 1, output: expect.stringContaining('cannot be taken') });
      expect(await bench.written.executions('bare')).toMatchObject([
        { ended: true, exit_code: 1, error_message: expect.stringContaining('"task_lock" does not exist') },
      ]);
    } finally {
      await bench.composed.rows('alter table task_lock_away rename to task_lock');
    }
  }, 60_000);
});
