import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { insertJob, type JobRows, KILLED_PROGRAM, readJob } from '../support/job-rows.js';
import type { Launched, TaskExecution } from '../support/server-client.js';
import { eventually, refusalOf, Workbench } from '../support/workbench.js';

let bench: Workbench;
let client: pg.Client;
let nextId = 100;

beforeAll(async () => {
  bench = await Workbench.open();
  client = await bench.server.database.client();
  for (const [name, bootVersion] of [
    ['old', '2'],
    ['new', '3'],
  ] as const) {
    await bench.client.register(name, '1.0.0', await bench.script(`${name}.sh`, ...KILLED_PROGRAM), bootVersion);
    await bench.client.define(name, name);
  }
}, 120_000);

afterAll(() => bench?.close());

beforeEach(() => {
  nextId += 1;
});

const restart = (id: number, more = '') => bench.put(`/jobs/executions/${id}?restart=true${more}`);
const stop = (id: number, more = '') => bench.put(`/jobs/executions/${id}?stop=true${more}`);
const recover = (id: number, more = '') => bench.post(`/jobs/executions/${id}/recover?schemaTarget=boot2${more}`);

/** A job in an execution that has ended. @returns the id of the job execution */
async function jobOf(
  task: string,
  launchArguments: string,
  job: Omit<JobRows, 'id'>,
  properties = '',
): Promise<number> {
  const { executionId } = await bench.run(task, { arguments: launchArguments, properties });
  await insertJob(client, { id: nextId, taskExecutionId: executionId, ...job });
  return nextId;
}

async function newestExecution(): Promise<TaskExecution> {
  const { elements } = await bench.list<TaskExecution>('/tasks/executions?size=1&sort=START_TIME,DESC');
  const [newest] = elements;
  if (newest === undefined) throw new Error('there is no execution');
  return newest;
}

/** A process that waits to be killed. */
async function waiting(task: string): Promise<{ launched: Launched; kill: () => Promise<TaskExecution> }> {
  const gate = join(bench.directory, `gate-${nextId}`);
  const launched = await bench.client.launch(task, { arguments: `run.id(long)=1 --gate=${gate}` });
  await eventually(
    () => bench.client.execution(launched),
    ({ taskExecutionStatus }) => taskExecutionStatus === 'RUNNING',
  );
  const kill = async () => {
    await writeFile(gate, '');
    return bench.client.ended(launched);
  };
  return { launched, kill };
}

describe('a restart', () => {
  it('launches the task with its arguments, the parameters of the job, and its deployment properties', async () => {
    const id = await jobOf(
      'old',
      'note=hello --own.option=1',
      {
        steps: ['COMPLETED', 'FAILED'],
        parameters: [
          ['run.id', 'LONG', '9007199254740993'],
          ['note', 'STRING', 'hello'],
          ['day', 'DATE', '2024-01-02'],
          ['rate', 'DOUBLE', '1.5', 'N'],
        ],
      },
      'app.old.colour=blue',
    );
    const answer = await restart(id);
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
    const execution = await bench.client.ended(await newestExecution());
    expect(execution.taskName).toBe('old');
    expect(execution.platformName).toBe('default');
    expect(execution.arguments).toEqual([
      ...['note=hello', '--own.option=1', '--spring.batch.job.names=job1'],
      ...['day(date)=2024/01/02', '-rate(double)=1.5', 'run.id(long)=9007199254740993'],
    ]);
    const detail = await bench.client.get(`/tasks/executions/${execution.executionId}`);
    expect(detail).toMatchObject({ deploymentProperties: { 'app.old.colour': 'blue' } });
    expect((await readJob(client, 'boot2', id)).job).toMatchObject({ status: 'FAILED', version: 1 });
  });

  it('writes the parameters of Spring Batch 5 in its own notation, or in JSON', async () => {
    const parameters = [
      ['run.id', 'java.lang.Long', '7'],
      ['day', 'java.time.LocalDate', '2024-01-02', 'N'],
    ] as const;
    const id = await jobOf('new', 'note=hello', { target: 'boot3', parameters });
    expect((await restart(id, '&schemaTarget=boot3')).status).toBe(200);
    const plain = await bench.client.ended(await newestExecution());
    expect(plain.schemaTarget).toBe('boot3');
    expect(plain.arguments.slice(1)).toEqual(['day=2024-01-02,java.time.LocalDate,false', 'run.id=7,java.lang.Long']);
    expect((await restart(id, '&schemaTarget=boot3&useJsonJobParameters=true')).status).toBe(200);
    const json = await bench.client.ended(await newestExecution());
    expect(json.arguments.slice(1)).toEqual([
      'day={"value":"2024-01-02","type":"java.time.LocalDate","identifying":"false"}',
      'run.id={"value":"7","type":"java.lang.Long","identifying":"true"}',
    ]);
  });

  it('takes the arguments that were written down where another server launched', async () => {
    const id = nextId;
    const [{ id: taskExecutionId } = { id: 0 }] = (
      await client.query<{ id: number }>(
        `insert into task_execution (task_execution_id, task_name, start_time, end_time, exit_code, last_updated)
         values (nextval('task_seq'), 'old', now(), now(), 0, now()) returning task_execution_id::int as id`,
      )
    ).rows;
    await client.query(
      `insert into task_execution_params (task_execution_id, task_param)
       select $1, unnest($2::text[])`,
      [
        taskExecutionId,
        [
          'run.id(long)=5',
          '--app.old.spring.batch.jdbc.table-prefix=BATCH_',
          `--spring.cloud.task.executionid=${taskExecutionId}`,
        ],
      ],
    );
    await insertJob(client, { id, taskExecutionId, status: 'STOPPED', parameters: [['run.id', 'LONG', '5']] });
    expect((await restart(id)).status).toBe(200);
    const execution = await bench.client.ended(await newestExecution());
    expect(execution.arguments).toEqual(['run.id(long)=5', '--spring.batch.job.names=job1']);
  });

  it.each([
    ['COMPLETED', 422, /^JobExecution with Id '\d+' and state 'COMPLETED' is not restartable\.$/],
    ['ABANDONED', 422, /state 'ABANDONED' is not restartable/],
    ['STARTED', 422, /state 'STARTED' is not restartable/],
    ['STOPPING', 422, /state 'STOPPING' is not restartable/],
    ['UNKNOWN', 422, /state 'UNKNOWN' is not restartable/],
  ])('of a job that is %s is refused', async (status, expected, sentence) => {
    const id = await jobOf('old', '', { status });
    await expectNothingDone(() => restart(id), expected, sentence);
  });

  it.each<[string, Omit<JobRows, 'id'>, RegExp]>([
    [
      'a date with a time',
      { parameters: [['d', 'DATE', '2024-01-02 03:04:05']] },
      /parameter 'd' .* time of day \(2024-01-02T03:04:05.*\).* launch the task with the job's parameters as arguments/,
    ],
    ['a number that is none', { parameters: [['d', 'DOUBLE', 'NaN']] }, /parameter 'd' .* no finite number: NaN/],
    ['an unknown type', { parameters: [['d', 'COLOUR', 'red']] }, /type COLOUR is none of Spring Batch 4/],
  ])('with %s among the parameters is refused', async (_, job, sentence) => {
    const id = await jobOf('old', '', job);
    await expectNothingDone(() => restart(id), 422, sentence);
  });

  it.each<[string, readonly [string, string, string], RegExp]>([
    ['a number that is none', ['d', 'java.lang.Long', 'seven'], /parameter 'd' .* no whole number of 64 bits: seven/],
    ['a number that is too large', ['d', 'java.lang.Long', '9223372036854775808'], /parameter 'd' .* 64 bits/],
    ['a type that is no class', ['d', 'no type', 'x'], /parameter 'd' .* type no type is no name of a class/],
    ['a name that is an option', ['--d', 'java.lang.String', 'x'], /parameter '--d' .* read as an option/],
    [
      'a name with an equals sign',
      ['a=b', 'java.lang.String', 'x'],
      /parameter 'a=b' .* cannot stand on a command line/,
    ],
    ['a value with blanks around it', ['d', 'java.lang.String', ' x'], /parameter 'd' .* blank, which is lost/],
  ])('of Boot 3 with %s among the parameters is refused', async (_, parameter, sentence) => {
    const id = await jobOf('new', '', { target: 'boot3', parameters: [parameter] });
    await expectNothingDone(() => restart(id, '&schemaTarget=boot3'), 422, sentence);
  });

  it('repeats a date with a time that was an argument, for an application that reads such dates itself', async () => {
    const given = 'd(date)=2024-01-02T03:04:05';
    const id = await jobOf('old', given, { parameters: [['d', 'DATE', '2024-01-02 03:04:05']] });
    expect((await restart(id)).status).toBe(200);
    expect((await bench.client.ended(await newestExecution())).arguments).toEqual([
      given,
      '--spring.batch.job.names=job1',
    ]);
  });

  it.each([
    ['old', 'boot2', '', ['--spring.batch.job.names=job2', 'run.id(long)=1']],
    ['new', 'boot3', '--spring.batch.job.name=job1', ['--spring.batch.job.name=job2', 'run.id=1,java.lang.Long']],
  ] as const)('runs one of several jobs of %s only, that which failed', async (task, target, given, expected) => {
    const { executionId: taskExecutionId } = await bench.run(task, { arguments: given });
    const parameters: JobRows['parameters'] = [['run.id', target === 'boot2' ? 'LONG' : 'java.lang.Long', '1']];
    const job = { target, taskExecutionId, parameters };
    await insertJob(client, { ...job, id: nextId, status: 'COMPLETED' });
    await insertJob(client, { ...job, id: nextId + 1, jobName: 'job2' });
    const [completed, failed] = [nextId, nextId + 1];
    nextId += 1;
    const query = `&schemaTarget=${target}`;
    await expectNothingDone(() => restart(completed, query), 422, /state 'COMPLETED' is not restartable/);
    expect((await restart(failed, query)).status).toBe(200);
    expect((await bench.client.ended(await newestExecution())).arguments).toEqual(expected);
  });

  it('of a parameter with a comma says which applications can take it', async () => {
    const parameters = [['files', 'java.lang.String', 'a,b']] as const;
    const id = await jobOf('new', '', { target: 'boot3', parameters });
    await expectNothingDone(() => restart(id, '&schemaTarget=boot3'), 422, /comma.*useJsonJobParameters=true/);
    expect((await restart(id, '&schemaTarget=boot3&useJsonJobParameters=true')).status).toBe(200);
    await bench.client.ended(await newestExecution());
  });

  it('of what does not exist, or is of the other generation, is refused', async () => {
    const id = await jobOf('new', '', { target: 'boot3' });
    await expectNothingDone(() => restart(99_999), 404, /^Job id 99999 for schema target boot2 not found$/);
    await expectNothingDone(() => restart(id), 404, new RegExp(`^Job id ${id} for schema target boot2 not found$`));
    expect((await restart(id)).text).toContain('There is one with schemaTarget=boot3');
    await expectNothingDone(() => restart(id, '&schemaTarget=boot9'), 404, /for schema target boot9 not found/);
    await expectNothingDone(() => restart(-1), 404, /Job id -1/);
    expect((await bench.put('/jobs/executions/x?restart=true')).status).toBe(400);
  });

  it('of a job outside of any task is refused', async () => {
    await insertJob(client, { id: nextId });
    await expectNothingDone(() => restart(nextId), 422, /ran outside of any task/);
  });

  it('without its definition, or without its app, is refused', async () => {
    await bench.client.register('gone', '1.0.0', await bench.script('gone.sh', 'exit 0'));
    await bench.client.define('gone', 'gone');
    const id = await jobOf('gone', '', {});
    expect((await bench.delete('/apps/task/gone/1.0.0')).status).toBe(200);
    await expectNothingDone(() => restart(id), 404, /Unknown task app: gone/);
    expect((await bench.delete('/tasks/definitions/gone')).status).toBe(200);
    await expectNothingDone(() => restart(id), 404, /^Could not find task definition named gone$/);
  });

  it('without the version of its app that its task keeps to is refused, though there is another', async () => {
    const uri = (version: string) => bench.script(`pinned-${version}.sh`, 'exit 0');
    await bench.client.register('pinned', '1.0.0', await uri('1.0.0'));
    await bench.client.register('pinned', '2.0.0', await uri('2.0.0'));
    await bench.client.define('pinned', 'pinned');
    const id = await jobOf('pinned', '', {}, 'version.pinned=2.0.0');
    expect((await bench.delete('/apps/task/pinned/2.0.0')).status).toBe(200);
    await expectNothingDone(() => restart(id), 404, /Unknown task app: pinned/);
  });

  it('is refused while an execution of the same instance runs, or another restart is under way', async () => {
    const { launched, kill } = await waiting('old');
    const { executionId: taskExecutionId } = launched;
    const id = nextId;
    const parameters = [['run.id', 'LONG', '1']] as const;
    await insertJob(client, { id, taskExecutionId, parameters });
    await insertJob(client, { id: id + 1, instanceId: id, taskExecutionId, status: 'STARTED' });
    nextId += 1;
    await expectNothingDone(() => restart(id), 409, new RegExp(`JobExecution ${id + 1} of the same job instance`));
    await client.query(`update batch_job_execution set status = 'FAILED' where job_execution_id = $1`, [id + 1]);
    // Waits for the same gate, so that it has not ended when it is asked for again.
    expect((await restart(id)).status).toBe(200);
    const again = await newestExecution();
    await expectNothingDone(() => restart(id), 409, new RegExp(`task execution ${again.executionId} was launched`));
    await kill();
    await bench.client.ended(again);
  });

  it.each([
    ['', /^Parameter conditions "restart=true" OR "stop=true" not met for actual request parameters: $/],
    ['?stop=false&a=1&a=2', /parameters: stop=\{false\}, a=\{1, 2\}$/],
    ['?restart=TRUE', /not met for actual request parameters: restart=\{TRUE\}$/],
    ['?restart=true&stop=true', /^Only one of restart=true and stop=true/],
    ['?restart=true&useJsonJobParameters=maybe', /Invalid boolean value/],
  ])('needs to be asked for: PUT %s', async (query, sentence) => {
    await expectNothingDone(() => bench.put(`/jobs/executions/1${query}`), 400, sentence);
  });
});

describe('a stop', () => {
  it.each(['boot2', 'boot3'] as const)('is written as Spring Batch of %s reads it', async (target) => {
    await insertJob(client, { target, id: nextId, status: 'STARTED', steps: ['COMPLETED', 'STARTED'] });
    const before = await readJob(client, target, nextId);
    expect((await stop(nextId, `&schemaTarget=${target}`)).status).toBe(200);
    const after = await readJob(client, target, nextId);
    expect(after.job).toEqual({ ...before.job, status: 'STOPPING', version: 2, last_updated: expect.any(Date) });
    expect(after.job?.last_updated.getTime()).toBeGreaterThan(before.job?.last_updated.getTime() ?? 0);
    expect(after.steps).toEqual(before.steps);
    expect((await stop(nextId, `&schemaTarget=${target}`)).status).toBe(200);
    expect((await readJob(client, target, nextId)).job).toMatchObject({ status: 'STOPPING', version: 3 });
  });

  it.each<[string, Omit<JobRows, 'id'>]>([
    ['has not started', { status: 'STARTING', started: false }],
    ['has ended', { status: 'COMPLETED' }],
    ['has failed', { status: 'FAILED' }],
  ])('of a job that %s is refused', async (_, job) => {
    await insertJob(client, { id: nextId, ...job });
    const before = await readJob(client, 'boot2', nextId);
    const answer = refusalOf(await stop(nextId));
    expect(answer).toEqual({
      status: 422,
      message: 'JobExecution is not running and therefore cannot be stopped',
    });
    expect(await readJob(client, 'boot2', nextId)).toEqual(before);
  });

  it('of a job whose process is gone is refused with what helps', async () => {
    const id = await jobOf('old', '', { status: 'STARTED' });
    const answer = await stop(id);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(`POST /jobs/executions/${id}/recover?schemaTarget=boot2`);
  });

  it('of what does not exist, or is of the other generation, is refused', async () => {
    await insertJob(client, { target: 'boot3', id: nextId, status: 'STARTED' });
    await expectNothingDone(() => stop(99_999), 404, /^Job id 99999 for schema target boot2 not found$/);
    await expectNothingDone(
      () => stop(nextId),
      404,
      new RegExp(`^Job id ${nextId} for schema target boot2 not found$`),
    );
    await expectNothingDone(() => stop(nextId, '&schemaTarget=boot9'), 404, /for schema target boot9 not found/);
  });
});

describe('a recovery', () => {
  it('is refused while the process runs; once it is killed the job and its steps fail', async () => {
    const { launched, kill } = await waiting('old');
    const { executionId: taskExecutionId } = launched;
    const id = nextId;
    const steps = ['COMPLETED', 'STARTED', 'UNKNOWN', 'FAILED'];
    await insertJob(client, { id, taskExecutionId, status: 'STARTED', steps });
    const before = await readJob(client, 'boot2', id);
    const refused = refusalOf(await recover(id, '&force=true'));
    expect(refused.status).toBe(409);
    expect(refused.message).toMatch(
      /cannot be recovered: platform account default still sees old-\w+ of task execution/,
    );
    expect(await readJob(client, 'boot2', id)).toEqual(before);

    await kill();
    const answer = await recover(id);
    const reason = `Recovered by an operator: task execution ${taskExecutionId} has ended: `;
    expect(answer.body).toMatchObject({
      executionId: id,
      schemaTarget: 'boot2',
      stepExecutionIds: [id * 10 + 2, id * 10 + 3],
      reason: expect.stringMatching(new RegExp(`^${reason}.*SIGKILL`)),
      restart: null,
    });
    const after = await readJob(client, 'boot2', id);
    const failed = { status: 'FAILED', exit_code: 'FAILED', exit_message: expect.stringContaining(reason) };
    expect(after.job).toMatchObject({ ...failed, version: 2, end_time: expect.any(Date) });
    expect(after.steps[0]).toEqual(before.steps[0]);
    expect(after.steps[1]).toMatchObject({ ...failed, version: 4, end_time: expect.any(Date) });
    expect(after.steps[2]).toMatchObject({ ...failed, version: 4, end_time: expect.any(Date) });
    expect(after.steps[3]).toEqual(before.steps[3]);

    const [record] = (
      await client.query<{ audit_data: string; correlation_id: string }>(
        'select audit_data, correlation_id from audit_records order by id desc limit 1',
      )
    ).rows;
    expect(record?.correlation_id).toBe('job1');
    expect(JSON.parse(record?.audit_data ?? '')).toMatchObject({ recoveredJobExecution: id, formerStatus: 'STARTED' });

    const again = refusalOf(await recover(id));
    expect(again.status).toBe(422);
    expect(again.message).toContain(`state 'FAILED' needs no recovery`);
    expect((await restart(id)).status).toBe(200);
    await bench.client.ended(await newestExecution());
  });

  it('restarts the job with its parameters, and is not half done when it cannot', async () => {
    const parameters = [['run.id', 'java.lang.Long', '7']] as const;
    const id = await jobOf('new', '', { target: 'boot3', status: 'STARTED', steps: ['STARTED'], parameters });
    const answer = await bench.post(`/jobs/executions/${id}/recover?schemaTarget=boot3&restart=true`);
    expect(answer.status).toBe(200);
    const { restart: launched } = answer.body as { restart: Launched };
    const execution = await bench.client.ended(launched);
    expect(execution.arguments).toEqual(['run.id=7,java.lang.Long']);
    expect((await readJob(client, 'boot3', id)).job).toMatchObject({ status: 'FAILED', version: 2 });

    nextId += 1;
    const other = await jobOf('new', '', { target: 'boot3', status: 'STARTED', parameters: [['a', 'no type', 'x']] });
    const refused = await bench.post(`/jobs/executions/${other}/recover?schemaTarget=boot3&restart=true`);
    expect(refusalOf(refused)).toMatchObject({ status: 422, message: expect.stringContaining(`parameter 'a'`) });
    expect((await readJob(client, 'boot3', other)).job).toMatchObject({ status: 'STARTED', version: 1 });
  });

  it('of what this installation did not launch goes by its end, or by the word of an operator', async () => {
    const insert = (end: string) =>
      client.query<{ id: number }>(
        `insert into task_execution (task_execution_id, task_name, start_time, end_time, last_updated)
         values (nextval('task_seq'), 'old', now(), ${end}, now()) returning task_execution_id::int as id`,
      );
    const open = (await insert('null')).rows[0]?.id;
    const over = (await insert('now()')).rows[0]?.id;
    await insertJob(client, { id: nextId, taskExecutionId: open, status: 'STARTED' });
    await insertJob(client, { id: nextId + 1, taskExecutionId: over, status: 'STARTED' });
    await insertJob(client, { id: nextId + 2, status: 'UNKNOWN' });
    const foreign = refusalOf(await recover(nextId));
    expect(foreign.status).toBe(409);
    expect(foreign.message).toMatch(
      /was not launched by this installation and has no end .* ask again with force=true/,
    );
    expect((await recover(nextId, '&force=true')).status).toBe(200);
    expect((await recover(nextId + 1)).status).toBe(200);
    expect(refusalOf(await recover(nextId + 2)).message).toContain('it ran outside of any task');
    expect((await recover(nextId + 2, '&force=true')).status).toBe(200);
    nextId += 3;
  });

  it('of what is unknown or of the other generation is refused', async () => {
    await insertJob(client, { target: 'boot3', id: nextId, status: 'STARTED' });
    expect(refusalOf(await recover(99_999))).toMatchObject({ status: 404 });
    const other = await recover(nextId);
    expect(other.status).toBe(404);
    expect(other.text).toContain('There is one with schemaTarget=boot3');
    expect((await bench.post('/jobs/executions/x/recover')).status).toBe(400);
  });

  it('happens once, whoever asks at the same time', async () => {
    const id = await jobOf('old', '', { status: 'STARTED', steps: ['STARTED'] });
    const answers = await Promise.all([1, 2, 3, 4].map(() => recover(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422]);
    expect((await readJob(client, 'boot2', id)).job).toMatchObject({ version: 2 });
  });

  it('is not made by the server unless it is told to', async () => {
    const { launched, kill } = await waiting('old');
    await insertJob(client, { id: nextId, taskExecutionId: launched.executionId, status: 'STARTED' });
    await kill();
    expect((await readJob(client, 'boot2', nextId)).job).toMatchObject({ status: 'STARTED', version: 1 });
  });
});

describe('contexts and parameters that are not as they should be', () => {
  it.each<[string, string, string]>([
    [
      'a truncated stream',
      'rO0ABXNyABdqYXZhLnV0aWwuTGlua2VkSGFzaE1hcA',
      'context.deserialize.error.java.deserialization',
    ],
    ['broken Base64', 'rO0AB!!!§', 'context.deserialize.error.java.deserialization'],
    ['broken JSON', '{"a":', 'context.deserialize.error.jackson'],
    ['too large a text', 'x'.repeat(10_000_001), 'context.deserialize.error.jackson'],
  ])('%s is shown as what it is', async (_, stored, key) => {
    for (const target of ['boot2', 'boot3'] as const) {
      const id = nextId;
      await insertJob(client, { target, id, steps: ['FAILED'] });
      await client.query(
        `insert into ${target === 'boot2' ? '' : 'boot3_'}batch_step_execution_context values ($1, '', $2)`,
        [id * 10 + 1, stored],
      );
      const answer = await bench.get(`/jobs/executions/${id}/steps/${id * 10 + 1}?schemaTarget=${target}`);
      expect(answer.status).toBe(200);
      expect(answer.text.length).toBeLessThan(10_000);
      expect(answer.text).toContain(key);
      expect((await bench.get(`/jobs/executions/${id}/steps?schemaTarget=${target}`)).status).toBe(200);
      expect(
        (await bench.get(`/jobs/executions/${id}/steps/${id * 10 + 1}/progress?schemaTarget=${target}`)).status,
      ).toBe(200);
    }
  });

  it('have all digits of a long', async () => {
    await insertJob(client, { id: nextId, parameters: [['run.id', 'LONG', '9223372036854775807']] });
    const { text } = await bench.get(`/jobs/executions/${nextId}`);
    expect(text).toContain('"run.id":{"identifying":true,"value":9223372036854775807,"type":"LONG"}');
    expect(text).toContain('"run.id(long)":"9223372036854775807"');
  });
});

/** A refusal with its sentence, after which nothing was launched, audited or written about any job. */
async function expectNothingDone(ask: () => ReturnType<Workbench['put']>, status: number, sentence: RegExp) {
  const before = await everything();
  const refusal = refusalOf(await ask());
  expect(refusal).toEqual({ status, message: expect.stringMatching(sentence) });
  expect(await everything()).toEqual(before);
}

/** Numbers of rows that a launch adds, and all of job executions and steps. */
async function everything(): Promise<unknown> {
  const number = (table: string) => `(select count(*) from ${table}) as n_${table}`;
  const contents = (table: string) => `(select json_agg(t order by 1) from ${table} t) as ${table}`;
  const { rows } = await client.query(
    `select ${['task_execution', 'boot3_task_execution', 'millrace_launch', 'audit_records'].map(number).join(', ')},
       ${['', 'boot3_']
         .flatMap((of) => [`${of}batch_job_execution`, `${of}batch_step_execution`])
         .map(contents)
         .join(', ')}`,
  );
  return rows[0];
}
