import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JobBench, type JobDescription } from '../support/job-bench.js';
import { refusalOf } from '../support/workbench.js';

let bench: JobBench;

beforeAll(async () => {
  bench = await JobBench.open();
}, 120_000);

afterAll(() => bench?.close());

describe('a stop', () => {
  it.each(['boot2', 'boot3'] as const)('is written as Spring Batch of %s reads it', async (target) => {
    const id = await bench.insert({ target, status: 'STARTED', steps: ['COMPLETED', 'STARTED'] });
    const before = await bench.read(id, target);
    expect((await bench.stop(id, `&schemaTarget=${target}`)).status).toBe(200);
    const after = await bench.read(id, target);
    expect(after.job).toEqual({ ...before.job, status: 'STOPPING', version: 2, last_updated: expect.any(Date) });
    expect(after.job?.last_updated.getTime()).toBeGreaterThan(before.job?.last_updated.getTime() ?? 0);
    expect(after.steps).toEqual(before.steps);
    expect((await bench.stop(id, `&schemaTarget=${target}`)).status).toBe(200);
    expect((await bench.read(id, target)).job).toMatchObject({ status: 'STOPPING', version: 3 });
  });

  it.each<[string, JobDescription]>([
    ['has not started', { status: 'STARTING', started: false }],
    ['has ended', { status: 'COMPLETED' }],
    ['has failed', { status: 'FAILED' }],
  ])('of a job that %s is refused', async (_, job) => {
    const id = await bench.insert(job);
    const before = await bench.read(id);
    const answer = refusalOf(await bench.stop(id));
    expect(answer).toEqual({
      status: 422,
      message: 'JobExecution is not running and therefore cannot be stopped',
    });
    expect(await bench.read(id)).toEqual(before);
  });

  it('of a job whose process is gone is refused with what helps', async () => {
    const id = await bench.insertEnded('old', '', { status: 'STARTED' });
    const answer = await bench.stop(id);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(`POST /jobs/executions/${id}/recover?schemaTarget=boot2`);
  });

  it('of what does not exist, or is of the other generation, is refused', async () => {
    const id = await bench.insert({ target: 'boot3', status: 'STARTED' });
    await bench.expectNothingDone(() => bench.stop(99_999), 404, /^Job id 99999 for schema target boot2 not found$/);
    await bench.expectNothingDone(
      () => bench.stop(id),
      404,
      new RegExp(`^Job id ${id} for schema target boot2 not found$`),
    );
    await bench.expectNothingDone(
      () => bench.stop(id, '&schemaTarget=boot9'),
      404,
      /for schema target boot9 not found/,
    );
  });
});
