import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PodWatch, watchPods } from '../support/cluster-pods.js';
import { ClusterServer, type DefinedWork } from '../support/cluster-server.js';
import { describeWithCluster, usedCluster } from '../support/cluster-suites.js';
import { FaultProxy, type SeenRequest } from '../support/fault-proxy.js';
import type { Launched } from '../support/server-client.js';

/** Launches while it is bad, and as many afterwards. */
const LAUNCHES = 6;
/** ms */
const SILENCE = 30_000;

const any = () => true;
const isWatch = ({ watch }: SeenRequest) => watch;

interface Trouble {
  readonly name: string;
  /** Makes it bad; lasts as long as it is. */
  readonly begin: (proxy: FaultProxy) => Promise<void> | void;
}

/** All that an API server and the way to it do on a bad day. */
const troubles: readonly Trouble[] = [
  {
    name: 'every other request is answered with 500',
    begin: (proxy) => void proxy.inject({ when: everyOther(), fault: { kind: 'answer', status: 500 } }),
  },
  {
    name: 'requests are answered with 429 and a time to wait',
    begin: (proxy) =>
      void proxy.inject({ when: any, fault: { kind: 'answer', status: 429, retryAfter: 1 }, times: 12 }),
  },
  {
    name: 'connections are reset before and after the request is done',
    begin: (proxy) => {
      proxy.inject({ when: any, fault: { kind: 'reset', when: 'before' }, times: 10 });
      proxy.inject({ when: everyOther(), fault: { kind: 'reset', when: 'after' }, times: 10 });
    },
  },
  {
    name: 'watches hang',
    begin: (proxy) => {
      proxy.inject({ when: isWatch, fault: { kind: 'stall', afterEvents: 0 } });
      proxy.cutAll();
    },
  },
  {
    name: '30 s of nothing',
    begin: async (proxy) => {
      proxy.goSilent();
      await sleep(SILENCE);
    },
  },
  {
    name: 'an API server that is away',
    begin: async (proxy) => {
      proxy.goDown();
      await sleep(5_000);
    },
  },
];

function everyOther(): () => boolean {
  let requests = 0;
  return () => ++requests % 2 === 0;
}

describeWithCluster('a server whose way to the API server breaks while it launches', () => {
  let directory: string;
  let proxy: FaultProxy;
  let server: ClusterServer;
  let work: DefinedWork;
  let pods: PodWatch;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-faults-'));
    proxy = await FaultProxy.start(usedCluster.kubeconfig);
    const kubeconfig = join(directory, 'config');
    await proxy.writeKubeconfig(kubeconfig);
    server = await ClusterServer.open(usedCluster, {
      environment: { KUBECONFIG: kubeconfig, MILLRACE_KUBERNETES_RELIST_INTERVAL: '10s' },
    });
    work = await server.define({ script: 'echo ran' });
    pods = await watchPods(usedCluster, server.namespaceOf());
  }, 120_000);
  afterAll(async () => {
    pods?.close();
    await server?.close();
    await proxy?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const launch = async (): Promise<Launched> => {
    const answer = await server.tryLaunch(work);
    expect(answer).toMatchObject({ status: 201 });
    return answer.body as Launched;
  };
  const launchSome = () => Promise.all(Array.from({ length: LAUNCHES }, launch));

  it.each(troubles)(
    'converges, with one pod each: $name',
    async ({ begin }) => {
      const madeBefore = new Set(pods.made.keys());
      const started = begin(proxy);
      const launched = await launchSome();
      await started;
      // Some of what was launched is still under way now.
      await sleep(2_000);
      proxy.heal();
      launched.push(...(await launchSome()));
      for (const one of launched) {
        expect(await server.client.ended(one, 150_000)).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0 });
      }
      const made = [...pods.made].filter(([uid]) => !madeBefore.has(uid)).map(([, execution]) => Number(execution));
      const ids = launched.map(({ executionId }) => executionId);
      expect(made.sort((one, other) => one - other)).toEqual(ids.sort((one, other) => one - other));
    },
    240_000,
  );
});
