import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestDatabase, datasourceVariables, scratchDirectory, type TestDatabase } from '../support/database.js';
import { ServerClient } from '../support/server-client.js';
import { type Millrace, startMillrace } from '../support/server.js';
import { eventually, writeScript } from '../support/workbench.js';

let directory: string;
let database: TestDatabase;
let servers: Millrace[];

beforeEach(async () => {
  directory = await mkdtemp(join(scratchDirectory(), 'millrace-takeover-'));
  database = await createTestDatabase();
  servers = [];
}, 60_000);

afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await database.close();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** Two of them have one database and one place for the programs that they start. */
async function start(): Promise<Millrace> {
  const server = await startMillrace({
    dataDirectory: directory,
    environment: {
      ...datasourceVariables(database),
      MILLRACE_FOLLOW_UP_INTERVAL: '1s',
    },
  });
  servers.push(server);
  return server;
}

describe('a run whose server dies', () => {
  it('is gone on with by another one at once, and no child runs twice', async () => {
    const first = await start();
    const second = await start();
    const ledger = join(directory, 'ledger');
    const line = `echo "$SPRING_CLOUD_TASK_NAME" >> ${ledger}`;
    const gate = join(directory, 'gate');
    const client = new ServerClient(first.baseUrl);
    await client.register('ok', '1.0.0', await writeScript(directory, 'ok.sh', [line]));
    const waits = [line, `until [ ! -d ${directory} ] || [ -e ${gate} ]; do sleep 0.1; done`];
    await client.register('wait', '1.0.0', await writeScript(directory, 'wait.sh', waits));
    await client.define('pair', '<a: wait || b: wait> && c: ok');
    const launched = await client.launch('pair');
    await eventually(
      () => readFile(ledger, 'utf8').catch(() => ''),
      (text) => text.trim().split('\n').length === 2,
    );
    first.kill('SIGKILL');
    await first.ended();
    await writeScript(directory, 'gate', []);
    const execution = await new ServerClient(second.baseUrl).ended(launched);
    expect(execution.taskExecutionStatus).toBe('COMPLETE');
    expect((await readFile(ledger, 'utf8')).trim().split('\n').sort()).toEqual(['pair-a', 'pair-b', 'pair-c']);
  }, 120_000);
});
