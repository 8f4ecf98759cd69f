import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreV1Api } from '@kubernetes/client-node';
import type { KubernetesServer } from './kubernetes-server.js';
import { quantile, usageOf } from './measure.js';

/** How soon ends of pods were in the rows. */
export interface EndFigures {
  readonly ends: number;
  /** Ends that were not in the rows after a minute. */
  readonly missed: number;
  /** What the cluster and the server say of those now: whether the end was lost, or the pod was made to run again. */
  readonly missedOnes: readonly { readonly pod: string; readonly phase: string; readonly launch: string }[];
  /** From the API server's answer to the change of the pod's status until the row shows END_TIME, ms. */
  readonly median: number;
  readonly percentile95: number;
  readonly longest: number;
}

/** How often the rows are looked at, ms. */
const LOOK = 10;

/**
 * Ends running pods, one every so often, as a kubelet does: by a change of their status; and looks how soon their rows have
 * END_TIME.
 * @param pause ms between two ends; 0 for all at once
 */
export async function measureEnds(
  server: KubernetesServer,
  core: CoreV1Api,
  namespace: string,
  count: number,
  pause: number,
): Promise<EndFigures> {
  const { rows } = await server.sql.query<{ id: number; name: string }>(
    `SELECT task_execution_id::int AS id, external_execution_id AS name FROM task_execution
     WHERE start_time IS NOT NULL AND end_time IS NULL ORDER BY random() LIMIT $1`,
    [count],
  );
  const ended = new Map<number, number>();
  const times: number[] = [];
  let missing = rows.length;
  const looking = (async () => {
    for (const giveUp = Date.now() + rows.length * pause + 60_000; missing > 0 && Date.now() < giveUp;) {
      const waiting = [...ended.keys()];
      const found = await server.sql.query<{ id: number }>(
        'SELECT task_execution_id::int AS id FROM task_execution WHERE task_execution_id = ANY($1) AND end_time IS NOT NULL',
        [waiting],
      );
      const now = performance.now();
      for (const { id } of found.rows) {
        times.push(now - (ended.get(id) ?? now));
        ended.delete(id);
        missing -= 1;
      }
      await sleep(LOOK);
    }
  })();
  const ends: Promise<void>[] = [];
  for (const { id, name } of rows) {
    ends.push(endPod(core, namespace, name).then(() => void ended.set(id, performance.now())));
    if (pause > 0) await sleep(pause);
  }
  await Promise.all(ends);
  await looking;
  const missedOnes: EndFigures['missedOnes'][number][] = [];
  for (const { id, name } of rows.filter((row) => ended.has(row.id))) {
    const pod = await core.readNamespacedPod({ namespace, name });
    const sql = 'SELECT state FROM millrace_launch WHERE task_execution_id = $1';
    const launch = await server.sql.query<{ state: string }>(sql, [id]);
    missedOnes.push({ pod: name, phase: pod.status?.phase ?? '', launch: launch.rows[0]?.state ?? '' });
  }
  return {
    ends: rows.length,
    missed: missing,
    missedOnes,
    median: quantile(times, 0.5),
    percentile95: quantile(times, 0.95),
    longest: Math.max(...times),
  };
}

/** Resident memory now and at its highest since the process began, bytes. */
export async function memoryOf(pid: number): Promise<{ now: number; highest: number }> {
  const { residentBytes } = await usageOf(pid);
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return { now: residentBytes, highest: Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024 };
}

/** Ends a pod as a kubelet does whose one container has ended well. */
export async function endPod(core: CoreV1Api, namespace: string, name: string): Promise<void> {
  const now = new Date().toISOString();
  const pod = await core.readNamespacedPod({ namespace, name });
  const statuses = (pod.status?.containerStatuses ?? []).map((container) => ({
    ...container,
    ready: false,
    started: false,
    state: {
      terminated: { exitCode: 0, reason: 'Completed', startedAt: pod.status?.startTime, finishedAt: new Date(now) },
    },
  }));
  const status = { ...pod.status, phase: 'Succeeded', containerStatuses: statuses };
  await core.replaceNamespacedPodStatus({ namespace, name, body: { ...pod, status } });
}
