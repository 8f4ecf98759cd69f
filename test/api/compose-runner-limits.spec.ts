import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RunnerBench } from '../support/runner-bench.js';
import { eventually } from '../support/workbench.js';

let bench: RunnerBench;

beforeAll(async () => {
  bench = await RunnerBench.open();
  const { client, directory } = bench.workbench;
  // It ends when it was asked to, but not before its gate is open.
  const gate = `${directory}/gate-$SPRING_CLOUD_TASK_NAME`;
  const lines = [`trap 'until [ -e "${gate}" ]; do sleep 0.05; done; exit 143' TERM`, 'while :; do sleep 0.05; done'];
  await client.register('slow-end', '1.0.0', await bench.workbench.script('slow-end.sh', ...lines));
}, 120_000);

afterEach(() => bench.killAll());

afterAll(() => bench?.close(), 120_000);

const endedChildren = (name: string) =>
  eventually(
    () => bench.written.executions(name),
    (children) => children.length > 0 && children.every(({ ended }) => ended),
  );

const contextOfLast = async (name: string) => (await bench.written.lastSteps(name)).at(-1)?.context ?? '';

describe('the time limit of a run', () => {
  const SENTENCE = 'The run was ended after 6000 ms, the time that its property millrace.timeout allows.';

  it('stops its children and ends it as failed; a restart has the whole time again', async () => {
    await bench.composed.define('long', '<a: wait || b: wait> && c: ok');
    const graph = '<long-a || long-b> && long-c';
    const runner = bench.start('long', graph, [
      '--deployer.composed-task-runner.millrace.timeout=6s',
      '--spring.cloud.task.batch.fail-on-job-failure=true',
    ]);
    expect(await runner.ended()).toBe(1);
    expect(runner.output()).toContain('stopping: the run takes longer than 6000 ms; its children are stopped');
    expect(await bench.written.jobs('long')).toMatchObject([{ status: 'FAILED', exit_message: SENTENCE }]);
    expect(await bench.written.executions('long')).toMatchObject([{ exit_code: 1, error_message: SENTENCE }]);
    const [job] = await bench.written.jobs('long');
    expect(await bench.written.outcomes(job?.id)).toEqual(['long-a_0 STOPPED', 'long-b_0 STOPPED']);
    for (const child of ['long-a', 'long-b']) {
      expect(await bench.written.executions(child)).toMatchObject([{ ended: true, exit_code: expect.any(Number) }]);
      await bench.composed.openGate(child);
    }
    const again = await bench.run('long', graph, ['--millrace.timeout=10m', 'run.id(long)=1']);
    expect(again.code).toBe(0);
    expect((await bench.written.jobs('long')).map(({ status }) => status)).toEqual(['FAILED', 'COMPLETED']);
  }, 90_000);

  it('counts from the start of the run, also when its process is another one by then', async () => {
    await bench.composed.define('late', 'a: wait && b: ok');
    const words = [(await bench.madeExecution('late')).word, '--millrace.timeout=6s'];
    const first = bench.start('late', 'late-a && late-b', words);
    await bench.composed.started('late-a');
    await bench.remembered('late', 'task-execution-id');
    await first.kill();
    await eventually(
      () =>
        bench.composed.rows(
          `select 1 from batch_job_execution join batch_job_instance using (job_instance_id)
           where job_name = 'late' and start_time + interval '6 s' < now() at time zone 'UTC'`,
        ),
      (rows) => rows.length > 0,
    );
    expect((await bench.run('late', 'late-a && late-b', words)).code).toBe(0);
    expect(await bench.written.jobs('late')).toMatchObject([{ status: 'FAILED', exit_message: SENTENCE }]);
    expect(await bench.written.lastSteps('late')).toMatchObject([{ name: 'late-a_0', status: 'STOPPED' }]);
    expect(await bench.written.executions('late-a')).toMatchObject([{ ended: true }]);
  }, 90_000);
});

describe('the cap on children at once', () => {
  it('lets a branch wait for another one’s end', async () => {
    await bench.composed.define('capped', '<a: wait || b: wait || c: ok>');
    const runner = bench.start('capped', '<capped-a || capped-b || capped-c>', [
      '--deployer.composed-task-runner.millrace.max-at-once=2',
    ]);
    for (const child of ['capped-a', 'capped-b']) await runner.told(`step ${child}_0 began`);
    await bench.composed.openGate('capped-b');
    expect(await endedChildren('capped-c')).toHaveLength(1);
    await bench.composed.openGate('capped-a');
    expect(await runner.ended()).toBe(0);
    const order = await bench.composed.rows(
      `select c.accepted_at >= b.end_time at time zone 'UTC' as "afterB" from millrace_launch as c, task_execution as b
       where c.task_name = 'capped-c' and b.task_name = 'capped-b'`,
    );
    expect(order).toEqual([{ afterB: true }]);
    expect(await bench.written.jobs('capped')).toMatchObject([{ status: 'COMPLETED' }]);
  }, 90_000);
});

describe('a child that takes too long', () => {
  it.each([
    ['own', '--composed-task-app-properties.deployer.a.millrace.timeout=500ms'],
    ['max', '--max-wait-time=600'],
  ])(
    '%s: is stopped, and its exit code leads nowhere',
    async (name, word) => {
      await bench.composed.define(name, 'a: wait 143->b: ok 137->c: ok');
      await bench.run(name, `${name}-a 143->${name}-b 137->${name}-c`, [word]);
      const [child] = await bench.written.executions(`${name}-a`);
      expect([143, 137]).toContain(child?.exit_code);
      expect(await bench.written.jobs(name)).toMatchObject([{ status: 'FAILED' }]);
      expect(await bench.written.lastSteps(name)).toMatchObject([
        { status: 'FAILED', exit_message: `Timeout occurred while processing task with Execution Id ${child?.id}` },
      ]);
      expect(await contextOfLast(name)).not.toContain('exit-code');
      expect(await bench.composed.names(name)).toEqual(['a']);
    },
    60_000,
  );

  it('has taken too long for the next process as well, when the first is killed while the child is being stopped', async () => {
    await bench.composed.define('cut', 'a: slow-end 143->b: ok && c: ok');
    const graph = 'cut-a 143->cut-b && cut-c';
    const words = [
      (await bench.madeExecution('cut')).word,
      '--composed-task-app-properties.deployer.a.millrace.timeout=500ms',
    ];
    const first = bench.start('cut', graph, words);
    await bench.remembered('cut', '"timed-out":"run"');
    await first.kill();
    expect(await bench.written.executions('cut-a')).toMatchObject([{ ended: false }]);
    await bench.composed.openGate('cut-a');
    // The first process may have been killed before it had asked.
    await bench.workbench.stop({
      executionId: (await bench.written.executions('cut-a'))[0]?.id ?? 0,
      schemaTarget: 'boot2',
    });
    expect(await endedChildren('cut-a')).toMatchObject([{ exit_code: 143 }]);
    expect((await bench.run('cut', graph, words)).code).toBe(0);
    const [a] = await bench.written.executions('cut-a');
    const [step] = await bench.written.lastSteps('cut');
    expect(step).toMatchObject({
      status: 'ABANDONED',
      exit_message: `Timeout occurred while processing task with Execution Id ${a?.id}`,
    });
    expect(await bench.composed.names('cut')).toEqual(['c']);
    expect(await bench.written.executions('cut-a')).toHaveLength(1);
  }, 90_000);

  it('has none that counts for a restart of the job either', async () => {
    await bench.composed.define('past', 'a: wait 143->b: ok && c: code');
    const graph = 'past-a 143->past-b && past-c';
    const words = ['--composed-task-app-properties.deployer.a.millrace.timeout=500ms'];
    await bench.composed.setCode('past-c', 5);
    expect((await bench.run('past', graph, words)).code).toBe(0);
    expect(await bench.written.executions('past-a')).toMatchObject([{ exit_code: 143 }]);
    await bench.composed.setCode('past-c', 0);
    expect((await bench.run('past', graph, [...words, 'run.id(long)=1'])).code).toBe(0);
    expect((await bench.written.jobs('past')).map(({ status }) => status)).toEqual(['FAILED', 'COMPLETED']);
    expect(await bench.composed.names('past')).toEqual(['a', 'c', 'c']);
  }, 90_000);
});

describe('a retry', () => {
  it('is the same one for the next process, when the first is killed before it', async () => {
    await bench.composed.define('often', 'a: fail && b: ok');
    const words = [
      (await bench.madeExecution('often')).word,
      '--composed-task-app-properties.deployer.a.millrace.retry.max-attempts=3',
      '--composed-task-app-properties.deployer.a.millrace.retry.backoff=1500ms',
    ];
    const first = bench.start('often', 'often-a && often-b', words);
    await bench.remembered('often', '"attempts":2,"not-before"');
    await first.kill();
    const second = await bench.run('often', 'often-a && often-b', words);
    expect(second.code).toBe(0);
    expect(await bench.written.executions('often-a')).toMatchObject([
      { exit_code: 1 },
      { exit_code: 1 },
      { exit_code: 1 },
    ]);
    const waited = await bench.composed.rows(
      `select start_time - lag(end_time) over (order by task_execution_id) >= interval '1400 ms' as waited
       from task_execution where task_name = 'often-a' order by task_execution_id`,
    );
    expect(waited).toEqual([{ waited: null }, { waited: true }, { waited: true }]);
    expect(await bench.written.jobs('often')).toMatchObject([{ status: 'FAILED' }]);
    expect(await bench.written.lastSteps('often')).toMatchObject([{ name: 'often-a_0', status: 'FAILED' }]);
  }, 90_000);

  it('does not keep a run that is stopped', async () => {
    await bench.composed.define('calm', 'a: fail && b: ok');
    const runner = bench.start('calm', 'calm-a && calm-b', [
      '--composed-task-app-properties.deployer.a.millrace.retry.max-attempts=3',
      '--composed-task-app-properties.deployer.a.millrace.retry.backoff=1h',
    ]);
    await bench.remembered('calm', 'not-before');
    runner.signal('SIGTERM');
    expect(await runner.ended()).toBe(143);
    expect(await bench.written.jobs('calm')).toMatchObject([{ status: 'STOPPED' }]);
    expect(await bench.written.executions('calm-a')).toHaveLength(1);
  }, 60_000);
});
