import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { V1EnvVar, V1Pod } from '@kubernetes/client-node';
import { type Cluster, randomName } from '../support/cluster.js';
import { createIdentity, documentedRulesButSecrets } from '../support/cluster-identity.js';
import { loadSampleImages } from '../support/cluster-images.js';
import { createTestNamespace, type TestNamespace } from '../support/cluster-namespace.js';
import { ClusterServer, type Work } from '../support/cluster-server.js';
import { describeWithCluster, hasSampleImages, itWithContainers, usedCluster } from '../support/cluster-suites.js';
import type { TaskExecution } from '../support/server-client.js';

const itWithSamples = (await hasSampleImages('a Spring Batch application with a Secret of the operator'))
  ? it
  : it.skip;

/** The operator's Secret. */
const SECRET = 'tasks-database';

interface JobExecution {
  readonly name: string;
  readonly status: string;
}

/** The account that the server has no right on Secrets in. */
const ACCOUNT = 'poor';

describeWithCluster('tasks whose user and password stand in a Secret of the operator', () => {
  let server: ClusterServer;
  let namespace: TestNamespace;
  /** A user of the database, not the server's own. */
  const user = randomName('tasks').replaceAll('-', '_');
  const password = randomName('a-password-of-tasks');

  beforeAll(async () => {
    namespace = await createTestNamespace(usedCluster);
    server = await openServer(usedCluster, namespace.name);
    const { username } = server.dataSourceForPods;
    await server.query(`create role ${user} login password '${password}' in role ${username}`);
  }, 120_000);
  afterAll(async () => {
    await server?.query(`drop owned by ${user}`);
    await server?.query(`drop role ${user}`);
    await server?.close();
    await namespace?.remove();
  });

  const work = (changes: Partial<Work> = {}): Work => ({ script: 'true', account: ACCOUNT, ...changes });
  const podOf = async ({ externalExecutionId }: TaskExecution): Promise<V1Pod> =>
    server.core.readNamespacedPod({ namespace: namespace.name, name: externalExecutionId });
  const referring = (name: string, key: string): V1EnvVar => ({
    name,
    valueFrom: { secretKeyRef: { name: SECRET, key } },
  });

  itWithContainers('cannot begin before it is there, and say so', async () => {
    const execution = await server.run(work());
    expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 1 });
    expect(execution.errorMessage).toMatch(
      new RegExp(`^CreateContainerConfigError: the container '.*' cannot be created: .*secret "?${SECRET}"? not found`),
    );
  });

  it('get them from there, and the server needs no right on Secrets', async () => {
    await server.core.createNamespacedSecret({
      namespace: namespace.name,
      body: {
        metadata: { name: SECRET },
        type: 'kubernetes.io/basic-auth',
        stringData: { username: user, password },
      },
    });
    const script =
      'echo $SPRING_DATASOURCE_USERNAME; echo $SPRING_DATASOURCE_PASSWORD; echo "$0 $@" | grep -o spring.datasource.url=.*';
    const execution = await server.run(work({ script }));
    expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });

    const pod = await podOf(execution);
    const [container] = pod.spec?.containers ?? [];
    expect(container?.env).toEqual(
      expect.arrayContaining([
        referring('SPRING_DATASOURCE_USERNAME', 'username'),
        referring('SPRING_DATASOURCE_PASSWORD', 'password'),
      ]),
    );
    const { url, password: ofServer } = server.dataSourceForPods;
    expect(container?.args).toContain(`--spring.datasource.url=${url}`);
    const { items } = await server.core.listNamespacedSecret({ namespace: namespace.name });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual([SECRET]);
    for (const secret of [password, ofServer]) expect(JSON.stringify(pod)).not.toContain(secret);
    if (usedCluster.containers === 'real') {
      const [name, word, address] = (await server.client.log(execution)).split('\n');
      expect([name, word]).toEqual([user, password]);
      expect(address).toContain(url);
    }
  });

  itWithSamples(
    'write their jobs to the database as that user',
    async () => {
      const { 'batch-boot3': image } = await loadSampleImages(usedCluster, ['batch-boot3']);
      await server.client.register('nightly', '1.0.0', `docker:${image}`, '3');
      await server.client.define('nightly', 'nightly');
      const launched = await server.client.launch('nightly', {
        arguments: 'run.id=1,java.lang.Long',
        properties: `spring.cloud.dataflow.task.platformName=${ACCOUNT}`,
      });
      const execution = await server.client.ended(launched, 240_000);
      expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });
      const ofTask = `taskExecutionId=${launched.executionId}&schemaTarget=boot3`;
      const jobs = await server.client.list<JobExecution>(`/jobs/thinexecutions?${ofTask}`);
      expect(jobs).toMatchObject([{ name: 'job1', status: 'COMPLETED' }]);
    },
    300_000,
  );
});

/** A server whose other account is a service account with the rights that docs/kubernetes.md asks for, but those on Secrets. */
async function openServer(cluster: Cluster, namespace: string): Promise<ClusterServer> {
  const { token } = await createIdentity(cluster, namespace, await documentedRulesButSecrets(), [namespace]);
  const fabric8 = { masterUrl: cluster.apiUrl, oauthToken: token, trustCerts: 'true' };
  return await ClusterServer.open(cluster, {
    otherAccounts: { [ACCOUNT]: { namespace, fabric8 } },
    environment: {
      MILLRACE_KUBERNETES_DATA_SOURCE: 'existing-secret',
      MILLRACE_KUBERNETES_DATA_SOURCE_SECRET: SECRET,
      MILLRACE_KUBERNETES_CONTAINER_TIMEOUT: '3s',
    },
  });
}
