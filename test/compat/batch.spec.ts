import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mavenHere } from '../support/maven.js';
import type { ServerClient } from '../support/server-client.js';
import { CompatServer } from './compat-server.js';
import { generations } from './generations.js';
import { buildApplications } from './session.js';
import { replayTarget } from './target.js';

interface StepExecution {
  readonly id: number;
  readonly stepName: string;
  readonly status: string;
  readonly readCount: number;
  readonly writeCount: number;
  readonly filterCount: number;
  readonly commitCount: number;
  readonly rollbackCount: number;
  readonly exitStatus: { readonly exitCode: string; readonly exitDescription: string };
}

interface JobExecution {
  readonly executionId: number;
  readonly jobId: number;
  readonly taskExecutionId: number;
  readonly name: string;
  readonly schemaTarget: string;
  readonly jobParameters: Readonly<Record<string, string>>;
  readonly jobExecution: { readonly status: string; readonly stepExecutions: readonly StepExecution[] };
}

interface StepResource {
  readonly stepExecution: StepExecution;
  readonly stepType: string;
}

interface JobInstance {
  readonly jobName: string;
  readonly jobInstanceId: number;
  readonly jobExecutions: readonly JobExecution[];
}

const target = replayTarget();
const maven = await mavenHere();
let server: CompatServer;
let client: ServerClient;
let data: string;

beforeAll(async () => {
  server = await CompatServer.start(target);
  ({ client, data } = server);
}, 120_000);

afterAll(() => server?.close(), 120_000);

if (!maven.available) {
  const skipped = `SKIPPED: real Spring Batch and Spring Cloud Task applications, because ${maven.reason}`;
  console.log(skipped);
  it.skip(skipped, () => {});
}

(maven.available ? describe.each(generations) : describe.skip.each(generations))(
  `a real $generation application, launched by ${target.name}`,
  ({ bootVersion, schemaTarget, timestamp, batch, jobs, runId, jobName }) => {
    const stamp = `stamp${bootVersion}`;
    const items = `items${bootVersion}`;

    beforeAll(async () => {
      const applications = await buildApplications();
      await client.register(stamp, '1.0.0', `file://${join(applications, timestamp)}`, bootVersion);
      await client.register(items, '1.0.0', `file://${join(applications, batch)}`, bootVersion);
      await client.define(stamp, `${stamp} --format='yyyy MM'`);
      await client.define(items, items);
    }, 30 * 60_000);

    it('runs a task: arguments and properties arrive, state, exit code and log come back', async () => {
      const launched = await client.launch(stamp, {
        arguments: '--timestamp.exit-message=DONE --greeting="two words"',
        properties: `app.${stamp}.timestamp.sleep=1`,
      });
      expect(launched.schemaTarget).toBe(schemaTarget);
      const execution = await client.ended(launched);
      expect(execution).toMatchObject({
        taskName: stamp,
        taskExecutionStatus: 'COMPLETE',
        exitCode: 0,
        exitMessage: 'DONE',
        errorMessage: null,
        schemaTarget,
        platformName: 'default',
        jobExecutionIds: [],
      });
      expect(execution.arguments).toContain('--timestamp.exit-message=DONE');
      expect(execution.arguments).toContain(`--spring.cloud.task.executionid=${launched.executionId}`);
      expect(Date.parse(execution.endTime ?? '') - Date.parse(execution.startTime ?? '')).toBeGreaterThanOrEqual(1_000);
      await client.logWith(execution, /^TIMESTAMP: \d{4} \d\d$/m, /^ARGUMENT: --greeting="?two words"?$/m);
    }, 180_000);

    it('reports a task that fails, with its exception', async () => {
      const execution = await client.ended(await client.launch(stamp, { arguments: '--timestamp.fail=true' }));
      expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 1, schemaTarget });
      expect(execution.errorMessage).toContain('asked to fail');
      await client.logWith(execution, /IllegalStateException: asked to fail/);
    }, 180_000);

    it('shows the jobs and steps of a batch run', async () => {
      const execution = await client.ended(await client.launch(items, { arguments: `${runId(1)} note=hello` }));
      expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0 });
      expect(execution.jobExecutionIds).toHaveLength(jobs.length);

      const ofTask = `taskExecutionId=${execution.executionId}&schemaTarget=${schemaTarget}`;
      const thin = await client.list<JobExecution>(`/jobs/thinexecutions?${ofTask}`);
      expect(thin.map(({ name }) => name).sort()).toEqual(jobs);
      expect([...thin.map(({ executionId }) => executionId)].sort()).toEqual([...execution.jobExecutionIds].sort());

      const job = thin.find(({ name }) => name === 'job1');
      const path = `/jobs/executions/${job?.executionId}`;
      const detail = (await client.get(`${path}?schemaTarget=${schemaTarget}`)) as JobExecution;
      expect(detail).toMatchObject({
        name: 'job1',
        taskExecutionId: execution.executionId,
        jobParameters: { 'run.id(long)': '1', note: 'hello' },
        jobExecution: { status: 'COMPLETED' },
      });

      const steps = await client.list<StepResource>(`${path}/steps?schemaTarget=${schemaTarget}`);
      expect(steps.map(({ stepExecution }) => stepExecution)).toMatchObject([
        { stepName: 'job1step1', status: 'COMPLETED', readCount: 0, writeCount: 0, commitCount: 1 },
        { stepName: 'job1step2', status: 'COMPLETED', readCount: 7, filterCount: 1, writeCount: 6, commitCount: 3 },
      ]);
      const step = `${path}/steps/${steps[1]?.stepExecution.id}`;
      expect(await client.get(`${step}?schemaTarget=${schemaTarget}`)).toMatchObject({
        stepType: 'Chunk Oriented Step',
        stepExecution: { stepName: 'job1step2', exitStatus: { exitCode: 'COMPLETED' } },
      });
      expect(await client.get(`${step}/progress?schemaTarget=${schemaTarget}`)).toMatchObject({
        percentageComplete: 1,
        finished: true,
        stepExecutionHistory: { stepName: 'job1step2', count: 1, readCount: { count: 1, mean: 7 } },
      });
    }, 180_000);

    it('shows a job that fails in its second step, and the exit code that was asked for', async () => {
      const failing = `${runId(2)} --timestamp.batch.fail-step=job1step2`;
      const strict = await client.ended(
        await client.launch(items, { arguments: `${failing} --spring.cloud.task.batch.fail-on-job-failure=true` }),
      );
      expect(strict).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 1 });
      expect(strict.errorMessage).toContain('job1');

      const failed = (await client.get(
        `/jobs/executions/${strict.jobExecutionIds[0]}?schemaTarget=${schemaTarget}`,
      )) as JobExecution;
      expect(failed.jobExecution.status).toBe('FAILED');
      const [first, second] = failed.jobExecution.stepExecutions;
      expect(first).toMatchObject({ stepName: 'job1step1', status: 'COMPLETED' });
      expect(second).toMatchObject({
        stepName: 'job1step2',
        status: 'FAILED',
        readCount: 6,
        writeCount: 2,
        commitCount: 1,
        rollbackCount: 1,
      });
      expect(second?.exitStatus.exitDescription).toContain('step job1step2 was asked to fail');
      const byStatus = await client.list<JobExecution>('/jobs/executions?status=FAILED&size=100');
      expect(byStatus.filter((job) => job.schemaTarget === schemaTarget).map((job) => job.executionId)).toContain(
        failed.executionId,
      );
    }, 180_000);

    it('keeps the executions of one job instance together when a failed job is launched again', async () => {
      const okFile = join(data, `ok-${bootVersion}`);
      const parameters = `${runId(3)} --${jobName}=job1`;
      const again = `${parameters} --timestamp.batch.fail-step=job1step2 --timestamp.batch.ok-file=${okFile}`;
      const lenient = await client.ended(await client.launch(items, { arguments: again }));
      expect(lenient).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0 });
      await writeFile(okFile, '');
      const second = await client.ended(await client.launch(items, { arguments: again }));
      expect(second).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0 });

      const [failed] = await jobsOf(lenient.executionId);
      const [repaired] = await jobsOf(second.executionId);
      expect(repaired?.jobId).toBe(failed?.jobId);
      const instance = (await client.get(
        `/jobs/instances/${failed?.jobId}?schemaTarget=${schemaTarget}`,
      )) as JobInstance;
      expect(instance.jobName).toBe('job1');
      expect(instance.jobExecutions.map(({ executionId }) => executionId).sort()).toEqual(
        [failed?.executionId, repaired?.executionId].sort(),
      );
      const steps = await client.list<StepResource>(
        `/jobs/executions/${repaired?.executionId}/steps?schemaTarget=${schemaTarget}`,
      );
      expect(steps.map(({ stepExecution }) => stepExecution.stepName)).toEqual(['job1step2']);
    }, 240_000);

    function jobsOf(taskExecution: number): Promise<JobExecution[]> {
      return client.list(`/jobs/thinexecutions?taskExecutionId=${taskExecution}&schemaTarget=${schemaTarget}`);
    }
  },
);

// SCDF's Local platform starts everything with `java -jar`.
(target.name === 'Millrace' ? describe : describe.skip)(`a plain program, launched by ${target.name}`, () => {
  const program = `#!/bin/sh
echo "hello from process $$"
for argument in "$@"; do
  echo "argument: $argument"
  case "$argument" in
    --exit=*) code="\${argument#--exit=}" ;;
  esac
done
echo "a complaint" >&2
exit "\${code:-0}"
`;

  beforeAll(async () => {
    const path = join(data, 'greet.sh');
    await writeFile(path, program);
    await chmod(path, 0o755);
    await client.register('greet', '1.0.0', `file://${path}`);
    await client.define('greet', 'greet');
  });

  it('ends well: state, exit code and log are those of the process', async () => {
    const execution = await client.ended(await client.launch('greet', { arguments: '--name=you "two words"' }));
    expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });
    await client.logWith(
      execution,
      /^hello from process \d+$/m,
      /^argument: --name=you$/m,
      /^argument: two words$/m,
      /^a complaint$/m,
    );
  }, 60_000);

  it('fails: the exit code of the process is that of the execution', async () => {
    const execution = await client.ended(await client.launch('greet', { arguments: '--exit=3' }));
    expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 3 });
    expect(execution.startTime).not.toBeNull();
  }, 60_000);
});
