import { setTimeout as sleep } from 'node:timers/promises';
import { type CoreV1Api, type KubeConfig, type V1Pod, Watch } from '@kubernetes/client-node';
import { ServerClient } from '../support/server-client.js';
import { APP, type KubernetesServer, PLATFORM } from './kubernetes-server.js';
import { endPod } from './kubernetes-watch.js';
import { quantile } from './measure.js';

/** How soon a child follows the one before it. Times are ms. */
export interface SuccessorFigures {
  readonly ends: number;
  /** From the API server's answer to the change of the pod's status until a watch tells of the next pod. */
  readonly median: number;
  readonly percentile95: number;
  readonly longest: number;
  /** Of the run's job. */
  readonly status: string;
}

const TASK = 'bench-steps';

/** How long a pod is waited for at most, ms. */
const PATIENCE = 60_000;

/** How long a pod runs before it is ended, ms: what the server does with its start is over then. */
const RUNNING_TIME = 200;

/** Runs a composed task on the cluster whose children are ended by this process, one after the other. */
export async function measureSuccessors(
  server: KubernetesServer,
  configuration: KubeConfig,
  core: CoreV1Api,
  namespace: string,
  children: number,
): Promise<SuccessorFigures> {
  const client = new ServerClient(server.process.baseUrl);
  await client.define(TASK, Array.from({ length: children }, (_, index) => `s${index}: ${APP}`).join(' && '));
  const pods = await watchPods(configuration, core, namespace);
  const times: number[] = [];
  try {
    const launched = await client.launch(TASK, { properties: `spring.cloud.dataflow.task.platformName=${PLATFORM}` });
    for (let ended: number | undefined, index = 0; index < children; index += 1) {
      const pod = await pods.created(index);
      if (ended !== undefined) times.push(pod.at - ended);
      await pods.running(pod.name);
      await sleep(RUNNING_TIME);
      await endPod(core, namespace, pod.name);
      ended = performance.now();
    }
    await client.ended(launched, PATIENCE);
  } finally {
    pods.close();
  }
  const { rows } = await server.sql.query<{ status: string }>(
    `SELECT status FROM batch_job_execution JOIN millrace_composed_run USING (job_execution_id) WHERE task_name = $1`,
    [TASK],
  );
  return {
    ends: times.length,
    median: quantile(times, 0.5),
    percentile95: quantile(times, 0.95),
    longest: Math.max(...times),
    status: rows.map(({ status }) => status).join(', '),
  };
}

interface PodWatch {
  /** The pod of the child with that number, and when it was told of. */
  created(index: number): Promise<{ readonly name: string; readonly at: number }>;
  running(name: string): Promise<void>;
  close(): void;
}

/** Watches the pods of composed tasks' children from now on. */
async function watchPods(configuration: KubeConfig, core: CoreV1Api, namespace: string): Promise<PodWatch> {
  const created: { name: string; at: number }[] = [];
  const before = new Set<string>();
  const running = new Set<string>();
  const { items, metadata } = await core.listNamespacedPod({ namespace });
  for (const pod of items) before.add(pod.metadata?.name ?? '');
  const abort = await new Watch(configuration).watch(
    `/api/v1/namespaces/${namespace}/pods`,
    { resourceVersion: metadata?.resourceVersion },
    (type: string, pod: V1Pod) => {
      const at = performance.now();
      const name = pod.metadata?.name ?? '';
      if (before.has(name)) return;
      if (type === 'ADDED') created.push({ name, at });
      if (pod.status?.phase === 'Running') running.add(name);
    },
    () => undefined,
  );
  return {
    created: (index) => until(() => created[index], `child ${index} has no pod`),
    running: async (name) => void (await until(() => running.has(name) || undefined, `pod ${name} does not run`)),
    close: () => abort.abort(),
  };
}

async function until<Value>(look: () => Value | undefined, problem: string): Promise<Value> {
  for (const giveUp = Date.now() + PATIENCE; Date.now() < giveUp; await sleep(5)) {
    const value = look();
    if (value !== undefined) return value;
  }
  throw new Error(`${problem} after ${PATIENCE} ms`);
}
