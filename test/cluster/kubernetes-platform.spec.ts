import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchV1Api, CoreV1Api } from '@kubernetes/client-node';
import { PlatformLaunchError } from '../../src/platforms/platform.js';
import { kubeConfigOf } from '../support/cluster.js';
import { createTestNamespace, type TestNamespace } from '../support/cluster-namespace.js';
import { podOf } from '../support/cluster-pods.js';
import { describeWithCluster, itWithContainers, usedCluster } from '../support/cluster-suites.js';
import { openAccount, type TestAccount, untilHealthy } from '../support/kubernetes-account.js';

describeWithCluster('the Kubernetes platform', () => {
  let core: CoreV1Api;
  let batch: BatchV1Api;
  let space: TestNamespace;
  let namespace: string;
  let account: TestAccount;

  beforeAll(async () => {
    core = kubeConfigOf(usedCluster).makeApiClient(CoreV1Api);
    batch = kubeConfigOf(usedCluster).makeApiClient(BatchV1Api);
    space = await createTestNamespace(usedCluster);
    namespace = space.name;
    account = await openAccount(usedCluster, namespace);
    await untilHealthy(account);
  });
  afterAll(async () => {
    await account?.platform.close();
    await space?.remove();
  });

  const podNames = async (id: string) => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: `spring-app-id=${id}` });
    return items.map(({ metadata }) => metadata?.name);
  };
  const untilNoPod = async (id: string) => {
    for (const giveUp = Date.now() + 50_000; (await podNames(id)).length > 0; await sleep(100)) {
      if (Date.now() > giveUp) throw new Error(`the pod of ${id} is still there`);
    }
  };

  describe('a pod', () => {
    it('runs to its end, and its log stays', async () => {
      const request = account.request('echo a line; echo another');
      await account.platform.launch(request);
      const end = await account.until(request.externalExecutionId, 'succeeded', 'failed');
      const { id, schemaTarget } = request.execution;
      expect(end).toMatchObject({
        phase: 'succeeded',
        exitCode: 0,
        reason: undefined,
        execution: { id, schemaTarget },
      });
      expect(end.startedAt).toBeInstanceOf(Date);
      expect(end.endedAt).toBeInstanceOf(Date);
      const log = await account.platform.log(request.externalExecutionId, { tailLines: 1 });
      expect(log).toBe(usedCluster.containers === 'played' ? 'a simulated container\n' : 'another\n');
    });

    it('that fails is told with its exit code', async () => {
      const request = account.request('exit 3', { exitCode: 3 });
      await account.platform.launch(request);
      const end = await account.until(request.externalExecutionId, 'succeeded', 'failed');
      expect(end).toMatchObject({ phase: 'failed', exitCode: 3, reason: 'ended with exit code 3' });
      await expect(account.platform.status([request.externalExecutionId])).resolves.toEqual([end]);
    });

    it('is made once, whoever asks how often', async () => {
      const other = await openAccount(usedCluster, namespace, { instanceId: account.instanceId });
      try {
        const request = account.request('true');
        const servers = [account, other, account, other];
        await Promise.all(servers.map(({ platform }) => platform.launch(request)));
        await expect(podNames(request.externalExecutionId)).resolves.toEqual([request.externalExecutionId]);
        await other.until(request.externalExecutionId, 'succeeded');
        await other.platform.launch(request);
        await expect(podNames(request.externalExecutionId)).resolves.toHaveLength(1);
      } finally {
        await other.platform.close();
      }
    });

    it('with the name of a stranger is refused', async () => {
      const request = account.request('true');
      await core.createNamespacedPod({ namespace, body: podOf(request.externalExecutionId, { command: ['true'] }) });
      await expect(account.platform.launch(request)).rejects.toThrow(PlatformLaunchError);
      await expect(account.platform.launch(request)).rejects.toThrow(/is taken in namespace/);
    });

    it('that someone deletes is told as failed', async () => {
      const request = account.request('sleep 60', {
        deploymentProperties: { 'kubernetes.pod-annotations': 'kapi.test/run-for:60s' },
      });
      await account.platform.launch(request);
      await account.until(request.externalExecutionId, 'running');
      await core.deleteNamespacedPod({ namespace, name: request.externalExecutionId });
      const end = await account.until(request.externalExecutionId, 'failed');
      expect(end.reason).toMatch(/^the pod was deleted by someone else/);
    });

    it('that was asked to stop ends', async () => {
      const request = account.request('echo begun; sleep 60', {
        deploymentProperties: { 'kubernetes.pod-annotations': 'kapi.test/run-for:60s' },
      });
      await account.platform.launch(request);
      await account.until(request.externalExecutionId, 'running');
      await account.platform.cancel(request.externalExecutionId);
      const end = await account.until(request.externalExecutionId, 'failed');
      expect(end.reason).toMatch(/^stopped on request/);
    });

    itWithContainers('that was stopped keeps its log', async () => {
      const request = account.request('trap "exit 9" TERM; echo begun; while :; do sleep 0.1; done');
      await account.platform.launch(request);
      await account.until(request.externalExecutionId, 'running');
      await account.platform.cancel(request.externalExecutionId);
      const end = await account.until(request.externalExecutionId, 'failed');
      expect(end).toMatchObject({ reason: 'stopped on request', exitCode: 9 });
      await expect(account.platform.log(request.externalExecutionId, {})).resolves.toBe('begun\n');
      await account.platform.cancel(request.externalExecutionId);
    });

    it('that waits and is stopped never starts', async () => {
      const request = account.request('true', {
        deploymentProperties: { 'kubernetes.node-selector': 'no-such:node' },
      });
      await account.platform.launch(request);
      await account.platform.cancel(request.externalExecutionId);
      const end = await account.until(request.externalExecutionId, 'failed');
      expect(end).toMatchObject({ reason: 'stopped before it was started', startedAt: undefined });
      await untilNoPod(request.externalExecutionId);
    });

    it('for which there is no node is given up', async () => {
      const request = account.request('true', {
        deploymentProperties: { 'kubernetes.node-selector': 'no-such:node' },
      });
      await account.platform.launch(request);
      const end = await account.until(request.externalExecutionId, 'failed');
      expect(end.reason).toMatch(/^Unschedulable: no node can take the pod: .*node/);
      await untilNoPod(request.externalExecutionId);
      await expect(account.platform.status([request.externalExecutionId])).resolves.toEqual([end]);
    });

    itWithContainers('whose image does not exist is given up', async () => {
      const request = account.request('true', { resourceUri: 'docker:localhost:1/no/such-image:1' });
      await account.platform.launch(request);
      const end = await account.until(request.externalExecutionId, 'failed');
      expect(end.reason).toMatch(/^(ErrImagePull|ImagePullBackOff): the image 'localhost:1\/no\/such-image:1' cannot/);
      await untilNoPod(request.externalExecutionId);
    });

    itWithContainers('that needs more memory than it may', async () => {
      const request = account.request('tail /dev/zero', {
        deploymentProperties: { 'kubernetes.limits.memory': '16Mi' },
      });
      await account.platform.launch(request);
      const end = await account.until(request.externalExecutionId, 'failed');
      expect(end).toMatchObject({ exitCode: 137, reason: expect.stringMatching(/^OOMKilled: /) });
    });

    itWithContainers('with a failing init container', async () => {
      const init = `[{containerName: before, imageName: 'docker.io/library/busybox:1.35', commands: [sh, -c, 'exit 5']}]`;
      const request = account.request('true', { deploymentProperties: { 'kubernetes.init-containers': init } });
      await account.platform.launch(request);
      const end = await account.until(request.externalExecutionId, 'failed');
      expect(end.reason).toMatch(/^the init container '.*' failed: ended with exit code 5/);
    });

    itWithContainers('ends with its main container, whatever runs beside it', async () => {
      const sidecar = `[{name: beside, image: 'docker.io/library/busybox:1.35', command: [sleep, '300']}]`;
      const request = account.request('echo done', {
        deploymentProperties: { 'kubernetes.additional-containers': sidecar },
      });
      const { externalExecutionId: name } = request;
      await account.platform.launch(request);
      const end = await account.until(name, 'succeeded', 'failed');
      expect(end).toMatchObject({ phase: 'succeeded', exitCode: 0 });
      for (const giveUp = Date.now() + 50_000; ; await sleep(100)) {
        const { status } = await core.readNamespacedPod({ namespace, name });
        if (status?.containerStatuses?.every(({ state }) => state?.terminated !== undefined)) break;
        if (Date.now() > giveUp) throw new Error(JSON.stringify(status));
      }
      await expect(account.platform.log(name, { container: name })).resolves.toBe('done\n');
      await expect(account.platform.status([name])).resolves.toMatchObject([{ phase: 'succeeded', exitCode: 0 }]);
    });

    it('that has ended can be cleaned up, one that runs cannot', async () => {
      const ended = account.request('true');
      const running = account.request('sleep 60', {
        deploymentProperties: { 'kubernetes.pod-annotations': 'kapi.test/run-for:60s' },
      });
      await Promise.all([account.platform.launch(ended), account.platform.launch(running)]);
      await account.until(ended.externalExecutionId, 'succeeded');
      await account.until(running.externalExecutionId, 'running');
      await account.platform.cleanUp(ended.externalExecutionId);
      await account.platform.cleanUp(running.externalExecutionId);
      await account.platform.cleanUp('no-such-execution');
      await untilNoPod(ended.externalExecutionId);
      await expect(podNames(running.externalExecutionId)).resolves.toHaveLength(1);
      await account.platform.cancel(running.externalExecutionId);
    });
  });

  describe('a job', () => {
    const asJob = (more: Readonly<Record<string, string>>) => ({
      deploymentProperties: { 'kubernetes.create-job': 'true', ...more },
    });

    it('runs to its end', async () => {
      const request = account.request('echo done', asJob({}));
      await account.platform.launch(request);
      const end = await account.until(request.externalExecutionId, 'succeeded', 'failed');
      expect(end).toMatchObject({ phase: 'succeeded', exitCode: 0, execution: { id: request.execution.id } });
      const log = await account.platform.log(request.externalExecutionId, {});
      expect(log).toBe(usedCluster.containers === 'played' ? 'a simulated container\n' : 'done\n');
      await account.platform.cleanUp(request.externalExecutionId);
      await untilNoPod(request.externalExecutionId);
    });

    it('tries again as often as backoffLimit allows, and runs meanwhile', async () => {
      const properties = { 'kubernetes.backoff-limit': '1', 'kubernetes.pod-annotations': 'kapi.test/exit-code:4' };
      const request = account.request('exit 4', asJob(properties));
      await account.platform.launch(request);
      const end = await account.until(request.externalExecutionId, 'succeeded', 'failed');
      expect(end).toMatchObject({ phase: 'failed', exitCode: 4 });
      expect(end.reason).toMatch(/^BackoffLimitExceeded: no attempt is left .*2 attempts failed.*exit code 4/);
      await expect(podNames(request.externalExecutionId)).resolves.toHaveLength(2);
      const phases = account.told
        .filter(({ externalExecutionId }) => externalExecutionId === request.externalExecutionId)
        .map(({ phase }) => phase);
      expect(phases.slice(phases.indexOf('running'))).not.toContain('waiting');
      expect(phases.filter((phase) => phase === 'failed')).toHaveLength(1);
    });

    it('that was asked to stop makes no further attempt', async () => {
      const properties = { 'kubernetes.pod-annotations': 'kapi.test/run-for:60s' };
      const request = account.request('echo begun; sleep 60', asJob(properties));
      await account.platform.launch(request);
      await account.until(request.externalExecutionId, 'running');
      await account.platform.cancel(request.externalExecutionId);
      const end = await account.until(request.externalExecutionId, 'failed');
      expect(end.reason).toMatch(/^stopped on request/);
      if (usedCluster.containers === 'real') {
        await expect(account.platform.log(request.externalExecutionId, {})).resolves.toBe('begun\n');
        const job = await batch.readNamespacedJob({ namespace, name: request.externalExecutionId });
        expect(job.status?.failed).toBe(1);
      }
    });
  });

  describe('the cluster refuses', () => {
    it('what a quota forbids', async () => {
      const small = await createTestNamespace(usedCluster);
      const poor = await openAccount(usedCluster, small.name);
      try {
        const hard = { pods: '0' };
        await core.createNamespacedResourceQuota({
          namespace: small.name,
          body: { metadata: { name: 'none' }, spec: { hard } },
        });
        for (let status; status?.hard === undefined; await sleep(100)) {
          ({ status } = await core.readNamespacedResourceQuota({ namespace: small.name, name: 'none' }));
        }
        const refused = poor.platform.launch(poor.request('true'));
        await expect(refused).rejects.toThrow(
          `The cluster refuses the task in namespace '${small.name}': the quota 'none' is exceeded: pods=1 requested, pods=0 in use, the limit is pods=0`,
        );
        await expect(refused).rejects.toThrow(PlatformLaunchError);
      } finally {
        await poor.platform.close();
        await small.remove();
      }
    });

    it('what does not fit its schema', async () => {
      const request = account.request('true', {
        deploymentProperties: { 'kubernetes.priority-class-name': 'none-such' },
      });
      await expect(account.platform.launch(request)).rejects.toThrow(/no PriorityClass with name none-such/);
      const [status] = await account.platform.status([request.externalExecutionId]);
      expect(status).toMatchObject({ phase: 'failed', reason: expect.stringContaining('none-such') });
    });

    it('an account whose namespace does not exist', async () => {
      const lost = await openAccount(usedCluster, 'no-such-namespace');
      try {
        await expect(lost.platform.launch(lost.request('true'))).rejects.toThrow(
          "The Kubernetes account 'test' has the namespace 'no-such-namespace', which does not exist in the cluster.",
        );
      } finally {
        await lost.platform.close();
      }
    });
  });

  describe('the data source', () => {
    const dataSource = {
      'spring.datasource.url': 'jdbc:postgresql://db/scdf',
      'spring.datasource.username': 'tasks',
      'spring.datasource.password': 'a secret word',
    };

    it('reaches the pod through a Secret, and nothing else shows it', async () => {
      const request = account.request('echo $SPRING_DATASOURCE_USERNAME at $SPRING_DATASOURCE_URL', { dataSource });
      await account.platform.launch(request);
      await account.until(request.externalExecutionId, 'succeeded');
      const pod = await core.readNamespacedPod({ namespace, name: request.externalExecutionId });
      expect(JSON.stringify(pod)).not.toContain('a secret word');
      const { items } = await core.listNamespacedSecret({
        namespace,
        labelSelector: `millrace/instance=${account.instanceId}`,
      });
      expect(items).toHaveLength(1);
      expect(Buffer.from(items[0]?.data?.['password'] ?? '', 'base64').toString()).toBe('a secret word');
      if (usedCluster.containers === 'real') {
        const log = await account.platform.log(request.externalExecutionId, {});
        expect(log).toBe('tasks at jdbc:postgresql://db/scdf\n');
      }
    });

    it('that has changed is brought up to date, and a part of it leaves the rest alone', async () => {
      const changed = { 'spring.datasource.password': 'another word' };
      await account.platform.launch(account.request('true', { dataSource: changed }));
      const { items } = await core.listNamespacedSecret({
        namespace,
        labelSelector: `millrace/instance=${account.instanceId}`,
      });
      const text = (key: string) => Buffer.from(items[0]?.data?.[key] ?? '', 'base64').toString();
      expect([text('password'), text('username')]).toEqual(['another word', 'tasks']);
    });
  });

  describe('executions', () => {
    it('that nobody knows are gone', async () => {
      await expect(account.platform.status(['no-such-execution'])).resolves.toMatchObject([{ phase: 'gone' }]);
      await expect(account.platform.log('no-such-execution', {})).resolves.toBeUndefined();
      await account.platform.cancel('no-such-execution');
    });

    it('of two servers in one namespace keep apart; what has no row is found', async () => {
      const neighbour = await openAccount(usedCluster, namespace);
      try {
        const request = neighbour.request('true');
        await neighbour.platform.launch(request);
        const name = request.externalExecutionId;
        await neighbour.until(name, 'succeeded');
        await expect(account.platform.status([name])).resolves.toMatchObject([{ phase: 'gone' }]);
        await expect(neighbour.platform.orphans(async () => new Set())).resolves.toEqual([name]);
        await expect(neighbour.platform.orphans(async (names) => new Set(names))).resolves.toEqual([]);
      } finally {
        await neighbour.platform.close();
      }
    });

    it('are known to a server that has just started', async () => {
      const request = account.request('exit 2', { exitCode: 2 });
      await account.platform.launch(request);
      await account.until(request.externalExecutionId, 'failed');
      const next = await openAccount(usedCluster, namespace, { instanceId: account.instanceId });
      try {
        await untilHealthy(next);
        const [status] = await next.platform.status([request.externalExecutionId]);
        expect(status).toMatchObject({ phase: 'failed', exitCode: 2, execution: { id: request.execution.id } });
      } finally {
        await next.platform.close();
      }
    });
  });

  describe('a followed log', () => {
    itWithContainers('begins before the container and ends with the execution', async () => {
      const request = account.request('for i in 1 2 3 4 5; do echo line $i; sleep 0.5; done');
      await account.platform.launch(request);
      const pieces: string[] = [];
      for await (const piece of account.platform.followLog(request.externalExecutionId, {})) pieces.push(piece);
      expect(pieces).toEqual([1, 2, 3, 4, 5].map((number) => `line ${number}\n`));
    });

    itWithContainers('goes on over the attempts of a job', async () => {
      const request = account.request('echo attempt; exit 1', {
        deploymentProperties: { 'kubernetes.create-job': 'true', 'kubernetes.backoff-limit': '1' },
      });
      await account.platform.launch(request);
      let text = '';
      for await (const piece of account.platform.followLog(request.externalExecutionId, {})) text += piece;
      expect(text).toBe('attempt\nattempt\n');
    });

    it('of an unknown execution is empty', async () => {
      for await (const piece of account.platform.followLog('no-such-execution', {})) throw new Error(piece);
    });
  });

  describe('an account', () => {
    it('tells what SCDF tells of it', () => {
      const { description, environment } = account.platform;
      expect(description).toBe(`master url = [${usedCluster.apiUrl}/], namespace = [${namespace}], api version = [v1]`);
      expect(environment.platformSpecificInfo).toEqual({ 'master-url': `${usedCluster.apiUrl}/`, namespace });
      expect(environment.platformHostVersion).toMatch(/^v1\./);
    });

    it('that is out of reach starts, says so, and claims nothing', async () => {
      const settings = { fabric8: { masterUrl: 'https://127.0.0.1:9', oauthToken: 'token' } };
      const lost = await openAccount(usedCluster, namespace, { settings, environment: {} });
      try {
        for (const giveUp = Date.now() + 30_000; Date.now() < giveUp; await sleep(100)) {
          if (/cannot be reached/.test((await lost.platform.health()) ?? '')) break;
        }
        await expect(lost.platform.health()).resolves.toMatch(
          /^The Kubernetes account 'test' cannot be used: the API server at https:\/\/127\.0\.0\.1:9 cannot be reached: .*ECONNREFUSED/,
        );
        await expect(lost.platform.status(['some-execution'])).resolves.toEqual([]);
        const launch = lost.platform.launch(lost.request('true'));
        await expect(launch).rejects.toThrow(/cannot be reached/);
        await expect(launch).rejects.not.toThrow(PlatformLaunchError);
      } finally {
        await lost.platform.close();
      }
    });

    it('without rights says which', async () => {
      const name = 'nobody';
      await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
      const { status } = await core.createNamespacedServiceAccountToken({
        namespace,
        name,
        body: { spec: { audiences: [] } },
      });
      const masterUrl = usedCluster.apiUrl;
      const fabric8 = { masterUrl, oauthToken: status?.token ?? '', trustCerts: 'true' };
      const poor = await openAccount(usedCluster, namespace, { settings: { fabric8 }, environment: {} });
      try {
        await expect(poor.platform.launch(poor.request('true'))).rejects.toThrow(
          `The Kubernetes account 'test' may not create pods in namespace '${namespace}': its role (user system:serviceaccount:${namespace}:nobody) lacks the verb 'create' on 'pods'.`,
        );
        const dataSource = { 'spring.datasource.url': 'jdbc:postgresql://db/scdf' };
        await expect(poor.platform.launch(poor.request('true', { dataSource }))).rejects.toThrow(
          /may not patch the Secret '.*use-kubernetes-secrets-for-db-credentials\)/,
        );
        for (const giveUp = Date.now() + 30_000; Date.now() < giveUp; await sleep(100)) {
          if (/may not list pods/.test((await poor.platform.health()) ?? '')) break;
        }
        await expect(poor.platform.health()).resolves.toMatch(/may not list pods in namespace/);
      } finally {
        await poor.platform.close();
      }
    });
  });
});
