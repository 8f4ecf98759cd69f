import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JobBench, type JobDescription } from '../support/job-bench.js';
import { insertTaskExecution, type JobRows } from '../support/job-rows.js';

let bench: JobBench;

beforeAll(async () => {
  bench = await JobBench.open();
}, 120_000);

afterAll(() => bench?.close());

describe('a restart', () => {
  it('launches the task with its arguments, the parameters of the job, and its deployment properties', async () => {
    const id = await bench.insertEnded(
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
    const answer = await bench.restart(id);
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
    const execution = await bench.newestEnded();
    expect(execution.taskName).toBe('old');
    expect(execution.platformName).toBe('default');
    expect(execution.arguments).toEqual([
      ...['note=hello', '--own.option=1', '--spring.batch.job.names=job1'],
      ...['day(date)=2024/01/02', '-rate(double)=1.5', 'run.id(long)=9007199254740993'],
    ]);
    const detail = await bench.client.get(`/tasks/executions/${execution.executionId}`);
    expect(detail).toMatchObject({ deploymentProperties: { 'app.old.colour': 'blue' } });
    expect((await bench.read(id)).job).toMatchObject({ status: 'FAILED', version: 1 });
  });

  it('writes the parameters of Spring Batch 5 in its own notation, or in JSON', async () => {
    const parameters = [
      ['run.id', 'java.lang.Long', '7'],
      ['day', 'java.time.LocalDate', '2024-01-02', 'N'],
    ] as const;
    const id = await bench.insertEnded('new', 'note=hello', { target: 'boot3', parameters });
    expect((await bench.restart(id, '&schemaTarget=boot3')).status).toBe(200);
    const plain = await bench.newestEnded();
    expect(plain.schemaTarget).toBe('boot3');
    expect(plain.arguments.slice(1)).toEqual(['day=2024-01-02,java.time.LocalDate,false', 'run.id=7,java.lang.Long']);
    expect((await bench.restart(id, '&schemaTarget=boot3&useJsonJobParameters=true')).status).toBe(200);
    const json = await bench.newestEnded();
    expect(json.arguments.slice(1)).toEqual([
      'day={"value":"2024-01-02","type":"java.time.LocalDate","identifying":"false"}',
      'run.id={"value":"7","type":"java.lang.Long","identifying":"true"}',
    ]);
  });

  it('takes the arguments that were written down where another server launched', async () => {
    const taskExecutionId = await insertTaskExecution(bench.sql, {
      taskName: 'old',
      exitCode: 0,
      arguments: ['run.id(long)=5', '--app.old.spring.batch.jdbc.table-prefix=BATCH_'],
    });
    const parameters = [['run.id', 'LONG', '5']] as const;
    const id = await bench.insert({ taskExecutionId, status: 'STOPPED', parameters });
    expect((await bench.restart(id)).status).toBe(200);
    const execution = await bench.newestEnded();
    expect(execution.arguments).toEqual(['run.id(long)=5', '--spring.batch.job.names=job1']);
  });

  it.each([
    ['COMPLETED', 422, /^JobExecution with Id '\d+' and state 'COMPLETED' is not restartable\.$/],
    ['ABANDONED', 422, /state 'ABANDONED' is not restartable/],
    ['STARTED', 422, /state 'STARTED' is not restartable/],
    ['STOPPING', 422, /state 'STOPPING' is not restartable/],
    ['UNKNOWN', 422, /state 'UNKNOWN' is not restartable/],
  ])('of a job that is %s is refused', async (status, expected, sentence) => {
    const id = await bench.insertEnded('old', '', { status });
    await bench.expectNothingDone(() => bench.restart(id), expected, sentence);
  });

  it.each<[string, JobDescription, RegExp]>([
    [
      'a date with a time',
      { parameters: [['d', 'DATE', '2024-01-02 03:04:05']] },
      /parameter 'd' .* time of day \(2024-01-02T03:04:05.*\).* launch the task with the job's parameters as arguments/,
    ],
    ['a number that is none', { parameters: [['d', 'DOUBLE', 'NaN']] }, /parameter 'd' .* no finite number: NaN/],
    ['an unknown type', { parameters: [['d', 'COLOUR', 'red']] }, /type COLOUR is none of Spring Batch 4/],
  ])('with %s among the parameters is refused', async (_, job, sentence) => {
    const id = await bench.insertEnded('old', '', job);
    await bench.expectNothingDone(() => bench.restart(id), 422, sentence);
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
    const id = await bench.insertEnded('new', '', { target: 'boot3', parameters: [parameter] });
    await bench.expectNothingDone(() => bench.restart(id, '&schemaTarget=boot3'), 422, sentence);
  });

  it.each<[string, 'boot2' | 'boot3', string, readonly [string, string, string], RegExp]>([
    ['old', 'boot2', 'd=x', ['d', 'COLOUR', 'red'], /parameter 'd' .* type COLOUR is none of Spring Batch 4/],
    ['new', 'boot3', 'd=x', ['d', 'no type', 'x'], /parameter 'd' .* type no type is no name of a class/],
    ['new', 'boot3', 'd=7,java.lang.Long', ['d', 'java.lang.Long', 'seven'], /parameter 'd' .* whole number/],
  ])('of %s (%s) with a parameter that cannot be read is refused, though an argument names it', async (...of) => {
    const [task, target, given, parameter, sentence] = of;
    const id = await bench.insertEnded(task, given, { target, parameters: [parameter] });
    await bench.expectNothingDone(() => bench.restart(id, `&schemaTarget=${target}`), 422, sentence);
  });

  it('of an instance of which another execution is UNKNOWN is refused: Spring Batch starts none beside it', async () => {
    const { executionId: taskExecutionId } = await bench.workbench.run('old');
    const id = await bench.insert({ taskExecutionId });
    await bench.insert({ instanceId: id, taskExecutionId, status: 'UNKNOWN' });
    await bench.expectNothingDone(() => bench.restart(id), 409, /of the same job instance \d+ is UNKNOWN.*recover it/);
  });

  it('repeats a date with a time that was an argument, for an application that reads such dates itself', async () => {
    const given = 'd(date)=2024-01-02T03:04:05';
    const id = await bench.insertEnded('old', given, { parameters: [['d', 'DATE', '2024-01-02 03:04:05']] });
    expect((await bench.restart(id)).status).toBe(200);
    expect((await bench.newestEnded()).arguments).toEqual([given, '--spring.batch.job.names=job1']);
  });

  it.each([
    ['old', 'boot2', '', ['--spring.batch.job.names=job2', 'run.id(long)=1']],
    ['new', 'boot3', '--spring.batch.job.name=job1', ['--spring.batch.job.name=job2', 'run.id=1,java.lang.Long']],
  ] as const)('runs one of several jobs of %s only, that which failed', async (task, target, given, expected) => {
    const { executionId: taskExecutionId } = await bench.workbench.run(task, { arguments: given });
    const parameters: JobRows['parameters'] = [['run.id', target === 'boot2' ? 'LONG' : 'java.lang.Long', '1']];
    const job = { target, taskExecutionId, parameters };
    const completed = await bench.insert({ ...job, status: 'COMPLETED' });
    const failed = await bench.insert({ ...job, jobName: 'job2' });
    const query = `&schemaTarget=${target}`;
    await bench.expectNothingDone(() => bench.restart(completed, query), 422, /state 'COMPLETED' is not restartable/);
    expect((await bench.restart(failed, query)).status).toBe(200);
    expect((await bench.newestEnded()).arguments).toEqual(expected);
  });

  it('of a parameter with a comma says which applications can take it', async () => {
    const parameters = [['files', 'java.lang.String', 'a,b']] as const;
    const id = await bench.insertEnded('new', '', { target: 'boot3', parameters });
    await bench.expectNothingDone(
      () => bench.restart(id, '&schemaTarget=boot3'),
      422,
      /comma.*useJsonJobParameters=true/,
    );
    expect((await bench.restart(id, '&schemaTarget=boot3&useJsonJobParameters=true')).status).toBe(200);
    await bench.newestEnded();
  });

  it('of what does not exist, or is of the other generation, is refused', async () => {
    const id = await bench.insertEnded('new', '', { target: 'boot3' });
    await bench.expectNothingDone(() => bench.restart(99_999), 404, /^Job id 99999 for schema target boot2 not found$/);
    await bench.expectNothingDone(
      () => bench.restart(id),
      404,
      new RegExp(`^Job id ${id} for schema target boot2 not found$`),
    );
    expect((await bench.restart(id)).text).toContain('There is one with schemaTarget=boot3');
    await bench.expectNothingDone(
      () => bench.restart(id, '&schemaTarget=boot9'),
      404,
      /for schema target boot9 not found/,
    );
    await bench.expectNothingDone(() => bench.restart(-1), 404, /Job id -1/);
    expect((await bench.workbench.put('/jobs/executions/x?restart=true')).status).toBe(400);
  });

  it('of a job outside of any task is refused', async () => {
    const id = await bench.insert({});
    await bench.expectNothingDone(() => bench.restart(id), 422, /ran outside of any task/);
  });

  it('without its definition, or without its app, is refused', async () => {
    await bench.client.register('gone', '1.0.0', await bench.workbench.script('gone.sh', 'exit 0'));
    await bench.client.define('gone', 'gone');
    const id = await bench.insertEnded('gone', '', {});
    expect((await bench.workbench.delete('/apps/task/gone/1.0.0')).status).toBe(200);
    await bench.expectNothingDone(() => bench.restart(id), 404, /Unknown task app: gone/);
    expect((await bench.restart(id)).text).toContain('No default version of it is registered: register one');
    expect((await bench.workbench.delete('/tasks/definitions/gone')).status).toBe(200);
    await bench.expectNothingDone(() => bench.restart(id), 404, /^Could not find task definition named gone$/);
    expect((await bench.restart(id)).text).toContain('define the task again under this name');
  });

  it('without the version of its app that its task keeps to is refused, though there is another', async () => {
    const uri = (version: string) => bench.workbench.script(`pinned-${version}.sh`, 'exit 0');
    await bench.client.register('pinned', '1.0.0', await uri('1.0.0'));
    await bench.client.register('pinned', '2.0.0', await uri('2.0.0'));
    await bench.client.define('pinned', 'pinned');
    const id = await bench.insertEnded('pinned', '', {}, 'version.pinned=2.0.0');
    expect((await bench.workbench.delete('/apps/task/pinned/2.0.0')).status).toBe(200);
    await bench.expectNothingDone(() => bench.restart(id), 404, /Unknown task app: pinned/);
  });

  it('of a job whose task launches an application of the other generation by now is refused', async () => {
    const uri = (version: string) => bench.workbench.script(`moved-${version}.sh`, 'exit 0');
    await bench.client.register('moved', '1.0.0', await uri('1.0.0'), '2');
    await bench.client.register('moved', '2.0.0', await uri('2.0.0'), '3');
    await bench.client.define('moved', 'moved');
    const id = await bench.insertEnded('moved', '', {});
    expect((await bench.workbench.put('/apps/task/moved/2.0.0')).status).toBe(202);
    await bench.expectNothingDone(() => bench.restart(id), 422, /is of boot2, and task 'moved' launches .* of boot3/);
    expect((await bench.workbench.put('/apps/task/moved/1.0.0')).status).toBe(202);
    expect((await bench.restart(id)).status).toBe(200);
    expect(await bench.newestEnded()).toMatchObject({ taskName: 'moved', schemaTarget: 'boot2' });
  });

  it('is refused while an execution of the same instance runs, or another restart is under way', async () => {
    const { launched, kill } = await bench.waiting('old');
    const { executionId: taskExecutionId } = launched;
    const parameters = [['run.id', 'LONG', '1']] as const;
    const id = await bench.insert({ taskExecutionId, parameters });
    const running = await bench.insert({ instanceId: id, taskExecutionId, status: 'STARTED' });
    await bench.expectNothingDone(
      () => bench.restart(id),
      409,
      new RegExp(`JobExecution ${running} of the same job instance`),
    );
    await bench.sql.query(`update batch_job_execution set status = 'FAILED' where job_execution_id = $1`, [running]);
    // Waits for the same gate, so that it has not ended when it is asked for again.
    expect((await bench.restart(id)).status).toBe(200);
    const again = await bench.newest();
    await bench.expectNothingDone(
      () => bench.restart(id),
      409,
      new RegExp(`task execution ${again.executionId} was launched`),
    );
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
    await bench.expectNothingDone(() => bench.workbench.put(`/jobs/executions/1${query}`), 400, sentence);
  });
});
