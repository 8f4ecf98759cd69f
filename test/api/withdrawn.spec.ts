import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, Workbench } from '../support/workbench.js';

let bench: Workbench;

beforeAll(async () => {
  bench = await Workbench.open({ 'millrace.follow-up.interval': '1s' });
}, 120_000);

afterAll(() => bench?.close());

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('ends what reached its platform although it had been stopped before, once a server that died could not', async () => {
  const file = join(bench.directory, 'pid');
  await bench.scriptTask('sleeper', `echo $$ > ${file}`, 'exec sleep 600');
  const launched = await bench.client.launch('sleeper');
  const pid = await eventually(
    async () => Number(await readFile(file, 'utf8').catch(() => '0')),
    (number) => number > 0,
  );
  expect(isAlive(pid)).toBe(true);
  const sql = await bench.server.database.client();
  const { executionId, schemaTarget } = launched;
  // The program may run before it is written down that it does.
  await eventually(
    () => sql.query(`SELECT FROM millrace_launch WHERE task_execution_id = $1 AND state = 'launched'`, [executionId]),
    ({ rows }) => rows.length === 1,
  );
  // What a server leaves that is killed after it has started the program, and before it has looked whether that was still wanted.
  await sql.query(
    `UPDATE millrace_launch SET state = 'ended', ended_at = now(), launched_at = NULL, reason = 'Stopped before it was started.'
     WHERE task_execution_id = $1 AND schema_target = $2`,
    [executionId, schemaTarget],
  );
  await sql.end();
  await eventually(
    () => Promise.resolve(isAlive(pid)),
    (alive) => !alive,
  );
});
