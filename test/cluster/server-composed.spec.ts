import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ClusterServer } from '../support/cluster-server.js';
import { describeWithCluster, usedCluster } from '../support/cluster-suites.js';
import type { Launched, TaskExecution } from '../support/server-client.js';
import { eventually } from '../support/workbench.js';

interface Step {
  readonly stepExecution: {
    readonly stepName: string;
    readonly status: string;
    readonly exitStatus: { readonly exitCode: string };
  };
}

/** What the container of a child does, in clusters with real containers and in those where pods are played. */
interface Child {
  readonly script: string;
  readonly exitCode?: number;
  readonly runFor?: string;
}

describeWithCluster('a server runs composed tasks on Kubernetes', () => {
  let server: ClusterServer;

  beforeAll(async () => {
    server = await ClusterServer.open(usedCluster, { accounts: ['default', 'other'] });
  });
  afterAll(async () => {
    await server?.close();
  });

  const propertiesOf = (children: Readonly<Record<string, Child>>): string =>
    Object.entries(children)
      .flatMap(([label, { script, exitCode = 0, runFor = '1s' }]) => [
        `deployer.${label}.kubernetes.container-command=sh -c "${script}"`,
        `deployer.${label}.kubernetes.termination-grace-period-seconds=1`,
        `deployer.${label}.kubernetes.pod-annotations=kapi.test/exit-code:${exitCode},kapi.test/run-for:${runFor}`,
      ])
      .join(',');

  const childrenOf = async ({ executionId }: Launched): Promise<readonly TaskExecution[]> => {
    const all = await server.client.list<TaskExecution & { parentExecutionId: number | null }>(
      '/tasks/executions?size=200&sort=TASK_EXECUTION_ID,ASC',
    );
    return all.filter(({ parentExecutionId }) => parentExecutionId === executionId);
  };

  it('a pod for each child, none for the run itself', async () => {
    const text =
      'extract: busybox && <good: busybox || bad: busybox 3->mend: busybox || far: busybox> && report: busybox';
    await server.client.define('night', text);
    const properties = propertiesOf({
      extract: { script: 'echo extracted' },
      good: { script: 'sleep 1' },
      bad: { script: 'exit 3', exitCode: 3 },
      mend: { script: 'true' },
      far: { script: 'true' },
      report: { script: 'true' },
    });
    const launched = await server.client.launch('night', { properties });
    const run = await server.client.ended(launched);
    expect(run).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });

    const children = await childrenOf(launched);
    expect(children.map(({ taskName }) => taskName).sort()).toEqual(
      ['bad', 'extract', 'far', 'good', 'mend', 'report'].map((name) => `night-${name}`),
    );
    expect(children.at(0)?.taskName).toBe('night-extract');
    expect(children.at(-1)?.taskName).toBe('night-report');
    expect(children.find(({ taskName }) => taskName === 'night-bad')).toMatchObject({ exitCode: 3 });
    for (const child of children) expect(await server.pods('default', child)).toHaveLength(1);
    expect(await server.pods('default', launched)).toEqual([]);

    const steps = await server.client.list<Step>(`/jobs/executions/${run.jobExecutionIds[0]}/steps?schemaTarget=boot2`);
    expect(steps.map(({ stepExecution: { stepName, status } }) => `${stepName} ${status}`).sort()).toEqual([
      'night-bad_0 ABANDONED',
      ...['extract', 'far', 'good', 'mend', 'report'].map((name) => `night-${name}_0 COMPLETED`),
    ]);
    expect(await server.client.log(run)).toMatch(/night-bad.*exit code 3[^]*night-mend was launched[^]*COMPLETED/);
  }, 180_000);

  it('that are stopped with their pods', async () => {
    await server.client.define('long', 'one: busybox && <two: busybox || three: busybox> && four: busybox');
    const properties = propertiesOf({
      one: { script: 'true' },
      two: { script: 'sleep 600', runFor: '600s' },
      three: { script: 'sleep 600', runFor: '600s' },
      four: { script: 'true' },
    });
    const launched = await server.client.launch('long', {
      properties: `${properties},spring.cloud.dataflow.task.platformName=other`,
    });
    await eventually(
      () => childrenOf(launched),
      (children) => children.filter(({ taskExecutionStatus }) => taskExecutionStatus === 'RUNNING').length === 2,
      90_000,
    );
    expect(await server.stop(launched)).toMatchObject({ status: 200 });
    const run = await server.client.ended(launched);
    expect(run.errorMessage).toBe('The run was stopped.');
    const children = await childrenOf(launched);
    expect(children.map(({ taskName }) => taskName)).not.toContain('long-four');
    for (const child of children) {
      expect(child.endTime).not.toBeNull();
      expect(child.platformName).toBe('other');
    }
    await eventually(
      () => server.pods('other'),
      (pods) => pods.every(({ status }) => status?.containerStatuses?.every(({ state }) => state?.terminated)),
      90_000,
    );
  }, 300_000);
});
