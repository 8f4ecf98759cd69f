import { loadavg } from 'node:os';
import { kubeConfigOf, openCluster } from '../support/cluster.js';
import { createTestNamespace } from '../support/cluster-namespace.js';
import { measurePodCreation } from './kubernetes-baseline.js';
import { table } from './table.js';

/** `npm run bench:kubernetes`: what the API server takes from a bare client; prints and asserts nothing. */

const print = (line = ''): void => void process.stdout.write(`${line}\n`);
const loadOf = () => loadavg()[0]?.toFixed(1) ?? '';

const cluster = await openCluster({ mode: 'api' });
if (cluster.available) {
  try {
    const namespace = await createTestNamespace(cluster, 'millrace-bench');
    const configuration = kubeConfigOf(cluster);
    await measurePodCreation(configuration, namespace.name, 8, 100);
    const rows: string[][] = [];
    for (const [callers, pods] of [[1, 200] as const, [16, 1_000] as const, [64, 1_000] as const]) {
      const load = loadOf();
      const figures = await measurePodCreation(configuration, namespace.name, callers, pods);
      const { created, rate, median, percentile95 } = figures;
      const times = [median, percentile95].map((time) => `${time.toFixed(1)} ms`);
      rows.push([String(callers), `${created} of ${pods}`, rate.toFixed(1), ...times, load]);
    }
    print(`Pods created by a bare loop of createNamespacedPod (${cluster.mode}, ${cluster.apiUrl})`);
    print(table(['callers', 'created', 'a second', 'median', '95 %', 'load'], rows));
    await namespace.remove();
  } finally {
    await cluster.close();
  }
} else {
  print(`No figures, because ${cluster.reason}.`);
}
