import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JobBench } from '../support/job-bench.js';
import { insertTaskExecution } from '../support/job-rows.js';
import type { Launched } from '../support/server-client.js';
import { refusalOf } from '../support/workbench.js';

let bench: JobBench;

beforeAll(async () => {
  bench = await JobBench.open();
}, 120_000);

afterAll(() => bench?.close());

describe('a recovery', () => {
  it('is refused while the process runs; once it is killed the job and its steps fail', async () => {
    const { launched, kill } = await bench.waiting('old');
    const { executionId: taskExecutionId } = launched;
    const steps = ['COMPLETED', 'STARTED', 'UNKNOWN', 'FAILED'];
    const id = await bench.insert({ taskExecutionId, status: 'STARTED', steps });
    const before = await bench.read(id);
    const refused = refusalOf(await bench.recover(id, '&force=true'));
    expect(refused.status).toBe(409);
    expect(refused.message).toMatch(
      /cannot be recovered: platform account default still sees old-\w+ of task execution/,
    );
    expect(await bench.read(id)).toEqual(before);

    await kill();
    const answer = await bench.recover(id);
    const reason = `Recovered by an operator: task execution ${taskExecutionId} has ended: `;
    expect(answer.body).toMatchObject({
      executionId: id,
      schemaTarget: 'boot2',
      stepExecutionIds: [id * 10 + 2, id * 10 + 3],
      reason: expect.stringMatching(new RegExp(`^${reason}.*SIGKILL`)),
      restart: null,
    });
    const after = await bench.read(id);
    const failed = { status: 'FAILED', exit_code: 'FAILED', exit_message: expect.stringContaining(reason) };
    expect(after.job).toMatchObject({ ...failed, version: 2, end_time: expect.any(Date) });
    expect(after.steps[0]).toEqual(before.steps[0]);
    expect(after.steps[1]).toMatchObject({ ...failed, version: 4, end_time: expect.any(Date) });
    expect(after.steps[2]).toMatchObject({ ...failed, version: 4, end_time: expect.any(Date) });
    expect(after.steps[3]).toEqual(before.steps[3]);

    const [record] = (
      await bench.sql.query<{ audit_data: string; correlation_id: string }>(
        'select audit_data, correlation_id from audit_records order by id desc limit 1',
      )
    ).rows;
    expect(record?.correlation_id).toBe('job1');
    expect(JSON.parse(record?.audit_data ?? '')).toMatchObject({ recoveredJobExecution: id, formerStatus: 'STARTED' });

    const again = refusalOf(await bench.recover(id));
    expect(again.status).toBe(422);
    expect(again.message).toContain(`state 'FAILED' needs no recovery`);
    expect((await bench.restart(id)).status).toBe(200);
    await bench.newestEnded();
  });

  it('restarts the job with its parameters, and is not half done when it cannot', async () => {
    const running = { target: 'boot3', status: 'STARTED' } as const;
    const parameters = [['run.id', 'java.lang.Long', '7']] as const;
    const id = await bench.insertEnded('new', '', { ...running, steps: ['STARTED'], parameters });
    const answer = await bench.recover(id, '&restart=true', 'boot3');
    expect(answer.status).toBe(200);
    const { restart: launched } = answer.body as { restart: Launched };
    const execution = await bench.client.ended(launched);
    expect(execution.arguments).toEqual(['run.id=7,java.lang.Long']);
    expect((await bench.read(id, 'boot3')).job).toMatchObject({ status: 'FAILED', version: 2 });

    const other = await bench.insertEnded('new', '', { ...running, parameters: [['a', 'no type', 'x']] });
    const refused = await bench.recover(other, '&restart=true', 'boot3');
    expect(refusalOf(refused)).toMatchObject({ status: 422, message: expect.stringContaining(`parameter 'a'`) });
    expect((await bench.read(other, 'boot3')).job).toMatchObject({ status: 'STARTED', version: 1 });
  });

  it('restarts the job with the properties that it had, whatever was launched since; a restart takes those of the last launch', async () => {
    const dead = { status: 'STARTED', steps: ['STARTED'] } as const;
    const properties = (colour: string) => `app.old.colour=${colour},deployer.old.local.shutdown-timeout=7`;
    const id = await bench.insertEnded('old', '--run=dead', dead, properties('red'));
    await bench.workbench.run('old', { arguments: '--run=other', properties: `${properties('blue')},app.old.size=9` });
    const answer = await bench.recover(id, '&restart=true');
    expect(answer.status).toBe(200);
    const again = await bench.client.ended((answer.body as { restart: Launched }).restart);
    expect(again.deploymentProperties).toMatchObject({
      'app.old.colour': 'red',
      'deployer.old.local.shutdown-timeout': '7',
    });
    expect(again.deploymentProperties).not.toHaveProperty(['app.old.size']);
    await bench.workbench.run('old', { arguments: '--run=third', properties: properties('green') });
    expect((await bench.restart(id)).status).toBe(200);
    expect((await bench.newestEnded()).deploymentProperties).toMatchObject({ 'app.old.colour': 'green' });
  });

  it('with a restart changes nothing when the app of the task is gone', async () => {
    const program = await bench.workbench.script('lost.sh', 'exit 0');
    await bench.client.register('lost', '1.0.0', program);
    await bench.client.define('lost', 'lost');
    const id = await bench.insertEnded('lost', '', { status: 'STARTED', steps: ['STARTED'] });
    expect((await bench.workbench.delete('/apps/task/lost/1.0.0')).status).toBe(200);
    await bench.expectNothingDone(() => bench.recover(id, '&restart=true'), 404, /Unknown task app: lost/);
  });

  it('of what this installation did not launch goes by its end, or by the word of an operator', async () => {
    const open = await insertTaskExecution(bench.sql, { taskName: 'old', ended: false });
    const over = await insertTaskExecution(bench.sql, { taskName: 'old' });
    const running = await bench.insert({ taskExecutionId: open, status: 'STARTED' });
    const ended = await bench.insert({ taskExecutionId: over, status: 'STARTED' });
    const outside = await bench.insert({ status: 'UNKNOWN' });
    const foreign = refusalOf(await bench.recover(running));
    expect(foreign.status).toBe(409);
    expect(foreign.message).toMatch(
      /was not launched by this installation and has no end .* ask again with force=true/,
    );
    expect((await bench.recover(running, '&force=true')).status).toBe(200);
    expect((await bench.recover(ended)).status).toBe(200);
    expect(refusalOf(await bench.recover(outside)).message).toContain('it ran outside of any task');
    expect((await bench.recover(outside, '&force=true')).status).toBe(200);
  });

  it('of what is unknown or of the other generation is refused', async () => {
    const id = await bench.insert({ target: 'boot3', status: 'STARTED' });
    expect(refusalOf(await bench.recover(99_999))).toMatchObject({ status: 404 });
    const other = await bench.recover(id);
    expect(other.status).toBe(404);
    expect(other.text).toContain('There is one with schemaTarget=boot3');
    expect((await bench.workbench.post('/jobs/executions/x/recover')).status).toBe(400);
  });

  it('happens once, whoever asks at the same time', async () => {
    const id = await bench.insertEnded('old', '', { status: 'STARTED', steps: ['STARTED'] });
    const answers = await Promise.all([1, 2, 3, 4].map(() => bench.recover(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422]);
    expect((await bench.read(id)).job).toMatchObject({ version: 2 });
  });

  it('is not made by the server unless it is told to', async () => {
    const { launched, kill } = await bench.waiting('old');
    const id = await bench.insert({ taskExecutionId: launched.executionId, status: 'STARTED' });
    await kill();
    expect((await bench.read(id)).job).toMatchObject({ status: 'STARTED', version: 1 });
  });
});
