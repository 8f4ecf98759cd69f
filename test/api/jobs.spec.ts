import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { z } from 'zod';
import {
  JobExecutionPageSchema,
  JobExecutionSchema,
  ThinJobExecutionPageSchema,
} from '../../src/jobs/job-execution.resource.js';
import { JobInstancePageSchema, JobInstanceSchema } from '../../src/jobs/job-instance.resource.js';
import { StepExecutionPageSchema, StepExecutionResourceSchema } from '../../src/jobs/step-execution.resource.js';
import { StepProgressSchema } from '../../src/jobs/step-progress.resource.js';
import { restoreScdfDatabase, type TestDatabase } from '../support/database.js';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { exchange, type WireAnswer } from '../support/http.js';

interface Exchange {
  readonly request: { readonly method: string; readonly path: string };
  readonly response: { readonly status: number; readonly body: unknown };
}

/** The history that a real SCDF 2.11.5 left: see test/compat for what it holds. */
let database: TestDatabase;
let server: ApiServer;
let client: pg.Client;

beforeAll(async () => {
  database = await restoreScdfDatabase();
  server = await startApiServer({ database });
  client = await database.client();
}, 120_000);

afterAll(async () => {
  await server?.close();
  await database?.close();
});

function get(target: string): Promise<WireAnswer> {
  const headers = { Accept: 'application/json', Host: '127.0.0.1:9393' };
  return exchange(server.url, { method: 'GET', target, headers });
}

async function read<Schema extends z.ZodType>(target: string, schema: Schema): Promise<z.output<Schema>> {
  const answer = await get(target);
  expect({ target, status: answer.status, contentType: answer.contentType }).toEqual({
    target,
    status: 200,
    contentType: 'application/json',
  });
  return schema.parse(answer.body);
}

const keysOf = (page: { _embedded?: Record<string, { executionId: number; schemaTarget: string }[]> | undefined }) =>
  Object.values(page._embedded ?? {})
    .flat()
    .map(({ executionId, schemaTarget }) => `${schemaTarget}:${executionId}`);

const ALL = ['boot2:5', 'boot2:4', 'boot2:3', 'boot3:2', 'boot2:2', 'boot3:1', 'boot2:1'];

describe('lists of job executions', () => {
  it('have those of both generations, the newest first', async () => {
    const full = await read('/jobs/executions', JobExecutionPageSchema);
    const thin = await read('/jobs/thinexecutions', ThinJobExecutionPageSchema);
    expect(keysOf(full)).toEqual(ALL);
    expect(keysOf(thin)).toEqual(ALL);
    expect(full.page).toEqual({ size: 20, totalElements: 7, totalPages: 1, number: 0 });
    expect(full._links).toEqual({ self: { href: 'http://127.0.0.1:9393/jobs/executions?page=0&size=20' } });
  });

  it.each([0, 1, 2, 3, 4])('page %i of two each is that part of all', async (page) => {
    for (const path of ['executions', 'thinexecutions']) {
      const schema = path === 'executions' ? JobExecutionPageSchema : ThinJobExecutionPageSchema;
      const part = await read(`/jobs/${path}?page=${page}&size=2&sort=name,asc`, schema);
      expect(keysOf(part)).toEqual(ALL.slice(2 * page, 2 * page + 2));
      expect(part.page).toEqual({ size: 2, totalElements: 7, totalPages: 4, number: page });
    }
  });

  it.each([
    ['executions', 'name=job1', ['boot2:3', 'boot3:2', 'boot3:1', 'boot2:1']],
    ['executions', 'name=job%25', ALL.slice(1)],
    ['executions', 'name=job_', ALL.slice(1)],
    ['executions', 'name=%25', ALL],
    ['executions', 'name=JOB1&status=FAILED', []],
    ['executions', 'status=FAILED', ['boot2:3', 'boot3:2']],
    ['executions', 'status=STOPPED', []],
    ['executions', 'name=job1&status=COMPLETED', ['boot3:1', 'boot2:1']],
    ['executions', 'name=nope&status=COMPLETED', []],
    ['executions', 'schemaTarget=boot3', ALL],
    ['thinexecutions', 'name=job1', ['boot2:3', 'boot3:2', 'boot3:1', 'boot2:1']],
    ['thinexecutions', 'status=FAILED', ['boot2:3', 'boot3:2']],
    ['thinexecutions', 'jobInstanceId=3', ['boot2:3']],
    ['thinexecutions', 'jobInstanceId=2&schemaTarget=boot3', ['boot3:2']],
    ['thinexecutions', 'jobInstanceId=9999', []],
    ['thinexecutions', 'taskExecutionId=4', ['boot2:2', 'boot2:1']],
    ['thinexecutions', 'taskExecutionId=2&schemaTarget=boot3', ['boot3:1']],
    ['thinexecutions', 'taskExecutionId=4&name=job2', ['boot2:2']],
    [
      'thinexecutions',
      'fromDate=2026-11-20T18:27:15,714&toDate=2026-11-20T18:27:19,207',
      ['boot2:4', 'boot2:3', 'boot3:1'],
    ],
    ['thinexecutions', 'fromDate=2026-11-20T18:27:22,000', ['boot2:5', 'boot3:2']],
    ['thinexecutions', 'toDate=2026-11-20T18:27:12,343', ['boot2:1']],
    ['thinexecutions', 'fromDate=2030-01-01T00:00:00,000', []],
    ['thinexecutions', 'fromDate=2026-11-20T18:27:15,000&name=job1&status=FAILED', ['boot2:3', 'boot3:2']],
    ['thinexecutions', 'name=nope&fromDate=2000-01-01T00:00:00,000', []],
  ])('/jobs/%s?%s', async (path, query, expected) => {
    const schema = path === 'executions' ? JobExecutionPageSchema : ThinJobExecutionPageSchema;
    const page = await read(`/jobs/${path}?${query}`, schema);
    expect(keysOf(page)).toEqual(expected);
    expect(page.page.totalElements).toBe(expected.length);
    // From the other end, too.
    const last = await read(`/jobs/${path}?${query}&size=1&page=${Math.max(0, expected.length - 1)}`, schema);
    expect(keysOf(last)).toEqual(expected.slice(-1));
  });

  it('say of each execution what SCDF says, in the same words', async () => {
    const page = await read('/jobs/executions?size=1&page=6', JobExecutionPageSchema);
    expect(page._embedded?.['jobExecutionResourceList']).toEqual([
      {
        ...{ executionId: 1, stepExecutionCount: 2, jobId: 1, taskExecutionId: 4, name: 'job1' },
        ...{ startDate: '2026-11-20', startTime: '18:27:12', duration: '00:00:00' },
        jobExecution: {
          id: 1,
          version: 2,
          jobParameters: {
            parameters: {
              day: { identifying: true, value: 'monday', type: 'STRING' },
              'run.id': { identifying: true, value: 1, type: 'LONG' },
            },
          },
          jobInstance: { id: 1, jobName: 'job1', version: null },
          stepExecutions: [],
          status: 'COMPLETED',
          startTime: '2026-11-20T18:27:12.343+0000',
          createTime: '2026-11-20T18:27:12.318+0000',
          endTime: '2026-11-20T18:27:12.397+0000',
          lastUpdated: '2026-11-20T18:27:12.397+0000',
          exitStatus: { exitCode: 'COMPLETED', exitDescription: '' },
          executionContext: { dirty: false, empty: true, values: [] },
          ...{ jobConfigurationName: null, failureExceptions: [], allFailureExceptions: [] },
        },
        jobParameters: { day: 'monday', 'run.id(long)': '1' },
        jobParametersString: 'day=monday,run.id(long)=1',
        ...{ restartable: false, abandonable: false, stoppable: false, defined: true, timeZone: 'UTC' },
        schemaTarget: 'boot2',
        _links: { self: { href: 'http://127.0.0.1:9393/jobs/executions/1?schemaTarget=boot2' } },
      },
    ]);
    const thin = await read('/jobs/thinexecutions?size=1&page=2', ThinJobExecutionPageSchema);
    expect(thin._embedded?.['jobExecutionThinResourceList']).toEqual([
      {
        ...{ executionId: 3, stepExecutionCount: 2, jobId: 3, taskExecutionId: 5, instanceId: 3, name: 'job1' },
        ...{ startDate: '2026-11-20', startTime: '18:27:15', startDateTime: '2026-11-20T18:27:15.714+0000' },
        duration: '00:00:00',
        jobParameters: { 'run.id(long)': '2' },
        jobParametersString: 'run.id(long)=2',
        ...{ restartable: true, abandonable: true, stoppable: false, defined: true, timeZone: 'UTC' },
        status: 'FAILED',
        schemaTarget: 'boot2',
        _links: {
          self: { href: 'http://127.0.0.1:9393/jobs/executions/3?schemaTarget=boot2' },
          restart: { href: 'http://127.0.0.1:9393/jobs/executions/3?schemaTarget=boot2&restart=true' },
        },
      },
    ]);
  });
});

describe('one job execution', () => {
  it('has its steps, without their contexts', async () => {
    const job = await read('/jobs/executions/3', JobExecutionSchema);
    expect(job.jobExecution.exitStatus.exitDescription).toMatch(/^java\.lang\.IllegalStateException: step job1step2/);
    expect(job.jobExecution.stepExecutions.map(({ stepName, status }) => [stepName, status])).toEqual([
      ['job1step1', 'COMPLETED'],
      ['job1step2', 'FAILED'],
    ]);
    expect(job.jobExecution.stepExecutions[1]?.executionContext).toEqual({ dirty: false, empty: true, values: [] });
    expect(job.jobExecution.stepExecutions[1]?.summary).toBe(
      'StepExecution: id=5, version=3, name=job1step2, status=FAILED, exitStatus=FAILED, readCount=6, filterCount=1, ' +
        'writeCount=2 readSkipCount=0, writeSkipCount=0, processSkipCount=0, commitCount=1, rollbackCount=1',
    );
  });

  it('is found in its schema target', async () => {
    const job = await read('/jobs/executions/2?schemaTarget=boot3', JobExecutionSchema);
    expect(job).toMatchObject({
      name: 'job1',
      taskExecutionId: 3,
      schemaTarget: 'boot3',
      jobExecution: { status: 'FAILED' },
    });
  });
});

describe('job instances', () => {
  it('are listed with the true state of their executions', async () => {
    const page = await read('/jobs/instances?name=job1', JobInstancePageSchema);
    const instances = page._embedded?.['jobInstanceResourceList'] ?? [];
    expect(
      instances.map(({ jobInstanceId, jobExecutions }) => [
        jobInstanceId,
        jobExecutions.map((job) => [job.schemaTarget, job.jobExecution.status, job.stepExecutionCount]),
      ]),
    ).toEqual([
      [1, [['boot2', 'COMPLETED', 2]]],
      [1, [['boot3', 'COMPLETED', 2]]],
      [2, [['boot3', 'FAILED', 2]]],
      [3, [['boot2', 'FAILED', 2]]],
    ]);
    expect(instances.map(({ _links }) => _links['self']?.href)).toEqual([
      'http://127.0.0.1:9393/jobs/instances/1',
      'http://127.0.0.1:9393/jobs/instances/1?schemaTarget=boot3',
      'http://127.0.0.1:9393/jobs/instances/2?schemaTarget=boot3',
      'http://127.0.0.1:9393/jobs/instances/3',
    ]);
    for (const index of [0, 1, 2, 3]) {
      const one = await read(`/jobs/instances?name=job1&size=1&page=${index}`, JobInstancePageSchema);
      expect(one._embedded?.['jobInstanceResourceList']).toEqual(instances.slice(index, index + 1));
      expect(one.page.totalElements).toBe(4);
    }
  });

  it('are shown with executions and steps', async () => {
    const instance = await read('/jobs/instances/2?schemaTarget=boot3', JobInstanceSchema);
    expect(instance.jobExecutions[0]?.jobExecution.stepExecutions.map(({ id }) => id)).toEqual([3, 4]);
    expect(instance.jobExecutions[0]).not.toHaveProperty('_links');
  });
});

describe('steps', () => {
  it('are listed by id', async () => {
    const page = await read('/jobs/executions/5/steps', StepExecutionPageSchema);
    const steps = page._embedded?.['stepExecutionResourceList'] ?? [];
    expect(steps.map(({ stepExecution }) => [stepExecution.id, stepExecution.stepName])).toEqual([
      [7, 'chain-one_0'],
      [8, 'chain-two_0'],
    ]);
    expect(steps[0]).toMatchObject({ stepType: '', stepExecution: { executionContext: { empty: true } } });
    expect(steps[0]?._links).toEqual({
      self: { href: 'http://127.0.0.1:9393/jobs/executions/5/steps/7?schemaTarget=boot2' },
      progress: { href: 'http://127.0.0.1:9393/jobs/executions/5/steps/7/progress?schemaTarget=boot2' },
    });
  });

  it('show the context of Batch 4, in JSON', async () => {
    const { stepExecution, stepType } = await read('/jobs/executions/5/steps/8', StepExecutionResourceSchema);
    expect(stepExecution.executionContext.values).toContainEqual({ 'task-execution-id': 4 });
    expect(stepExecution.executionContext.values).toContainEqual({
      'task-arguments': ['--spring.cloud.task.parent-execution-id=6', '--spring.cloud.task.parent-schema-target=boot2'],
    });
    expect(stepType).toBe('org.springframework.cloud.dataflow.composedtaskrunner.TaskLauncherTasklet');
  });

  it('show the context of Batch 5, serialised by Java', async () => {
    const step = await read('/jobs/executions/1/steps/2?schemaTarget=boot3', StepExecutionResourceSchema);
    expect(step.stepExecution.executionContext).toEqual({
      dirty: false,
      empty: false,
      values: [
        { 'batch.taskletType': 'org.springframework.batch.core.step.item.ChunkOrientedTasklet' },
        { 'batch.version': '5.1.2' },
        { 'batch.stepType': 'org.springframework.batch.core.step.tasklet.TaskletStep' },
      ],
    });
    expect(step.stepType).toBe('Chunk Oriented Step');
  });

  it('tell their progress against all finished executions of their name', async () => {
    const progress = await read('/jobs/executions/3/steps/5/progress', StepProgressSchema);
    expect(progress).toMatchObject({ percentageComplete: 1, finished: true, duration: 11 });
    expect(progress.stepExecutionHistory).toMatchObject({
      stepName: 'job1step2',
      count: 2,
      readCount: { count: 2, min: 6, max: 7, mean: 6.5, standardDeviation: 0.5 },
      duration: { count: 2, min: 11, max: 14, mean: 12.5, standardDeviation: 1.5 },
      durationPerRead: { count: 2, min: 1, max: 2, mean: 1.5, standardDeviation: 0.5 },
    });
    const answer = await get('/jobs/executions/1/steps/1/progress?schemaTarget=boot3');
    expect(answer.text).toContain('"percentageComplete":1.0,"finished":true,"duration":17.0');
  });
});

describe('recordings of SCDF', () => {
  const schemas: readonly (readonly [RegExp, z.ZodType])[] = [
    [/^\/jobs\/executions$/, JobExecutionPageSchema],
    [/^\/jobs\/executions\/\d+$/, JobExecutionSchema],
    [/^\/jobs\/thinexecutions$/, ThinJobExecutionPageSchema],
    [/^\/jobs\/instances$/, JobInstancePageSchema],
    [/^\/jobs\/instances\/\d+$/, JobInstanceSchema],
    [/^\/jobs\/executions\/\d+\/steps$/, StepExecutionPageSchema],
    [/^\/jobs\/executions\/\d+\/steps\/\d+$/, StepExecutionResourceSchema],
    [/^\/jobs\/executions\/\d+\/steps\/\d+\/progress$/, StepProgressSchema],
  ];

  it('have exactly the fields of our resources', async () => {
    const directory = new URL('../compat/golden/', import.meta.url);
    const seen = new Set<z.ZodType>();
    for (const file of await readdir(directory)) {
      if (!/^\d+-.*\.json$/.test(file)) continue;
      const { request, response } = JSON.parse(await readFile(new URL(file, directory), 'utf8')) as Exchange;
      const schema = schemas.find(([path]) => path.test(request.path))?.[1];
      if (request.method !== 'GET' || response.status !== 200 || schema === undefined) continue;
      // Parsing drops what the schema does not know, and fails for what the recording lacks.
      expect({ file, body: schema.parse(response.body) }).toEqual({ file, body: response.body });
      seen.add(schema);
    }
    expect(seen.size).toBe(schemas.length);
  });
});

describe('what is not there', () => {
  it.each([
    ['/jobs/executions/9999', 404, 'NoSuchJobExecutionException', 'Job id 9999 for schema target boot2 not found'],
    ['/jobs/executions/-1', 404, 'NoSuchJobExecutionException', 'Job id -1 for schema target boot2 not found'],
    [
      '/jobs/executions/1?schemaTarget=boot9',
      404,
      'NoSuchJobExecutionException',
      'Job id 1 for schema target boot9 not found',
    ],
    [
      '/jobs/executions?name=nope',
      404,
      'NoSuchJobException',
      'No Job with that name either current or historic: [nope]',
    ],
    ['/jobs/executions?name=', 404, 'NoSuchJobException', 'No Job with that name either current or historic: []'],
    ['/jobs/executions?name=%5C', 404, 'NoSuchJobException', 'No Job with that name either current or historic: [\\]'],
    [
      '/jobs/thinexecutions?name=nope',
      404,
      'NoSuchJobException',
      'No Job with that name either current or historic: [nope]',
    ],
    [
      '/jobs/instances?name=nope',
      404,
      'NoSuchJobException',
      'No Job with that name either current or historic: [nope]',
    ],
    [
      '/jobs/instances/9999',
      404,
      'NoSuchJobInstanceException',
      "No job instance for id '9999' and schema target 'boot2'",
    ],
    [
      '/jobs/instances/1?schemaTarget=x',
      404,
      'NoSuchJobInstanceException',
      "No job instance for id '1' and schema target 'x'",
    ],
    ['/jobs/executions/9999/steps', 404, 'NoSuchJobExecutionException', 'No JobExecution with id=9999'],
    [
      '/jobs/executions/1/steps/9999',
      404,
      'NoSuchStepExecutionException',
      'There is no StepExecution with jobExecutionId=1 and id=9999',
    ],
    [
      '/jobs/executions/2/steps/1/progress',
      404,
      'NoSuchStepExecutionException',
      'There is no StepExecution with jobExecutionId=2 and id=1',
    ],
    [
      '/jobs/executions?status=DONE',
      400,
      'MethodArgumentTypeMismatchException',
      "The parameter 'status' must contain one of the following values: 'COMPLETED, STARTING, STARTED, STOPPING, " +
        "STOPPED, FAILED, ABANDONED, UNKNOWN'.",
    ],
    [
      '/jobs/instances',
      400,
      'MissingServletRequestParameterException',
      "Required request parameter 'name' for method parameter type String is not present",
    ],
  ])('%s', async (target, status, logref, message) => {
    const answer = await get(target);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ _embedded: { errors: [{ message, logref, _links: { self: { href: '/' } } }] } });
  });

  it.each([
    ['/jobs/executions/abc', 400],
    ['/jobs/executions/99999999999999999999', 400],
    ['/jobs/executions/1/steps/1e3', 400],
    ['/jobs/executions/1/steps?schemaTarget=boot9', 404],
    ['/jobs/thinexecutions?jobInstanceId=x', 400],
    ['/jobs/thinexecutions?taskExecutionId=1&schemaTarget=x', 404],
    ['/jobs/thinexecutions?fromDate=2026-11-20', 400],
    ['/jobs/thinexecutions?fromDate=2026-02-31T00:00:00,000', 400],
    ['/jobs/executions?page=2147483647&size=2000', 400],
  ])('%s is refused with %i', async (target, status) => {
    expect((await get(target)).status).toBe(status);
  });
});

describe('what SCDF gets wrong', () => {
  it('shows a job outside of any task, a type that no client knows, a status that is none, 26 hours', async () => {
    await client.query(
      `insert into boot3_batch_job_instance values (77, 0, 'odd_job', 'k');
       insert into boot3_batch_job_execution (job_execution_id, version, job_instance_id, create_time, start_time, end_time, status)
         values (77, 0, 77, '2027-01-01', '2027-01-01', '2027-01-02 02:00:01', 'ODD');
       insert into boot3_batch_job_execution_params values (77, 'colour', 'com.example.Colour', 'RED', 'N')`,
    );
    const page = await read('/jobs/executions?name=odd_job', JobExecutionPageSchema);
    expect(page._embedded?.['jobExecutionResourceList']?.[0]).toMatchObject({
      ...{ taskExecutionId: 0, defined: false, duration: '26:00:01', stepExecutionCount: 0 },
      jobExecution: { status: 'UNKNOWN', exitStatus: { exitCode: 'UNKNOWN', exitDescription: '' } },
      jobParameters: { '-colour': 'RED' },
    });
    await client.query('delete from boot3_batch_job_execution_params where job_execution_id = 77');
    await client.query('delete from boot3_batch_job_execution where job_execution_id = 77');
    await client.query('delete from boot3_batch_job_instance where job_instance_id = 77');
    expect((await get('/jobs/executions?name=odd_job')).status).toBe(404);
  });

  it('names an execution at once, in every list', async () => {
    await client.query(
      `insert into batch_job_instance values (88, 0, 'fresh', 'k');
       insert into batch_job_execution (job_execution_id, version, job_instance_id, create_time, status)
         values (88, 0, 88, now(), 'STARTING')`,
    );
    for (const query of ['size=1', 'name=fresh', 'status=STARTING', 'jobInstanceId=88', 'name=f%25&status=STARTING']) {
      const page = await read(`/jobs/thinexecutions?${query}`, ThinJobExecutionPageSchema);
      expect(page._embedded?.['jobExecutionThinResourceList']?.[0]).toMatchObject({
        ...{ executionId: 88, name: 'fresh', startDate: '', startTime: '', duration: '', startDateTime: null },
        _links: { stop: { href: 'http://127.0.0.1:9393/jobs/executions/88?schemaTarget=boot2&stop=true' } },
      });
    }
    await client.query('delete from batch_job_execution where job_execution_id = 88');
    await client.query('delete from batch_job_instance where job_instance_id = 88');
  });

  it('says when the definition of the task is gone', async () => {
    await client.query(`delete from task_definitions where definition_name = 'ledger'`);
    const page = await read('/jobs/thinexecutions', ThinJobExecutionPageSchema);
    const list = page._embedded?.['jobExecutionThinResourceList'] ?? [];
    expect(list.map(({ defined }) => defined)).toEqual([true, false, false, true, false, true, false]);
  });

  it('gives all steps to a client that knows no pages', async () => {
    await client.query(
      `insert into batch_step_execution (step_execution_id, version, step_name, job_execution_id, start_time)
       select n, 1, 'part:partition' || n, 1, '2026-11-20' from generate_series(101, 130) n`,
    );
    const whole = await read('/jobs/executions/1/steps', StepExecutionPageSchema);
    expect(whole._embedded?.['stepExecutionResourceList']).toHaveLength(32);
    expect(whole.page).toEqual({ size: 32, totalElements: 32, totalPages: 1, number: 0 });
    const part = await read('/jobs/executions/1/steps?page=1', StepExecutionPageSchema);
    expect(part._embedded?.['stepExecutionResourceList']?.map(({ stepExecution }) => stepExecution.id)[0]).toBe(119);
    expect(part.page).toEqual({ size: 20, totalElements: 32, totalPages: 2, number: 1 });
    const running = await read('/jobs/executions/1/steps/101/progress', StepProgressSchema);
    expect(running).toMatchObject({ finished: false, percentageComplete: 0.5 });
    expect(running.stepExecutionHistory).toMatchObject({ stepName: 'part:partition*', count: 0 });
  });
});
