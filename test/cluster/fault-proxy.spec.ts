import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiException, CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node';
import { kubeConfigOf, randomName } from '../support/cluster.js';
import { createTestNamespace, type TestNamespace } from '../support/cluster-namespace.js';
import { describeWithCluster, usedCluster } from '../support/cluster-suites.js';
import { FaultProxy, type SeenRequest } from '../support/fault-proxy.js';

describeWithCluster('the fault proxy before the real API server', () => {
  let proxy: FaultProxy;
  let namespace: TestNamespace;
  /** Past the proxy, and through it. */
  let direct: CoreV1Api;
  let core: CoreV1Api;
  const watches: AbortController[] = [];

  beforeAll(async () => {
    proxy = await FaultProxy.start(usedCluster.kubeconfig);
    namespace = await createTestNamespace(usedCluster);
    direct = kubeConfigOf(usedCluster).makeApiClient(CoreV1Api);
    core = proxy.kubeConfig().makeApiClient(CoreV1Api);
  });
  afterEach(() => {
    for (const watch of watches.splice(0)) watch.abort();
    proxy.heal();
  });
  afterAll(async () => {
    await proxy?.close();
    await namespace?.remove();
  });

  const creates = ({ method, path }: SeenRequest) => method === 'POST' && path.endsWith('/configmaps');
  const isWatch = ({ watch }: SeenRequest) => watch;
  const create = (api: CoreV1Api, name = randomName('map')) =>
    api.createNamespacedConfigMap({ namespace: namespace.name, body: { metadata: { name } } });
  const exists = (name: string) =>
    direct.readNamespacedConfigMap({ namespace: namespace.name, name }).then(
      () => true,
      () => false,
    );
  const failureOf = async (work: Promise<unknown>) => {
    const failure: unknown = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure instanceof ApiException) return { code: failure.code, reason: JSON.parse(failure.body).reason };
    return failure instanceof Error ? { error: failure.message } : failure;
  };
  const isReset = { error: expect.stringMatching(/ECONNRESET|socket hang up/) };

  /** Watches config maps through the proxy; lists what came and how it ended. */
  const watch = async (query: Record<string, string> = {}) => {
    const seen: string[] = [];
    let end: unknown;
    let over = false;
    const controller = await new Watch(proxy.kubeConfig()).watch(
      `/api/v1/namespaces/${namespace.name}/configmaps`,
      { fieldSelector: 'metadata.name!=kube-root-ca.crt', ...query },
      (kind, object) => void seen.push(kind === 'ERROR' ? `ERROR ${object.code}` : `${kind} ${object.metadata.name}`),
      (failure) => {
        over = true;
        end = failure;
      },
    );
    watches.push(controller);
    return {
      seen,
      until: async (condition: () => boolean) => {
        while (!condition() && !over) await sleep(20);
      },
      ended: async () => {
        while (!over) await sleep(20);
        return end;
      },
      isOver: () => over,
    };
  };
  /** The version from which on a watch brings only what comes later. */
  const now = async () =>
    (await direct.listNamespacedConfigMap({ namespace: namespace.name })).metadata?.resourceVersion ?? '';

  it('lets requests through as they are, and keeps a list of them', async () => {
    const before = proxy.requests.length;
    const { metadata } = await create(core);
    expect(await exists(metadata?.name ?? '')).toBe(true);
    expect(await failureOf(create(core, metadata?.name))).toEqual({ code: 409, reason: 'AlreadyExists' });
    const path = `/api/v1/namespaces/${namespace.name}/configmaps`;
    expect(proxy.requests.slice(before)).toMatchObject([
      { method: 'POST', path, watch: false },
      { method: 'POST', path, watch: false },
    ]);
  });

  it('hands on the rights of a token, not its own', async () => {
    const token = await direct.createNamespacedServiceAccountToken({
      namespace: namespace.name,
      name: 'default',
      body: { spec: { audiences: [], expirationSeconds: 3600 } },
    });
    const limited = proxy.kubeConfig(token.status?.token).makeApiClient(CoreV1Api);
    expect(await failureOf(create(limited))).toEqual({ code: 403, reason: 'Forbidden' });
  });

  it('gives a kubeconfig that says all', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-proxy-'));
    try {
      await proxy.writeKubeconfig(join(directory, 'config'));
      const configuration = new KubeConfig();
      configuration.loadFromFile(join(directory, 'config'));
      await create(configuration.makeApiClient(CoreV1Api));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it.each([
    [500, 'InternalError', undefined],
    [503, 'ServiceUnavailable', 2],
    [429, 'TooManyRequests', 1],
    [410, 'Expired', undefined],
  ])('answers %i as the API server would, so many times', async (status, reason, retryAfter) => {
    const rule = proxy.inject({ when: creates, fault: { kind: 'answer', status, retryAfter }, times: 1 });
    const name = randomName('refused');
    const failure: unknown = await create(core, name).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiException);
    expect(await failureOf(Promise.reject(failure as Error))).toEqual({ code: status, reason });
    expect((failure as ApiException<string>).headers['retry-after']).toBe(retryAfter?.toString());
    expect(await exists(name)).toBe(false);
    await create(core, name);
    expect([await exists(name), rule.hits]).toEqual([true, 1]);
  });

  it('resets a connection before the request arrives', async () => {
    proxy.inject({ when: creates, fault: { kind: 'reset', when: 'before' }, times: 1 });
    const name = randomName('lost');
    expect(await failureOf(create(core, name))).toEqual(isReset);
    expect(await exists(name)).toBe(false);
  });

  it('loses the answer to what was done', async () => {
    proxy.inject({ when: creates, fault: { kind: 'reset', when: 'after' }, times: 1 });
    const name = randomName('done');
    expect(await failureOf(create(core, name))).toEqual(isReset);
    expect(await exists(name)).toBe(true);
    expect(await failureOf(create(core, name))).toEqual({ code: 409, reason: 'AlreadyExists' });
  });

  it('delays a request', async () => {
    proxy.inject({ when: creates, fault: { kind: 'delay', for: 300 }, times: 1 });
    const name = randomName('late');
    const created = create(core, name);
    expect(await exists(name)).toBe(false);
    await created;
    expect(await exists(name)).toBe(true);
  });

  it('hangs and does nothing', async () => {
    proxy.inject({ when: creates, fault: { kind: 'hang', for: 500 }, times: 1 });
    const name = randomName('hung');
    expect(await failureOf(create(core, name))).toEqual(isReset);
    expect(await exists(name)).toBe(false);
  });

  it('hangs a watch before its first byte', async () => {
    proxy.inject({ when: isWatch, fault: { kind: 'hang', for: 500 }, times: 1 });
    const hung = await watch().catch((error: unknown) => error);
    const error = hung instanceof Error ? hung : await (hung as Awaited<ReturnType<typeof watch>>).ended();
    expect(String(error)).toMatch(/ECONNRESET|socket hang up/);
  });

  it.each(['reset', 'end'] as const)('cuts a watch in the midst: %s', async (how) => {
    proxy.inject({ when: isWatch, fault: { kind: 'cut', afterEvents: 2, how }, times: 1 });
    const watched = await watch({ resourceVersion: await now() });
    const names = ['one', 'two', 'three'].map(randomName);
    for (const name of names) await create(direct, name);
    const end = await watched.ended();
    expect(watched.seen).toEqual(names.slice(0, 2).map((name) => `ADDED ${name}`));
    if (how === 'reset') expect(String(end)).toMatch(/ECONNRESET|aborted|Premature close|terminated/);
    else expect(end ?? null).toBeNull();
  });

  it('stalls a watch that stays open', async () => {
    proxy.inject({ when: isWatch, fault: { kind: 'stall', afterEvents: 1 }, times: 1 });
    // The API server ends it after a second; the proxy does not.
    const watched = await watch({ resourceVersion: await now(), timeoutSeconds: '1' });
    const names = ['one', 'two'].map(randomName);
    for (const name of names) await create(direct, name);
    await watched.until(() => watched.seen.length > 0);
    await sleep(2_000);
    expect([watched.seen, watched.isOver(), proxy.openWatches]).toEqual([[`ADDED ${names[0]}`], false, 1]);
  });

  it('says that a version is gone, in a watch', async () => {
    proxy.inject({ when: isWatch, fault: { kind: 'gone', afterEvents: 0 }, times: 1 });
    const watched = await watch({ resourceVersion: await now() });
    await watched.ended();
    expect(watched.seen).toEqual(['ERROR 410']);
  });

  it('is down, and up again', async () => {
    const watched = await watch({ resourceVersion: await now() });
    while (proxy.openWatches === 0) await sleep(20);
    proxy.goDown();
    expect(String(await watched.ended())).toMatch(/ECONNRESET|aborted|Premature close|terminated/);
    expect(await failureOf(create(core))).toEqual(isReset);
    proxy.heal();
    await create(core);
  });

  it('is silent, and what waited goes on', async () => {
    const watched = await watch({ resourceVersion: await now() });
    while (proxy.openWatches === 0) await sleep(20);
    proxy.goSilent();
    const name = randomName('patient');
    const waiting = create(core, name);
    const other = randomName('other');
    await create(direct, other);
    await sleep(500);
    expect([await exists(name), watched.seen, watched.isOver()]).toEqual([false, [], false]);
    proxy.heal();
    await waiting;
    await watched.until(() => watched.seen.length === 2);
    expect(watched.seen).toEqual([`ADDED ${other}`, `ADDED ${name}`]);
  });
});
