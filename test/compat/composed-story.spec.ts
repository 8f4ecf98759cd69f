import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exchange } from '../support/http.js';
import { mavenHere } from '../support/maven.js';
import type { Launched, ServerClient, TaskExecution } from '../support/server-client.js';
import { CompatServer } from './compat-server.js';
import { generations, JARS } from './generations.js';
import { buildApplications } from './session.js';
import { replayTarget } from './target.js';

interface JobExecution {
  readonly executionId: number;
  readonly jobId: number;
  readonly name: string;
  readonly taskExecutionId: number;
  readonly jobExecution: {
    readonly status: string;
    readonly stepExecutions: readonly { readonly stepName: string; readonly status: string }[];
  };
}

type Child = TaskExecution & { readonly parentExecutionId: number };

const target = replayTarget();
const maven = await mavenHere();
// SCDF's own runner is not in Maven Central in this version.
const runs = maven.available && target.name === 'Millrace';
const PATIENCE = 10 * 60_000;

if (!runs) {
  const skipped = `SKIPPED: composed tasks of real applications, because ${maven.available ? 'SCDF’s runner is not public' : maven.reason}`;
  console.log(skipped);
  it.skip(skipped, () => {});
}

(runs ? describe : describe.skip)('a nightly job of real Spring Batch and Spring Cloud Task applications', () => {
  let server: CompatServer;
  let client: ServerClient;
  let data: string;

  beforeAll(async () => {
    server = await CompatServer.start(target);
    ({ client, data } = server);
    const applications = await buildApplications();
    const at = (path: string) => `file://${join(applications, path)}`;
    await client.register('stamp2', '1.0.0', at(JARS.stamp), '2');
    await client.register('stamp3', '1.0.0', at(JARS.stamp3), '3');
    await client.register('items2', '1.0.0', at(JARS.items), '2');
    await client.register('items3', '1.0.0', at(JARS.items3), '3');
  }, 30 * 60_000);

  afterAll(() => server?.close(), 120_000);

  describe.each(generations)(
    'with a load of $generation that fails',
    ({ bootVersion: version, schemaTarget: schema, jobName, runId }) => {
      const other = version === '2' ? '3' : '2';
      const definition = (afterSouth: string) =>
        `extract: stamp2 && <north: stamp3 || south: items${version}${afterSouth} || west: items${other} || east: stamp2>` +
        ' && join: stamp3 && report: stamp2';

      /** The failing load is a job of two steps; its second one fails until the file is there. */
      const argumentsFor = (name: string) =>
        [
          `night=${name}`,
          ...[
            runId(name === 'tidy' ? 1 : 2),
            `--${jobName}=job1`,
            '--timestamp.batch.fail-step=job1step2',
            `--timestamp.batch.ok-file=${join(data, `ok-${version}`)}`,
            '--spring.cloud.task.batch.fail-on-job-failure=true',
          ].map((argument, index) => `app.south.${index}=${argument}`),
        ].join(' ');

      it(
        'cleans up and completes when a transition handles that',
        async () => {
          const name = `tidy${version}`;
          await client.define(name, definition(" 'FAILED'->clean: stamp3"));
          const execution = await client.ended(
            await client.launch(name, { arguments: argumentsFor('tidy') }),
            PATIENCE,
          );
          expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });
          const done = await jobOf(execution);
          expect(done).toMatchObject({ name, taskExecutionId: execution.executionId });
          expect(done.jobExecution.status).toBe('COMPLETED');
          expect(sorted(done)).toEqual(
            [
              'extract_0 COMPLETED',
              'north_0 COMPLETED',
              'south_0 ABANDONED',
              'west_0 COMPLETED',
              'east_0 COMPLETED',
              'clean_0 COMPLETED',
              'join_0 COMPLETED',
              'report_0 COMPLETED',
            ]
              .map((step) => `${name}-${step}`)
              .sort(),
          );
          const children = await childrenOf(execution);
          expect(children).toHaveLength(8);
          const south = children.find(({ taskName }) => taskName === `${name}-south`);
          expect(south).toMatchObject({ exitCode: 1, schemaTarget: schema });
          expect(children.filter(({ exitCode }) => exitCode !== 0)).toEqual([south]);
          for (const child of children) {
            expect(child.arguments).toContain(`--spring.cloud.task.parent-execution-id=${execution.executionId}`);
          }
          const order = children
            .toSorted((one, another) => Date.parse(one.startTime ?? '') - Date.parse(another.startTime ?? ''))
            .map(({ taskName }) => taskName.slice(name.length + 1));
          expect([order[0], ...order.slice(-2)]).toEqual(['extract', 'join', 'report']);
        },
        2 * PATIENCE,
      );

      it(
        'fails, and is completed by a restart from that load’s own failed step on',
        async () => {
          const name = `night${version}`;
          await client.define(name, definition(''));
          const execution = await client.ended(
            await client.launch(name, { arguments: argumentsFor('night') }),
            PATIENCE,
          );
          expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 0 });
          expect(execution.errorMessage).toContain(`${name}-south_0`);
          const failed = await jobOf(execution);
          expect(failed.jobExecution.status).toBe('FAILED');
          expect(sorted(failed)).toEqual(
            ['extract_0 COMPLETED', 'north_0 COMPLETED', 'south_0 FAILED', 'west_0 COMPLETED', 'east_0 COMPLETED']
              .map((step) => `${name}-${step}`)
              .sort(),
          );
          const [load] = await jobsOfLoad(name);
          expect(steps(load)).toEqual(['job1step1 COMPLETED', 'job1step2 FAILED']);

          await writeFile(join(data, `ok-${version}`), '');
          const answer = await exchange(client.baseUrl, {
            method: 'PUT',
            target: `/jobs/executions/${failed.executionId}?restart=true&schemaTarget=boot2`,
            headers: { Accept: 'application/json' },
          });
          expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
          const [newest] = await client.list<TaskExecution>(
            `/tasks/executions?name=${name}&size=1&sort=TASK_EXECUTION_ID,DESC`,
          );
          const second = await client.ended(newest as Launched, PATIENCE);
          expect(second).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });
          expect(second.executionId).not.toBe(execution.executionId);
          const completed = await jobOf(second);
          expect(completed.jobId).toBe(failed.jobId);
          expect(steps(completed)).toEqual(
            ['south_0 COMPLETED', 'join_0 COMPLETED', 'report_0 COMPLETED'].map((step) => `${name}-${step}`),
          );
          // The load got the arguments of its first launch again, so that its own job went on where it had failed as well.
          const [repaired, broken] = await jobsOfLoad(name);
          expect(repaired?.jobId).toBe(broken?.jobId);
          expect(steps(repaired)).toEqual(['job1step2 COMPLETED']);
          expect(await childrenOf(second)).toHaveLength(3);
        },
        2 * PATIENCE,
      );

      async function childrenOf({ executionId, taskName }: TaskExecution): Promise<readonly Child[]> {
        const all = await client.list<Child>('/tasks/executions?size=500');
        return all.filter((one) => one.parentExecutionId === executionId && one.taskName.startsWith(`${taskName}-`));
      }

      async function jobOf({ jobExecutionIds: [id] }: TaskExecution): Promise<JobExecution> {
        return (await client.get(`/jobs/executions/${id}?schemaTarget=boot2`)) as JobExecution;
      }

      /** The executions of the load's own job, newest first. */
      async function jobsOfLoad(name: string): Promise<readonly JobExecution[]> {
        const loads = await client.list<TaskExecution>(
          `/tasks/executions?name=${name}-south&size=10&sort=TASK_EXECUTION_ID,DESC`,
        );
        return Promise.all(
          loads.map(
            async ({ jobExecutionIds: [id] }) =>
              (await client.get(`/jobs/executions/${id}?schemaTarget=${schema}`)) as JobExecution,
          ),
        );
      }
    },
  );
});

function steps(job: JobExecution | undefined): string[] {
  return (job?.jobExecution.stepExecutions ?? []).map(({ stepName, status }) => `${stepName} ${status}`);
}

function sorted(job: JobExecution): string[] {
  return steps(job).sort();
}
