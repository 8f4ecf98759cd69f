import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { BatchV1Api, CoreV1Api, VersionApi, Watch } from '@kubernetes/client-node';
import { kubeConfigOf } from '../support/cluster.js';
import { loadSampleImages } from '../support/cluster-images.js';
import { createTestNamespace, type TestNamespace } from '../support/cluster-namespace.js';
import { podEnd, podOf } from '../support/cluster-pods.js';
import {
  describeWithCluster,
  hasSampleImages,
  itWithContainers,
  itWithWayBack,
  usedCluster,
} from '../support/cluster-suites.js';
import { createEmptyDatabase } from '../support/database.js';
import { openToPods } from '../support/pod-access.js';

const itWithSamples = (await hasSampleImages('pods of the sample applications')) ? it : it.skip;

describeWithCluster('the cluster of the tests', () => {
  let core: CoreV1Api;
  let namespace: TestNamespace;

  beforeAll(async () => {
    core = kubeConfigOf(usedCluster).makeApiClient(CoreV1Api);
    namespace = await createTestNamespace(usedCluster);
  });
  afterAll(async () => {
    await namespace?.remove();
  });

  const run = async (name: string, script: string, exitCode = 0) => {
    const pod = podOf(name, { command: ['sh', '-c', script] }, { exitCode });
    await core.createNamespacedPod({ namespace: namespace.name, body: pod });
    const { status } = await podEnd(core, namespace.name, name);
    return { phase: status?.phase, ended: status?.containerStatuses?.[0]?.state?.terminated };
  };
  const logOf = (name: string) => core.readNamespacedPodLog({ namespace: namespace.name, name });

  it('is a Kubernetes', async () => {
    const version = await kubeConfigOf(usedCluster).makeApiClient(VersionApi).getCode();
    expect(version.gitVersion).toMatch(/^v1\./);
  });

  it('runs a pod to its end', async () => {
    const { phase, ended } = await run('good', 'echo done');
    expect({ phase, code: ended?.exitCode, reason: ended?.reason }).toEqual({
      phase: 'Succeeded',
      code: 0,
      reason: 'Completed',
    });
  });

  it('tells the exit code of a pod that fails', async () => {
    const { phase, ended } = await run('bad', 'exit 3', 3);
    expect({ phase, code: ended?.exitCode, reason: ended?.reason }).toEqual({
      phase: 'Failed',
      code: 3,
      reason: 'Error',
    });
  });

  it('gives the log of a pod', async () => {
    await run('talker', 'echo a line; echo another >&2');
    // The node reads both streams on its own, so their lines may be the other way round.
    const lines = (await logOf('talker')).split('\n').sort();
    expect(lines).toEqual(
      usedCluster.containers === 'played' ? ['', 'a simulated container'] : ['', 'a line', 'another'],
    );
  });

  it('tells of every change to who watches', async () => {
    const phases: string[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      new Watch(kubeConfigOf(usedCluster))
        .watch(
          `/api/v1/namespaces/${namespace.name}/pods`,
          { fieldSelector: 'metadata.name=watched', allowWatchBookmarks: true },
          (kind, pod) => {
            if (kind === 'BOOKMARK') return;
            phases.push(kind === 'ERROR' ? JSON.stringify(pod) : pod.status?.phase);
            if (phases.at(-1) === 'Succeeded') resolve();
          },
          (failure) => reject(new Error(`the watch ended: ${String(failure)}`)),
        )
        .catch(reject);
    });
    await run('watched', 'sleep 1');
    await ended;
    expect([...new Set(phases)]).toEqual(['Pending', 'Running', 'Succeeded']);
  });

  it('retries a job', async () => {
    const batch = kubeConfigOf(usedCluster).makeApiClient(BatchV1Api);
    const { metadata, spec } = podOf('retried', { command: ['sh', '-c', 'exit 1'] }, { exitCode: 1 });
    await batch.createNamespacedJob({
      namespace: namespace.name,
      body: {
        metadata: { name: 'retried' },
        spec: { backoffLimit: 1, template: { metadata: { annotations: metadata?.annotations }, spec } },
      },
    });
    const conditions = async () =>
      (await batch.readNamespacedJob({ namespace: namespace.name, name: 'retried' })).status;
    let status = await conditions();
    while (!status?.conditions?.some(({ type }) => type === 'Failed')) status = await conditions();
    expect(status?.failed).toBe(2);
    expect(status?.conditions?.find(({ type }) => type === 'Failed')?.reason).toBe('BackoffLimitExceeded');
  });

  itWithWayBack('lets pods reach this machine', async () => {
    const server = createServer((_, answer) => answer.end('from outside\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const access = await openToPods(usedCluster, (server.address() as AddressInfo).port);
    try {
      await run('caller', `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc ${access.host} ${access.port}`);
      expect(await logOf('caller')).toContain('from outside');
    } finally {
      await access.close();
      server.close();
    }
  });

  itWithContainers('knows that an image is not there', async () => {
    const pod = podOf('no-image', { image: 'docker.io/millrace-test/no-such-image:1' });
    await core.createNamespacedPod({ namespace: namespace.name, body: pod });
    const reason = async () => {
      const { status } = await core.readNamespacedPod({ namespace: namespace.name, name: 'no-image' });
      return status?.containerStatuses?.[0]?.state?.waiting?.reason ?? '';
    };
    let seen = await reason();
    while (!/ImagePull/.test(seen)) seen = await reason();
    expect(seen).toMatch(/ErrImagePull|ImagePullBackOff/);
  });

  itWithContainers('kills what takes more memory than it may', async () => {
    const pod = podOf('greedy', {
      command: ['sh', '-c', 'tail /dev/zero'],
      resources: { limits: { memory: '20Mi' } },
    });
    await core.createNamespacedPod({ namespace: namespace.name, body: pod });
    const { status } = await podEnd(core, namespace.name, 'greedy');
    expect(status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });

  itWithSamples.each([
    ['timestamp-boot2', 'task_execution'],
    ['timestamp-boot3', 'task_execution'],
    ['batch-boot2', 'batch_step_execution'],
    ['batch-boot3', 'batch_step_execution'],
  ] as const)(
    'runs the sample application %s on a database of this machine',
    async (name, table) => {
      const images = await loadSampleImages(usedCluster, [name]);
      const database = await createEmptyDatabase();
      const [{ port } = { port: 0 }] = database.connection.hosts;
      const access = await openToPods(usedCluster, port);
      try {
        const args = [
          `--spring.datasource.url=jdbc:postgresql://${access.host}:${access.port}/${database.name}`,
          `--spring.datasource.username=${database.connection.user}`,
          `--spring.datasource.password=${database.connection.password ?? ''}`,
          '--spring.batch.jdbc.initialize-schema=always',
        ];
        await core.createNamespacedPod({ namespace: namespace.name, body: podOf(name, { image: images[name], args }) });
        const { status } = await podEnd(core, namespace.name, name);
        expect({ phase: status?.phase, log: await logOf(name) }).toMatchObject({ phase: 'Succeeded' });
        const { rows } = await (await database.client()).query(`select 1 from ${table}`);
        expect(rows).not.toEqual([]);
      } finally {
        await access.close();
        await database.close();
      }
    },
    300_000,
  );
});
