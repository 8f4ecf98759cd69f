import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ComposedBench } from '../support/composed-bench.js';
import type { Launched, TaskExecution } from '../support/server-client.js';
import { eventually } from '../support/workbench.js';

type Child = TaskExecution & { readonly parentExecutionId: number };

interface JobExecution {
  readonly executionId: number;
  readonly jobId: number;
  readonly name: string;
  readonly taskExecutionId: number;
  readonly jobParameters: Readonly<Record<string, string>>;
  readonly jobExecution: {
    readonly status: string;
    readonly exitStatus: { readonly exitCode: string; readonly exitDescription: string };
    readonly stepExecutions: readonly {
      readonly stepName: string;
      readonly status: string;
      readonly exitStatus: { readonly exitCode: string; readonly exitDescription: string };
    }[];
  };
}

const LOADS = ['north', 'south', 'west', 'legacy'];

/** A nightly job: extract, four loads side by side (one of them of Boot 3), join, report. */
const nightly = (afterSouth: string) =>
  `extract: ok && <north: wait || south: wait${afterSouth} || west: wait || legacy: three> && join: ok && report: ok`;

describe('a nightly job of extract, four loads, join and report', () => {
  let bench: ComposedBench;

  beforeAll(async () => {
    bench = await ComposedBench.open();
  }, 120_000);

  afterAll(() => bench?.close());

  /** The executions of all children of a composed task, oldest first. */
  async function childrenOf(name: string): Promise<readonly Child[]> {
    const { elements } = await bench.bench.list<Child>('/tasks/executions?size=200&sort=TASK_EXECUTION_ID,ASC');
    return elements.filter(({ taskName }) => taskName.startsWith(`${name}-`));
  }

  async function jobOf({ jobExecutionIds: [id] }: TaskExecution): Promise<JobExecution> {
    return (await bench.bench.client.get(`/jobs/executions/${id}`)) as JobExecution;
  }

  const stepsOf = ({ jobExecution }: JobExecution) =>
    Object.fromEntries(
      jobExecution.stepExecutions.map(({ stepName, status, exitStatus }) => [
        stepName,
        `${status} ${exitStatus.exitCode}`,
      ]),
    );

  const loadsOf = (name: string) => LOADS.map((load) => `${name}-${load}`);

  async function launchUntilLoads(name: string, definition: string): Promise<Launched> {
    await bench.define(name, definition);
    const launched = await bench.launch(name, {
      arguments: 'day=monday app.*.0=--size=big app.north.0=--hemisphere=n',
    });
    await Promise.all(loadsOf(name).map((load) => bench.started(load)));
    expect((await bench.names(name))[0]).toBe('extract');
    return launched;
  }

  it('cleans up after the load that fails, and completes', async () => {
    await bench.setCode('tidy-south', 3);
    const launched = await launchUntilLoads('tidy', nightly(" 'FAILED'->clean: ok"));
    // The clean-up does not wait for the other loads, the join does.
    await bench.openGate('tidy-south');
    await bench.started('tidy-clean');
    expect([...(await bench.names('tidy'))].sort()).toEqual(['clean', 'extract', ...LOADS].sort());
    await bench.openGate('tidy-north');
    await bench.openGate('tidy-west');
    const execution = await bench.bench.client.ended(launched);
    expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });
    expect((await bench.names('tidy')).slice(-2)).toEqual(['join', 'report']);

    const job = await jobOf(execution);
    expect(job).toMatchObject({
      name: 'tidy',
      taskExecutionId: execution.executionId,
      jobParameters: { 'run.id(long)': '1', day: 'monday' },
      jobExecution: { status: 'COMPLETED', exitStatus: { exitCode: 'COMPLETED', exitDescription: '' } },
    });
    expect(stepsOf(job)).toEqual({
      'tidy-extract_0': 'COMPLETED COMPLETED',
      'tidy-north_0': 'COMPLETED COMPLETED',
      'tidy-south_0': 'ABANDONED FAILED',
      'tidy-west_0': 'COMPLETED COMPLETED',
      'tidy-legacy_0': 'COMPLETED COMPLETED',
      'tidy-clean_0': 'COMPLETED COMPLETED',
      'tidy-join_0': 'COMPLETED COMPLETED',
      'tidy-report_0': 'COMPLETED COMPLETED',
    });

    const children = await childrenOf('tidy');
    expect(children.map(({ parentExecutionId }) => parentExecutionId)).toEqual(
      children.map(() => execution.executionId),
    );
    const codes = Object.fromEntries(
      children.map(({ taskName, exitCode }) => [taskName.slice('tidy-'.length), exitCode]),
    );
    expect(codes).toEqual({ extract: 0, north: 0, south: 3, west: 0, legacy: 0, clean: 0, join: 0, report: 0 });
    expect(children.filter(({ schemaTarget }) => schemaTarget === 'boot3').map(({ taskName }) => taskName)).toEqual([
      'tidy-legacy',
    ]);
    const parent = [
      `--spring.cloud.task.parent-execution-id=${execution.executionId}`,
      '--spring.cloud.task.parent-schema-target=boot2',
    ];
    for (const { taskName, arguments: given } of children) {
      const own = taskName === 'tidy-north' ? ['--size=big', '--hemisphere=n'] : ['--size=big'];
      expect({ taskName, given }).toEqual({ taskName, given: expect.arrayContaining([...own, ...parent]) });
    }
    // What is recorded is what the programs got.
    for (const { task, arguments: given } of await bench.ran('tidy')) {
      const recorded = children.find(({ taskName }) => taskName === task)?.arguments;
      expect(recorded).toEqual(expect.arrayContaining([...given]));
    }
  });

  it('ends when a load fails that nothing handles, and completes by a restart that repeats nothing', async () => {
    await bench.setCode('night-south', 3);
    const launched = await launchUntilLoads('night', nightly(''));
    await bench.openGate('night-south');
    await eventually(
      () => bench.rows<{ status: string }>(`select status from batch_step_execution where step_name = 'night-south_0'`),
      ([step]) => step?.status === 'FAILED',
    );
    await bench.openGate('night-north');
    await bench.openGate('night-west');
    const execution = await bench.bench.client.ended(launched);
    const failed = await jobOf(execution);
    expect(failed.jobExecution).toMatchObject({ status: 'FAILED', exitStatus: { exitCode: 'FAILED' } });
    expect(failed.jobExecution.exitStatus.exitDescription).toContain('night-south_0');
    expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 0 });
    // No client has to open the job to learn why.
    expect(execution.errorMessage).toBe(failed.jobExecution.exitStatus.exitDescription);
    expect(stepsOf(failed)).toEqual({
      'night-extract_0': 'COMPLETED COMPLETED',
      'night-north_0': 'COMPLETED COMPLETED',
      'night-south_0': 'FAILED FAILED',
      'night-west_0': 'COMPLETED COMPLETED',
      'night-legacy_0': 'COMPLETED COMPLETED',
    });
    expect([...(await bench.names('night'))].sort()).toEqual(['extract', ...LOADS].sort());
    const before = await childrenOf('night');

    await bench.setCode('night-south', 0);
    expect((await bench.bench.put(`/jobs/executions/${failed.executionId}?restart=true`)).status).toBe(200);
    const [newest] = await bench.bench.client.list<TaskExecution>(
      '/tasks/executions?name=night&size=1&sort=TASK_EXECUTION_ID,DESC',
    );
    if (newest === undefined) throw new Error('no execution');
    expect(newest.executionId).toBeGreaterThan(execution.executionId);
    const second = await bench.bench.client.ended(newest);
    expect(second).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });
    const job = await jobOf(second);
    expect(job).toMatchObject({
      jobId: failed.jobId,
      jobParameters: failed.jobParameters,
      jobExecution: { status: 'COMPLETED' },
    });
    expect(job.executionId).not.toBe(failed.executionId);
    expect(job.jobExecution.stepExecutions.map(({ stepName, status }) => `${stepName} ${status}`)).toEqual([
      'night-south_0 COMPLETED',
      'night-join_0 COMPLETED',
      'night-report_0 COMPLETED',
    ]);
    expect((await bench.names('night')).slice(-3)).toEqual(['south', 'join', 'report']);
    expect(await bench.names('night')).toHaveLength(8);
    const added = (await childrenOf('night')).filter(
      ({ executionId, schemaTarget }) =>
        !before.some((old) => old.executionId === executionId && old.schemaTarget === schemaTarget),
    );
    expect(added.map(({ taskName, parentExecutionId }) => [taskName, parentExecutionId])).toEqual(
      ['night-south', 'night-join', 'night-report'].map((taskName) => [taskName, second.executionId]),
    );
    expect((await jobOf(execution)).jobExecution.status).toBe('FAILED');
    expect((await bench.bench.put(`/jobs/executions/${job.executionId}?restart=true`)).status).toBe(422);
  });
});
