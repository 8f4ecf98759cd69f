import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, constants, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { freePort } from './server-process.js';

const run = promisify(execFile);
const SCRIPTS = join(dirname(fileURLToPath(import.meta.url)), 'cluster');

/** A Kubernetes that tests may use. */
export interface Cluster {
  readonly available: true;
  /** `node`, `api`: one of the scripts in cluster/. `given`: the cluster of the environment's `KUBECONFIG`. */
  readonly mode: 'node' | 'api' | 'given';
  /**
   * `real`, or `played` by a simulator (annotations: see cluster/kwok-stages.yaml). `unknown`: of a given cluster that nobody
   * has explored (cluster-nature.ts).
   */
  readonly containers: 'real' | 'played' | 'unknown';
  /** Path of the administrator's kubeconfig; its current context is the cluster. */
  readonly kubeconfig: string;
  readonly apiUrl: string;
  /** Where a pod reaches what listens on this machine, if on that very address; undefined where none does. */
  readonly hostAddressForPods: string | undefined;
  /** Why it is not `node` mode, if that was asked for, in words that complete «because …». */
  readonly compromise: string | undefined;
  /** The scripts' state directory; not of a given cluster. */
  readonly state: string | undefined;
}

/** Why there is no cluster, in words that complete «because …». */
export interface NoCluster {
  readonly available: false;
  readonly reason: string;
}

/** A cluster with the way to end it. */
export interface OpenCluster extends Cluster {
  /** Ends what {@link openCluster} started; of a cluster that ran before, nothing. */
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** `node` falls back to `api` where real containers are not possible. */
  readonly mode: 'api' | 'node';
  /** Whether a mode that is not possible is an error, instead of a compromise. */
  readonly strict?: boolean;
}

/**
 * Opens the cluster of `KUBECONFIG`, or the one of the scripts' state directory `KAPI_RUN`, or starts one of its own, which
 * ends with {@link OpenCluster.close} and at the latest with this process. The programs are built first if they are not in
 * the cache: ten minutes of both processors of a small machine.
 *
 * @throws Error with the ends of the logs if a cluster that should be possible here does not come up
 */
export async function openCluster({ mode, strict = false }: ClusterOptions): Promise<OpenCluster | NoCluster> {
  const given = process.env['KUBECONFIG'];
  if (given !== undefined && given !== '') {
    return { ...(await describeCluster('given', given, undefined, undefined)), close: async () => undefined };
  }
  const kept = await modeOfKept();
  if (kept !== undefined) return await startCluster(kept, undefined);
  const missing = await whatIsMissing(['go', 'openssl', 'curl', 'flock', 'pgrep']);
  const obstacle = missing ?? (await whyGoDoesNotServe());
  if (obstacle !== undefined) return { available: false, reason: obstacle };
  const noNode = mode === 'node' ? await whyNoNode() : undefined;
  if (noNode === undefined) {
    try {
      return await startCluster(mode, undefined);
    } catch (failure) {
      if (mode === 'api' || strict) throw failure;
      return await startCluster('api', `the node does not come up: ${String(failure)}`);
    }
  }
  if (strict) throw new Error(`No cluster in node mode, because ${noNode}.`);
  return await startCluster('api', noNode);
}

/**
 * The cluster of this test run, which the set-up of the project `cluster` opened (cluster-global-setup.ts).
 * Suites that need more than they get skip themselves and say why.
 */
export function testCluster(): Cluster | NoCluster {
  const handed = process.env['MILLRACE_TEST_CLUSTER'];
  if (handed === undefined) throw new Error('No set-up has opened a cluster: is this suite in the project «cluster»?');
  return JSON.parse(handed) as Cluster | NoCluster;
}

/** Hands the cluster to the test processes of this run. */
export function handToTests(cluster: Cluster | NoCluster): void {
  process.env['MILLRACE_TEST_CLUSTER'] = JSON.stringify(cluster);
}

/** The client's configuration for the cluster. */
export function kubeConfigOf(cluster: Pick<Cluster, 'kubeconfig'>): KubeConfig {
  const configuration = new KubeConfig();
  configuration.loadFromFile(cluster.kubeconfig);
  return configuration;
}

/** Runs one of the scripts in test/support/cluster for a cluster of our own: `restart-api.sh`, `node-exec.sh`, … */
export async function runClusterScript(cluster: Cluster, script: string, ...words: string[]): Promise<string> {
  if (cluster.state === undefined) throw new Error(`${script} is for clusters that the tests started.`);
  return await runScript(script, words, { KAPI_RUN: cluster.state });
}

async function startCluster(mode: 'api' | 'node', compromise: string | undefined): Promise<OpenCluster> {
  await runScript('build.sh', [mode], {});
  const kept = process.env['KAPI_RUN'];
  const state = kept ?? (await mkdtemp(join(tmpdir(), 'millrace-cluster-')));
  const wasUp = kept !== undefined && (await exists(join(kept, 'mode')));
  const environment = kept === undefined ? { KAPI_OWNER: String(process.pid), ...(await freePorts(mode)) } : {};
  const down = async () => {
    await runScript('down.sh', [], { KAPI_RUN: state });
    await rm(state, { recursive: true, force: true });
  };
  try {
    const kubeconfig = (await runScript('up.sh', [mode], { ...environment, KAPI_RUN: state })).trim();
    const description = await describeCluster(mode, kubeconfig, compromise, state);
    return { ...description, close: wasUp ? async () => undefined : down };
  } catch (failure) {
    const logs = await endsOfLogs(state);
    if (!wasUp) await down().catch(() => undefined);
    throw new Error(`The cluster does not come up: ${messageOf(failure)}\n${logs}`, { cause: failure });
  }
}

/** The mode of the cluster that is up in `KAPI_RUN`, if one is. */
async function modeOfKept(): Promise<'api' | 'node' | undefined> {
  const state = process.env['KAPI_RUN'];
  if (state === undefined || !(await exists(join(state, 'mode')))) return undefined;
  return (await readFile(join(state, 'mode'), 'utf8')).trim() === 'node' ? 'node' : 'api';
}

/** Ports that are free now; those of a node are in a network of its own and need not differ. */
async function freePorts(mode: 'api' | 'node'): Promise<Record<string, string>> {
  if (mode === 'node') return {};
  const names = ['PORT', 'ETCD_PORT', 'ETCD_PEER_PORT', 'KCM_PORT', 'SCHED_PORT', 'KWOK_PORT'];
  const ports = new Set<number>();
  while (ports.size < names.length) ports.add(await freePort());
  return Object.fromEntries([...ports].map((port, index) => [`KAPI_${names[index]}`, String(port)]));
}

async function describeCluster(
  mode: Cluster['mode'],
  kubeconfig: string,
  compromise: string | undefined,
  state: string | undefined,
): Promise<Cluster> {
  const apiUrl = kubeConfigOf({ kubeconfig }).getCurrentCluster()?.server;
  if (apiUrl === undefined) throw new Error(`${kubeconfig} has no current context with a cluster.`);
  const settings = state === undefined ? '' : await readFile(join(state, 'settings'), 'utf8');
  const hostAddressForPods = /KAPI_HOST_ADDRESS=(\S+)/.exec(settings)?.[1];
  const containers = ({ node: 'real', api: 'played', given: 'unknown' } as const)[mode];
  return { available: true, mode, containers, kubeconfig, apiUrl, hostAddressForPods, compromise, state };
}

async function whyNoNode(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'real containers need Linux';
  if (process.getuid?.() !== 0) return 'real containers need root';
  const missing = await whatIsMissing(['containerd', 'runc', 'busybox', 'iptables', 'ip', 'nsenter', 'unshare']);
  if (missing !== undefined) return missing;
  if (!(await exists('/usr/lib/cni/bridge'))) {
    return 'there are no container network plugins (Debian: containernetworking-plugins)';
  }
  const { stdout } = await run('sh', ['-c', 'ldd "$(command -v busybox)" 2>&1 || true']);
  return stdout.includes('=>') ? 'the busybox here is not static (Debian: busybox-static)' : undefined;
}

/** Since 1.21, Go fetches the newer Go that a module asks for. */
async function whyGoDoesNotServe(): Promise<string | undefined> {
  const { stdout } = await run('go', ['version']);
  const minor = Number(/go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  return minor < 21 ? `the Go on the PATH is older than 1.21: ${stdout.trim()}` : undefined;
}

async function whatIsMissing(programs: readonly string[]): Promise<string | undefined> {
  const directories = (process.env['PATH'] ?? '').split(':');
  for (const program of programs) {
    const found = await Promise.all(directories.map((directory) => exists(join(directory, program))));
    if (!found.includes(true)) return `there is no ${program} on the PATH`;
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function runScript(
  script: string,
  words: readonly string[],
  environment: Record<string, string>,
): Promise<string> {
  try {
    // The processes of a cluster outlive the script; nothing of them writes to its output.
    const { stdout } = await run(join(SCRIPTS, script), words, {
      env: { ...process.env, ...environment },
      timeout: 3_600_000,
      maxBuffer: 64 << 20,
    });
    return stdout;
  } catch (failure) {
    const { stderr } = failure as { stderr?: string };
    throw new Error(`${script} failed:\n${(stderr ?? messageOf(failure)).slice(-4_000)}`, { cause: failure });
  }
}

async function endsOfLogs(state: string): Promise<string> {
  const files = await readdir(state).catch(() => []);
  const logs = files.filter((file) => file.endsWith('.log')).sort();
  const ends = logs.map(async (log) => `${log}: ${(await readFile(join(state, log), 'utf8')).trim().slice(-600)}`);
  return (await Promise.all(ends)).join('\n');
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}

/** A name that no other test file uses, for namespaces and whatever else is shared. */
export function randomName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}
