import { setTimeout as sleep } from 'node:timers/promises';
import { type CoreV1Api, type V1Container, type V1Pod, Watch } from '@kubernetes/client-node';
import { EXECUTION_ID_LABEL } from '../../src/platforms/kubernetes/specs/labels.js';
import { type Cluster, kubeConfigOf } from './cluster.js';
import { BUSYBOX } from './cluster-images.js';

/** How a played container is to end (mode `api`); real ones do not see these. See cluster/kwok-stages.yaml. */
export interface PlayedEnd {
  /** A duration of Go: `3s`. */
  readonly runFor?: string;
  readonly exitCode?: number;
  /** Of the container's end: `OOMKilled`. */
  readonly reason?: string;
}

/** A pod that runs one container once. */
export function podOf(name: string, container: Partial<V1Container>, played: PlayedEnd = {}): V1Pod {
  const annotations = {
    ...(played.runFor === undefined ? {} : { 'kapi.test/run-for': played.runFor }),
    ...(played.exitCode === undefined ? {} : { 'kapi.test/exit-code': String(played.exitCode) }),
    ...(played.reason === undefined ? {} : { 'kapi.test/reason': played.reason }),
  };
  return {
    metadata: { name, annotations },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: BUSYBOX, ...container }],
    },
  };
}

/** Waits until a pod has ended. @throws Error with its last status if it has not in two minutes */
export async function podEnd(core: CoreV1Api, namespace: string, name: string): Promise<V1Pod> {
  for (const giveUp = Date.now() + 120_000; ; await sleep(100)) {
    const pod = await core.readNamespacedPod({ namespace, name });
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return pod;
    if (Date.now() > giveUp) throw new Error(`${name} does not end: ${JSON.stringify(pod.status)}`);
  }
}

/** Every pod that ever was in a namespace since then: its execution by its uid. */
export interface PodWatch {
  readonly made: ReadonlyMap<string, string>;
  /** @throws Error if the watch broke off before, so that pods may be missing */
  close(): void;
}

/** Watches the pods of a namespace, without a way around faults: where it goes straight to the API server there are none. */
export async function watchPods(cluster: Cluster, namespace: string): Promise<PodWatch> {
  const made = new Map<string, string>();
  let end: Error | undefined;
  const controller = await new Watch(kubeConfigOf(cluster)).watch(
    `/api/v1/namespaces/${namespace}/pods`,
    {},
    (_kind, pod: V1Pod) => {
      made.set(pod.metadata?.uid ?? '', pod.metadata?.labels?.[EXECUTION_ID_LABEL] ?? '');
    },
    (failure: Error) => (end = failure),
  );
  return {
    made,
    close: () => {
      const early = end;
      controller.abort();
      if (early !== undefined) throw new Error('the watch of the test broke off', { cause: early });
    },
  };
}
