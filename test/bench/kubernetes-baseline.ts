import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node';

type Pod = Parameters<CoreV1Api['createNamespacedPod']>[0]['body'];

/**
 * What a server's launches are measured against: a call of `createNamespacedPod` and nothing else, with the Kubernetes client
 * as it comes. The pods are of the size that a task launch makes.
 *
 * In a cluster whose pods are played they run for a day: nothing but their start is at work beside the callers.
 * @returns the call; it resolves to whether the API server took the pod
 */
export function podCreation(configuration: KubeConfig, namespace: string): () => Promise<boolean> {
  const core = configuration.makeApiClient(CoreV1Api);
  let next = 0;
  return () => {
    next += 1;
    return core.createNamespacedPod({ namespace, body: podOf(`baseline-${next}`) }).then(
      () => true,
      () => false,
    );
  };
}

function podOf(name: string): Pod {
  return {
    metadata: {
      name,
      labels: { role: 'spring-app', 'spring-app-id': name, 'spring-deployment-id': name, 'task-name': 'baseline' },
      annotations: { 'kapi.test/run-for': '24h' },
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
