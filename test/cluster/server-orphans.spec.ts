import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BatchV1Api } from '@kubernetes/client-node';
import { kubeConfigOf } from '../support/cluster.js';
import { podOf } from '../support/cluster-pods.js';
import { ClusterServer, type Work } from '../support/cluster-server.js';
import { describeWithCluster, usedCluster } from '../support/cluster-suites.js';
import { exchange } from '../support/http.js';
import type { TaskExecution } from '../support/server-client.js';
import { eventually } from '../support/workbench.js';

interface Orphan {
  readonly name: string;
  readonly platformName: string;
  readonly phase: string | null;
}

describeWithCluster('pods of executions whose rows are gone', () => {
  let server: ClusterServer;

  beforeAll(async () => {
    server = await ClusterServer.open(usedCluster, {
      accounts: ['default', 'other'],
      // Played pods know nothing of deadlines: they end when they are overdue.
      environment: { MILLRACE_KUBERNETES_STOP_TIMEOUT: '3s' },
    });
  });
  afterAll(async () => {
    await server?.close();
  });

  const orphans = () => server.client.list<Orphan>('/millrace/orphans');
  const remove = (names: readonly string[], platform = 'default') =>
    exchange(server.server.baseUrl, {
      method: 'DELETE',
      target: `/millrace/orphans?platform=${platform}&names=${names.join(',')}`,
    });
  const removeRow = async ({ executionId, schemaTarget }: TaskExecution) => {
    const target = `/tasks/executions/${executionId}?schemaTarget=${schemaTarget}&action=REMOVE_DATA`;
    expect(await exchange(server.server.baseUrl, { method: 'DELETE', target })).toMatchObject({ status: 200 });
  };
  const running = async (work: Work) => {
    const launched = await server.launch(work);
    return eventually(
      () => server.client.execution(launched),
      ({ taskExecutionStatus }) => taskExecutionStatus === 'RUNNING',
    );
  };
  const podNames = async (account?: string) =>
    (await server.pods(account)).map(({ metadata }) => metadata?.name ?? '').sort();

  it('are listed and removed, and no others', async () => {
    const stranger = podOf('of-somebody-else', { command: ['true'] });
    await server.core.createNamespacedPod({ namespace: server.namespaceOf(), body: stranger });
    const neighbour = podOf('of-another-server', { command: ['true'] });
    const labels = { 'millrace/instance': 'another', 'millrace/execution-id': '1', 'millrace/schema-target': 'boot2' };
    await server.core.createNamespacedPod({
      namespace: server.namespaceOf(),
      body: { ...neighbour, metadata: { ...neighbour.metadata, labels } },
    });
    const kept = await server.run({ script: 'true' });
    const lost = await server.run({ script: 'exit 3', played: { exitCode: 3 } });
    const elsewhere = await server.run({ script: 'true', account: 'other' });
    expect(await orphans()).toEqual([]);

    await removeRow(lost);
    await removeRow(elsewhere);
    expect(await orphans()).toEqual([
      expect.objectContaining({
        name: lost.externalExecutionId,
        platformName: 'default',
        platformType: 'Kubernetes',
        phase: 'failed',
        executionId: lost.executionId,
        exitCode: 3,
      }),
      expect.objectContaining({ name: elsewhere.externalExecutionId, platformName: 'other', phase: 'succeeded' }),
    ]);
    expect((await remove([kept.externalExecutionId])).status).toBe(409);
    for (const name of ['of-somebody-else', 'of-another-server']) expect((await remove([name])).status).toBe(404);

    const names = [lost.externalExecutionId];
    expect(await remove(names)).toMatchObject({ status: 200, body: { removed: names, stopping: [] } });
    await eventually(podNames, (left) => !left.includes(lost.externalExecutionId));
    expect(await podNames()).toEqual(['of-another-server', 'of-somebody-else', kept.externalExecutionId].sort());
    expect(await podNames('other')).toEqual([elsewhere.externalExecutionId]);
    await remove([elsewhere.externalExecutionId], 'other');
    await eventually(orphans, (left) => left.length === 0);
    await eventually(
      () => podNames('other'),
      (left) => left.length === 0,
    );
  }, 120_000);

  it('are stopped first where they still run', async () => {
    const execution = await running({ script: 'sleep 600', played: { runFor: '600s' } });
    const names = [execution.externalExecutionId];
    await removeRow(execution);
    expect(await orphans()).toMatchObject([{ name: names[0], phase: 'running' }]);
    expect((await remove(names)).status).toBe(200);
    // Until it has ended it is still listed, and can be asked for again.
    await eventually(
      async () => (await orphans()).length === 0 || (await remove(names)).status === 404,
      (gone) => gone,
    );
    await eventually(podNames, (left) => !left.includes(execution.externalExecutionId));
    expect(await orphans()).toEqual([]);
  }, 120_000);

  it('are jobs with all their pods', async () => {
    const batch = kubeConfigOf(usedCluster).makeApiClient(BatchV1Api);
    const execution = await server.run({
      script: 'exit 4',
      properties: { 'kubernetes.createJob': 'true', 'kubernetes.backoffLimit': '1' },
      played: { exitCode: 4 },
    });
    await removeRow(execution);
    const names = [execution.externalExecutionId];
    expect(await orphans()).toMatchObject([{ name: names[0], phase: 'failed' }]);
    expect(await remove(names)).toMatchObject({ status: 200, body: { removed: names, stopping: [] } });
    await eventually(
      async () => (await batch.listNamespacedJob({ namespace: server.namespaceOf() })).items,
      (jobs) => jobs.length === 0,
    );
    await eventually(podNames, (left) => left.every((name) => !name.startsWith(execution.externalExecutionId)));
    expect(await orphans()).toEqual([]);
  }, 120_000);
});
