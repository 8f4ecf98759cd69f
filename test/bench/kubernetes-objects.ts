import { CoreV1Api, type V1Pod } from '@kubernetes/client-node';
import type pg from 'pg';
import { EXECUTION_ID_LABEL } from '../../src/platforms/kubernetes/specs/labels.js';
import { type Cluster, kubeConfigOf } from '../support/cluster.js';

/** What is there in the end: as many rows and pods as launches were accepted, one for one. */
export interface ObjectCounts {
  readonly rows: number;
  /** Rows whose launch is written down as done. */
  readonly launched: number;
  readonly pods: number;
  readonly withoutRow: number;
  readonly withoutPod: number;
  /** Executions with more than one pod. */
  readonly doubled: number;
}

/** Counts task executions and pods, and matches them by the execution's id and the pod's name. */
export async function countObjects(
  sql: pg.Client,
  cluster: Pick<Cluster, 'kubeconfig'>,
  namespace: string,
): Promise<ObjectCounts> {
  const { rows } = await sql.query<{ id: string; name: string; state: string }>(
    'SELECT task_execution_id::text AS id, external_execution_id AS name, state FROM millrace_launch',
  );
  const executions = await sql.query<{ n: number }>('SELECT count(*)::int AS n FROM task_execution');
  const core = kubeConfigOf(cluster).makeApiClient(CoreV1Api);
  const names = new Map<string, string[]>();
  for await (const pod of podsOf(core, namespace)) {
    const id = pod.metadata?.labels?.[EXECUTION_ID_LABEL] ?? '';
    names.set(id, [...(names.get(id) ?? []), pod.metadata?.name ?? '']);
  }
  const known = new Map(rows.map(({ id, name }) => [id, name]));
  return {
    rows: executions.rows[0]?.n ?? 0,
    launched: rows.filter(({ state }) => state === 'launched' || state === 'ended').length,
    pods: [...names.values()].reduce((sum, { length }) => sum + length, 0),
    withoutRow: [...names.keys()].filter((id) => !known.has(id)).length,
    withoutPod: rows.filter(({ id, name }) => names.get(id)?.includes(name) !== true).length,
    doubled: [...names.values()].filter(({ length }) => length > 1).length,
  };
}

/** Whether there are pods that the cluster has not started yet. */
export async function podsLeftToStart(core: CoreV1Api, namespace: string): Promise<boolean> {
  const { items } = await core.listNamespacedPod({ namespace, fieldSelector: 'status.phase=Pending', limit: 1 });
  return items.length > 0;
}

async function* podsOf(core: CoreV1Api, namespace: string): AsyncGenerator<V1Pod> {
  let token: string | undefined;
  do {
    const page = await core.listNamespacedPod({
      namespace,
      limit: 500,
      ...(token !== undefined && { _continue: token }),
    });
    yield* page.items;
    token = page.metadata?._continue;
  } while (token !== undefined && token !== '');
}
