import { setTimeout as sleep } from 'node:timers/promises';
import { ApiException, CoreV1Api } from '@kubernetes/client-node';
import { type Cluster, kubeConfigOf, randomName } from './cluster.js';

/** A namespace of one test file. */
export interface TestNamespace {
  readonly name: string;
  /** Deletes it with all that is in it, and waits for nothing. */
  remove(): Promise<void>;
}

/** Marks what tests made in a cluster that is not theirs, in case that something of it stays. */
const MADE_BY_TESTS = { 'app.kubernetes.io/created-by': 'millrace-tests' };

/** Makes a namespace with a random name and waits for its default service account, without which no pod can be created. */
export async function createTestNamespace(cluster: Cluster, prefix = 'millrace-test'): Promise<TestNamespace> {
  const core = kubeConfigOf(cluster).makeApiClient(CoreV1Api);
  const name = randomName(prefix);
  await core.createNamespace({ body: { metadata: { name, labels: MADE_BY_TESTS } } });
  const remove = async () => {
    await core.deleteNamespace({ name });
  };
  for (const giveUp = Date.now() + 60_000; ; await sleep(50)) {
    try {
      await core.readNamespacedServiceAccount({ namespace: name, name: 'default' });
      return { name, remove };
    } catch (failure) {
      if (!(failure instanceof ApiException) || failure.code !== 404 || Date.now() > giveUp) {
        await remove().catch(() => undefined);
        throw failure;
      }
    }
  }
}
