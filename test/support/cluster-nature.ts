import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api, type V1Pod } from '@kubernetes/client-node';
import { type Cluster, kubeConfigOf } from './cluster.js';
import { BUSYBOX } from './cluster-images.js';
import { createTestNamespace } from './cluster-namespace.js';
import { podOf } from './cluster-pods.js';

/** What nobody can know of a cluster before a pod has run there. */
export type ClusterNature = Pick<Cluster, 'containers' | 'hostAddressForPods'>;

/** Exit codes of a container that runs, and of one that is played as its annotations say. */
const REAL = 3;
const PLAYED = 4;
/** Seconds for one address of this machine. */
const CALL_TIMEOUT = 2;
/** ms; the image may have to be pulled. */
const LONGEST = 180_000;
/** ms without a node or an image, after which there will be none. */
const HOPELESS = 45_000;

/**
 * Runs one pod in a cluster of which nothing is known, and sees whether containers are real there and whether pods reach this
 * machine. The pod is removed with its namespace.
 *
 * @throws Error if the cluster cannot run the suites: no node, no image, pods that never end
 */
export async function exploreCluster(cluster: Cluster): Promise<ClusterNature> {
  const core = kubeConfigOf(cluster).makeApiClient(CoreV1Api);
  const namespace = await createTestNamespace(cluster);
  const bell = await openBell();
  try {
    await core.createNamespacedPod({ namespace: namespace.name, body: scout(bell) });
    const exitCode = await exitCodeOf(core, namespace.name);
    if (exitCode === REAL) return { containers: 'real', hostAddressForPods: bell.rungAt() };
    if (exitCode === PLAYED) return { containers: 'played', hostAddressForPods: undefined };
    throw unusable(`a container that ends with ${REAL} ended with ${exitCode}, so something else than ours plays it`);
  } finally {
    bell.close();
    await namespace.remove();
  }
}

/** The pod that looks: calls every address of this machine until one answers. */
function scout({ port, word, addresses }: Bell): V1Pod {
  const calls = addresses.map((address) => `echo ${word} | nc -w ${CALL_TIMEOUT} ${address} ${port} | grep -q ${word}`);
  const script = `${[...calls, 'true'].join(' || ')}; exit ${REAL}`;
  return podOf('scout', { command: ['sh', '-c', script] }, { exitCode: PLAYED });
}

async function exitCodeOf(core: CoreV1Api, namespace: string): Promise<number> {
  const begun = Date.now();
  for (;;) {
    const { status } = await core.readNamespacedPod({ namespace, name: 'scout' });
    const [container] = status?.containerStatuses ?? [];
    const ended = container?.state?.terminated;
    if (ended !== undefined) return ended.exitCode;
    const waited = Date.now() - begun;
    const { reason = '', message = '' } = container?.state?.waiting ?? {};
    if (/Image/.test(reason) && waited > HOPELESS) throw unusable(`${BUSYBOX} cannot be had: ${reason} ${message}`);
    const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (scheduled?.status === 'False' && waited > HOPELESS) throw unusable(`no node takes it: ${scheduled.message}`);
    if (waited > LONGEST) throw unusable(`it does not end: ${JSON.stringify(status)}`);
    await sleep(200);
  }
}

function unusable(reason: string): Error {
  return new Error(`The cluster of KUBECONFIG cannot run a pod of these tests: ${reason}.`);
}

/** Listens at every address of this machine for whoever knows the word, and says it back. */
interface Bell {
  readonly port: number;
  readonly word: string;
  /** The addresses at which a pod could reach it. */
  readonly addresses: readonly string[];
  /** The address that was called first. */
  rungAt(): string | undefined;
  close(): void;
}

async function openBell(): Promise<Bell> {
  const word = randomBytes(12).toString('hex');
  let rung: string | undefined;
  const server = createServer((socket) => {
    let heard = '';
    socket.setEncoding('utf8');
    socket.setTimeout(CALL_TIMEOUT * 1_000, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (text: string) => {
      heard += text;
      if (heard.length > 2 * word.length) return void socket.destroy();
      if (!heard.includes(word)) return;
      rung ??= socket.localAddress;
      socket.end(`${word}\n`);
    });
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const addresses = Object.values(networkInterfaces())
    .flatMap((interfaces) => interfaces ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
  const { port } = server.address() as AddressInfo;
  return { port, word, addresses, rungAt: () => rung, close: () => server.close() };
}
