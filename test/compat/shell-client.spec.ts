import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWhere } from '../support/describe-where.js';
import { mavenHere } from '../support/maven.js';
import type { Launched, ServerClient } from '../support/server-client.js';
import { buildClients } from './clients/build.js';
import { Shell } from './clients/shell.js';
import { CompatServer } from './compat-server.js';
import { JARS } from './generations.js';
import { buildApplications } from './session.js';
import { replayTarget } from './target.js';

const target = replayTarget();
const describeHere = describeWhere("SCDF's shell", await mavenHere());

/**
 * The newest shell on Maven Central, 2.5.1: it knows no schema targets and reads executions of Boot 2 only. What it cannot do with
 * any server of SCDF 2.11 is left out: `task execution log` (it takes the text for JSON), and messages of refusals (it
 * knows an older form of error bodies and shows the status).
 */
describeHere(`SCDF's shell with ${target.name}`, () => {
  let data: string;
  let server: CompatServer;
  let started: Shell | undefined;
  let greeting: string;
  let client: ServerClient;
  let stamp: string;
  let items: string;

  beforeAll(async () => {
    const { shell: jar } = await buildClients();
    const applications = await buildApplications();
    stamp = `file://${join(applications, JARS.stamp)}`;
    items = `file://${join(applications, JARS.items)}`;
    server = await CompatServer.start(target);
    ({ client, data } = server);
    ({ shell: started, greeting } = await Shell.start(jar, server.baseUrl, data));
  }, 30 * 60_000);

  afterAll(async () => {
    await started?.close();
    await server?.close();
  }, 120_000);

  function shell(): Shell {
    if (started === undefined) throw new Error('the shell did not start');
    return started;
  }

  it('connects, again when it is told to, and shows what the server is', async () => {
    expect(greeting).toContain(`Successfully targeted ${client.baseUrl}`);
    expect(await shell().run(`dataflow config server --uri ${client.baseUrl}`)).toContain(
      `Successfully targeted ${client.baseUrl}`,
    );
    const info = await shell().run('dataflow config info');
    expect(info).toMatch(/spring-cloud-dataflow-server: 2\.11\.5/);
    expect(info).toMatch(/Schedules Enabled: true/);
    expect(info).toMatch(/Platform Type: Local/);
  });

  it('registers, imports, lists, describes and removes apps', async () => {
    expect(await shell().run('app list')).toContain('No registered apps.');
    expect(await shell().run(`app register --name stamp --type task --uri ${stamp}`)).toContain(
      "Successfully registered application 'task:stamp'",
    );
    const file = join(data, 'apps.properties');
    await writeFile(file, `task.items=${items}\ntask.other=maven://io.spring:timestamp-task:2.0.2\n`);
    const imported = await shell().run(`app import --uri file://${file}`);
    expect(imported).toMatch(/Successfully registered applications: \[task\.\w+, task\.\w+\]/);
    await writeFile(file, 'task.remote=file:///none/remote-1.0.0.jar\n');
    expect(await shell().run(`app import --uri file://${file} --local false`)).toContain(
      'Successfully registered 1 applications from',
    );
    // The names stand below each other in the column of their type.
    const listed = await shell().run('app list');
    for (const name of ['items', 'other', 'remote', 'stamp']) {
      expect(listed).toMatch(new RegExp(`│${name} *║`));
    }

    const info = await shell().run('app info --name stamp --type task');
    expect(info).toContain("Information about task application 'stamp':");
    expect(info).toContain("Version: '1.0.0':");
    expect(info).toMatch(
      /║timestamp\.format +│The timestamp format, +│yyyy-MM-dd HH:mm:ss\.SSS +│java\.lang\.String +║/,
    );
    expect(await shell().run('app info --name nothing --type task')).toContain(
      'Application info is not available for task:nothing',
    );
    expect(
      await shell().run('app register --name other --type task --uri maven://io.spring:timestamp-task:2.0.3'),
    ).toContain("Successfully registered application 'task:other'");
    expect(await shell().run('app default --id task:other --version 2.0.3')).toContain(
      'New default Application task:other:2.0.3',
    );
    expect(await shell().run('app unregister --name other --type task --version 2.0.2')).toContain(
      "Successfully unregistered application 'other' with type 'task'.",
    );
  });

  it('creates, lists and validates tasks', async () => {
    expect(
      await shell().run('task create --name t1 --definition "stamp --timestamp.format=yyyy" --description "the year"'),
    ).toContain("Created new task 't1'");
    await shell().run('task create --name b1 --definition "items"');
    await shell().run('task create --name c1 --definition "a: stamp && b: stamp"');
    const [header, ...rows] = await shell().table('task list');
    expect(header).toEqual(['Task Name', 'Task Definition', 'description', 'Task Status']);
    expect(rows.map(([name]) => name).sort()).toEqual(['b1', 'c1', 'c1-a', 'c1-b', 't1']);
    expect(rows.find(([name]) => name === 't1')).toEqual([
      't1',
      'stamp --timestamp.format=yyyy',
      'the year',
      'UNKNOWN',
    ]);
    const validated = await shell().run('task validate t1');
    expect(validated).toContain('t1 is a valid task.');
    expect(validated).toMatch(/║task:t1 *│valid +║/);
    expect(await shell().run('task platform-list')).toMatch(/║default +│Local +│/);
    expect(await shell().run('task create --name bad --definition "nothing"')).toContain('Command failed');
    expect(await shell().run('task destroy --name nothing')).toContain('Command failed');
  });

  it('launches, follows, stops and cleans up executions', async () => {
    const launched = await shell().run(
      'task launch t1 --arguments "--one=1" --properties "app.stamp.timestamp.sleep=1"',
    );
    const id = Number(/Launched task 't1' with execution id (\d+)/.exec(launched)?.[1]);
    await client.ended({ executionId: id, schemaTarget: 'boot2' });
    const [header, row] = await shell().table('task execution list');
    expect(header).toEqual(['Task Name', 'ID', 'Start Time', 'End Time', 'Exit Code']);
    expect([row?.[0], row?.[1], row?.[4]]).toEqual(['t1', String(id), '0']);
    expect(await shell().table('task execution list --name t1')).toHaveLength(2);
    const status = await shell().run(`task execution status ${id}`);
    expect(status).toMatch(/║Name +│t1 +║/);
    expect(status).toMatch(/║Exit Code +│0 +║/);

    const long = await shell().run('task launch t1 --properties "app.stamp.timestamp.sleep=100"');
    const running = Number(/execution id (\d+)/.exec(long)?.[1]);
    await client.reported({ executionId: running, schemaTarget: 'boot2' });
    expect((await shell().table('task execution current'))[1]).toEqual(['default', 'Local', '1', '20']);
    expect(await shell().run(`task execution stop --ids ${running}`)).toContain(
      `Request to stop the task execution with id(s): ${running} has been submitted`,
    );
    await client.ended({ executionId: running, schemaTarget: 'boot2' });
    expect(await shell().run(`task execution cleanup --id ${running}`)).toContain(
      `Request to clean up resources for task execution ${running} has been submitted`,
    );
  }, 240_000);

  it('shows jobs and their steps', async () => {
    const launched = await shell().run('task launch b1 --arguments "run.id(long)=1 note=hello"');
    const execution = Number(/execution id (\d+)/.exec(launched)?.[1]);
    const { jobExecutionIds } = await client.ended({ executionId: execution, schemaTarget: 'boot2' });
    const [header, ...rows] = await shell().table('job execution list');
    expect(header?.slice(0, 3)).toEqual(['ID', 'Task ID', 'Job Name']);
    expect(rows.map(([id, task]) => [id, task]).sort()).toEqual(
      jobExecutionIds.map((id) => [String(id), String(execution)]).sort(),
    );
    const id = rows.find(([, , name]) => name === 'job1')?.[0] ?? '';
    expect(await shell().table('job execution list --name job1')).toHaveLength(2);

    const display = await shell().run(`job execution display --id ${id}`);
    expect(display).toMatch(/║Job Name +│job1 +║/);
    expect(display).toMatch(/║Execution Status +│COMPLETED +║/);
    expect(display).toMatch(/run\.id\(LONG\) +│1 +║/);
    expect(await shell().run(`job instance display --id ${id}`)).toMatch(/║job1 +│/);
    const steps = await shell().table(`job execution step list --id ${id}`);
    expect(steps.slice(1).map(([, name]) => name)).toEqual(['job1step1', 'job1step2']);
    const step = `--id ${steps[2]?.[0]} --jobExecutionId ${id}`;
    expect(await shell().run(`job execution step progress ${step}`)).toMatch(/│job1step2 +│100\.0% +│/);
    expect(await shell().run(`job execution step display ${step}`)).toMatch(/║Step Name +│job1step2 +║/);
  }, 180_000);

  it('restarts a failed job', async () => {
    const okFile = join(data, 'ok');
    const failing = `run.id(long)=2 --timestamp.batch.fail-step=job1step2 --timestamp.batch.ok-file=${okFile}`;
    const launched = await shell().run(`task launch b1 --arguments "${failing}"`);
    const first = Number(/execution id (\d+)/.exec(launched)?.[1]);
    const { jobExecutionIds } = await client.ended({ executionId: first, schemaTarget: 'boot2' });
    const jobs = await shell().table('job execution list --name job1');
    const failed = jobs.map(([id]) => id).find((id) => jobExecutionIds.includes(Number(id))) ?? '';
    await writeFile(okFile, '');
    expect(await shell().run(`job execution restart --id ${failed}`)).toContain(
      `Restart request has been sent for job execution '${failed}'`,
    );
    const [restart] = await client.list<Launched>('/tasks/executions?size=1&sort=TASK_EXECUTION_ID,DESC');
    expect(restart?.executionId).toBeGreaterThan(first);
    await client.ended({ executionId: restart?.executionId ?? 0, schemaTarget: 'boot2' });
    const [, newest] = await shell().table('job execution list --name job1');
    expect(await shell().run(`job execution display --id ${newest?.[0]}`)).toMatch(/║Execution Status +│COMPLETED +║/);
    expect(await shell().run(`job execution restart --id ${newest?.[0]}`)).toContain('Command failed');
  }, 180_000);

  // The jar of SCDF's own runner is not on Maven Central.
  (target.pending.includes('composed-launches') ? it.skip : it)(
    'creates, launches, follows and destroys a composed task',
    async () => {
      const definition = 'first: stamp && <left: stamp || right: stamp>';
      expect(await shell().run(`task create --name flow --definition "${definition}"`)).toContain(
        "Created new task 'flow'",
      );
      const launched = await shell().run('task launch flow --properties "app.flow.left.timestamp.format=yyyy"');
      const id = Number(/Launched task 'flow' with execution id (\d+)/.exec(launched)?.[1]);
      const { jobExecutionIds } = await client.ended({ executionId: id, schemaTarget: 'boot2' });
      const status = await shell().run(`task execution status ${id}`);
      expect(status).toMatch(/║Name +│flow +║/);
      expect(status).toMatch(/║Exit Code +│0 +║/);
      for (const child of ['first', 'left', 'right']) {
        const [, row] = await shell().table(`task execution list --name flow-${child}`);
        expect([row?.[0], row?.[4]]).toEqual([`flow-${child}`, '0']);
      }
      const [, ...jobs] = await shell().table('job execution list --name flow');
      expect(jobs.map(([job, execution]) => [job, execution])).toEqual([[String(jobExecutionIds[0]), String(id)]]);
      expect(await shell().run('task destroy --name flow')).toContain("Destroyed task 'flow'");
      const [, ...rows] = await shell().table('task list');
      expect(rows.filter(([name]) => name?.startsWith('flow'))).toEqual([]);
    },
    240_000,
  );

  it('finds no schedules on platform Local', async () => {
    expect(await shell().table('task schedule list')).toHaveLength(1);
    expect(await shell().run('task schedule create --name s --definitionName t1 --expression "0 0 * * *"')).toContain(
      'Command failed',
    );
  });

  it('destroys tasks and unregisters apps', async () => {
    expect(await shell().run('task destroy --name b1')).toContain("Destroyed task 'b1'");
    expect(await shell().run('task all destroy --force')).toContain('All tasks destroyed');
    expect(await shell().table('task list')).toHaveLength(1);
    expect(await shell().run('app all unregister')).toContain('Successfully unregistered applications.');
    expect(await shell().run('app list')).toContain('No registered apps.');
  });
});
