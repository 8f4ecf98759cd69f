import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ComposedBench } from '../support/composed-bench.js';
import { eventually, refusalOf } from '../support/workbench.js';

describe('limits of composed tasks', () => {
  let bench: ComposedBench;

  beforeAll(async () => {
    bench = await ComposedBench.open({
      'spring.cloud.dataflow.task.platform.local.accounts.narrow.maximum-concurrent-tasks': '1',
    });
  }, 120_000);

  afterAll(() => bench?.close());

  const stepOf = async (name: string) =>
    (
      await bench.rows<{ status: string; exit_code: string; exit_message: string; context: string }>(
        `select status, exit_code, exit_message, short_context as context
         from batch_step_execution join batch_step_execution_context using (step_execution_id) where step_name = $1
         order by step_execution_id desc limit 1`,
        [name],
      )
    )[0];

  it('max-start-wait-time gives up a child that finds no room', async () => {
    await bench.define('blocker', 'wait');
    const blocker = await bench.launch('blocker', {
      properties: 'spring.cloud.dataflow.task.platformName=narrow',
    });
    await bench.run('crowded', "a: ok 'FAILED'->$END", {
      properties: 'app.composed-task-runner.max-start-wait-time=600,app.composed-task-runner.platform-name=narrow',
    });
    expect(await stepOf('crowded-a_0')).toMatchObject({
      status: 'ABANDONED',
      exit_message: expect.stringMatching(/^Timeout occurred during startup of task with Execution Id \d+$/),
    });
    // It was taken out of the queue: with room again it does not run.
    await bench.openGate('blocker');
    await bench.bench.client.ended(blocker);
    const open = await bench.rows(
      `select state from millrace_launch where task_name = 'crowded-a' and state not in ('ended', 'refused')`,
    );
    expect(open).toEqual([]);
    expect(await bench.ran('crowded')).toEqual([]);
  });

  it('max-start-wait-time says nothing of a child that has started', async () => {
    await bench.define('longer', 'a: wait && b: ok');
    const launched = await bench.launch('longer', {
      properties: 'app.composed-task-runner.max-start-wait-time=5000,deployer.a.millrace.timeout=1h',
    });
    await bench.started('longer-a');
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    await bench.openGate('longer-a');
    expect((await bench.bench.client.ended(launched)).taskExecutionStatus).toBe('COMPLETE');
  });

  it.each([
    ['killed-own', 'deployer.a.millrace.timeout=2s'],
    ['killed-max', 'app.composed-task-runner.max-wait-time=2000'],
  ])('%s: the exit code of a child that was killed for its time leads nowhere', async (name, properties) => {
    const execution = await bench.run(name, 'a: wait 143->b: ok 137->c: ok', { properties });
    const [child] = (await bench.bench.list<{ exitCode: number }>(`/tasks/executions?name=${name}-a`)).elements;
    expect([143, 137]).toContain(child?.exitCode);
    expect((await bench.job(execution)).status).toBe('FAILED');
    expect(await bench.names(name)).toEqual(['a']);
    const step = await stepOf(`${name}-a_0`);
    expect(step).toMatchObject({ status: 'FAILED', exit_code: 'FAILED' });
    expect(step?.context).not.toContain('exit-code');
  });

  it('a retry waits for its back-off, which doubles', async () => {
    await bench.run('slowly', 'a: fail && b: ok', {
      properties: 'deployer.a.millrace.retry.max-attempts=3,deployer.a.millrace.retry.backoff=400ms',
    });
    const attempts = await bench.rows<{ waited: boolean | null }>(
      `select accepted_at - lag(execution.end_time at time zone 'UTC') over (order by task_execution_id)
              >= (200 * 2 ^ row_number() over (order by task_execution_id) / 2) * interval '1 ms' as waited
       from millrace_launch join task_execution as execution using (task_execution_id)
       where execution.task_name = 'slowly-a' order by task_execution_id`,
    );
    expect(attempts.map(({ waited }) => waited)).toEqual([null, true, true]);
  });

  it('what is due soon is done when it is due, not when somebody looks next', async () => {
    await bench.run('promptly', 'a: fail && b: ok', {
      properties: 'deployer.a.millrace.retry.max-attempts=5,deployer.a.millrace.retry.backoff=1ms',
    });
    // By looking every two seconds alone four pauses would take that long at the least.
    const [pauses] = await bench.rows<{ short: boolean }>(
      `select max(accepted_at) - min(accepted_at) < interval '6 s' as short from millrace_launch where task_name = 'promptly-a'`,
    );
    expect(pauses).toEqual({ short: true });
  });

  it('a child may have a platform account of its own', async () => {
    const properties = [
      'deployer.b.millrace.platform-name=narrow',
      'deployer.*.millrace.platformName=default',
      'app.composed-task-runner.platform-name=narrow',
    ].join(',');
    const execution = await bench.run('apart', 'a: ok && b: ok && c: ok', { properties });
    expect((await bench.job(execution)).status).toBe('COMPLETED');
    const accounts = await bench.rows<{ task_name: string; platform_account: string }>(
      `select task_name, platform_account from millrace_launch where task_name like 'apart-%' order by task_name`,
    );
    expect(accounts).toEqual([
      { task_name: 'apart-a', platform_account: 'default' },
      { task_name: 'apart-b', platform_account: 'narrow' },
      { task_name: 'apart-c', platform_account: 'default' },
    ]);
    const refused = await bench.bench.post('/tasks/executions/launch', {
      name: 'apart',
      properties: 'deployer.b.millrace.platform-name=nowhere',
    });
    expect(refusalOf(refused)).toEqual({ status: 404, message: expect.stringContaining('platform nowhere;') });
  });

  it('each attempt has the whole time of its child', async () => {
    const execution = await bench.run('slack', "a: wait 'FAILED'->b: ok", {
      properties:
        'deployer.a.millrace.timeout=1500ms,deployer.a.millrace.retry.max-attempts=2,deployer.a.millrace.retry.backoff=200ms',
    });
    expect((await bench.job(execution)).status).toBe('COMPLETED');
    expect(await bench.names('slack')).toEqual(['a', 'a', 'b']);
    const [, last] = await bench.ran('slack');
    expect(await stepOf('slack-a_0')).toMatchObject({
      status: 'ABANDONED',
      exit_message: `Timeout occurred while processing task with Execution Id ${last?.executionId}`,
    });
    const attempts = await bench.rows<{ whole: boolean }>(
      `select end_time - start_time >= interval '1500 ms' as whole from task_execution where task_name = 'slack-a'`,
    );
    expect(attempts).toEqual([{ whole: true }, { whole: true }]);
  });

  it('a stop does not wait for a retry', async () => {
    await bench.define('nervous', 'a: fail && b: ok');
    const launched = await bench.launch('nervous', {
      properties: 'deployer.a.millrace.retry.max-attempts=3,deployer.a.millrace.retry.backoff=1h',
    });
    await eventually(
      () => bench.rows<{ retries: object }>(`select retries from millrace_composed_run where task_name = 'nervous'`),
      ([run]) => JSON.stringify(run?.retries).includes('notBefore'),
    );
    expect((await bench.bench.stop(launched)).status).toBe(200);
    const execution = await bench.bench.client.ended(launched);
    expect((await bench.job(execution)).status).toBe('STOPPED');
    expect(await bench.names('nervous')).toEqual(['a']);
  });

  it.each([
    ['heard', '', 'ODD', ['a', 'b']],
    ['deaf-property', 'app.a.ignore-exit-message=true', 'COMPLETED', ['a', 'c']],
    ['deaf-all', 'app.*.ignoreExitMessage=true', 'COMPLETED', ['a', 'c']],
  ])('%s: the exit message of a child counts unless it is to be ignored', async (name, properties, status, names) => {
    await bench.define(name, "a: wait 'ODD'->b: ok 'COMPLETED'->c: ok");
    const launched = await bench.launch(name, { properties });
    await bench.started(`${name}-a`);
    // What an application of Spring Cloud Task writes before it ends.
    await bench.rows('update task_execution set exit_message = $1 where task_name = $2', ['ODD', `${name}-a`]);
    await bench.openGate(`${name}-a`);
    await bench.bench.client.ended(launched);
    expect(await stepOf(`${name}-a_0`)).toMatchObject({ exit_code: status });
    expect(await bench.names(name)).toEqual(names);
  });

  it('children may run on another platform than their run', async () => {
    const execution = await bench
      .run('abroad', '<a: ok || b: ok>', {
        arguments: '--platform-name=narrow --split-thread-core-pool-size=1',
        properties: 'app.composed-task-runner.platform-name=narrow',
      })
      .catch((error: unknown) => String(error));
    // Both branches at once are more than that platform takes.
    expect(execution).toContain('exceeds the maximumConcurrentTasks count of 1');
    const other = await bench.run('afar', 'a: ok && b: ok', { arguments: '--platform-name=narrow' });
    expect(other).toMatchObject({ taskExecutionStatus: 'COMPLETE', platformName: 'default' });
    const { elements } = await bench.bench.list<{ taskName: string; platformName: string }>(
      '/tasks/executions?size=500',
    );
    const children = elements.filter(({ taskName }) => taskName.startsWith('afar-'));
    expect(children.map(({ platformName }) => platformName)).toEqual(['narrow', 'narrow']);
  });

  it('launches of one composed task at once all run, each for itself', async () => {
    await bench.define('crowd', '<a: ok || b: ok> && c: ok');
    const launched = await Promise.all(Array.from({ length: 6 }, () => bench.launch('crowd')));
    const executions = await Promise.all(launched.map((one) => bench.bench.client.ended(one)));
    expect(executions.map(({ taskExecutionStatus }) => taskExecutionStatus)).toEqual(launched.map(() => 'COMPLETE'));
    const ran = await bench.ran('crowd');
    expect(new Set(ran.map(({ executionId }) => executionId)).size).toBe(18);
    for (const { executionId } of executions) {
      const own = ran.filter(({ arguments: given }) =>
        given.includes(`--spring.cloud.task.parent-execution-id=${executionId}`),
      );
      expect(own.map(({ task }) => task).sort()).toEqual(['crowd-a', 'crowd-b', 'crowd-c']);
      expect(own.at(-1)?.task).toBe('crowd-c');
    }
  });
});
