import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exchange, postForm, type WireAnswer } from '../support/http.js';
import { mavenHere } from '../support/maven.js';
import type { Launched, ServerClient } from '../support/server-client.js';
import { eventually } from '../support/workbench.js';
import { CompatServer } from './compat-server.js';
import { generations } from './generations.js';
import { buildApplications } from './session.js';
import { replayTarget } from './target.js';

interface StepExecution {
  readonly stepName: string;
  readonly status: string;
  readonly readCount: number;
  readonly writeCount: number;
  readonly commitCount: number;
  readonly exitStatus: { readonly exitCode: string; readonly exitDescription: string };
}

interface JobExecution {
  readonly executionId: number;
  readonly jobId: number;
  readonly name: string;
  readonly taskExecutionId: number;
  readonly jobParameters: Readonly<Record<string, string>>;
  readonly jobExecution: { readonly status: string; readonly stepExecutions: readonly StepExecution[] };
}

const target = replayTarget();
const maven = await mavenHere();
const onMillrace = target.name === 'Millrace' ? it : it.skip;
let server: CompatServer;
let client: ServerClient;
let data: string;

beforeAll(async () => {
  server = await CompatServer.start(target);
  ({ client, data } = server);
}, 120_000);

afterAll(() => server?.close(), 120_000);

if (!maven.available) {
  const skipped = `SKIPPED: restarts of real Spring Batch applications, because ${maven.reason}`;
  console.log(skipped);
  it.skip(skipped, () => {});
}

(maven.available ? describe.each(generations) : describe.skip.each(generations))(
  `a job of a real $generation application, on ${target.name}`,
  ({ bootVersion, schemaTarget, batch, runId, jobName }) => {
    const items = `items${bootVersion}`;

    beforeAll(async () => {
      const applications = await buildApplications();
      await client.register(items, '1.0.0', `file://${join(applications, batch)}`, bootVersion);
      await client.define(items, items);
    }, 30 * 60_000);

    it('that failed in its second step is restarted, and completes that step only', async () => {
      const okFile = join(data, `ok-${bootVersion}`);
      const failing = `${runId(1)} note=hello --timestamp.batch.fail-step=job1step2 --timestamp.batch.ok-file=${okFile}`;
      const first = await client.ended(await client.launch(items, { arguments: failing }));
      const failed = await jobOf(first.executionId);
      expect(failed.jobExecution.status).toBe('FAILED');
      expect(stepsOf(failed)).toEqual(['job1step1 COMPLETED', 'job1step2 FAILED']);

      await writeFile(okFile, '');
      const answer = await put(failed.executionId, 'restart=true');
      expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
      const restarted = await client.ended(await newest());
      if (target.name === 'Millrace') {
        expect(restarted).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0 });
        expect(restarted.jobExecutionIds).toHaveLength(1);
      }
      const repaired = await jobOf(restarted.executionId);
      expect(repaired).toMatchObject({ jobId: failed.jobId, jobExecution: { status: 'COMPLETED' } });
      expect(repaired.jobParameters).toEqual({ 'run.id(long)': '1', note: 'hello' });
      expect(stepsOf(repaired)).toEqual(['job1step2 COMPLETED']);
      expect((await put(repaired.executionId, 'restart=true')).status).toBe(422);
    }, 240_000);

    it('that is asked to stop does so between two chunks, and is restarted from there', async () => {
      const launched = await client.launch(items, {
        arguments: `${runId(2)} --timestamp.batch.sleep=6 --${jobName}=job1`,
      });
      const running = await eventually(
        () => jobsOf(launched.executionId),
        ([job]) => job?.jobExecution.status === 'STARTED' && job.jobExecution.stepExecutions.length > 0,
        60_000,
      );
      const id = running[0]?.executionId ?? 0;
      expect((await put(id, 'stop=true')).status).toBe(200);
      await client.ended(launched);
      const stopped = await jobOf(launched.executionId);
      expect(stopped.jobExecution.status).toBe('STOPPED');
      expect(stepsOf(stopped)).toEqual(['job1step1 STOPPED']);
      expect((await put(id, 'stop=true')).status).toBe(422);

      expect((await put(id, 'restart=true')).status).toBe(200);
      const again = await client.ended(await newest());
      const resumed = await jobOf(again.executionId);
      expect(resumed).toMatchObject({ jobId: stopped.jobId, jobExecution: { status: 'COMPLETED' } });
      expect(stepsOf(resumed)).toEqual(['job1step1 COMPLETED', 'job1step2 COMPLETED']);
    }, 240_000);

    onMillrace(
      'whose process was killed in its second step is recovered, restarted, and completes that step only',
      async () => {
        const holdFile = join(data, `hold-${bootVersion}`);
        const launched = await client.launch(items, { arguments: `${runId(3)} --sample.hold-file=${holdFile}` });
        const [running] = await eventually(
          () => jobsOf(launched.executionId),
          ([job]) => (job?.jobExecution.stepExecutions[1]?.commitCount ?? 0) > 0,
          60_000,
        );
        const id = running?.executionId ?? 0;
        expect((await recover(id)).status).toBe(409);

        // The application says in its first line which process it is.
        const log = await client.logWith(await client.execution(launched), /with PID \d+/);
        process.kill(Number(/with PID (\d+)/.exec(log)?.[1]), 'SIGKILL');
        expect(await client.ended(launched)).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 137 });
        const dead = await jobOf(launched.executionId);
        expect(stepsOf(dead)).toEqual(['job1step1 COMPLETED', 'job1step2 STARTED']);
        expect(dead.jobExecution.status).toBe('STARTED');
        expect((await put(id, 'restart=true')).status).toBe(422);

        await writeFile(holdFile, '');
        const answer = await recover(id, 'true');
        expect(answer.status).toBe(200);
        const { restart } = answer.body as { restart: Launched };
        expect(await client.ended(restart)).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0 });
        const recovered = await jobOf(launched.executionId);
        expect(stepsOf(recovered)).toEqual(['job1step1 COMPLETED', 'job1step2 FAILED']);
        expect(recovered.jobExecution.stepExecutions[1]?.exitStatus.exitDescription).toContain('SIGKILL');
        const completed = await jobOf(restart.executionId);
        expect(completed).toMatchObject({ jobId: dead.jobId, jobExecution: { status: 'COMPLETED' } });
        expect(stepsOf(completed)).toEqual(['job1step2 COMPLETED']);
        expect(completed.jobExecution.stepExecutions[0]).toMatchObject({ readCount: 7, writeCount: 6 });
      },
      240_000,
    );

    async function jobsOf(taskExecution: number): Promise<JobExecution[]> {
      const thin = await client.list<JobExecution>(
        `/jobs/thinexecutions?taskExecutionId=${taskExecution}&schemaTarget=${schemaTarget}`,
      );
      const ids = thin.filter(({ name }) => name === 'job1').map(({ executionId }) => executionId);
      return Promise.all(
        ids.map((id) => client.get(`/jobs/executions/${id}?schemaTarget=${schemaTarget}`) as Promise<JobExecution>),
      );
    }

    /** The execution of job1 in a task execution. */
    async function jobOf(taskExecution: number): Promise<JobExecution> {
      const [job] = await jobsOf(taskExecution);
      if (job === undefined) throw new Error(`task execution ${taskExecution} ran no job1`);
      return job;
    }

    async function newest(): Promise<Launched> {
      const [last] = await client.list<Launched>(`/tasks/executions?name=${items}&size=1&sort=TASK_EXECUTION_ID,DESC`);
      return { executionId: last?.executionId ?? 0, schemaTarget };
    }

    function put(id: number, query: string): Promise<WireAnswer> {
      const path = `/jobs/executions/${id}?${query}&schemaTarget=${schemaTarget}`;
      return exchange(client.baseUrl, { method: 'PUT', target: path, headers: { Accept: 'application/json' } });
    }

    function recover(id: number, restart = 'false'): Promise<WireAnswer> {
      return postForm(client.baseUrl, `/jobs/executions/${id}/recover`, { schemaTarget, restart });
    }
  },
);

function stepsOf({ jobExecution }: JobExecution): string[] {
  return jobExecution.stepExecutions.map(({ stepName, status }) => `${stepName} ${status}`);
}
