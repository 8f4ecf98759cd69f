import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, Workbench } from '../support/workbench.js';

// Launches do not count what runs while there is room for certain; see docs/decisions on the launch protocol.

const MAXIMUM = 'spring.cloud.dataflow.task.platform.local.accounts.default.maximum-concurrent-tasks';

let bench: Workbench;

afterEach(() => bench?.close());

/** What is kept of the only account that was launched on, beside what is so. */
async function load(): Promise<{ atMost: number; unended: number }> {
  const sql = await bench.server.database.client();
  const { rows } = await sql.query<{ atMost: number; unended: number }>(
    `SELECT unended_at_most::int AS "atMost",
            (SELECT count(*)::int FROM millrace_launch WHERE state IN ('accepted', 'launched')) AS unended
     FROM millrace_account_load`,
  );
  await sql.end();
  expect(rows).toHaveLength(1);
  return rows[0] ?? { atMost: NaN, unended: NaN };
}

describe('room in an account', () => {
  it('is counted anew when what was accepted since the last count may fill it', async () => {
    bench = await Workbench.open({ [MAXIMUM]: '4' });
    await bench.scriptTask('quick', 'exit 0');
    for (let index = 0; index < 4; index += 1) await bench.run('quick');
    expect(await load()).toEqual({ atMost: 4, unended: 0 });
    await bench.run('quick');
    expect(await load()).toEqual({ atMost: 1, unended: 0 });
  }, 120_000);

  it('is given to as many as it is for, however many ask at once, and again when they have ended', async () => {
    bench = await Workbench.open({ [MAXIMUM]: '3' });
    await bench.scriptTask('sleeper', 'exec sleep 600');
    for (let round = 0; round < 2; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => bench.post('/tasks/executions/launch', { name: 'sleeper' })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array(3).fill(201), ...Array(9).fill(429)]);
      expect(await load()).toEqual({ atMost: 3, unended: 3 });
      for (const { status, body } of answers) {
        if (status !== 201) continue;
        const launched = body as { executionId: number; schemaTarget: string };
        await bench.stop(launched);
        await bench.client.ended(launched);
      }
    }
  }, 120_000);

  it('is never more than there is, also when those who waited for it get it', async () => {
    bench = await Workbench.open({ [MAXIMUM]: '2', 'millrace.launch.queue': 'true' });
    await bench.scriptTask('brief', 'sleep 0.3');
    const launches = await Promise.all(Array.from({ length: 9 }, () => bench.client.launch('brief')));
    await eventually(
      async () => {
        const { atMost, unended } = await load();
        expect(unended).toBeLessThanOrEqual(2);
        expect(atMost).toBeGreaterThanOrEqual(unended);
        return bench.list<{ endTime: string | null }>('/tasks/executions');
      },
      ({ elements }) => elements.length === launches.length && elements.every(({ endTime }) => endTime !== null),
    );
  }, 120_000);
});
