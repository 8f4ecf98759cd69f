import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mavenHere } from '../support/maven.js';
import { startMillrace } from '../support/server.js';
import { ServerClient } from '../support/server-client.js';
import type { Launched, TaskExecution } from '../support/server-client.js';
import type { ServerProcess } from '../support/server-process.js';
import { buildClients } from './clients/build.js';
import type { ClientJars } from './clients/build.js';
import { RestClient, kept } from './clients/rest-client.js';
import { buildApplications } from './session.js';
import { replayTarget } from './target.js';

interface Page<Resource> {
  readonly content: readonly Resource[];
  readonly page: { readonly totalElements: number };
}

interface Named {
  readonly name: string;
}

interface JobExecution extends Named {
  readonly executionId: number;
  readonly taskExecutionId: number;
  readonly schemaTarget: string;
}

interface Step {
  readonly stepExecution: { readonly id: number; readonly stepName: string };
}

const DSL = 'org.springframework.cloud.dataflow.rest.client.dsl.task';
const BOOT_VERSIONS = 'org.springframework.cloud.dataflow.schema.AppBootSchemaVersion';

const target = replayTarget();
const isMillrace = target.name === 'Millrace';
const maven = await mavenHere();

if (!maven.available) {
  const skipped = `SKIPPED: SCDF's REST client for Java, because ${maven.reason}`;
  console.log(skipped);
  it.skip(skipped, () => {});
}

(maven.available ? describe : describe.skip)(`SCDF's REST client for Java with ${target.name}`, () => {
  let data: string;
  let server: ServerProcess | undefined;
  let java: RestClient | undefined;
  let jars: ClientJars;
  let client: ServerClient;
  const timestamp = { uri2: '', uri3: '', batch2: '', batch3: '' };

  beforeAll(async () => {
    jars = await buildClients();
    const applications = await buildApplications();
    const at = (path: string) => `file://${join(applications, path)}`;
    timestamp.uri2 = at('timestamp-boot2/target/timestamp-task-1.0.0.jar');
    timestamp.uri3 = at('timestamp-boot3/target/timestamp-task3-1.0.0.jar');
    timestamp.batch2 = at('timestamp-batch-boot2/target/timestamp-batch-task-1.0.0.jar');
    timestamp.batch3 = at('timestamp-batch-boot3/target/timestamp-batch-task3-1.0.0.jar');
    data = await mkdtemp(join(tmpdir(), 'millrace-java-client-'));
    await mkdir(join(data, 'run'));
    server = await target.start(data);
    client = new ServerClient(server.baseUrl);
    java = await connect(jars.restClient);
    await java.call(BOOT_VERSIONS, 'valueOf', ['BOOT3'], 'boot3');
  }, 30 * 60_000);

  afterAll(async () => {
    await java?.close();
    await server?.stop();
    await rm(data, { recursive: true, force: true });
  }, 120_000);

  /** The client, connected, with its operations under short names. */
  async function connect(jar: string): Promise<RestClient> {
    const connected = await RestClient.connect(jar, client.baseUrl);
    for (const [name, operations] of Object.entries({
      about: 'aboutOperation',
      apps: 'appRegistryOperations',
      tasks: 'taskOperations',
      jobs: 'jobOperations',
      completions: 'completionOperations',
      schedules: 'schedulerOperations',
      streams: 'streamOperations',
    })) {
      await connected.call('dataFlow', operations, [], name);
    }
    return connected;
  }

  function call<Result = unknown>(on: string, method: string, ...values: unknown[]): Promise<Result> {
    if (java === undefined) throw new Error('the client did not start');
    return java.call<Result>(on, method, values);
  }

  /** A refusal as the client shows it: its own exception with the server's message. */
  function refusal(message: string | RegExp): unknown {
    const matching: unknown = typeof message === 'string' ? message : expect.stringMatching(message);
    return expect.objectContaining({ type: 'DataFlowClientException', message: matching });
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
    await call('apps', 'register', 'stamp', 'task', timestamp.uri2, null, false);
    await call('apps', 'register', 'items', 'task', '1.0.0', timestamp.batch2, null, false);
    await call('apps', 'register', 'stamp3', 'task', timestamp.uri3, null, kept('boot3'), false);
    await call('apps', 'register', 'items3', 'task', '1.0.0', timestamp.batch3, null, kept('boot3'), false);
    await expect(call('apps', 'register', 'stamp', 'task', timestamp.uri2, null, false)).rejects.toEqual(
      refusal(`The 'task:stamp' application is already registered as ${timestamp.uri2}`),
    );
    await call('apps', 'register', 'stamp', 'task', timestamp.uri2, null, true);

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
    expect(await call('apps', 'info', 'items', 'task', '1.0.0', true)).toMatchObject({ uri: timestamp.batch2 });
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
        other = await RestClient.connect(jars.restClient, queueing.baseUrl);
        await other.call('dataFlow', 'taskOperations', [], 'tasks');
        const priority = { 'deployer.*.millrace.priority': '5' };
        const running = await other.call<Launched>('tasks', 'launch', ['sleeper', {}, ['100']]);
        const waiting = await other.call<Launched>('tasks', 'launch', ['sleeper', priority, ['100']]);
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

  it('reads the jobs and steps of both generations', async () => {
    // One after the other: Spring Batch refuses to create two job executions at the same moment.
    const run = async (task: string, ...values: string[]) =>
      client.ended(await call<Launched>('tasks', 'launch', task, {}, values));
    const good = await run('batch', 'run.id(long)=1', 'note=hello');
    await run('batch', 'run.id(long)=2', '--timestamp.batch.fail-step=job1step2');
    const boot3 = await run('batch3', 'run.id=1,java.lang.Long');
    expect(boot3.schemaTarget).toBe('boot3');

    const all = await call<Page<JobExecution>>('jobs', 'executionList');
    expect(all.page.totalElements).toBe(all.content.length);
    const thin = await call<Page<JobExecution>>('jobs', 'executionThinList');
    const idOf = ({ executionId, schemaTarget }: JobExecution) => `${schemaTarget} ${executionId}`;
    expect(thin.content.map(idOf)).toEqual(all.content.map(idOf));
    const ofGood = thin.content.filter(
      (job) => job.schemaTarget === 'boot2' && job.taskExecutionId === good.executionId,
    );
    expect(ofGood.map(({ name }) => name).sort()).toEqual(['job1', 'job2']);
    for (const list of ['executionListByJobName', 'executionThinListByJobName']) {
      const named = (await call<Page<JobExecution>>('jobs', list, 'job1')).content;
      expect(named.map(({ schemaTarget }) => schemaTarget).sort()).toEqual(['boot2', 'boot2', 'boot3']);
      await expect(call('jobs', list, 'none')).rejects.toEqual(
        refusal('No Job with that name either current or historic: [none]'),
      );
    }

    const id = ofGood.find(({ name }) => name === 'job1')?.executionId;
    expect(await call('jobs', 'jobExecution', id, 'boot2')).toMatchObject({
      name: 'job1',
      taskExecutionId: good.executionId,
      jobParametersString: 'note=hello,run.id(long)=1',
      jobExecution: {
        status: 'COMPLETED',
        jobParameters: { parameters: { 'run.id': { value: 1, type: 'LONG', identifying: true } } },
      },
    });
    const steps = (await call<Page<Step>>('jobs', 'stepExecutionList', id, 'boot2')).content;
    expect(steps.map(({ stepExecution }) => stepExecution.stepName)).toEqual(['job1step1', 'job1step2']);
    expect(await call('jobs', 'stepExecutionProgress', id, steps[1]?.stepExecution.id, 'boot2')).toMatchObject({
      percentageComplete: 1,
      finished: true,
      stepExecution: { readCount: 7, writeCount: 6, filterCount: 1 },
      stepExecutionHistory: { stepName: 'job1step2', count: 2 },
    });
    expect(await call('jobs', 'jobExecution', boot3.jobExecutionIds[0], 'boot3')).toMatchObject({
      schemaTarget: 'boot3',
      jobExecution: { status: 'COMPLETED', stepExecutions: [{}, {}] },
    });
    expect(await call('jobs', 'jobInstance', boot3.jobExecutionIds[0], 'boot3')).toMatchObject({ jobName: 'job1' });
    expect((await call<Page<unknown>>('jobs', 'instanceList', 'job1')).content.length).toBe(isMillrace ? 3 : 2);

    await expect(call('jobs', 'jobExecution', 99_999, 'boot2')).rejects.toEqual(
      refusal('Job id 99999 for schema target boot2 not found'),
    );
    await expect(call('jobs', 'jobInstance', 99_999, 'boot2')).rejects.toEqual(
      refusal("No job instance for id '99999' and schema target 'boot2'"),
    );
    await expect(call('jobs', 'stepExecutionList', 99_999, 'boot2')).rejects.toEqual(
      refusal('No JobExecution with id=99999'),
    );
    await expect(call('jobs', 'stepExecutionProgress', id, 99_999, 'boot2')).rejects.toEqual(refusal(/99999/));
  }, 240_000);

  it('restarts failed jobs of both generations', async () => {
    for (const [task, runId, schemaTarget] of [
      ['batch', 'run.id(long)=3', 'boot2'],
      ['batch3', 'run.id=3,java.lang.Long', 'boot3'],
    ] as const) {
      const okFile = join(data, `ok-${schemaTarget}`);
      const failing = [runId, '--timestamp.batch.fail-step=job1step2', `--timestamp.batch.ok-file=${okFile}`];
      const first = await client.ended(await call<Launched>('tasks', 'launch', task, {}, failing));
      const { content } = await call<Page<JobExecution>>('jobs', 'executionThinListByJobName', 'job1');
      const failed = content.find(
        (job) => job.schemaTarget === schemaTarget && job.taskExecutionId === first.executionId,
      );
      await writeFile(okFile, '');
      await call('jobs', 'executionRestart', failed?.executionId, schemaTarget);
      const newest = `/tasks/executions?name=${task}&size=1&sort=TASK_EXECUTION_ID,DESC`;
      const [restart = first] = await client.list<Launched>(newest);
      expect(restart.executionId).toBeGreaterThan(first.executionId);
      const { jobExecutionIds } = await client.ended({ executionId: restart.executionId, schemaTarget });
      const ended = await Promise.all(jobExecutionIds.map((id) => call('jobs', 'jobExecution', id, schemaTarget)));
      expect(ended).toContainEqual(
        expect.objectContaining({
          name: 'job1',
          jobExecution: expect.objectContaining({ status: 'COMPLETED' }) as unknown,
        }),
      );
      await expect(call('jobs', 'executionRestart', jobExecutionIds[0], schemaTarget)).rejects.toEqual(
        refusal(`JobExecution with Id '${jobExecutionIds[0]}' and state 'COMPLETED' is not restartable.`),
      );
    }
  }, 240_000);

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
    await java?.call(`${DSL}.Task`, 'builder', [kept('dataFlow')], 'builder');
    await call('builder', 'name', 'built');
    await call('builder', 'definition', 'stamp');
    await call('builder', 'description', 'made by a builder');
    await java?.call('builder', 'build', [], 'task');
    expect(await call<unknown[]>('builder', 'allTasks')).toHaveLength(7);
    await java?.call('builder', 'findByName', ['chain'], 'chain');
    expect(await call('chain', 'isComposed')).toBe(true);
    expect(await call<unknown[]>('chain', 'composedTaskChildTasks')).toHaveLength(2);

    const { executionId } = await call<Launched>('task', 'launch', ['--greeting=hello']);
    const ended = await client.ended({ executionId, schemaTarget: 'boot2' });
    expect(await call('task', 'executionStatus', executionId, 'boot2')).toBe('COMPLETE');
    expect(await call('task', 'execution', executionId, 'boot2')).toMatchObject({ taskName: 'built', exitCode: 0 });
    expect(await call('task', 'executions')).toMatchObject([{ executionId }]);
    expect(await call<string>('tasks', 'taskExecutionLog', ended.externalExecutionId)).toContain('hello');

    await java?.call(`${DSL}.TaskSchedule`, 'builder', [kept('dataFlow')], 'scheduling');
    await call('scheduling', 'scheduleName', 'nightly');
    await call('scheduling', 'task', kept('task'));
    await java?.call('scheduling', 'build', [], 'schedule');
    expect(await call('schedule', 'isScheduled')).toBe(false);
    await expect(call('schedule', 'schedule', '0 0 * * *', {}, [])).rejects.toEqual(
      refusal('Scheduling is not implemented for local platform.'),
    );

    await call('task', 'cleanupTaskExecution', executionId, 'boot2');
    expect(await call('task', 'executions')).toEqual([]);
    await call('task', 'close');
    await expect(call('task', 'destroy')).rejects.toEqual(refusal('Could not find task definition named built'));
  }, 180_000);

  it('serves a client from before schema targets', async () => {
    const old = await connect(jars.oldRestClient);
    try {
      await old.call('tasks', 'create', ['ancient', 'stamp', '']);
      const executionId = await old.call<number>('tasks', 'launch', ['ancient', {}, ['--a=1']]);
      await client.ended({ executionId, schemaTarget: 'boot2' });
      const execution = await old.call<TaskExecution>('tasks', 'taskExecutionStatus', [executionId]);
      expect(execution).toMatchObject({ taskName: 'ancient', taskExecutionStatus: 'COMPLETE', exitCode: 0 });
      expect((await old.call<Page<TaskExecution>>('tasks', 'executionList')).content[0]).toEqual(execution);
      const [job] = (await old.call<Page<JobExecution>>('jobs', 'executionThinListByJobName', ['job1'])).content;
      expect(job).toMatchObject({ name: 'job1' });
      await expect(old.call('tasks', 'taskExecutionStatus', [99_999])).rejects.toEqual(
        refusal(/^Could not find TaskExecution with id 99999/),
      );
      await old.call('tasks', 'cleanup', [executionId, true]);
      await old.call('tasks', 'destroy', ['ancient']);
    } finally {
      await old.close();
    }
  }, 180_000);

  it('cleans up and destroys', async () => {
    const count = await call<number>('tasks', 'getAllTaskExecutionsCount', true, 'batch');
    expect(count).toBe(4);
    await call('tasks', 'cleanupAllTaskExecutions', true, 'batch');
    expect(await call('tasks', 'getAllTaskExecutionsCount', false, 'batch')).toBe(0);
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
