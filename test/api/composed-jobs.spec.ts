import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ComposedBench } from '../support/composed-bench.js';
import { openEvents } from '../support/event-client.js';
import { exchange } from '../support/http.js';
import type { TaskExecution } from '../support/server-client.js';
import { eventually, refusalOf } from '../support/workbench.js';

describe('the job of a composed task', () => {
  let bench: ComposedBench;

  beforeAll(async () => {
    bench = await ComposedBench.open({
      'management.endpoints.web.exposure.include': 'health,prometheus',
      'management.metrics.export.prometheus.enabled': 'true',
    });
  }, 120_000);

  afterAll(() => bench?.close());

  const put = (id: number | undefined, query: string) => bench.bench.put(`/jobs/executions/${id}?${query}`);

  const newest = async (name: string) => {
    const [one] = await bench.bench.client.list<TaskExecution>(
      `/tasks/executions?name=${name}&size=1&sort=TASK_EXECUTION_ID,DESC`,
    );
    if (one === undefined) throw new Error(`${name} was never launched`);
    return one;
  };

  it('is stopped with its children, and a restart of the stopped one completes it', async () => {
    await bench.define('pausing', 'a: ok && <b: wait || c: wait> && d: ok');
    const launched = await bench.launch('pausing');
    await Promise.all([bench.started('pausing-b'), bench.started('pausing-c')]);
    const running = await bench.bench.client.execution(launched);
    const [job] = running.jobExecutionIds;
    expect(refusalOf(await put(job, 'restart=true'))).toEqual({
      status: 422,
      message: expect.stringMatching(/state 'STARTED' is not restartable/),
    });
    expect((await put(job, 'stop=true')).status).toBe(200);
    const stopped = await bench.bench.client.ended(launched);
    expect(await bench.job(stopped)).toMatchObject({ status: 'STOPPED', exit_code: 'STOPPED' });
    expect(await bench.steps(job)).toEqual([
      { step_name: 'pausing-a_0', status: 'COMPLETED', exit_code: 'COMPLETED' },
      { step_name: 'pausing-b_0', status: 'STOPPED', exit_code: 'STOPPED' },
      { step_name: 'pausing-c_0', status: 'STOPPED', exit_code: 'STOPPED' },
    ]);
    expect((await put(job, 'stop=true')).status).toBe(422);

    await bench.openGate('pausing-b');
    await bench.openGate('pausing-c');
    expect((await put(job, 'restart=true')).status).toBe(200);
    const again = await bench.bench.client.ended(await newest('pausing'));
    expect(again.executionId).not.toBe(stopped.executionId);
    expect((await bench.job(again)).status).toBe('COMPLETED');
    expect([...(await bench.names('pausing'))].sort()).toEqual(['a', 'b', 'b', 'c', 'c', 'd']);
    expect(await bench.steps(again.jobExecutionIds[0])).toEqual(
      ['b', 'c', 'd'].map((name) => ({ step_name: `pausing-${name}_0`, status: 'COMPLETED', exit_code: 'COMPLETED' })),
    );
  });

  it('with a step whose end is unknown is not restarted, and the step is named', async () => {
    const failed = await bench.run('puzzle', 'a: fail && b: ok');
    const [job] = failed.jobExecutionIds;
    await bench.rows(`update batch_step_execution set status = 'UNKNOWN' where step_name = 'puzzle-a_0'`);
    expect(refusalOf(await put(job, 'restart=true'))).toEqual({
      status: 422,
      message: expect.stringMatching(/Step puzzle-a_0 of job execution \d+ is in the state UNKNOWN/),
    });
    expect((await newest('puzzle')).executionId).toBe(failed.executionId);
  });

  it('that has failed makes the exit code 1 if that is asked for', async () => {
    const execution = await bench.run('strict', 'a: fail && b: ok', {
      arguments: '--spring.cloud.task.batch.fail-on-job-failure=true',
    });
    expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 1 });
    expect(execution.errorMessage).toContain('strict-a_0');
  });

  it('has a story that can be followed while it happens', async () => {
    await bench.define('serial', 'a: wait && b: wait');
    const launched = await bench.launch('serial');
    await bench.started('serial-a');
    const { externalExecutionId } = await bench.bench.client.execution(launched);
    const stream = await openEvents(bench.bench.server.url, `/tasks/logs/${externalExecutionId}`);
    expect([stream.status, stream.contentType]).toEqual([200, 'text/event-stream']);
    const first = await stream.next();
    expect(first?.data).toMatch(/Run \d+ of 'serial' began as job execution \d+: serial-a && serial-b/);
    await bench.openGate('serial-a');
    await bench.openGate('serial-b');
    const rest = await stream.rest();
    expect(rest.at(-1)).toMatchObject({ event: 'end' });
    const followed = [first, ...rest.slice(0, -1)].map((event) => `${event?.data}\n`).join('');
    const execution = await bench.bench.client.ended(launched);
    const log = await bench.bench.client.log(execution);
    // What is written between two looks may be told in another order later: the same lines, each once.
    expect(followed.split('\n').sort()).toEqual(log.split('\n').sort());
    expect(followed).toMatch(/The run ended: COMPLETED\n$/);
    expect(log).toMatch(/Step serial-b_0 ended: COMPLETED\n.*The run ended: COMPLETED\n$/);
    // That is why a client that comes back hears all of it again.
    const again = await openEvents(bench.bench.server.url, `/tasks/logs/${externalExecutionId}`, first?.id);
    const events = await again.rest();
    expect(events[0]).toMatchObject({ event: 'again' });
    const heard = events.filter(({ event }) => event === 'message').map(({ data }) => `${data}\n`);
    expect(heard.join('')).toBe(log);
    const over = await openEvents(bench.bench.server.url, `/tasks/logs/${externalExecutionId}`, 'end');
    expect(over.status).toBe(204);
  });

  it('is counted by the metrics', async () => {
    const metrics = async () => {
      const { text } = await exchange(bench.bench.server.url, { method: 'GET', target: '/management/prometheus' });
      const value = (pattern: RegExp) =>
        Number(
          text
            .split('\n')
            .find((line) => pattern.test(line))
            ?.split(' ')
            .at(-1) ?? 0,
        );
      return {
        running: value(/^millrace_composed_runs[{ ]/),
        completed: value(/^millrace_composed_runs_ended_total\{.*status="COMPLETED"/),
        failed: value(/^millrace_composed_runs_ended_total\{.*status="FAILED"/),
        stopped: value(/^millrace_composed_runs_ended_total\{.*status="STOPPED"/),
      };
    };
    /** A run is counted right after its end is written: whoever has seen the end may be quicker. */
    const expectMetrics = async (expected: Awaited<ReturnType<typeof metrics>>) => {
      const all = JSON.stringify(expected);
      expect(await eventually(metrics, (seen) => JSON.stringify(seen) === all)).toEqual(expected);
    };
    const before = await metrics();
    await bench.run('counted-bad', 'a: fail && b: ok');
    await bench.define('counted', 'a: wait && b: ok');
    const launched = await bench.launch('counted');
    const other = await bench.launch('counted');
    await bench.started('counted-a', 2);
    await expectMetrics({ ...before, running: before.running + 2, failed: before.failed + 1 });
    await bench.bench.stop(other);
    await bench.bench.client.ended(other);
    await bench.openGate('counted-a');
    await bench.bench.client.ended(launched);
    await expectMetrics({
      running: before.running,
      completed: before.completed + 1,
      failed: before.failed + 1,
      stopped: before.stopped + 1,
    });
  });
});
