import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ClusterServer } from '../support/cluster-server.js';
import { describeWithCluster, usedCluster } from '../support/cluster-suites.js';
import { getJson } from '../support/http.js';
import { eventually } from '../support/workbench.js';

interface Account {
  readonly name: string;
  readonly type: string;
  readonly description: string;
}

interface Part {
  readonly status: string;
  readonly details?: { readonly error?: string };
}

describeWithCluster('a server with several Kubernetes accounts', () => {
  let server: ClusterServer;

  beforeAll(async () => {
    const lost = { namespace: 'lost', fabric8: { masterUrl: 'https://127.0.0.1:9', oauthToken: 'a-token-of-lost' } };
    server = await ClusterServer.open(usedCluster, {
      accounts: ['default', 'second'],
      otherAccounts: { lost },
      environment: {
        // Played pods know nothing of deadlines: they end when they are overdue.
        MILLRACE_KUBERNETES_STOP_TIMEOUT: '5s',
        MANAGEMENT_ENDPOINT_HEALTH_SHOW_DETAILS: 'always',
        MANAGEMENT_ENDPOINT_HEALTH_SHOW_COMPONENTS: 'always',
      },
    });
  });
  afterAll(async () => {
    await server?.close();
  });

  const health = async () => (await getJson(server.server.baseUrl, '/management/health/platforms')).body;

  it('lists them', async () => {
    const accounts = await server.client.list<Account>('/tasks/platforms');
    const described = Object.fromEntries(accounts.map(({ name, type, description }) => [name, { type, description }]));
    expect(described).toEqual(
      Object.fromEntries(
        [
          ['default', usedCluster.apiUrl, server.namespaceOf('default')],
          ['second', usedCluster.apiUrl, server.namespaceOf('second')],
          ['lost', 'https://127.0.0.1:9', 'lost'],
        ].map(([name, url, namespace]) => [
          name,
          { type: 'Kubernetes', description: `master url = [${url}/], namespace = [${namespace}], api version = [v1]` },
        ]),
      ),
    );
  });

  it('keeps their executions apart', async () => {
    const both = ['default', 'second'] as const;
    const executions = await Promise.all(
      both.map((account) => server.run({ script: `echo of ${account}`, account, played: { runFor: '1s' } })),
    );
    expect(executions.map(({ platformName, exitCode }) => [platformName, exitCode])).toEqual([
      ['default', 0],
      ['second', 0],
    ]);
    for (const [number, account] of both.entries()) {
      const pods = await server.pods(account);
      expect(pods.map(({ metadata }) => metadata?.name)).toEqual([executions[number]?.externalExecutionId]);
    }
    const logs = await Promise.all(executions.map((execution) => server.client.log(execution)));
    expect(logs).toEqual(
      usedCluster.containers === 'played'
        ? Array(2).fill('a simulated container\n')
        : both.map((account) => `of ${account}\n`),
    );
  });

  it('stops and cleans up in the one and not in the other', async () => {
    const work = { script: 'sleep 600', played: { runFor: '600s' } };
    const [one, other] = [await server.launch(work), await server.launch({ ...work, account: 'second' })];
    for (const launched of [one, other]) {
      await eventually(
        () => server.client.execution(launched),
        ({ taskExecutionStatus }) => taskExecutionStatus === 'RUNNING',
      );
    }
    await server.stop(one);
    const stopped = await server.client.ended(one);
    await server.cleanUp(stopped);
    await eventually(
      () => server.pods('default', one),
      (pods) => pods.length === 0,
    );
    expect(await server.client.execution(other)).toMatchObject({ taskExecutionStatus: 'RUNNING', endTime: null });
    const [running] = await server.pods('second', other);
    expect(running?.status?.phase).toBe('Running');
    await server.stop(other);
    await server.client.ended(other);
  }, 120_000);

  it('names the one that is out of reach in health and log, and works with the others', async () => {
    const whole = (await eventually(health, (body) =>
      /cannot be reached/.test(JSON.stringify((body as { components: { lost: Part } }).components.lost)),
    )) as { readonly status: string; readonly components: Readonly<Record<string, Part>> };
    expect(whole).toMatchObject({
      status: 'DOWN',
      components: {
        default: { status: 'UP' },
        second: { status: 'UP' },
        lost: {
          status: 'DOWN',
          details: {
            error: expect.stringMatching(
              /^The Kubernetes account 'lost' cannot be used: the API server at https:\/\/127\.0\.0\.1:9 cannot be reached/,
            ),
          },
        },
      },
    });
    // It is no reason to take the server out of service.
    expect(await server.client.get('/management/health')).toMatchObject({ status: 'UP' });
    expect(server.server.log()).toMatch(/The Kubernetes account 'lost' cannot be used/);
    expect(server.server.log()).not.toContain('a-token-of-lost');
    expect(await server.run({ script: 'true' })).toMatchObject({ exitCode: 0 });
  });

  it('accepts launches for the one that is out of reach, says what keeps them, and lets them be stopped', async () => {
    const launched = await server.launch({ script: 'true', account: 'lost' });
    expect(await server.client.execution(launched)).toMatchObject({ endTime: null, platformName: 'lost' });
    expect(await server.run({ script: 'true', account: 'second' })).toMatchObject({ exitCode: 0 });
    expect(server.server.log()).toMatch(/launch failed; it will be tried again/);
    await server.stop(launched);
    expect(await server.client.ended(launched)).toMatchObject({
      taskExecutionStatus: 'ERROR',
      errorMessage: 'Stopped before it was started.',
    });
  });
});
