import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startMillrace } from '../support/server.js';
import { ServerClient } from '../support/server-client.js';
import type { Launched, TaskExecution } from '../support/server-client.js';
import { eventually } from '../support/workbench.js';
import { describeWithJavaClient, JavaSession, type Named, type Page, refusal } from './clients/java-session.js';
import { RestClient, kept } from './clients/rest-client.js';
import { replayTarget } from './target.js';

const target = replayTarget();
const isMillrace = target.name === 'Millrace';
const describeWithClient = await describeWithJavaClient();

const DSL = 'org.springframework.cloud.dataflow.rest.client.dsl.task';

describeWithClient(`SCDF's REST client for Java with ${target.name}`, () => {
  let session: JavaSession;
  let client: ServerClient;

  beforeAll(async () => {
    session = await JavaSession.open();
    ({ client } = session);
  }, 30 * 60_000);

  afterAll(async () => {
    await session?.close();
  }, 120_000);

  function call<Result = unknown>(on: string, method: string, ...values: unknown[]): Promise<Result> {
    return session.java.call<Result>(on, method, values);
  }

  it('reads the root document and what the server is', async () => {
    expect(await call('about', 'get')).toMatchObject({
      featureInfo: { tasksEnabled: true, streamsEnabled: false, schedulesEnabled: true },
      versionInfo: { core: { version: '2.11.5' } },
      securityInfo: { authenticationEnabled: false },
    });
    expect(await call('dataFlow', 'schedulerOperations')).not.toBeNull();
    expect(await call('dataFlow', 'streamOperations')).toBeNull();
  });

  it('registers apps in each way, lists, describes and removes them', async () => {
    expect((await call<Page<Named>>('apps', 'list')).content).toEqual([]);
    await call('apps', 'register', 'stamp', 'task', session.apps.uri2, null, false);
    await call('apps', 'register', 'items', 'task', '1.0.0', session.apps.batch2, null, false);
    await call('apps', 'register', 'stamp3', 'task', session.apps.uri3, null, kept('boot3'), false);
    await call('apps', 'register', 'items3', 'task', '1.0.0', session.apps.batch3, null, kept('boot3'), false);
    await expect(call('apps', 'register', 'stamp', 'task', session.apps.uri2, null, false)).rejects.toEqual(
      refusal(`The 'task:stamp' application is already registered as ${session.apps.uri2}`),
    );
    await call('apps', 'register', 'stamp', 'task', session.apps.uri2, null, true);

    const other = {
      'task.other': 'maven://io.spring:timestamp-task:2.0.2',
      'task.more': 'file:///none/more-1.2.3.jar',
    };
    const imported = await call<Page<Named>>('apps', 'registerAll', other, false);
    expect(imported.content.map(({ name }) => name).sort()).toEqual(['more', 'other']);
    expect((await call<Page<Named>>('apps', 'registerAll', other, false)).content).toEqual([]);
    await expect(call('apps', 'importFromResource', 'file:///nowhere/apps.properties', false)).rejects.toEqual(
      refusal(/^Error reading from URL \[file:\/nowhere\/apps\.properties\]/),
    );

    const listed = (await call<Page<Named>>('apps', 'list', 'task')).content;
    expect(listed.map(({ name }) => name).sort()).toEqual(['items', 'items3', 'more', 'other', 'stamp', 'stamp3']);
    expect(listed.find(({ name }) => name === 'items3')).toMatchObject({ bootVersion: '3', defaultVersion: true });
    expect((await call<Page<Named>>('apps', 'list', 'sink')).content).toEqual([]);

    const option = expect.objectContaining({ id: 'timestamp.format', type: 'java.lang.String' }) as unknown;
    expect(await call('apps', 'info', 'stamp', 'task', false)).toMatchObject({
      version: '1.0.0',
      options: expect.arrayContaining([option]) as unknown,
    });
    expect(await call('apps', 'info', 'items', 'task', '1.0.0', true)).toMatchObject({ uri: session.apps.batch2 });
    await expect(call('apps', 'info', 'items', 'task', '9', false)).rejects.toEqual(
      refusal("The 'task:items:9' application could not be found."),
    );

    await call('apps', 'register', 'more', 'task', '2.0.0', 'file:///none/more-2.0.0.jar', null, false);
    await call('apps', 'makeDefault', 'more', 'task', '2.0.0');
    expect(await call('apps', 'info', 'more', 'task', false)).toMatchObject({ version: '2.0.0', defaultVersion: true });
    await expect(call('apps', 'makeDefault', 'more', 'task', '7')).rejects.toEqual(
      refusal("The 'task:more:7' application could not be found."),
    );
    await call('apps', 'unregister', 'more', 'task', '2.0.0');
    await call('apps', 'unregister', 'other', 'task');
    await expect(call('apps', 'unregister', 'other', 'task')).rejects.toEqual(
      refusal("The 'task:other' application could not be found."),
    );
  });

  it('defines tasks, validates them, and shows why a definition is refused', async () => {
    expect(await call('tasks', 'create', 'stamps', 'stamp --timestamp.format=yyyy', 'prints the year')).toMatchObject({
      name: 'stamps',
      dslText: 'stamp --timestamp.format=yyyy',
      description: 'prints the year',
      composed: false,
      lastTaskExecution: null,
      status: 'UNKNOWN',
    });
    await call('tasks', 'create', 'batch', 'items', '');
    await call('tasks', 'create', 'batch3', 'items3', null);
    await call('tasks', 'create', 'chain', 'first: stamp && second: stamp', '');
    const names = (await call<Page<Named>>('tasks', 'list')).content.map(({ name }) => name);
    expect(names.sort()).toEqual(['batch', 'batch3', 'chain', 'chain-first', 'chain-second', 'stamps']);

    await expect(call('tasks', 'create', 'stamps', 'stamp', '')).rejects.toEqual(
      refusal('Cannot register task stamps because another one has already been registered with the same name'),
    );
    await expect(call('tasks', 'create', 'none', 'nothing', '')).rejects.toEqual(
      refusal("The 'task:nothing' application could not be found."),
    );
    await expect(call('tasks', 'create', 'bad', 'stamp --a=', '')).rejects.toEqual(
      refusal('112E:(pos 10): Unexpectedly ran out of input\nstamp --a=\n     *    ^\n'),
    );
    expect(await call('tasks', 'validateTaskDefinition', 'stamps')).toMatchObject({
      appName: 'stamps',
      appStatuses: { 'task:stamps': 'valid' },
    });
    await expect(call('tasks', 'validateTaskDefinition', 'none')).rejects.toEqual(
      refusal('Could not find task definition named none'),
    );
    expect((await call<Page<Named>>('tasks', 'listPlatforms')).content).toMatchObject([
      { name: 'default', type: 'Local' },
    ]);
  });

  it('launches a task with properties and arguments, and reads the execution and its log', async () => {
    const properties = { 'app.stamp.timestamp.format': "'it is' yyyy", 'app.stamp.timestamp.exit-message': 'a, b' };
    const launched = await call<Launched>('tasks', 'launch', 'stamps', properties, ['--one=1', '--two=2']);
    expect(launched.schemaTarget).toBe('boot2');
    const ended = await client.ended(launched);
    const status = await call<TaskExecution>('tasks', 'taskExecutionStatus', launched.executionId, 'boot2');
    expect(status).toMatchObject({
      taskName: 'stamps',
      exitCode: 0,
      exitMessage: 'a, b',
      taskExecutionStatus: 'COMPLETE',
      externalExecutionId: ended.externalExecutionId,
      platformName: 'default',
      appProperties: { 'timestamp.format': "'it is' yyyy" },
    });
    expect(status.arguments).toEqual(expect.arrayContaining(['--one=1', '--two=2']));
    expect(await call('tasks', 'taskExecutionStatus', launched.executionId, null)).toEqual(status);
    expect((await call<Page<TaskExecution>>('tasks', 'executionListByTaskName', 'stamps')).content).toEqual([status]);
    await client.logWith(ended, /^TIMESTAMP: it is \d{4}$/m);
    const log = await call<string>('tasks', 'taskExecutionLog', ended.externalExecutionId, 'default');
    expect(log).toMatch(/^TIMESTAMP: it is \d{4}$/m);
    expect(await call('tasks', 'taskExecutionLog', ended.externalExecutionId)).toBe(log);

    await expect(call('tasks', 'launch', 'none', {}, [])).rejects.toEqual(
      refusal('Could not find task definition named none'),
    );
    await expect(call('tasks', 'launch', 'stamps', { 'what.ever': '1' }, [])).rejects.toEqual(
      refusal(/^Only deployment property keys starting with .* allowed\. Not what\.ever=1$/),
    );
    await expect(call('tasks', 'taskExecutionStatus', 99_999, 'boot2')).rejects.toEqual(
      refusal('Could not find TaskExecution with id 99999 for schema target boot2'),
    );
    await expect(call('tasks', 'executionListByTaskName', 'none')).rejects.toEqual(
      refusal('Could not find task definition named none'),
    );
  }, 180_000);

  (isMillrace ? it : it.skip)(
    'reads executions that wait for room, whatever more they say',
    async () => {
      const queueing = await startMillrace({
        environment: {
          MILLRACE_LAUNCH_QUEUE: 'true',
          SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_LOCAL_ACCOUNTS_DEFAULT_MAXIMUM_CONCURRENT_TASKS: '1',
        },
      });
      let other: RestClient | undefined;
      try {
        const direct = new ServerClient(queueing.baseUrl);
        await direct.register('sleeper', '1.0.0', 'file:///bin/sleep');
        await direct.define('sleeper', 'sleeper');
        other = await RestClient.connect(session.jars.restClient, queueing.baseUrl);
        await other.call('dataFlow', 'taskOperations', [], 'tasks');
        const priority = { 'deployer.*.millrace.priority': '5' };
        const running = await other.call<Launched>('tasks', 'launch', ['sleeper', {}, ['100']]);
        const waiting = await other.call<Launched>('tasks', 'launch', ['sleeper', priority, ['100']]);
        await eventually(
          () => direct.execution(running),
          ({ taskExecutionStatus }) => taskExecutionStatus === 'RUNNING',
        );
        expect(await direct.execution(waiting)).toMatchObject({ launch: { state: 'queued', priority: 5 } });
        expect(await other.call('tasks', 'taskExecutionStatus', [waiting.executionId, 'boot2'])).toMatchObject({
          taskName: 'sleeper',
          taskExecutionStatus: 'UNKNOWN',
          startTime: null,
          deploymentProperties: priority,
        });
        const listed = await other.call<Page<TaskExecution>>('tasks', 'executionList');
        expect(listed.content.map(({ taskExecutionStatus }) => taskExecutionStatus)).toEqual(['UNKNOWN', 'RUNNING']);
        expect(await other.call('tasks', 'currentTaskExecutions')).toMatchObject([
          { name: 'default', runningExecutionCount: 1, maximumTaskExecutions: 1 },
        ]);
        for (const { executionId } of [waiting, running]) {
          await other.call('tasks', 'stop', [String(executionId), 'boot2']);
        }
        expect(await direct.ended(waiting)).toMatchObject({ errorMessage: 'Stopped before it was started.' });
        await direct.ended(running);
      } finally {
        await other?.close();
        await queueing.stop();
        await queueing.clear();
      }
    },
    120_000,
  );

  it('stops a running execution, and counts what runs', async () => {
    const launched = await call<Launched>('tasks', 'launch', 'stamps', { 'app.stamp.timestamp.sleep': '100' }, []);
    expect(await call('tasks', 'currentTaskExecutions')).toMatchObject([
      { name: 'default', type: 'Local', runningExecutionCount: 1, maximumTaskExecutions: 20 },
    ]);
    await client.reported(launched);
    await call('tasks', 'stop', String(launched.executionId), 'boot2');
    const stopped = await client.ended(launched);
    expect(stopped.endTime).not.toBeNull();
    await expect(call('tasks', 'stop', '99999', 'boot2', 'default')).rejects.toEqual(
      refusal('Could not find TaskExecution with id 99999 for schema target boot2'),
    );
  }, 180_000);

  it('completes task definitions', async () => {
    expect(await call('completions', 'taskCompletions', 'stamp --', 1)).toMatchObject({
      proposals: expect.arrayContaining([expect.objectContaining({ text: 'stamp --format=' })]) as unknown,
    });
    expect(await call('completions', 'streamCompletions', 'time | log', 1)).toMatchObject({ proposals: [] });
  });

  it('says that platform Local has no schedules', async () => {
    for (const [method, ...values] of [
      ['list'],
      ['list', 'stamps'],
      ['list', 'stamps', 'default'],
      ['listByPlatform', 'default'],
    ]) {
      expect((await call<Page<unknown>>('schedules', method ?? '', ...values)).content).toEqual([]);
    }
    const cron = { 'scheduler.cron.expression': '0 0 * * *' };
    await expect(call('schedules', 'schedule', 'nightly', 'stamps', cron, [], 'default')).rejects.toEqual(
      refusal('Scheduling is not implemented for local platform.'),
    );
    await expect(call('schedules', 'getSchedule', 'nightly')).rejects.toEqual(
      refusal("Schedule [nightly] doesn't exist"),
    );
    await call('schedules', 'unschedule', 'nightly');
  });

  it('works through the builders of the DSL', async () => {
    await session.java.call(`${DSL}.Task`, 'builder', [kept('dataFlow')], 'builder');
    await call('builder', 'name', 'built');
    await call('builder', 'definition', 'stamp');
    await call('builder', 'description', 'made by a builder');
    await session.java.call('builder', 'build', [], 'task');
    expect(await call<unknown[]>('builder', 'allTasks')).toHaveLength(7);
    await session.java.call('builder', 'findByName', ['chain'], 'chain');
    expect(await call('chain', 'isComposed')).toBe(true);
    expect(await call<unknown[]>('chain', 'composedTaskChildTasks')).toHaveLength(2);

    const { executionId } = await call<Launched>('task', 'launch', ['--greeting=hello']);
    const ended = await client.ended({ executionId, schemaTarget: 'boot2' });
    expect(await call('task', 'executionStatus', executionId, 'boot2')).toBe('COMPLETE');
    expect(await call('task', 'execution', executionId, 'boot2')).toMatchObject({ taskName: 'built', exitCode: 0 });
    expect(await call('task', 'executions')).toMatchObject([{ executionId }]);
    expect(await call<string>('tasks', 'taskExecutionLog', ended.externalExecutionId)).toContain('hello');

    await session.java.call(`${DSL}.TaskSchedule`, 'builder', [kept('dataFlow')], 'scheduling');
    await call('scheduling', 'scheduleName', 'nightly');
    await call('scheduling', 'task', kept('task'));
    await session.java.call('scheduling', 'build', [], 'schedule');
    expect(await call('schedule', 'isScheduled')).toBe(false);
    await expect(call('schedule', 'schedule', '0 0 * * *', {}, [])).rejects.toEqual(
      refusal('Scheduling is not implemented for local platform.'),
    );

    await call('task', 'cleanupTaskExecution', executionId, 'boot2');
    expect(await call('task', 'executions')).toEqual([]);
    await call('task', 'close');
    await expect(call('task', 'destroy')).rejects.toEqual(refusal('Could not find task definition named built'));
  }, 180_000);

  it('cleans up and destroys', async () => {
    const [execution] = (await call<Page<TaskExecution>>('tasks', 'executionListByTaskName', 'stamps')).content;
    await call('tasks', 'cleanup', execution?.executionId, 'boot2');
    await call('tasks', 'cleanup', execution?.executionId, 'boot2', true);
    await expect(call('tasks', 'cleanup', execution?.executionId, 'boot2')).rejects.toEqual(
      refusal(/^Could not find TaskExecution with id/),
    );
    await call('tasks', 'destroy', 'batch3', true);
    await call('tasks', 'destroy', 'chain');
    await expect(call('tasks', 'destroy', 'chain')).rejects.toEqual(
      refusal('Could not find task definition named chain'),
    );
    await call('tasks', 'cleanupAllTaskExecutions', false, null);
    expect(await call('tasks', 'getAllTaskExecutionsCount', false, null)).toBe(0);
    await call('tasks', 'destroyAll');
    expect((await call<Page<Named>>('tasks', 'list')).content).toEqual([]);
    await call('apps', 'unregisterAll');
    expect((await call<Page<Named>>('apps', 'list')).content).toEqual([]);
  });
});
