import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadSampleImages } from '../support/cluster-images.js';
import { ClusterServer } from '../support/cluster-server.js';
import { hasSampleImages, usedCluster } from '../support/cluster-suites.js';
import type { TaskExecution } from '../support/server-client.js';

interface JobExecution {
  readonly executionId: number;
  readonly name: string;
  readonly status: string;
}

interface StepResource {
  readonly stepExecution: {
    readonly stepName: string;
    readonly status: string;
    readonly readCount: number;
    readonly filterCount: number;
    readonly writeCount: number;
  };
}

const hasSamples = await hasSampleImages('Spring Batch applications in pods of a server');
const describeWithSamples = hasSamples ? describe : describe.skip;

const generations = [
  ['boot2', { image: 'batch-boot2', bootVersion: '2', jobs: ['job1', 'job2'], runId: 'run.id(long)=1' }],
  ['boot3', { image: 'batch-boot3', bootVersion: '3', jobs: ['job1'], runId: 'run.id=1,java.lang.Long' }],
] as const;

describeWithSamples('real Spring Batch applications in pods', () => {
  let server: ClusterServer;
  const ended: TaskExecution[] = [];

  beforeAll(async () => {
    server = await ClusterServer.open(usedCluster);
    const images = await loadSampleImages(usedCluster, ['batch-boot2', 'batch-boot3']);
    for (const [target, { image, bootVersion }] of generations) {
      await server.client.register(target, '1.0.0', `docker:${images[image]}`, bootVersion);
      await server.client.define(`${target}-nightly`, target);
    }
  }, 600_000);
  afterAll(async () => {
    await server?.close();
  });

  it.each(generations)(
    '%s: writes its jobs and steps to the database of the server',
    async (schemaTarget, { jobs, runId }) => {
      const launched = await server.client.launch(`${schemaTarget}-nightly`, { arguments: `${runId} note=hello` });
      expect(launched.schemaTarget).toBe(schemaTarget);
      const execution = await server.client.ended(launched, 240_000);
      ended.push(execution);
      expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });
      // The application itself has written that.
      expect(execution.arguments).toContain(`--spring.cloud.task.executionid=${launched.executionId}`);

      const ofTask = `taskExecutionId=${launched.executionId}&schemaTarget=${schemaTarget}`;
      const executions = await server.client.list<JobExecution>(`/jobs/thinexecutions?${ofTask}`);
      expect(executions.map(({ name, status }) => `${name} ${status}`).sort()).toEqual(
        jobs.map((name) => `${name} COMPLETED`),
      );
      const job = executions.find(({ name }) => name === 'job1');
      const steps = await server.client.list<StepResource>(
        `/jobs/executions/${job?.executionId}/steps?schemaTarget=${schemaTarget}`,
      );
      expect(steps.map(({ stepExecution }) => stepExecution)).toMatchObject([
        { stepName: 'job1step1', status: 'COMPLETED' },
        { stepName: 'job1step2', status: 'COMPLETED', readCount: 7, filterCount: 1, writeCount: 6 },
      ]);
    },
    300_000,
  );

  it('get the password from a Secret, and it shows nowhere else', async () => {
    const { password = '' } = server.database.connection;
    expect(password.length).toBeGreaterThan(10);
    const [secret, ...others] = (await server.core.listNamespacedSecret({ namespace: server.namespaceOf() })).items;
    expect(others).toEqual([]);
    expect(Buffer.from(secret?.data?.['password'] ?? '', 'base64').toString()).toBe(password);

    const pods = await server.pods();
    expect(pods).toHaveLength(2);
    for (const pod of pods) {
      expect(pod.spec?.containers[0]?.env).toContainEqual({
        name: 'SPRING_DATASOURCE_PASSWORD',
        valueFrom: { secretKeyRef: { name: secret?.metadata?.name, key: 'password' } },
      });
    }
    const events = await server.core.listNamespacedEvent({ namespace: server.namespaceOf() });
    const executions = await Promise.all(ended.map((execution) => server.client.execution(execution)));
    const logs = await Promise.all(ended.map((execution) => server.client.log(execution)));
    const seen = {
      pods,
      events: events.items,
      executions,
      logs,
      definitions: await server.client.get('/tasks/definitions?manifest=true'),
      audit: await server.client.get('/audit-records?size=100'),
      log: server.server.log(),
      manifests: await server.query('select * from task_execution_metadata'),
      manifests3: await server.query('select * from boot3_task_execution_metadata'),
      launches: await server.query('select * from millrace_launch'),
      parameters: await server.query('select * from task_execution_params'),
      parameters3: await server.query('select * from boot3_task_execution_params'),
    };
    expect(seen).toMatchObject({ executions: { length: 2 }, manifests: { length: 1 }, manifests3: { length: 1 } });
    for (const [place, content] of Object.entries(seen)) {
      const text = JSON.stringify(content);
      expect(`${place}: ${text}`).not.toContain(password);
      expect(`${place}: ${text}`).not.toContain(Buffer.from(password).toString('base64'));
    }
  });
});
