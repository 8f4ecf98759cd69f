import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BUSYBOX } from '../support/cluster-images.js';
import { ClusterServer } from '../support/cluster-server.js';
import { describeWithCluster, itWithContainers, usedCluster } from '../support/cluster-suites.js';
import { openEvents } from '../support/event-client.js';
import type { TaskExecution } from '../support/server-client.js';
import { eventually } from '../support/workbench.js';

describeWithCluster('the log of a container that a server launched', () => {
  let server: ClusterServer;

  beforeAll(async () => {
    server = await ClusterServer.open(usedCluster);
  });
  afterAll(async () => {
    await server?.close();
  });

  const script = 'echo one; echo two; sleep 0.2; echo three';
  const played = usedCluster.containers === 'played';
  const text = played ? 'a simulated container\n' : 'one\ntwo\nthree\n';
  const untilKept = (execution: TaskExecution) =>
    eventually(
      () => server.query(`select from millrace_log where external_execution_id = '${execution.externalExecutionId}'`),
      (rows) => rows.length === 1,
    );
  const untilNoPod = (execution: TaskExecution) =>
    eventually(
      () => server.pods('default', execution),
      (pods) => pods.length === 0,
    );

  it('is read while its pod is there', async () => {
    const execution = await server.run({ script });
    expect(await server.client.log(execution)).toBe(text);
  });

  itWithContainers('holds both streams', async () => {
    const execution = await server.run({ script: 'echo one; echo two >&2' });
    expect((await server.client.log(execution)).split('\n').sort()).toEqual(['', 'one', 'two']);
  });

  itWithContainers('holds what ran beside the container, also when the pod is gone', async () => {
    const beside = `[{name: beside, image: '${BUSYBOX}', command: [sh, -c, 'echo beside']}]`;
    const execution = await server.run({
      script: 'sleep 2; echo main',
      properties: { 'kubernetes.additional-containers': beside },
    });
    expect(await server.client.log(execution)).toBe('main\nbeside\n');
    expect(await server.client.log(execution, 'beside')).toBe('beside\n');
    expect(await server.client.log(execution, 'nobody')).toBe(
      `There is no container 'nobody'; the containers of the pod are: ${execution.externalExecutionId}, beside.\n`,
    );
    await server.cleanUp(execution);
    await untilNoPod(execution);
    expect(await server.client.log(execution)).toBe('main\nbeside\n');
  });

  it('is read when its pod was deleted by hand', async () => {
    const execution = await server.run({ script });
    await untilKept(execution);
    await server.core.deleteNamespacedPod({ namespace: server.namespaceOf(), name: execution.externalExecutionId });
    await untilNoPod(execution);
    expect(await server.client.log(execution)).toBe(text);
    // It was over before: who deletes its pod changes nothing of that.
    expect(await server.client.execution(execution)).toMatchObject({ exitCode: 0, taskExecutionStatus: 'COMPLETE' });
  });

  it('is read when its pod was cleaned up at once', async () => {
    const execution = await server.run({ script });
    expect(await server.cleanUp(execution)).toMatchObject({ status: 200 });
    await untilNoPod(execution);
    expect(await server.client.log(execution)).toBe(text);
  });

  it('is read when all pods of a job were cleaned up', async () => {
    const properties = { 'kubernetes.createJob': 'true', 'kubernetes.backoffLimit': '1' };
    const execution = await server.run({ script: 'echo try; exit 1', properties, played: { exitCode: 1 } });
    expect(await server.cleanUp(execution)).toMatchObject({ status: 200 });
    await untilNoPod(execution);
    expect(await server.client.log(execution)).toBe(played ? text + text : 'try\ntry\n');
  }, 120_000);

  itWithContainers('is kept of one that was stopped', async () => {
    const launched = await server.launch({ script: 'echo begun; sleep 600' });
    await server.client.logWith(await server.client.execution(launched), /begun/);
    await server.stop(launched);
    const execution = await server.client.ended(launched);
    await server.cleanUp(execution);
    await untilNoPod(execution);
    expect(await server.client.log(execution)).toBe('begun\n');
  });

  it('outlives the server as well', async () => {
    const execution = await server.run({ script });
    await server.cleanUp(execution);
    await untilNoPod(execution);
    await server.start();
    expect(await server.client.log(execution)).toBe(text);
  });

  itWithContainers('is followed from before the container starts to its end', async () => {
    const launched = await server.launch({ script: 'for i in 1 2 3 4; do echo line $i; sleep 0.5; done' });
    const { externalExecutionId } = await server.client.execution(launched);
    const connection = await openEvents(server.server.baseUrl, `/tasks/logs/${externalExecutionId}`);
    expect(connection).toMatchObject({ status: 200, contentType: expect.stringContaining('text/event-stream') });
    const first = await connection.next();
    expect(first?.data).toMatch(/^line 1/);
    // The line came while the container ran, not with its end.
    expect((await server.client.execution(launched)).endTime).toBeNull();
    const rest = await connection.rest();
    const lines = [first, ...rest.slice(0, -1)].flatMap((event) => event?.data.split('\n') ?? []);
    expect(lines).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
    expect(rest.at(-1)).toMatchObject({ event: 'end' });
  });

  itWithContainers('is followed on by a client that comes back after the pod is gone', async () => {
    const execution = await server.run({ script: 'echo one; sleep 1; echo two' });
    const target = `/tasks/logs/${execution.externalExecutionId}`;
    const connection = await openEvents(server.server.baseUrl, target);
    const first = await connection.next();
    connection.leave();
    await server.cleanUp(execution);
    await untilNoPod(execution);
    const again = await openEvents(server.server.baseUrl, target, first?.id);
    const rest = await again.rest();
    const data = [first, ...rest.filter(({ event }) => event === 'message')].map((event) => event?.data);
    expect(data.join('\n')).toBe('one\ntwo');
    expect(rest.at(-1)).toMatchObject({ event: 'end' });
  });
});
