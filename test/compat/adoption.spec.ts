import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mavenHere } from '../support/maven.js';
import { type Launched, ServerClient, type TaskExecution } from '../support/server-client.js';
import type { ServerProcess } from '../support/server-process.js';
import { type Answers, problemsBetween, readEverything } from './adopted-answers.js';
import { differencesAfterAdoption, differencesAfterReturn } from './adoption-differences.js';
import { expectExactTotals } from './exact-totals.js';
import { expectStatus, REPAIR, type Story, tellStory } from './scdf-story.js';
import { buildApplications } from './session.js';
import { SharedDatabase } from './shared-database.js';

interface Step {
  readonly stepExecution: { readonly stepName: string; readonly status: string };
}

interface Manifest {
  readonly platformName: string;
  readonly taskDeploymentRequest: {
    readonly resource: string;
    readonly definition: { readonly properties: Readonly<Record<string, string>> };
    readonly deploymentProperties: Readonly<Record<string, string>>;
    readonly commandlineArguments: readonly string[];
  };
}

const maven = await mavenHere();
if (!maven.available) {
  const skipped = `SKIPPED: a database goes from the real SCDF 2.11.5 to Millrace and back, because ${maven.reason}`;
  console.log(skipped);
  it.skip(skipped, () => {});
}

/** The tests build on each other: one database goes from SCDF to Millrace, and back to SCDF. */
(maven.available ? describe : describe.skip)('a database of the real SCDF 2.11.5', () => {
  let shared: SharedDatabase;
  let story: Story;
  let theirs: { readonly baseUrl: string; readonly answers: Answers };

  beforeAll(async () => {
    const applications = await buildApplications();
    shared = await SharedDatabase.open();
    const scdf = await shared.startScdf();
    story = await tellStory(scdf.baseUrl, applications, shared.directory);
    theirs = { baseUrl: scdf.baseUrl, answers: await readEverything(scdf.baseUrl) };
    await scdf.stop();
  }, 45 * 60_000);

  afterAll(() => shared?.close(), 120_000);

  describe('taken over by Millrace', () => {
    let server: ServerProcess;
    let client: ServerClient;

    beforeAll(async () => {
      server = await shared.startMillrace();
      client = new ServerClient(server.baseUrl);
    }, 150_000);

    afterAll(() => server?.stop(), 60_000);

    it('shows every app, definition, execution, manifest, audit record and job as SCDF did', async () => {
      const ours = { baseUrl: server.baseUrl, answers: await readEverything(server.baseUrl) };
      expect(problemsBetween(theirs, ours, differencesAfterAdoption)).toEqual([]);
    }, 120_000);

    it('counts exactly what is there', () => expectExactTotals(shared, client), 60_000);

    it("launches with the last manifest's properties, merged with the new ones", async () => {
      const before = await manifestOf(shared, story.failed);
      const launched = await client.launch('morning', { properties: 'app.stamp.timestamp.exit-message=AFTER' });
      const execution = await client.ended(launched);
      expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, exitMessage: 'AFTER' });
      expect(execution.arguments).not.toContain('--timestamp.fail=true');
      const after = await manifestOf(shared, launched);
      expect(after.platformName).toBe(before.platformName);
      expect(new URL(after.taskDeploymentRequest.resource).href).toBe(
        new URL(before.taskDeploymentRequest.resource).href,
      );
      expect(withoutDataSource(after.taskDeploymentRequest.deploymentProperties)).toEqual({
        ...withoutDataSource(before.taskDeploymentRequest.deploymentProperties),
        'app.stamp.timestamp.exit-message': 'AFTER',
      });
      expect(after.taskDeploymentRequest.deploymentProperties).toMatchObject({
        'app.stamp.timestamp.sleep': '1',
        'deployer.stamp.memory': '256m',
      });
    }, 180_000);

    it('keeps to the version that SCDF launched last', async () => {
      const launched = await client.launch('pinned');
      expect(await client.ended(launched)).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0 });
      expect((await manifestOf(shared, launched)).taskDeploymentRequest.deploymentProperties).toMatchObject({
        'version.stamp': '1.1.0',
      });
    }, 180_000);

    it.each([
      ['Boot 2', 'failedJob' as const, 'ledger'],
      ['Boot 3', 'failedJob3' as const, 'ledger3'],
    ])(
      'restarts the failed job of %s where it failed',
      async (_, which, task) => {
        await writeFile(join(shared.directory, REPAIR), '');
        const { executionId, schemaTarget } = story[which];
        const [failed] = (await client.execution({ executionId, schemaTarget })).jobExecutionIds;
        await expectStatus(client, 'PUT', `/jobs/executions/${failed}?restart=true&schemaTarget=${schemaTarget}`, 200);
        const [last] = await client.list<TaskExecution>(
          `/tasks/executions?name=${task}&sort=TASK_EXECUTION_ID,desc&size=1`,
        );
        expect(last?.executionId).toBeGreaterThan(executionId);
        const execution = await client.ended({ executionId: last?.executionId ?? 0, schemaTarget });
        expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0 });
        const [restarted] = execution.jobExecutionIds;
        const steps = await client.list<Step>(`/jobs/executions/${restarted}/steps?schemaTarget=${schemaTarget}`);
        expect(steps.map(({ stepExecution }) => [stepExecution.stepName, stepExecution.status])).toEqual([
          ['job1step2', 'COMPLETED'],
        ]);
        const [job, before] = await Promise.all(
          [restarted, failed].map(
            (id) => client.get(`/jobs/executions/${id}?schemaTarget=${schemaTarget}`) as Promise<{ jobId: number }>,
          ),
        );
        expect(job?.jobId).toBe(before?.jobId);
      },
      180_000,
    );

    it('cleans up and removes executions of SCDF, with jobs and all', async () => {
      const { executionId, schemaTarget } = story.first;
      const target = (id: number, actions: string, schema: string) =>
        `/tasks/executions/${id}?action=${actions}&schemaTarget=${schema}`;
      await expectStatus(client, 'DELETE', target(executionId, 'CLEANUP', schemaTarget), 200);
      expect(await client.execution(story.first)).toMatchObject({ exitMessage: 'FIRST' });
      await expectStatus(client, 'DELETE', target(executionId, 'REMOVE_DATA', schemaTarget), 200);
      const [job] = (await client.execution(story.failedJob3)).jobExecutionIds;
      await expectStatus(
        client,
        'DELETE',
        target(story.failedJob3.executionId, 'CLEANUP,REMOVE_DATA', story.failedJob3.schemaTarget),
        200,
      );
      const left = await shared.query<{ what: string }>(
        `select 'execution' as what from task_execution where task_execution_id = $1
         union all select 'manifest' from task_execution_metadata where task_execution_id = $1
         union all select 'parameters' from task_execution_params where task_execution_id = $1
         union all select 'job' from boot3_batch_job_execution where job_execution_id = $2
         union all select 'step' from boot3_batch_step_execution where job_execution_id = $2`,
        [executionId, job],
      );
      expect(left).toEqual([]);
      await expectStatus(client, 'GET', `/tasks/executions/${executionId}?schemaTarget=${schemaTarget}`, 404);
    }, 60_000);

    it('registers, defines and launches anew', async () => {
      await client.register('stamp', '1.2.0', `file://${join(shared.directory, 'timestamp-task-1.2.0.jar')}`, '2');
      await client.define('evening', 'stamp --format=HH');
      await client.define('evening-chain', 'a: stamp && b: stamp3');
      const execution = await client.ended(
        await client.launch('evening', { properties: 'app.stamp.timestamp.exit-message=OURS' }),
      );
      expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitMessage: 'OURS' });
    }, 180_000);

    it('still counts exactly what is there', async () => {
      await expectExactTotals(shared, client);
      theirs = { baseUrl: server.baseUrl, answers: await readEverything(server.baseUrl) };
    }, 60_000);
  });

  describe('given back to SCDF', () => {
    let server: ServerProcess;
    let client: ServerClient;

    beforeAll(async () => {
      server = await shared.startScdf();
      client = new ServerClient(server.baseUrl);
    }, 300_000);

    afterAll(() => server?.stop(), 90_000);

    it('starts, and nothing was migrated', async () => {
      const rows = await shared.query<{ version: string; success: boolean }>(
        'select version, success from flyway_schema_history_dataflow order by installed_rank',
      );
      expect(rows).toEqual(Array.from({ length: 13 }, (_, index) => ({ version: `${index + 1}`, success: true })));
    });

    it('reads everything that Millrace showed, also what Millrace wrote', async () => {
      const again = { baseUrl: server.baseUrl, answers: await readEverything(server.baseUrl) };
      expect(problemsBetween(again, theirs, differencesAfterReturn)).toEqual([]);
    }, 120_000);

    it("launches with the properties of Millrace's last manifest", async () => {
      const execution = await client.ended(
        await client.launch('evening', { properties: 'app.stamp.timestamp.sleep=1' }),
        300_000,
      );
      expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, exitMessage: 'OURS' });
    }, 320_000);
  });
});

async function manifestOf(shared: SharedDatabase, { executionId, schemaTarget }: Launched): Promise<Manifest> {
  const table = `${schemaTarget === 'boot3' ? 'boot3_' : ''}task_execution_metadata`;
  const rows = await shared.query<{ manifest: string }>(
    `select task_execution_manifest as manifest from ${table} where task_execution_id = $1`,
    [executionId],
  );
  if (rows.length !== 1) throw new Error(`${rows.length} manifests of execution ${executionId}`);
  return JSON.parse(rows[0]?.manifest ?? '') as Manifest;
}

/** Without what each server adds anew at every launch. */
function withoutDataSource(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !name.includes('.spring.datasource.')));
}
