import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startRunner } from '../support/composed-runner.js';
import { RunnerBench } from '../support/runner-bench.js';
import { eventually } from '../support/workbench.js';

let bench: RunnerBench;

beforeAll(async () => {
  bench = await RunnerBench.open();
}, 120_000);

afterEach(() => bench.killAll());

afterAll(() => bench?.close(), 120_000);

describe('its own execution', () => {
  it('is the one that a server made, if there is one', async () => {
    await bench.composed.define('own-a', 'ok');
    const { id, word } = await bench.madeExecution('own');
    expect((await bench.run('own', 'own-a', [word])).code).toBe(0);
    expect(await bench.written.executions('own')).toMatchObject([{ id, exit_code: 0, ended: true }]);
    expect((await bench.written.executions('own-a'))[0]?.parent).toBe(id);

    expect(await bench.run('own', 'own-a', [word])).toMatchObject({
      code: 1,
      output: expect.stringContaining(`Invalid TaskExecution, ID ${id} task is already complete`),
    });
    expect(await bench.run('own', 'own-a', ['--spring.cloud.task.executionid=987654321'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('Invalid TaskExecution, ID 987654321 not found'),
    });
  }, 120_000);

  it('goes on under its id after its process was killed, with the children that run', async () => {
    await bench.composed.define('kil', 'a: wait && b: ok');
    const words = [(await bench.madeExecution('kil')).word];
    const first = bench.start('kil', 'kil-a && kil-b', words);
    await bench.remembered('kil', 'task-execution-id');
    const [job] = await bench.written.jobs('kil');
    await first.kill();
    await bench.composed.openGate('kil-a');
    const second = await bench.run('kil', 'kil-a && kil-b', words);
    expect(second.code).toBe(0);
    // Its rows say which execution it is: there is nothing to find out.
    expect(second.output).not.toContain('kil-a was launched');
    expect(await bench.written.jobs('kil')).toMatchObject([{ id: job?.id, status: 'COMPLETED' }]);
    expect(await bench.written.outcomes(job?.id)).toEqual(['kil-a_0 COMPLETED', 'kil-b_0 COMPLETED']);
    for (const child of ['kil-a', 'kil-b']) expect(await bench.written.executions(child)).toHaveLength(1);
  }, 120_000);

  it('has an end, with the reason, when the run cannot begin as it is asked for', async () => {
    const { id, word } = await bench.madeExecution('unable');
    const words = [word, '--dataflow-server-password=p', '--max-wait-time=soon'];
    const { code, output } = await bench.run('unable', 'unable-a', words);
    expect(code).toBe(1);
    expect(output).toContain('only together with a username');
    const [row] = await bench.written.executions('unable');
    expect(row).toMatchObject({ id, exit_code: 1, started: true, ended: true });
    expect(row?.error_message).toContain('only together with a username');
    expect(row?.error_message).toContain('max-wait-time');

    // Where the run's database is not told, nothing can be written; an end that is there stays.
    const other = await bench.madeExecution('mute');
    expect((await bench.run('mute', 'mute-a', [other.word, '--spring.datasource.url='])).code).toBe(1);
    expect(await bench.written.executions('mute')).toMatchObject([{ id: other.id, ended: false }]);
    expect((await bench.run('unable', 'unable-a', [word, '--max-wait-time=later'])).code).toBe(1);
    expect(await bench.written.executions('unable')).toEqual([row]);
  }, 60_000);

  it.each([
    [['--graph=x'], 'spring.cloud.task.name property must have a value.'],
    [['--graph=x', '--spring.cloud.task.name=x', '--spring.datasource.url='], 'No database is configured'],
    [['--spring.cloud.task.name=x'], 'The property graph must have a value'],
    [['--spring.cloud.task.name=x', '--graph=x', '--dataflow-server-password=p'], 'only together with a username'],
  ])('begins nothing with %j', async (words, message) => {
    const runner = startRunner(words, bench.datasource);
    expect(await runner.ended()).toBe(1);
    expect(runner.output()).toContain(message);
  });

  it('ends as failed when the graph cannot be run', async () => {
    const { code, output } = await bench.run('bad', "bad-a 'FAILED'->bad-b '*'->bad-c && bad-d");
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('Invalid flow following') });
    expect(await bench.written.executions('bad')).toMatchObject([
      { exit_code: 1, ended: true, error_message: expect.stringContaining('Invalid flow following') },
    ]);
    expect(await bench.written.jobs('bad')).toEqual([]);
  });

  it('says so when the database is not a task server’s', async () => {
    const other = bench.datasource['SPRING_DATASOURCE_URL']?.replace(/\/[^/]+$/, '/template1');
    const { code, output } = await bench.run('bad', 'bad-a', [`--spring.datasource.url=${other}`]);
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('has no tables') });
  });

  it.each([
    ['the user', '--spring.datasource.username=no_such_user'],
    ['the name of the database', '--spring.datasource.url=', '/no_such_database'],
  ])('says so when the database refuses %s', async (_title, word, database = '') => {
    const url = bench.datasource['SPRING_DATASOURCE_URL']?.replace(/\/[^/]+$/, database);
    const { code, output } = await bench.run('bad', 'bad-a', [database === '' ? word : `${word}${url}`]);
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('refuses the runner') });
    expect(output).not.toMatch(/^ {4}at /m);
  });
});

describe('a stop', () => {
  it('by SIGTERM leaves a stopped job that can be restarted, and the children alone', async () => {
    await bench.composed.define('sto', 'a: wait && b: ok');
    const runner = bench.start('sto', 'sto-a && sto-b');
    const [child] = await eventually(
      () => bench.written.executions('sto-a'),
      ([one]) => one !== undefined && runner.output().includes('step sto-a_0 began'),
    );
    runner.signal('SIGTERM');
    expect(await runner.ended()).toBe(143);
    const [job] = await bench.written.jobs('sto');
    expect(job).toMatchObject({ status: 'STOPPED', exit_code: 'STOPPED' });
    expect(await bench.written.outcomes(job?.id)).toEqual(['sto-a_0 STOPPED']);
    expect(await bench.written.executions('sto')).toMatchObject([{ exit_code: 143, ended: true }]);
    expect((await bench.written.executions('sto-a'))[0]?.ended).toBe(false);

    await bench.composed.openGate('sto-a');
    expect((await bench.run('sto', 'sto-a && sto-b', ['run.id(long)=1'])).code).toBe(0);
    const again = (await bench.written.jobs('sto')).at(-1);
    expect(again).toMatchObject({ instance: job?.instance, status: 'COMPLETED' });
    expect(await bench.written.outcomes(again?.id)).toEqual(['sto-a_0 COMPLETED', 'sto-b_0 COMPLETED']);
    expect((await bench.written.executions('sto-a')).map(({ id }) => id)).toContain(child?.id);
  }, 120_000);

  it('ends the wait for a database that is away', async () => {
    const runner = startRunner(['--spring.cloud.task.name=away', '--graph=away-a'], {
      // Nothing listens on this port.
      SPRING_DATASOURCE_URL: 'jdbc:postgresql://127.0.0.1:1/dataflow',
      SPRING_DATASOURCE_USERNAME: 'nobody',
      SPRING_DATASOURCE_PASSWORD: 'nothing',
    });
    await runner.told('trying again');
    runner.signal('SIGTERM');
    expect(await runner.ended()).toBe(143);
    expect(runner.output()).toContain('The database 127.0.0.1:1/dataflow cannot be reached');
  }, 30_000);

  it('by the status of its job ends it as SCDF’s runner does', async () => {
    await bench.composed.define('sta', 'a: wait && b: ok');
    const runner = bench.start('sta', 'sta-a && sta-b');
    await runner.told('step sta-a_0 began');
    await bench.composed.rows(
      `update batch_job_execution set status = 'STOPPING', version = version + 1
       where job_instance_id in (select job_instance_id from batch_job_instance where job_name = 'sta')`,
    );
    expect(await runner.ended()).toBe(0);
    const [job] = await bench.written.jobs('sta');
    expect(job).toMatchObject({ status: 'STOPPED' });
    expect(await bench.written.outcomes(job?.id)).toEqual(['sta-a_0 STOPPED']);
    await bench.composed.openGate('sta-a');
  }, 120_000);
});
