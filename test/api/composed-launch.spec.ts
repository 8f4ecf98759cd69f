import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { Launched, TaskExecution } from '../support/server-client.js';
import { refusalOf, Workbench } from '../support/workbench.js';

/** An execution with what the manifest says of its launch. */
type Manifested = TaskExecution & {
  readonly resourceUrl: string;
  readonly appProperties: Readonly<Record<string, string>>;
  readonly deploymentProperties: Readonly<Record<string, string>>;
};

let bench: Workbench;
let database: pg.Client;

beforeAll(async () => {
  bench = await Workbench.open({
    'spring.cloud.dataflow.task.platform.local.accounts.default.maximum-concurrent-tasks': '3',
    'spring.cloud.dataflow.task.composedtaskrunner.uri': 'file:/ctr/runner.jar',
  });
  database = await bench.server.database.client();
  const script = await bench.script('app.sh', 'exit 0');
  await bench.client.register('app', '1.0.0', script);
  await bench.client.register('app3', '1.0.0', script, '3');
}, 120_000);

afterAll(async () => {
  await database?.end();
  await bench?.close();
});

const launch = (name: string, fields: Record<string, string> = {}) =>
  bench.post('/tasks/executions/launch', { name, ...fields });

async function one<Row extends object>(sql: string, ...parameters: readonly unknown[]): Promise<Row> {
  const { rows } = await database.query<Row>(sql, [...parameters]);
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

/** All that launches of a task have written, to see that one did not. */
const written = (name: string) =>
  one(
    `select (select count(*)::int from task_execution where task_name = $1) as executions,
            (select count(*)::int from batch_job_instance where job_name = $1) as instances,
            (select count(*)::int from batch_job_execution join batch_job_instance using (job_instance_id)
             where job_name = $1) as jobs,
            (select count(*)::int from millrace_composed_run where task_name = $1) as runs,
            (select count(*)::int from audit_records where correlation_id = $1) as audits,
            (select count(*)::int from millrace_launch where task_name like $1 || '%') as launches`,
    name,
  );

const jobOf = ({ executionId }: Launched) =>
  one<{ id: number; instance: number; name: string; key: string; context: string; parameters: Record<string, string> }>(
    `select job.job_execution_id::int as id, job_instance_id::int as instance, job_name as name, job_key as key,
            context.short_context as context,
            (select json_object_agg(key_name, type_cd || ' ' || string_val || '/' || long_val || '/' || double_val || '/' || identifying)
             from batch_job_execution_params as p where p.job_execution_id = job.job_execution_id) as parameters
     from task_task_batch join batch_job_execution as job using (job_execution_id) join batch_job_instance using (job_instance_id)
     join batch_job_execution_context as context on context.job_execution_id = job.job_execution_id
     where task_execution_id = $1`,
    executionId,
  );

/** A job execution that was left by somebody else, such as SCDF's own runner. */
async function leaveJob(name: string, status: string, step?: string): Promise<void> {
  await database.query(
    `with instance as (
       insert into batch_job_instance (job_instance_id, version, job_name, job_key)
       values (nextval('batch_job_seq'), 0, $1, '853d3449e311f40366811cbefb3d93d7') returning job_instance_id
     ), job as (
       insert into batch_job_execution (job_execution_id, version, job_instance_id, create_time, start_time, end_time, status)
       select nextval('batch_job_execution_seq'), 2, job_instance_id, now(), now(), case when $2 <> 'STARTED' then now() end, $2
       from instance returning job_execution_id
     ), context as (
       insert into batch_job_execution_context select job_execution_id, '{"@class":"java.util.HashMap","a":"b"}' from job
     ), parameter as (
       insert into batch_job_execution_params select job_execution_id, 'LONG', 'run.id', '', '1970-01-01', 1, 0, 'Y' from job
     )
     insert into batch_step_execution (step_execution_id, version, step_name, job_execution_id, start_time, status)
     select nextval('batch_step_execution_seq'), 2, $1 || '-a_0', job_execution_id, now(), $3::text from job where $3::text is not null`,
    [name, status, step ?? null],
  );
}

describe('the launch of a composed task', () => {
  it('is answered as SCDF answers it, and writes what its runner would', async () => {
    await bench.client.define('seq', 'a: app && b: app3');
    const answer = await launch('seq', { arguments: '--interval-time-between-checks=1000 app.a.0=--x=1 day=monday' });
    const launched = answer.body as Launched;
    expect(answer).toMatchObject({
      status: 201,
      body: {
        schemaTarget: 'boot2',
        _links: { self: { href: `${bench.server.url}/tasks/executions/${launched.executionId}?schemaTarget=boot2` } },
      },
    });
    const execution = (await bench.client.execution(launched)) as Manifested;
    expect(execution).toMatchObject({
      taskName: 'seq',
      startTime: expect.any(String),
      arguments: [
        '--interval-time-between-checks=1000',
        '--composed-task-app-arguments.base64_YXBwLmEuMA=--x=1',
        'day=monday',
        `--spring.cloud.task.executionid=${launched.executionId}`,
        '--spring.cloud.data.flow.taskappname=composed-task-runner',
      ],
      externalExecutionId: expect.stringMatching(/^seq-[a-z0-9]{13}$/),
      resourceUrl: 'URL [file:/ctr/runner.jar]',
      platformName: 'default',
      appProperties: {
        'composed-task-app-properties.app.a.spring.cloud.task.tablePrefix': 'TASK_',
        'composed-task-app-properties.app.seq-b.spring.cloud.task.tablePrefix': 'BOOT3_TASK_',
        graph: 'seq-a && seq-b',
        'management.metrics.tags.service': 'task-application',
        'platform-name': 'default',
        'spring.cloud.task.name': 'seq',
        'spring.datasource.password': '******',
      },
      deploymentProperties: {
        'app.app3.spring.batch.jdbc.table-prefix': 'BOOT3_BATCH_',
        'app.composed-task-runner.spring.cloud.deployer.bootVersion': '2',
        'app.seq.spring.cloud.task.schemaTarget': 'boot2',
      },
    });
    const job = await jobOf(launched);
    expect(job).toMatchObject({
      name: 'seq',
      key: '8ae232a450b5d0d79575e1f87344371e',
      context: '{"@class":"java.util.HashMap"}',
      parameters: { 'run.id': 'LONG /1/0/Y', day: 'STRING monday/0/0/Y' },
    });
    expect(execution.jobExecutionIds).toEqual([job.id]);
    expect(
      await one(
        `select task_name, plan_text, properties, arguments, platform_account, job_execution_id::int as job
         from millrace_composed_run where schema_target = 'boot2' and task_execution_id = $1`,
        launched.executionId,
      ),
    ).toEqual({
      task_name: 'seq',
      plan_text: 'seq-a && seq-b',
      properties: {},
      arguments: execution.arguments.slice(0, 3),
      platform_account: 'default',
      job: job.id,
    });
    expect(
      await one(
        'select platform_name from task_deployment where task_deployment_id = $1',
        execution.externalExecutionId,
      ),
    ).toEqual({ platform_name: 'default' });
  });

  it('is audited without secrets, and names what is no child', async () => {
    await bench.client.define('audited', 'a: app && b: app');
    await bench.client.launch('audited', {
      properties: 'app.a.db.password=geheim,app.nobody.x=1,app.audited.b.db.token=geheim',
      arguments: 'app.a.0=--db.password=geheim',
    });
    const { elements } = await bench.list<{ auditData: string; correlationId: string }>(
      '/audit-records?actions=DEPLOY&size=200',
    );
    const record = elements.find(({ correlationId }) => correlationId === 'audited')!;
    expect(JSON.parse(record.auditData)).toMatchObject({
      taskDefinitionDslText: "composed-task-runner --graph='audited-a && audited-b'",
      taskDeploymentProperties: { 'app.a.db.password': '******' },
      namesWithoutChild: ['nobody'],
    });
    const shown = await bench.get('/tasks/executions?name=audited');
    expect(record.auditData + shown.text).not.toContain('geheim');
  });

  it('keeps properties for the next one', async () => {
    await bench.client.define('sticky', 'a: app && b: app');
    await bench.client.launch('sticky', { properties: 'app.a.x=1,app.sticky.b.y=2' });
    const second = (await bench.client.execution(
      await bench.client.launch('sticky', { properties: 'app.a.x=3' }),
    )) as Manifested;
    expect(second.deploymentProperties).toMatchObject({
      'app.a.x': '3',
      'app.composed-task-runner.composed-task-properties': 'app.sticky-b.app.app.y=2',
    });
  });

  it('by the old call answers the bare id', async () => {
    await bench.client.define('old', 'app3 && l: app3');
    const answer = await bench.post('/tasks/executions', { name: 'old' });
    expect([answer.status, typeof answer.body]).toEqual([201, 'number']);
  });

  it('gives each of many at once an instance of its own', async () => {
    await bench.client.define('many', 'app && l: app');
    const launched = await Promise.all(Array.from({ length: 8 }, () => bench.client.launch('many')));
    const jobs = await Promise.all(launched.map(jobOf));
    expect(new Set(jobs.map(({ instance }) => instance)).size).toBe(8);
    expect(jobs.map(({ parameters }) => Number(parameters['run.id']?.split('/')[1])).sort()).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  it('with uuid-instance-enabled has a random parameter', async () => {
    await bench.client.define('unique', 'app && l: app');
    const job = await jobOf(await bench.client.launch('unique', { arguments: '--uuid-instance-enabled=true' }));
    expect(Object.keys(job.parameters)).toEqual(['ctr.id']);
    expect(job.parameters['ctr.id']).toMatch(/^STRING [0-9a-f-]{36}\/0\/0\/Y$/);
  });
});

describe('a restart', () => {
  it('goes on with the instance that the arguments name', async () => {
    await bench.client.define('failed', 'a: app && b: app');
    await leaveJob('failed', 'FAILED', 'FAILED');
    const prior = await one<{ instance: number }>(
      `select job_instance_id::int as instance from batch_job_instance where job_name = 'failed'`,
    );
    const launched = await bench.client.launch('failed', {
      arguments:
        'run.id(long)=1 --spring.cloud.task.executionid=999 --spring.cloud.data.flow.taskappname=composed-task-runner',
    });
    expect(await jobOf(launched)).toMatchObject({
      instance: prior.instance,
      parameters: { 'run.id': 'LONG /1/0/Y' },
      context: '{"@class":"java.util.HashMap","a":"b"}',
    });
    expect((await bench.client.execution(launched)).arguments).toEqual([
      'run.id(long)=1',
      `--spring.cloud.task.executionid=${launched.executionId}`,
      '--spring.cloud.data.flow.taskappname=composed-task-runner',
    ]);
  });

  it.each([
    ['COMPLETED', undefined, 409, /already exists and is complete for parameters: run\.id=1/],
    ['ABANDONED', undefined, 409, /already exists and is complete/],
    ['STARTED', undefined, 409, /is already running/],
    ['UNKNOWN', undefined, 422, /Job execution \d+ is in the state UNKNOWN/],
    ['FAILED', 'UNKNOWN', 422, /Step of-FAILED-UNKNOWN-a_0 of job execution \d+ is in the state UNKNOWN/],
  ])('of a job that is %s with a step that is %s is refused', async (status, step, code, message) => {
    const name = `of-${status}-${step ?? 'none'}`;
    await bench.client.define(name, 'a: app && b: app');
    await leaveJob(name, status, step);
    const before = await written(name);
    expect(refusalOf(await launch(name, { arguments: 'run.id(long)=1' }))).toEqual({
      status: code,
      message: expect.stringMatching(message),
    });
    expect(await written(name)).toEqual(before);
  });
});

describe('a launch that cannot be run is refused, and writes nothing', () => {
  beforeAll(async () => {
    await bench.client.define('wide', 'a: app && <b: app || c: app || d: app || e: app>');
    await bench.client.define('deep', '<a: app || <b: app || <c: app || d: app>>>');
    await bench.client.define('circle', "a: app 'X'->:a && b: app");
    await bench.client.define('holes', "a: app && b: app 'FAILED'->c: app && d: app");
    for (const child of ['a', 'c', 'd'])
      expect((await bench.delete(`/tasks/definitions/holes-${child}`)).status).toBe(200);
    await bench.client.define('fine', 'a: app && b: app');
  });

  it.each([
    ['wide', {}, 422, /more apps|exceeds the maximumConcurrentTasks count of 3/],
    [
      'deep',
      { arguments: '--split-thread-core-pool-size=2' },
      422,
      /should be equal or greater than the depth of split flows 3/,
    ],
    ['circle', {}, 422, /Composed task circle cannot be run\./],
    ['holes', {}, 404, /^Composed task holes cannot be run: its child holes-a is not defined \(any more\)\.$/],
    ['fine', { properties: 'app.composed-task-runner.max-wait-time=soon' }, 400, /'max-wait-time' is 'soon'/],
    [
      'fine',
      { properties: 'deployer.a.millrace.retry.max-attempts=0' },
      400,
      /'deployer\.a\.millrace\.retry\.max-attempts' of 'fine-a' is '0'/,
    ],
    ['fine', { properties: 'deployer.composed-task-runner.millrace.timeout=0' }, 400, /longer than nothing/],
    ['fine', { properties: 'version.a=9.9' }, 404, /the app app in version 9\.9 of its child fine-a is not registered/],
    ['fine', { arguments: 'run.id(long)=one' }, 400, /'run\.id\(long\)=…' is a parameter of the job/],
    ['fine', { arguments: `--composed-task-arguments=it's` }, 400, /a quote ' without its end/],
    [
      'fine',
      { properties: 'app.composed-task-runner.composed-task-properties=nonsense' },
      400,
      /Only deployment property keys/,
    ],
  ])('%s %j', async (name, fields: Record<string, string>, status, message) => {
    const before = await written(name);
    expect(refusalOf(await launch(name, fields))).toEqual({ status, message: expect.stringMatching(message) });
    expect(await written(name)).toEqual(before);
  });
});

describe('children in the other generation', () => {
  /** What SCDF's runner leaves of a composed task with a child of each generation, and strangers with the same ids. */
  async function leaveFamily(): Promise<void> {
    await database.query(`
      insert into task_execution (task_execution_id, task_name, start_time, end_time, exit_code, parent_execution_id) values
        (90001, 'parent', now(), now(), 0, null), (90002, 'child2', now(), now(), 0, 90001);
      insert into boot3_task_execution (task_execution_id, task_name, start_time, end_time, exit_code, parent_execution_id) values
        (90001, 'stranger', now(), now(), 0, null), (90003, 'child3', now(), now(), 0, 90001),
        (90004, 'child-of-stranger', now(), now(), 0, 90001);
      insert into boot3_task_execution_params values
        (90003, '--spring.cloud.task.parent-execution-id=90001'), (90003, '--spring.cloud.task.parent-schema-target=boot2');
      insert into millrace_composed_run (schema_target, task_execution_id, task_name, job_execution_id, plan_text, properties,
                                         arguments, platform_account, state) values
        ('boot2', 90001, 'parent', 90001, 'parent-a', '{}', '[]', 'default', 'ended')`);
  }

  it('go with their parent, and strangers stay', async () => {
    await leaveFamily();
    expect((await bench.delete('/tasks/executions/90001?action=REMOVE_DATA')).status).toBe(200);
    const status = async (id: number, target: string) =>
      (await bench.get(`/tasks/executions/${id}?schemaTarget=${target}`)).status;
    expect([await status(90001, 'boot2'), await status(90002, 'boot2'), await status(90003, 'boot3')]).toEqual([
      404, 404, 404,
    ]);
    expect([await status(90001, 'boot3'), await status(90004, 'boot3')]).toEqual([200, 200]);
    const { rows } = await database.query('select 1 from millrace_composed_run where task_execution_id = 90001');
    expect(rows).toEqual([]);
    const { elements } = await bench.list<{ auditData: string }>('/audit-records?actions=DELETE&size=200');
    expect(JSON.parse(elements.at(-1)!.auditData)).toMatchObject({
      'Deleted # of Task Executions': 3,
      'Deleted Task Execution IDs': '90001, 90002, 90003',
    });
  });
});

it('GET /tasks/ctr/options lists what a composed task can be told', async () => {
  const answer = await bench.get('/tasks/ctr/options');
  expect(answer.status).toBe(200);
  expect(answer.body).toContainEqual(
    expect.objectContaining({ id: 'split-thread-core-pool-size', type: 'java.lang.Integer', defaultValue: 4 }),
  );
});
