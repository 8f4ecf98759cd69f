import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ComposedBench } from '../support/composed-bench.js';
import { eventually } from '../support/workbench.js';

describe('a run of a composed task', () => {
  let bench: ComposedBench;

  beforeAll(async () => {
    bench = await ComposedBench.open();
  }, 120_000);

  afterAll(() => bench?.close());

  it('tries a child again that fails', async () => {
    await bench.bench.client.register(
      'second',
      '1.0.0',
      await bench.bench.script(
        'second.sh',
        `echo "$SPRING_CLOUD_TASK_NAME|$SPRING_CLOUD_TASK_EXECUTIONID|" >> ${bench.ledger}`,
        `[ "$(grep -c "^$SPRING_CLOUD_TASK_NAME|" ${bench.ledger})" -ge 3 ]`,
      ),
    );
    const execution = await bench.run('patient', 'a: second && b: ok', {
      properties: 'deployer.a.millrace.retry.max-attempts=4,deployer.a.millrace.retry.backoff=100ms',
    });
    expect((await bench.job(execution)).status).toBe('COMPLETED');
    expect(await bench.names('patient')).toEqual(['a', 'a', 'a', 'b']);
    expect((await bench.steps(execution.jobExecutionIds[0])).map(({ step_name: name }) => name)).toEqual([
      'patient-a_0',
      'patient-b_0',
    ]);
    // The step's context names the last attempt.
    const [step] = await bench.rows<{ context: string }>(
      `select short_context as context from batch_step_execution_context join batch_step_execution using (step_execution_id)
       where step_name = 'patient-a_0'`,
    );
    const attempts = await bench.ran('patient');
    expect(step?.context).toContain(`"task-execution-id":["java.lang.Long",${attempts[2]?.executionId}]`);
  });

  it('gives a child up that fails at every attempt', async () => {
    const execution = await bench.run('hopeless', 'a: fail && b: ok', {
      properties: 'deployer.*.millrace.retry.max-attempts=2,deployer.*.millrace.retry.backoff=0',
    });
    expect((await bench.job(execution)).status).toBe('FAILED');
    expect(await bench.names('hopeless')).toEqual(['a', 'a']);
  });

  it.each([
    ['late-own', 'deployer.a.millrace.timeout=2s', /^Timeout occurred while processing task with Execution Id \d+$/],
    [
      'late-max',
      'app.composed-task-runner.max-wait-time=2000',
      /^Timeout occurred while processing task with Execution Id/,
    ],
  ])('%s: ends a child that takes too long', async (name, properties, message) => {
    const execution = await bench.run(name, "a: wait 'FAILED'->b: ok", { properties });
    expect((await bench.job(execution)).status).toBe('COMPLETED');
    expect(await bench.names(name)).toEqual(['a', 'b']);
    const [step] = await bench.rows<{ exit_message: string }>(
      'select exit_message from batch_step_execution where step_name = $1',
      [`${name}-a_0`],
    );
    expect(step?.exit_message).toMatch(message);
    const { elements } = await bench.bench.list<{ endTime: string | null }>(`/tasks/executions?name=${name}-a`);
    expect(elements.every(({ endTime }) => endTime !== null)).toBe(true);
  });

  it('ends when it takes too long itself', async () => {
    const execution = await bench.run('overlong', 'a: wait && b: ok', {
      properties: 'deployer.composed-task-runner.millrace.timeout=3s',
    });
    expect(await bench.job(execution)).toEqual({
      status: 'FAILED',
      exit_code: 'FAILED',
      exit_message: 'The run was ended after 3000 ms, the time that its property millrace.timeout allows.',
    });
    expect(await bench.steps(execution.jobExecutionIds[0])).toEqual([
      { step_name: 'overlong-a_0', status: 'STOPPED', exit_code: 'STOPPED' },
    ]);
  });

  it('stops with its children, waits for none, and goes on where it was when it is restarted', async () => {
    await bench.define('halted', 'a: ok && <b: wait || c: wait || t: three> && d: ok');
    await bench.setCode('halted-t', 0);
    const launched = await bench.launch('halted');
    await Promise.all(['halted-b', 'halted-c', 'halted-t'].map((task) => bench.started(task)));
    expect((await bench.bench.stop(launched)).status).toBe(200);
    const stopped = await bench.bench.client.ended(launched);
    expect(await bench.job(stopped)).toMatchObject({ status: 'STOPPED', exit_code: 'STOPPED' });
    expect(stopped).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 0 });
    const steps = await bench.steps(stopped.jobExecutionIds[0]);
    const statuses = Object.fromEntries(steps.map(({ step_name: name, status }) => [name, status]));
    expect(statuses).toMatchObject({ 'halted-a_0': 'COMPLETED', 'halted-b_0': 'STOPPED', 'halted-c_0': 'STOPPED' });
    const open = await bench.rows(
      `select task_name from millrace_launch where parent_execution_id = $1 and state not in ('ended', 'refused')`,
      [launched.executionId],
    );
    expect(open).toEqual([]);

    await bench.openGate('halted-b');
    await bench.openGate('halted-c');
    const again = await bench.bench.run('halted', { arguments: 'run.id(long)=1' });
    expect((await bench.job(again)).status).toBe('COMPLETED');
    const all = await bench.names('halted');
    expect(all.filter((name) => name === 'a')).toHaveLength(1);
    expect(all.filter((name) => name === 'b')).toHaveLength(2);
    expect(all.at(-1)).toBe('d');
    const [instances] = await bench.rows<{ n: number }>(
      `select count(*) as n from batch_job_instance where job_name = 'halted'`,
    );
    expect(instances?.n).toBe(1);
  });

  it('repeats after a failure what has not completed, with the arguments that were recorded', async () => {
    await bench.setCode('redo-b', 5);
    const failed = await bench.run('redo', "h: fail 'FAILED'->k: ok && z: ok", {});
    expect((await bench.job(failed)).status).toBe('COMPLETED');
    await bench.define('redone', 'a: ok && b: code && c: ok');
    await bench.setCode('redone-b', 5);
    const first = await bench.bench.run('redone', { arguments: 'app.b.0=--word=first' });
    expect((await bench.job(first)).status).toBe('FAILED');
    await bench.setCode('redone-b', 0);
    const second = await bench.bench.run('redone', { arguments: 'app.b.0=--word=second run.id(long)=1' });
    expect((await bench.job(second)).status).toBe('COMPLETED');
    const ran = await bench.ran('redone');
    expect(ran.map(({ task }) => task)).toEqual(['redone-a', 'redone-b', 'redone-b', 'redone-c']);
    expect(ran[2]?.arguments).toEqual([
      '--word=first',
      `--spring.cloud.task.parent-execution-id=${second.executionId}`,
      '--spring.cloud.task.parent-schema-target=boot2',
    ]);
    expect(await bench.bench.client.log(second)).toContain('not repeated: redone-a_0 (COMPLETED)');
  });

  it('withdraws children that wait for room when it is stopped', async () => {
    const narrow = await ComposedBench.open({
      'spring.cloud.dataflow.task.platform.local.accounts.default.maximum-concurrent-tasks': '2',
      'millrace.launch.queue': 'false',
    });
    try {
      await narrow.define('blocker', 'wait');
      const blocker = await narrow.launch('blocker');
      const other = await narrow.launch('blocker');
      await narrow.define('queued', 'a: ok && b: ok');
      const launched = await narrow.launch('queued');
      await eventually(
        () => narrow.rows<{ state: string }>(`select state from millrace_launch where task_name = 'queued-a'`),
        ([launch]) => launch?.state === 'queued',
      );
      expect((await narrow.bench.stop(launched)).status).toBe(200);
      const stopped = await narrow.bench.client.ended(launched);
      expect((await narrow.job(stopped)).status).toBe('STOPPED');
      expect(await narrow.ran('queued')).toEqual([]);
      // With room again everything goes on, and children get it although launches are not queued.
      const waiting = await narrow.launch('queued');
      await narrow.openGate('blocker');
      expect((await narrow.bench.client.ended(waiting)).taskExecutionStatus).toBe('COMPLETE');
      await narrow.bench.client.ended(blocker);
      await narrow.bench.client.ended(other);
    } finally {
      await narrow.close();
    }
  });
});
