import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api } from '@kubernetes/client-node';
import { kubeConfigOf } from '../support/cluster.js';
import { createTestNamespace, type TestNamespace } from '../support/cluster-namespace.js';
import { describeWithCluster, usedCluster } from '../support/cluster-suites.js';
import { type Fault, FaultProxy, type SeenRequest } from '../support/fault-proxy.js';
import { openAccount, type TestAccount, untilHealthy } from '../support/kubernetes-account.js';

const isWatch = ({ watch, path }: SeenRequest) => watch && path.endsWith('/pods');
const isList = ({ watch, path, method }: SeenRequest) => !watch && method === 'GET' && path.endsWith('/pods');
const isCreation = ({ method, path }: SeenRequest) => method === 'POST' && path.endsWith('/pods');

describeWithCluster('the Kubernetes platform behind a way that breaks', () => {
  let core: CoreV1Api;
  let space: TestNamespace;
  let namespace: string;
  let directory: string;
  let proxy: FaultProxy;
  let account: TestAccount;

  beforeAll(async () => {
    core = kubeConfigOf(usedCluster).makeApiClient(CoreV1Api);
    space = await createTestNamespace(usedCluster);
    namespace = space.name;
  });
  afterAll(async () => {
    await space?.remove();
  });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-faults-'));
    proxy = await FaultProxy.start(usedCluster.kubeconfig);
    await proxy.writeKubeconfig(join(directory, 'config'));
  });
  afterEach(async () => {
    await account?.platform.close();
    await proxy.close();
    await rm(directory, { recursive: true, force: true });
  });

  const open = async (relist = 60_000) => {
    account = await openAccount(usedCluster, namespace, {
      environment: { KUBECONFIG: join(directory, 'config') },
      watchTiming: { relist, idle: 1_500, backoff: { first: 50, longest: 1_000 } },
    });
  };
  const podsOf = async (id: string) => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: `spring-app-id=${id}` });
    return items.length;
  };
  const runOne = async () => {
    const request = account.request('true');
    await account.platform.launch(request);
    const end = await account.until(request.externalExecutionId, 'succeeded', 'failed');
    expect(end).toMatchObject({ phase: 'succeeded', exitCode: 0 });
    await expect(podsOf(request.externalExecutionId)).resolves.toBe(1);
  };

  const watchFaults: readonly { name: string; fault: Fault }[] = [
    { name: 'is reset in the midst of an event', fault: { kind: 'cut', afterEvents: 1, how: 'reset' } },
    { name: 'is reset before the first event', fault: { kind: 'cut', afterEvents: 0, how: 'reset' } },
    { name: 'ends in good order', fault: { kind: 'cut', afterEvents: 1, how: 'end' } },
    { name: 'stands still', fault: { kind: 'stall', afterEvents: 1 } },
    { name: 'ends with «gone»', fault: { kind: 'gone', afterEvents: 1 } },
    { name: 'is answered with 410', fault: { kind: 'answer', status: 410 } },
    { name: 'is answered with 500', fault: { kind: 'answer', status: 500 } },
    { name: 'is answered with 429', fault: { kind: 'answer', status: 429, retryAfter: 1 } },
    { name: 'is not answered', fault: { kind: 'hang', for: 1_000 } },
  ];
  it.each(watchFaults)('converges when its watch $name', async ({ fault }) => {
    const rule = proxy.inject({ when: isWatch, fault, times: 3 });
    await open();
    await runOne();
    await runOne();
    expect(rule.hits).toBeGreaterThan(0);
  });

  it.each([
    { name: '500', fault: { kind: 'answer', status: 500 } as const },
    { name: '429 and a time to wait', fault: { kind: 'answer', status: 429, retryAfter: 1 } as const },
    { name: 'a reset', fault: { kind: 'reset', when: 'before' } as const },
  ])('converges when its list is answered with $name', async ({ fault }) => {
    proxy.inject({ when: isList, fault, times: 5 });
    await open();
    await runOne();
    await untilHealthy(account);
  });

  it.each([
    { name: '500', fault: { kind: 'answer', status: 500 } as const },
    { name: '503 and a time to wait', fault: { kind: 'answer', status: 503, retryAfter: 1 } as const },
    { name: '429', fault: { kind: 'answer', status: 429 } as const },
    { name: 'a reset before it arrived', fault: { kind: 'reset', when: 'before' } as const },
    { name: 'a reset after it was done', fault: { kind: 'reset', when: 'after' } as const },
  ])('makes one pod when a creation is answered with $name', async ({ fault }) => {
    await open();
    await untilHealthy(account);
    const rule = proxy.inject({ when: isCreation, fault, times: 2 });
    await runOne();
    expect(rule.hits).toBe(2);
  });

  it('waits with a creation as long as 429 asks for', async () => {
    await open();
    await untilHealthy(account);
    const asked: number[] = [];
    const when = (request: SeenRequest) => isCreation(request) && asked.push(performance.now()) > 0;
    const rule = proxy.inject({ when, fault: { kind: 'answer', status: 429, retryAfter: 2 }, times: 3 });
    await runOne();
    expect(rule.hits).toBe(3);
    const pauses = asked.slice(1).map((time, at) => time - (asked[at] ?? 0));
    expect(pauses).toHaveLength(2);
    // Far more than the client would wait by itself after so few tries; timers may be early by a millisecond.
    for (const pause of pauses) expect(pause).toBeGreaterThan(1_990);
  });

  it('gives up a creation that fails too often, and takes it up when asked again', async () => {
    await open();
    await untilHealthy(account);
    const rule = proxy.inject({ when: isCreation, fault: { kind: 'reset', when: 'after' } });
    const request = account.request('true');
    // The first try makes the pod, the next ones find it; every answer is lost.
    await expect(account.platform.launch(request)).rejects.toThrow(/cannot be reached/);
    rule.remove();
    await account.platform.launch(request);
    await account.until(request.externalExecutionId, 'succeeded');
    await expect(podsOf(request.externalExecutionId)).resolves.toBe(1);
  });

  it.each(['goDown', 'goSilent'] as const)('hears after an outage (%s) what happened meanwhile', async (outage) => {
    await open();
    await untilHealthy(account);
    const ended = account.request('sleep 1');
    const deleted = account.request('sleep 60', {
      deploymentProperties: { 'kubernetes.pod-annotations': 'kapi.test/run-for:60s' },
    });
    await account.platform.launch(ended);
    await account.platform.launch(deleted);
    await account.until(deleted.externalExecutionId, 'running');
    proxy[outage]();
    await core.deleteNamespacedPod({ namespace, name: deleted.externalExecutionId });
    await sleep(5_000);
    if (outage === 'goDown') await expect(account.platform.health()).resolves.toMatch(/cannot be reached/);
    proxy.heal();
    await account.until(ended.externalExecutionId, 'succeeded');
    await account.until(deleted.externalExecutionId, 'failed');
    await untilHealthy(account);
    await runOne();
  });

  it('finds by its next list what a watch has kept from it', async () => {
    await open(4_000);
    await untilHealthy(account);
    const request = account.request('sleep 60', {
      deploymentProperties: { 'kubernetes.pod-annotations': 'kapi.test/run-for:60s' },
    });
    await account.platform.launch(request);
    await account.until(request.externalExecutionId, 'running');
    // From here on every watch is open and dumb.
    proxy.inject({ when: isWatch, fault: { kind: 'stall', afterEvents: 0 } });
    proxy.cutAll();
    await sleep(500);
    await core.deleteNamespacedPod({ namespace, name: request.externalExecutionId, gracePeriodSeconds: 0 });
    await account.until(request.externalExecutionId, 'failed');
  });
});
