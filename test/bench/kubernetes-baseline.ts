import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node';

/** How fast pods were created. */
export interface PodCreation {
  readonly callers: number;
  readonly pods: number;
  /** Pods that the API server took. */
  readonly created: number;
  /** Answers a second. */
  readonly rate: number;
  /** ms */
  readonly median: number;
  readonly percentile95: number;
}

/**
 * What a server's launches are measured against: callers that do nothing but `createNamespacedPod`, one after the other,
 * with the Kubernetes client as it comes. The pods are of the size that a task launch makes.
 *
 * In a cluster whose pods are played they run for an hour: nothing but their start is at work beside the callers.
 */
export async function measurePodCreation(
  configuration: KubeConfig,
  namespace: string,
  callers: number,
  pods: number,
): Promise<PodCreation> {
  const core = configuration.makeApiClient(CoreV1Api);
  const times: number[] = [];
  const round = Date.now().toString(36);
  let next = 0;
  const caller = async () => {
    while (next < pods) {
      const name = `baseline-${round}-${next}`;
      next += 1;
      const asked = performance.now();
      const created = await core.createNamespacedPod({ namespace, body: podOf(name) }).then(
        () => true,
        () => false,
      );
      if (created) times.push(performance.now() - asked);
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - begin) / 1000;
  times.sort((a, b) => a - b);
  const quantile = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? NaN;
  return {
    callers,
    pods,
    created: times.length,
    rate: pods / seconds,
    median: quantile(0.5),
    percentile95: quantile(0.95),
  };
}

function podOf(name: string): Parameters<CoreV1Api['createNamespacedPod']>[0]['body'] {
  return {
    metadata: {
      name,
      labels: { role: 'spring-app', 'spring-app-id': name, 'spring-deployment-id': name, 'task-name': 'baseline' },
      annotations: { 'kapi.test/run-for': '1h' },
    },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'main',
          image: 'docker.io/library/busybox:1.35',
          args: Array.from({ length: 8 }, (_, index) => `--argument.number.${index}=${name}`),
          env: [{ name: 'SPRING_CLOUD_APPLICATION_GUID', value: name }],
          resources: { limits: {}, requests: {} },
        },
      ],
    },
  };
}
