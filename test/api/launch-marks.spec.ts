import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Launched } from '../support/server-client.js';
import { Workbench } from '../support/workbench.js';

// That a launch has reached its platform is written down after it was answered; see docs/decisions on the launch protocol.

/** ms after which a request that could have been answered would have been. */
const LONG = 700;

describe.each([
  ['at the root', ''],
  ['below a context path', '/scdf'],
])('a launch whose mark is not written yet, %s', (_title, contextPath) => {
  let bench: Workbench;

  afterEach(() => bench?.close());

  it('is answered, and so is the next one; whoever looks waits and finds it marked', async () => {
    bench = await Workbench.open({ 'server.servlet.context-path': contextPath });
    await bench.scriptTask('sleeper', 'exec sleep 600');
    const sql = await bench.server.database.client();
    await sql.query('BEGIN');
    // Only the mark writes there.
    await sql.query('LOCK TABLE task_deployment IN EXCLUSIVE MODE');

    const first = await bench.client.launch('sleeper');
    const second = await bench.client.launch('sleeper');
    const looks = [first, second].map((launched) => bench.client.execution(launched));
    const stop = bench.stop(first);
    const earliest = await Promise.race([...looks, stop, sleep(LONG, 'nobody')]);
    expect(earliest).toBe('nobody');

    await sql.query('COMMIT');
    await sql.end();
    for (const execution of await Promise.all(looks)) {
      expect(execution).toMatchObject({
        platformName: 'default',
        externalExecutionId: expect.stringMatching(/^sleeper-/),
      });
    }
    expect((await stop).status).toBe(200);
    expect(await bench.client.ended(first)).toMatchObject({ exitCode: 143 });
    await endOf(bench, second);
  }, 120_000);
});

async function endOf(bench: Workbench, launched: Launched): Promise<void> {
  await bench.stop(launched);
  await bench.client.ended(launched);
}
