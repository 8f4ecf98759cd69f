import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BatchV1Api } from '@kubernetes/client-node';
import { dateFormatOf } from '../compat/fields.js';
import { SameDatabase } from '../compat/identities.js';
import { compareBodies } from '../compat/compare.js';
import { readRunRestCases, type RunRestCase } from '../compat/run-rest-cases.js';
import { A_TIME, type RunRestDifference, runRestDifferences } from '../compat/run-rest-differences.js';
import { kubeConfigOf } from '../support/cluster.js';
import { createTestNamespace, type TestNamespace } from '../support/cluster-namespace.js';
import { ClusterServer } from '../support/cluster-server.js';
import { describeWithCluster, usedCluster } from '../support/cluster-suites.js';
import { exchange } from '../support/http.js';
import type { TaskExecution } from '../support/server-client.js';
import { eventually } from '../support/workbench.js';

const cases = readRunRestCases();

/** The tasks of the recording, with the account and the number of launches of each. */
const TASKS = [
  { task: 'la', account: 'k8s', launches: 1 },
  { task: 'lb', account: 'job', launches: 1 },
  { task: 'ld', account: 'k8s', launches: 2 },
] as const;

/** So that containers run on: the recording does not say how its own did. */
const RUNNING_ON = {
  'deployer.bb.kubernetes.container-command': 'sh -c "echo begun; sleep 600"',
  'deployer.bb.kubernetes.pod-annotations': 'kapi.test/run-for:600s',
  'deployer.bb.kubernetes.termination-grace-period-seconds': '1',
};

it('all calls on running executions that were recorded with SCDF are replayed', () => {
  expect(cases).toHaveLength(9);
  const listed = runRestDifferences.flatMap((difference) => difference.cases);
  expect(listed).toEqual([...new Set(listed)]);
  expect(listed.filter((id) => !cases.some((recorded) => recorded.id === id))).toEqual([]);
});

describeWithCluster('calls on running executions that were recorded with SCDF on Kubernetes', () => {
  const isPlayed = usedCluster.containers === 'played';
  const executions = new Map<string, readonly TaskExecution[]>();
  let namespace: TestNamespace;
  let server: ClusterServer;

  beforeAll(async () => {
    // Both accounts of the recording have one namespace.
    namespace = await createTestNamespace(usedCluster);
    server = await ClusterServer.open(usedCluster, {
      accounts: [],
      otherAccounts: { k8s: { namespace: namespace.name }, job: { namespace: namespace.name, createJob: 'true' } },
    });
    await server.client.register('bb', '1.35', 'docker:busybox:1.35');
    for (const { task, account, launches } of TASKS) {
      await server.client.define(task, 'bb');
      const launched = [];
      for (let at = 0; at < launches; at++) launched.push(await launch(task, account));
      executions.set(task, launched);
    }
  }, 180_000);
  afterAll(async () => {
    await server?.close();
    await namespace?.remove();
  });

  async function launch(task: string, account: string): Promise<TaskExecution> {
    const properties = Object.entries({ ...RUNNING_ON, 'spring.cloud.dataflow.task.platformName': account });
    const launched = await server.client.launch(task, {
      properties: properties.map(([key, value]) => `${key}=${value}`).join(','),
    });
    const isRunning = ({ taskExecutionStatus: status }: TaskExecution) => status === 'RUNNING';
    const execution = await eventually(() => server.client.execution(launched), isRunning, 90_000);
    await server.client.logWith(execution, /\n$/);
    return execution;
  }

  const executionsOf = (recorded: RunRestCase) => executions.get(taskOf(recorded)) ?? [];

  /** What the placeholders of a case stand for here. */
  function translate(recorded: RunRestCase, value: unknown): unknown {
    const [{ executionId, externalExecutionId } = { executionId: 0, externalExecutionId: '' }] = executionsOf(recorded);
    const text = JSON.stringify(value)
      .replaceAll('"<executionId>"', String(executionId))
      .replaceAll('<executionId>', String(executionId))
      .replaceAll(/l[abd]-<suffix>/g, externalExecutionId)
      .replaceAll('<server>', server.server.baseUrl)
      .replaceAll('<log text>', isPlayed ? 'a simulated container' : 'begun');
    return JSON.parse(text) as unknown;
  }

  async function call(recorded: RunRestCase) {
    const { method, path } = translate(recorded, recorded.request) as RunRestCase['request'];
    const headers = { Accept: 'application/json' };
    const { status, body } = await exchange(server.server.baseUrl, { method, target: path, headers });
    return { status, body: body === '' && recorded.body === null ? null : body };
  }

  /** Places where an answer is not as recorded. */
  function mismatchesOf(recorded: RunRestCase, answer: { readonly status: number; readonly body: unknown }) {
    expect(answer.status).toBe(recorded.status);
    return compareBodies(withOwnProperties(translate(recorded, recorded.body)), answer.body, {
      ...{ identities: new SameDatabase([]), schemaTarget: 'boot2', transient: false, sorted: false },
      ...{ jobLinks: 'recorded', requestIds: new Map() },
    });
  }

  /** Pods and jobs of a task that are there and are not being deleted: `pods/la-…`. */
  async function objectsBy(labelSelector: string): Promise<readonly string[]> {
    const batch = kubeConfigOf(usedCluster).makeApiClient(BatchV1Api);
    const pods = await server.core.listNamespacedPod({ namespace: namespace.name, labelSelector });
    const jobs = await batch.listNamespacedJob({ namespace: namespace.name, labelSelector });
    const names = (kind: string, items: readonly { metadata?: { name?: string; deletionTimestamp?: Date } }[]) =>
      items.filter(({ metadata }) => !metadata?.deletionTimestamp).map(({ metadata }) => `${kind}/${metadata?.name}`);
    return [...names('pods', pods.items), ...names('jobs', jobs.items)].sort();
  }

  it.each(cases.map((recorded) => [recorded.id, recorded] as const))(
    '%s',
    async (id, recorded) => {
      const difference = runRestDifferences.find((listed) => listed.cases.includes(id));
      const before = await objectsBy(`task-name=${taskOf(recorded)}`);
      await expectSelectorsToFind(recorded, before);

      const answer = await call(recorded);
      const mismatches = mismatchesOf(recorded, answer);
      const answers = Object.entries(difference?.answers ?? {});
      expect(mismatches.map(({ path }) => path).sort()).toEqual(answers.map(([path]) => path).sort());
      for (const [path, value] of answers) expect(at(answer, path)).toEqual(expected(translated(recorded, value)));
      await expectEffect(recorded, difference, before);
    },
    120_000,
  );

  function translated(recorded: RunRestCase, value: unknown): unknown {
    return typeof value === 'symbol' ? value : translate(recorded, value);
  }

  /** An SCDF beside it would find the same objects: each selector that it asks with finds those of its kind. */
  async function expectSelectorsToFind(recorded: RunRestCase, objects: readonly string[]): Promise<void> {
    for (const { execution, kind, selector } of selectorsOf(recorded, executionsOf(recorded))) {
      const own = objects.filter((name) => name.startsWith(`${kind}/${execution}`));
      const found = (await objectsBy(selector)).filter((name) => name.startsWith(`${kind}/`));
      expect({ selector, found }).toEqual({ selector, found: own });
    }
  }

  /** Deleted is what SCDF deleted, unless a difference says what becomes of it here; everything else stays. */
  async function expectEffect(
    recorded: RunRestCase,
    difference: RunRestDifference | undefined,
    before: readonly string[],
  ): Promise<void> {
    const deletes = recorded.apiCalls.some(({ method }) => method === 'DELETE');
    // A difference is none where SCDF leaves the objects too.
    expect(deletes).toBe(difference?.leaves !== undefined);
    expect(before).not.toEqual([]);
    if (difference?.leaves === 'ended' && !isPlayed) {
      for (const execution of executionsOf(recorded)) {
        expect(await server.client.ended(execution)).toMatchObject({ errorMessage: 'stopped on request' });
      }
    }
    expect(await objectsBy(`task-name=${taskOf(recorded)}`)).toEqual(before);
    if (difference?.leaves !== 'running') return;
    for (const execution of executionsOf(recorded)) {
      expect(await server.client.execution(execution)).toMatchObject({ taskExecutionStatus: 'RUNNING', endTime: null });
    }
  }
});

function taskOf({ id }: RunRestCase): string {
  if (id === 'runRest-delete-definition') return 'ld';
  return id.startsWith('runRest-job-') ? 'lb' : 'la';
}

/** What SCDF looked for, for each of the executions of a case. */
function selectorsOf({ apiCalls }: RunRestCase, executions: readonly TaskExecution[]) {
  return apiCalls.flatMap(({ method, path }) => {
    const [, kind, selector] = /\/(pods|jobs)\?labelSelector=(.*)$/.exec(path) ?? [];
    if (method !== 'GET' || kind === undefined || selector === undefined) return [];
    if (!selector.includes('<suffix>')) return [{ execution: '', kind, selector }];
    return executions.map(({ externalExecutionId: execution }) => {
      return { execution, kind, selector: selector.replaceAll(/l[abd]-<suffix>/g, execution) };
    });
  });
}

/** A recorded execution as if it had been launched with what keeps these containers running. */
function withOwnProperties(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('deploymentProperties' in body)) return body;
  return { ...body, deploymentProperties: { ...(body.deploymentProperties as object), ...RUNNING_ON } };
}

function at(answer: unknown, path: string): unknown {
  return path.split('.').reduce((value, field) => (value as Record<string, unknown> | null)?.[field], answer);
}

function expected(value: unknown): unknown {
  return value === A_TIME ? expect.stringMatching(dateFormatOf('2026-01-01T00:00:00.000+0000') ?? /^$/) : value;
}
