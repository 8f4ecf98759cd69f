import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClusterServer } from '../support/cluster-server.js';
import { describeWithCluster, itWithContainers, usedCluster } from '../support/cluster-suites.js';
import { eventually, refusalOf } from '../support/workbench.js';

describeWithCluster('a server launches containers on Kubernetes', () => {
  let server: ClusterServer;

  beforeAll(async () => {
    server = await ClusterServer.open(usedCluster, {
      environment: {
        MILLRACE_KUBERNETES_IMAGE_TIMEOUT: '3s',
        MILLRACE_KUBERNETES_CONTAINER_TIMEOUT: '3s',
        MILLRACE_KUBERNETES_STOP_TIMEOUT: '5s',
      },
    });
  });
  afterAll(async () => {
    await server?.close();
  });

  const runs = (execution: { taskExecutionStatus: string }) => execution.taskExecutionStatus === 'RUNNING';

  it('that end well', async () => {
    const execution = await server.run({ script: 'true' });
    expect(execution).toMatchObject({
      taskExecutionStatus: 'COMPLETE',
      exitCode: 0,
      errorMessage: null,
      platformName: 'default',
    });
    const [pod, ...others] = await server.pods('default', execution);
    expect(others).toEqual([]);
    expect(pod?.metadata?.name).toBe(execution.externalExecutionId);
  });

  it('that end with an exit code of their own', async () => {
    const execution = await server.run({ script: 'exit 3', played: { exitCode: 3 } });
    expect(execution).toMatchObject({
      taskExecutionStatus: 'ERROR',
      exitCode: 3,
      errorMessage: 'ended with exit code 3',
    });
  });

  it('that need more memory than they may', async () => {
    const execution = await server.run({
      script: 'tail /dev/zero',
      properties: { 'kubernetes.limits.memory': '16Mi' },
      played: { exitCode: 137, reason: 'OOMKilled' },
    });
    expect(execution).toMatchObject({
      taskExecutionStatus: 'ERROR',
      exitCode: 137,
      errorMessage: 'OOMKilled: the container needed more memory than its limit allows (exit code 137)',
    });
  });

  itWithContainers('whose image cannot exist', async () => {
    const execution = await server.run({ script: 'true', image: 'docker.io/millrace-test/No-Such-Image:1' });
    expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 1 });
    expect(execution.errorMessage).toMatch(/^InvalidImageName: the image name '.*No-Such-Image:1' is malformed/);
    await eventually(
      () => server.pods('default', execution),
      (pods) => pods.length === 0,
    );
  });

  itWithContainers(
    'whose image does not exist',
    async () => {
      const image = 'localhost:1/millrace-test/no-such-image:1';
      const execution = await server.client.ended(await server.launch({ script: 'true', image }), 200_000);
      expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 1 });
      expect(execution.errorMessage).toMatch(
        /^(ErrImagePull|ImagePullBackOff): the image '.*no-such-image:1' cannot be/,
      );
      await eventually(
        () => server.pods('default', execution),
        (pods) => pods.length === 0,
      );
    },
    240_000,
  );

  it('of which only the cluster knows that they cannot be', async () => {
    await server.core.createNamespacedSecret({
      namespace: server.namespaceOf(),
      body: { metadata: { name: 'empty' }, stringData: { something: 'else' } },
    });
    const impossible: readonly [Readonly<Record<string, string>>, RegExp][] = [
      [{ 'kubernetes.priority-class-name': 'none-such' }, /no PriorityClass with name none-such/],
      [{ 'kubernetes.deployment-service-account-name': 'none-such' }, /serviceaccount "none-such" not found/],
      [
        { 'kubernetes.liveness-http-probe-port': '8080', 'kubernetes.probe-credentials-secret': 'empty' },
        /Secret 'empty' of probe-credentials-secret does not contain a key/,
      ],
    ];
    for (const [properties, reason] of impossible) {
      const execution = await server.run({ script: 'true', properties });
      expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', errorMessage: expect.stringMatching(reason) });
      expect(await server.pods('default', execution)).toEqual([]);
    }
  });

  itWithContainers('that need a volume of a ConfigMap that is not there', async () => {
    const execution = await server.run({
      script: 'true',
      properties: {
        'kubernetes.volumes': '[{name: v, configMap: {name: none-such}}]',
        'kubernetes.volumeMounts': '[{name: v, mountPath: /v}]',
      },
    });
    expect(execution).toMatchObject({
      taskExecutionStatus: 'ERROR',
      errorMessage: expect.stringMatching(
        /^FailedMount: a volume cannot be mounted: .*configmap "none-such" not found/,
      ),
    });
  });

  it('that wait for a node, and say so while they do', async () => {
    const launched = await server.launch({
      script: 'true',
      properties: { 'kubernetes.node-selector': 'no-such:node' },
    });
    const waiting = await eventually(
      () => server.client.execution(launched),
      ({ errorMessage }) => errorMessage !== null,
    );
    const told = expect.stringMatching(/^Not started yet\. Unschedulable: no node can take the pod: /);
    expect(waiting).toMatchObject({
      taskExecutionStatus: 'UNKNOWN',
      startTime: null,
      endTime: null,
      errorMessage: told,
    });
    expect(await server.stop(launched)).toMatchObject({ status: 200 });
    expect(await server.client.ended(launched)).toMatchObject({ errorMessage: 'stopped before it was started' });
  });

  it('that are killed when they are stopped', async () => {
    const launched = await server.launch({ script: 'echo begun; sleep 600', played: { runFor: '600s' } });
    await eventually(() => server.client.execution(launched), runs);
    expect(await server.stop(launched)).toMatchObject({ status: 200 });
    const execution = await server.client.ended(launched);
    expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', errorMessage: 'stopped on request' });
    expect(execution.exitCode).not.toBe(0);
    await eventually(
      () => server.pods('default', launched),
      (pods) => pods.every(({ status }) => status?.containerStatuses?.every(({ state }) => state?.terminated)),
    );
  });

  describe('as jobs', () => {
    const asJob = (properties: Readonly<Record<string, string>>) => ({ 'kubernetes.createJob': 'true', ...properties });

    it('that try again as often as backoffLimit says', async () => {
      const execution = await server.run({
        script: 'echo attempt; exit 4',
        properties: asJob({ 'kubernetes.backoffLimit': '1' }),
        played: { exitCode: 4 },
      });
      expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 4 });
      expect(execution.errorMessage).toMatch(/^BackoffLimitExceeded: .*2 attempts failed/);
      expect(await server.pods('default', execution)).toHaveLength(2);
    }, 120_000);

    it('of which the cluster refuses the pod', async () => {
      const execution = await server.run({
        script: 'true',
        properties: asJob({ 'kubernetes.deploymentServiceAccountName': 'none-such' }),
      });
      expect(execution).toMatchObject({
        taskExecutionStatus: 'ERROR',
        errorMessage: expect.stringMatching(/^FailedCreate: .*serviceaccount "none-such" not found/),
      });
    }, 60_000);

    itWithContainers(
      'that succeed at the second attempt',
      async () => {
        // Attempts share what lies on a node.
        const [node] = (await server.core.listNode()).items;
        const mark = `/tmp/attempt-${server.namespaceOf()}`;
        const volumes = '[{name: shared, hostPath: {path: /tmp, type: Directory}}]';
        const execution = await server.run({
          script: `if mkdir ${mark}; then echo first; exit 5; fi; rmdir ${mark}; echo second`,
          properties: asJob({
            'kubernetes.backoffLimit': '3',
            'kubernetes.node-selector': `kubernetes.io/hostname:${node?.metadata?.labels?.['kubernetes.io/hostname']}`,
            'kubernetes.volumes': volumes,
            'kubernetes.volumeMounts': '[{name: shared, mountPath: /tmp}]',
          }),
        });
        expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });
        expect(await server.pods('default', execution)).toHaveLength(2);
        await server.client.logWith(execution, /^second$/m);
      },
      120_000,
    );
  });

  describe('and refuses, before anything is written down,', () => {
    const rows = () =>
      server.query(
        `select (select count(*) from task_execution) as boot2, (select count(*) from boot3_task_execution) as boot3,
                (select count(*) from millrace_launch) as launches, (select count(*) from audit_records) as audits`,
      );

    it.each([
      ['a value that means nothing', 'kubernetes.limits.memory', 'plenty', /limits\.memory.*plenty/s],
      ['a name that nobody knows', 'kubernetes.imagePullPolice', 'Always', /imagePullPolice.*imagePullPolicy/is],
      ['YAML that is none', 'kubernetes.volumes', '[{name: x', /volumes/],
    ])('%s', async (_, property, value, message) => {
      const work = await server.define({ script: 'true', properties: { [property]: value } });
      const [before, pods] = [await rows(), await server.pods()];
      const answer = await server.tryLaunch(work);
      expect(refusalOf(answer)).toEqual({ status: 400, message: expect.stringMatching(message) });
      expect(await rows()).toEqual(before);
      expect(await server.pods()).toHaveLength(pods.length);
    });
  });
});
