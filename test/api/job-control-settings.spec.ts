import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startApiServer } from '../support/api-server.js';
import { insertJob, KILLED_PROGRAM, readJob } from '../support/job-rows.js';
import { eventually, refusalOf, Workbench } from '../support/workbench.js';

describe('a server that recovers by itself', () => {
  it.each(['boot2', 'boot3'] as const)(
    'does so as soon as its platform reports the end, and for what it missed: %s',
    async (target) => {
      const other = await Workbench.open({ 'millrace.jobs.recover-automatically': 'true' });
      try {
        const rows = await other.server.database.client();
        const gate = join(other.directory, 'gate');
        await other.client.register(
          'old',
          '1.0.0',
          await other.script('old.sh', ...KILLED_PROGRAM),
          target === 'boot2' ? '2' : '3',
        );
        await other.client.define('old', 'old');
        const launched = await other.client.launch('old', { arguments: `--gate=${gate}` });
        await eventually(
          () => other.client.execution(launched),
          ({ taskExecutionStatus }) => taskExecutionStatus === 'RUNNING',
        );
        const { executionId: taskExecutionId } = launched;
        await insertJob(rows, { target, id: 1, taskExecutionId, status: 'STARTED', steps: ['COMPLETED', 'STARTED'] });
        await insertJob(rows, { target, id: 2, taskExecutionId, status: 'COMPLETED' });
        await insertJob(rows, { target, id: 3, taskExecutionId, status: 'UNKNOWN' });
        await insertJob(rows, { target, id: 4, status: 'STARTED' });
        await writeFile(gate, '');
        const { job, steps } = await eventually(
          () => readJob(rows, target, 1),
          (read) => read.job?.status === 'FAILED',
        );
        expect(job?.exit_message).toMatch(/^Recovered by the server: task execution \d+ has ended: .*SIGKILL/);
        expect(steps.map(({ status }) => status)).toEqual(['COMPLETED', 'FAILED']);
        for (const [id, status] of [
          [2, 'COMPLETED'],
          [3, 'UNKNOWN'],
          [4, 'STARTED'],
        ] as const) {
          expect((await readJob(rows, target, id)).job).toMatchObject({ status, version: 1 });
        }

        // A job of an execution that ended while no server was there to hear of it.
        await insertJob(rows, { target, id: 5, taskExecutionId, status: 'STOPPING' });
        const next = await startApiServer({
          database: other.server.database,
          properties: { 'millrace.jobs.recover-automatically': 'true' },
        });
        await eventually(
          () => readJob(rows, target, 5),
          (read) => read.job?.status === 'FAILED',
        ).finally(() => next.close());
      } finally {
        await other.close();
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
      const other = await Workbench.open({ ...full, ...queue });
      try {
        const rows = await other.server.database.client();
        await other.scriptTask('old', ...KILLED_PROGRAM);
        const { executionId: taskExecutionId } = await other.run('old');
        await insertJob(rows, { id: 1, taskExecutionId, status: 'FAILED' });
        const gate = join(other.directory, 'gate');
        const launched = await other.client.launch('old', { arguments: `--gate=${gate}` });
        const numbers = async () =>
          (
            await rows.query<{ launches: number; audited: number }>(
              'select (select count(*)::int from millrace_launch) as launches, (select count(*)::int from audit_records) as audited',
            )
          ).rows[0] ?? { launches: 0, audited: 0 };
        const before = await numbers();
        const answer = await other.put('/jobs/executions/1?restart=true');
        expect(answer.status).toBe(status);
        const more = status === 200 ? 1 : 0;
        expect(await numbers()).toEqual({ launches: before.launches + more, audited: before.audited + more });
        if (status === 429) expect(refusalOf(answer).message).toContain('maximum concurrent task executions');
        await writeFile(gate, '');
        await other.client.ended(launched);
        if (status === 429) expect((await other.put('/jobs/executions/1?restart=true')).status).toBe(200);
        const { rows: restarted } = await rows.query<{ executionId: number }>(
          `select max(task_execution_id)::int as "executionId" from task_execution`,
        );
        const execution = await other.client.ended({
          executionId: restarted[0]?.executionId ?? 0,
          schemaTarget: 'boot2',
        });
        expect(execution.arguments).toEqual(['--spring.batch.job.names=job1']);
      } finally {
        await other.close();
      }
    },
    60_000,
  );
});
