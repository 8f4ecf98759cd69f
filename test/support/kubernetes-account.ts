import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { AccountSettings } from '../../src/configuration/configuration.js';
import { ENDING_BOUNDS } from '../../src/platforms/kubernetes/execution-ender.js';
import {
  KubernetesPlatform,
  type KubernetesPlatformOptions,
} from '../../src/platforms/kubernetes/kubernetes-platform.js';
import type { LaunchRequest, PlatformStatus } from '../../src/platforms/platform.js';
import type { Cluster } from './cluster.js';
import { BUSYBOX } from './cluster-images.js';

/** A Kubernetes account as a server has it, with what it said so far. */
export interface TestAccount {
  readonly platform: KubernetesPlatform;
  readonly instanceId: string;
  /** Everything that was told, in order. */
  readonly told: readonly PlatformStatus[];
  /** A request that this account can launch; names differ from call to call. */
  request(script: string, changes?: Partial<LaunchRequest> & { readonly exitCode?: number }): LaunchRequest;
  /** Waits until the platform tells that the execution is in one of these phases. */
  until(externalExecutionId: string, ...phases: PlatformStatus['phase'][]): Promise<PlatformStatus>;
}

let lastId = 0;

/** Opens an account of the cluster's administrator in a namespace; pods that cannot start are given up after seconds. */
export async function openAccount(
  cluster: Cluster,
  namespace: string,
  changes: Partial<KubernetesPlatformOptions> & { readonly settings?: AccountSettings } = {},
): Promise<TestAccount> {
  const instanceId = changes.instanceId ?? `test-${randomUUID().slice(0, 8)}`;
  const platform = new KubernetesPlatform({
    accountName: 'test',
    instanceId,
    environment: { KUBECONFIG: cluster.kubeconfig },
    logger: pino({ level: 'silent' }),
    endingBounds: {
      obstacles: { ...ENDING_BOUNDS.obstacles, image: 2_000, unschedulable: 3_000 },
      // Played pods know nothing of deadlines: they end when they are overdue. Real ones end by themselves, and keep their log.
      overdue: cluster.containers === 'real' ? ENDING_BOUNDS.overdue : 5_000,
      sweep: 200,
    },
    ...changes,
    settings: { namespace, ...changes.settings },
  });
  const told: PlatformStatus[] = [];
  platform.onChange((status) => told.push(status));
  await platform.start();
  return {
    platform,
    instanceId,
    told,
    request: (script, options = {}) => requestOf(instanceId, script, options),
    until: async (id, ...phases) => {
      for (const giveUp = Date.now() + 55_000; ; await sleep(50)) {
        const status = told.findLast(({ externalExecutionId }) => externalExecutionId === id);
        if (status !== undefined && phases.includes(status.phase)) return status;
        if (Date.now() > giveUp) {
          const now = JSON.stringify(await platform.status([id]));
          throw new Error(`${id} is not ${phases.join(' or ')}: told ${JSON.stringify(status)}, is ${now}`);
        }
      }
    },
  };
}

/** Waits until the account has heard from its cluster. */
export async function untilHealthy({ platform }: TestAccount): Promise<void> {
  for (const giveUp = Date.now() + 30_000; ; await sleep(50)) {
    const problem = await platform.health();
    if (problem === undefined) return;
    if (Date.now() > giveUp) throw new Error(problem);
  }
}

function requestOf(
  instanceId: string,
  script: string,
  { exitCode, ...changes }: Partial<LaunchRequest> & { readonly exitCode?: number },
): LaunchRequest {
  const id = ++lastId;
  const name = `task-${id}-${randomUUID().slice(0, 6)}`;
  const { deploymentProperties, ...others } = changes;
  return {
    externalExecutionId: name,
    execution: { id, schemaTarget: 'boot3', instanceId },
    taskName: 'sample',
    resourceUri: `docker:${BUSYBOX}`,
    bootVersion: '3',
    appProperties: {},
    dataSource: {},
    arguments: [],
    springArguments: [],
    ...others,
    deploymentProperties: {
      'kubernetes.container-command': `sh -c "${script.replaceAll('"', '\\"')}"`,
      'kubernetes.termination-grace-period-seconds': '1',
      // For clusters in which pods are played.
      ...(exitCode === undefined ? {} : { 'kubernetes.pod-annotations': `kapi.test/exit-code:${exitCode}` }),
      ...deploymentProperties,
    },
  };
}
