import { type NoCluster, type OpenCluster, handToTests, openCluster } from './cluster.js';
import { exploreCluster } from './cluster-nature.js';
import setUpPostgres from './global-setup.js';

/**
 * One cluster, and the PostgreSQL of the API tests, for a whole run of the project `cluster`.
 *
 * `MILLRACE_TEST_CLUSTER_MODE` insists on a mode, `node` or `api`; without it the run takes `node` where that is possible.
 */
export default async function globalSetup(): Promise<void> {
  await setUpPostgres();
  const mode = process.env['MILLRACE_TEST_CLUSTER_MODE'] || undefined;
  if (mode !== undefined && mode !== 'api' && mode !== 'node') {
    throw new Error(`MILLRACE_TEST_CLUSTER_MODE is «${mode}»; it may be api or node.`);
  }
  const opened = await openCluster({ mode: mode ?? 'node', strict: mode !== undefined });
  const isForeign = opened.available && opened.containers === 'unknown';
  const cluster = isForeign ? { ...opened, ...(await exploreCluster(opened)) } : opened;
  Object.assign(globalThis, { millraceTestCluster: cluster });
  handToTests(cluster);
  process.stderr.write(`${describe(cluster)}\n`);
}

function describe(cluster: OpenCluster | NoCluster): string {
  if (!cluster.available) return `Skipped: the cluster suites, because ${cluster.reason}.`;
  if (cluster.mode === 'given') return describeGiven(cluster);
  if (cluster.mode === 'node')
    return `The cluster suites run real containers on a node of their own: ${cluster.apiUrl}.`;
  const why = cluster.compromise === undefined ? '' : ` because ${cluster.compromise}`;
  return `Skipped: what needs real containers${why}; pods are played (${cluster.apiUrl}).`;
}

function describeGiven({ apiUrl, containers, hostAddressForPods: host }: OpenCluster): string {
  const which = `The cluster suites use the cluster of KUBECONFIG: ${apiUrl}`;
  if (containers === 'played') return `${which}. Skipped: what needs real containers, because pods are played there.`;
  if (host !== undefined) return `${which}, with real containers that reach this machine at ${host}.`;
  return `${which}, with real containers. Skipped: what needs a way from pods to this machine, because there is none.`;
}
