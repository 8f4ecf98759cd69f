import { describe, expect, it } from '@jest/globals';
import { startApiServer } from '../support/api-server.js';
import { JobBench } from '../support/job-bench.js';
import { eventually, refusalOf } from '../support/workbench.js';

/** Waits until a job has failed. */
const failed = (bench: JobBench, id: number, target: 'boot2' | 'boot3') =>
  eventually(
    () => bench.read(id, target),
    ({ job }) => job?.status === 'FAILED',
  );

/** Numbers of rows that a launch adds. */
async function numbers({ sql }: JobBench): Promise<{ launches: number; audited: number }> {
  const { rows } = await sql.query<{ launches: number; audited: number }>(
    `select (select count(*)::int from millrace_launch) as launches,
            (select count(*)::int from audit_records) as audited`,
  );
  return rows[0] ?? { launches: 0, audited: 0 };
}

describe('a server that recovers by itself', () => {
  it.each(['boot2', 'boot3'] as const)(
    'does so as soon as its platform reports the end, and for what it missed: %s',
    async (target) => {
      const automatic = { 'millrace.jobs.recover-automatically': 'true' };
      const bench = await JobBench.open(automatic);
      try {
        const { launched, kill } = await bench.waiting(target === 'boot2' ? 'old' : 'new');
        const of = { target, taskExecutionId: launched.executionId } as const;
        const open = await bench.insert({ ...of, status: 'STARTED', steps: ['COMPLETED', 'STARTED'] });
        const leftAlone = [
          { status: 'COMPLETED', id: await bench.insert({ ...of, status: 'COMPLETED' }) },
          { status: 'UNKNOWN', id: await bench.insert({ ...of, status: 'UNKNOWN' }) },
          { status: 'STARTED', id: await bench.insert({ target, status: 'STARTED' }) },
        ];
        await kill();
        const { job, steps } = await failed(bench, open, target);
        expect(job?.exit_message).toMatch(/^Recovered by the server: task execution \d+ has ended: .*SIGKILL/);
        expect(steps.map(({ status }) => status)).toEqual(['COMPLETED', 'FAILED']);
        for (const { id, status } of leftAlone) {
          expect((await bench.read(id, target)).job).toMatchObject({ status, version: 1 });
        }

        // A job of an execution that ended while no server was there to hear of it.
        const missed = await bench.insert({ ...of, status: 'STOPPING' });
        const { database } = bench.workbench.server;
        const next = await startApiServer({ database, properties: automatic });
        await failed(bench, missed, target).finally(() => next.close());
      } finally {
        await bench.close();
      }
    },
    60_000,
  );
});

describe('a restart where there is no room', () => {
  const full = { 'spring.cloud.dataflow.task.platform.local.accounts.default.maximum-concurrent-tasks': '1' };

  it.each<[Readonly<Record<string, string>>, number, string]>([
    [{}, 429, 'is refused, and nothing is written'],
    [{ 'millrace.launch.queue': 'true' }, 200, 'waits for it with a queue'],
  ])(
    '(%j) answers %i: %s',
    async (queue, status) => {
      const bench = await JobBench.open({ ...full, ...queue });
      try {
        const id = await bench.insertEnded('old', '', { status: 'FAILED' });
        const { kill } = await bench.waiting('old');
        const before = await numbers(bench);
        const answer = await bench.restart(id);
        expect(answer.status).toBe(status);
        const more = status === 200 ? 1 : 0;
        expect(await numbers(bench)).toEqual({ launches: before.launches + more, audited: before.audited + more });
        if (status === 429) expect(refusalOf(answer).message).toContain('maximum concurrent task executions');
        await kill();
        if (status === 429) expect((await bench.restart(id)).status).toBe(200);
        const { rows } = await bench.sql.query<{ executionId: number }>(
          `select max(task_execution_id)::int as "executionId" from task_execution`,
        );
        const executionId = rows[0]?.executionId ?? 0;
        const execution = await bench.client.ended({ executionId, schemaTarget: 'boot2' });
        expect(execution.arguments).toEqual(['--spring.batch.job.names=job1']);
      } finally {
        await bench.close();
      }
    },
    60_000,
  );
});
