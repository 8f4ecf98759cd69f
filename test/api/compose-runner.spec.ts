import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RunnerBench } from '../support/runner-bench.js';

let bench: RunnerBench;

beforeAll(async () => {
  bench = await RunnerBench.open();
}, 120_000);

afterEach(() => bench.killAll());

afterAll(() => bench?.close(), 120_000);

describe('the composed task runner', () => {
  it('runs a sequence, and writes the rows of SCDF’s runner', async () => {
    await bench.composed.define('seq', 'a: ok && b: ok');
    const { code, output } = await bench.run('seq', 'seq-a && seq-b', [
      'day=monday',
      '--composed-task-arguments=--b.x=1',
    ]);
    expect({ code, output }).toMatchObject({ code: 0 });

    const [task] = await bench.written.executions('seq');
    expect(task).toMatchObject({ exit_code: 0, ended: true, parent: null, error_message: null });
    const recorded = await bench.composed.rows<{ word: string }>(
      'select task_param as word from task_execution_params where task_execution_id = $1',
      [task?.id],
    );
    expect(recorded.map(({ word }) => word)).toEqual([
      '--graph=seq-a && seq-b',
      `--dataflow-server-uri=${bench.url}`,
      '--interval-time-between-checks=500',
      'day=monday',
      '--composed-task-arguments=--b.x=1',
      '--spring.cloud.data.flow.taskappname=composed-task-runner',
    ]);

    const [job] = await bench.written.jobs('seq');
    const key = createHash('md5').update('day=monday;run.id=1;').digest('hex');
    expect(job).toMatchObject({ status: 'COMPLETED', exit_code: 'COMPLETED', exit_message: '', job_key: key });
    const linked = await bench.composed.rows(
      'select job_execution_id as id from task_task_batch where task_execution_id = $1',
      [task?.id],
    );
    expect(linked).toEqual([{ id: job?.id }]);
    expect(
      await bench.composed.rows(
        'select key_name, type_cd, long_val, string_val, identifying from batch_job_execution_params where job_execution_id = $1 order by 1',
        [job?.id],
      ),
    ).toEqual([
      { key_name: 'day', type_cd: 'STRING', long_val: 0, string_val: 'monday', identifying: 'Y' },
      { key_name: 'run.id', type_cd: 'LONG', long_val: 1, string_val: '', identifying: 'Y' },
    ]);

    const [first] = await bench.written.executions('seq-a');
    const [second] = await bench.written.executions('seq-b');
    expect([first, second]).toMatchObject([
      { parent: task?.id, exit_code: 0 },
      { parent: task?.id, exit_code: 0 },
    ]);
    const parent = [
      `--spring.cloud.task.parent-execution-id=${task?.id}`,
      '--spring.cloud.task.parent-schema-target=boot2',
    ];
    const context = (child: string, id: number | undefined, given: readonly string[]) => ({
      '@class': 'java.util.HashMap',
      'schema-target': 'boot2',
      'task-arguments': ['java.util.ArrayList', given],
      'task-execution-id': ['java.lang.Long', id],
      'batch.taskletType': 'org.springframework.cloud.dataflow.composedtaskrunner.TaskLauncherTasklet',
      'task-name': child,
      'batch.stepType': 'org.springframework.batch.core.step.tasklet.TaskletStep',
    });
    const written = await bench.written.steps(job?.id);
    expect(written.map(({ context: text, ...step }) => ({ ...step, context: JSON.parse(text) as unknown }))).toEqual([
      {
        name: 'seq-a_0',
        status: 'COMPLETED',
        exit_code: 'COMPLETED',
        exit_message: '',
        context: context('seq-a', first?.id, parent),
      },
      {
        name: 'seq-b_0',
        status: 'COMPLETED',
        exit_code: 'COMPLETED',
        exit_message: '',
        context: context('seq-b', second?.id, ['--x=1', ...parent]),
      },
    ]);
    // The server shows them as it shows those of SCDF's runner.
    const shown = await bench.workbench.client.get(`/tasks/executions/${task?.id}`);
    expect(shown).toMatchObject({ taskExecutionStatus: 'COMPLETE', jobExecutionIds: [job?.id] });
  }, 120_000);

  it('runs a split side by side, and what comes after it', async () => {
    await bench.composed.define('spl', '<a: wait || b: wait> && c: ok');
    const runner = bench.start('spl', '<spl-a || spl-b> && spl-c');
    // Neither ends before both run.
    for (const child of ['spl-a', 'spl-b']) await bench.composed.started(child);
    for (const child of ['spl-a', 'spl-b']) await bench.composed.openGate(child);
    expect(await runner.ended()).toBe(0);
    const [job] = await bench.written.jobs('spl');
    expect([...(await bench.written.outcomes(job?.id))].sort()).toEqual([
      'spl-a_0 COMPLETED',
      'spl-b_0 COMPLETED',
      'spl-c_0 COMPLETED',
    ]);
  }, 120_000);

  it('follows transitions, by exit status and by exit code', async () => {
    await bench.composed.define('tra', "a: code 3->b: ok '*'->c: ok");
    await bench.composed.setCode('tra-a', 3);
    expect((await bench.run('tra', "tra-a 'FAILED'->tra-b '*'->tra-c")).code).toBe(0);
    const byNumber = await bench.run('tra', 'tra-a 3->tra-b 4->tra-c');
    expect(byNumber).toMatchObject({ code: 0, output: expect.stringContaining('ended COMPLETED') });
    const [byStatus, byCode] = await bench.written.jobs('tra');
    expect([byStatus, byCode]).toMatchObject([{ status: 'COMPLETED' }, { status: 'COMPLETED' }]);
    for (const job of [byStatus, byCode]) {
      expect(await bench.written.outcomes(job?.id)).toEqual(['tra-a_0 ABANDONED', 'tra-b_0 COMPLETED']);
    }
  }, 120_000);

  it('fails with its children; its exit code tells of it where that is wanted; a restart goes on where it failed', async () => {
    await bench.composed.define('res', 'a: ok && b: code && c: ok');
    await bench.composed.setCode('res-b', 1);
    const graph = 'res-a && res-b && res-c';
    expect((await bench.run('res', graph)).code).toBe(0);
    expect((await bench.run('res', graph, ['--spring.cloud.task.batch.fail-on-job-failure=true'])).code).toBe(1);
    const [first, second] = await bench.written.jobs('res');
    expect([first, second]).toMatchObject([{ status: 'FAILED' }, { status: 'FAILED' }]);
    expect(first?.instance).not.toBe(second?.instance);
    expect(await bench.written.outcomes(first?.id)).toEqual(['res-a_0 COMPLETED', 'res-b_0 FAILED']);
    expect((await bench.written.steps(first?.id))[1]?.exit_message).toMatch(/^Task returned a non zero exit code\./);
    const [task, other] = await bench.written.executions('res');
    expect([task, other]).toMatchObject([{ exit_code: 0, error_message: null }, { exit_code: 1 }]);
    expect(await bench.workbench.client.get(`/tasks/executions/${task?.id}`)).toMatchObject({
      taskExecutionStatus: 'ERROR',
    });

    await bench.composed.setCode('res-b', 0);
    expect((await bench.run('res', graph, ['run.id(long)=1'])).code).toBe(0);
    const again = (await bench.written.jobs('res')).at(-1);
    expect(again).toMatchObject({ instance: first?.instance, status: 'COMPLETED' });
    expect(await bench.written.outcomes(again?.id)).toEqual(['res-b_0 COMPLETED', 'res-c_0 COMPLETED']);

    const refused = await bench.run('res', graph, ['run.id(long)=1']);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('already exists and is complete') });
    expect((await bench.written.executions('res')).at(-1)).toMatchObject({
      exit_code: 1,
      ended: true,
      error_message: expect.stringContaining('already exists and is complete'),
    });
  }, 120_000);

  it('tries a child again as its properties say', async () => {
    const count = join(bench.workbench.directory, 'count');
    await bench.workbench.scriptTask('ret-a', `echo x >> ${count}`, `test "$(wc -l < ${count})" -ge 3`);
    const properties = { 'deployer.a.millrace.retry.max-attempts': '3', 'deployer.a.millrace.retry.backoff': '10ms' };
    const words = Object.entries(properties).map(([key, value]) => `--composed-task-app-properties.${key}=${value}`);
    expect((await bench.run('ret', 'ret-a', words)).code).toBe(0);
    expect((await bench.written.executions('ret-a')).map(({ exit_code: code }) => code)).toEqual([1, 1, 0]);
    const [job] = await bench.written.jobs('ret');
    expect(await bench.written.outcomes(job?.id)).toEqual(['ret-a_0 COMPLETED']);
  }, 120_000);
});
