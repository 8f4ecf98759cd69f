import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { scratchDirectory } from '../support/database.js';
import { ServerClient } from '../support/server-client.js';
import { StoppablePostgres, untilRecovered } from '../support/stoppable-postgres.js';
import { eventually, writeScript } from '../support/workbench.js';

/** Goes away under a server that runs a composed task. */
let postgres: StoppablePostgres;
let directory: string;
let server: ApiServer;
let client: ServerClient;

beforeAll(async () => {
  directory = await mkdtemp(join(scratchDirectory(), 'millrace-composed-away-'));
  postgres = await StoppablePostgres.start();
  server = await startApiServer({ properties: postgres.properties });
  client = new ServerClient(server.url);
}, 120_000);

afterAll(async () => {
  await server?.close();
  await postgres?.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}, 60_000);

/** Children that end while the database is away, whose ends nobody can write down at that time. */
const DEFINITION = "a: ok && <b: wait || c: wait 'FAILED'->d: ok || e: ok && f: wait> && g: ok";

describe('a composed task whose database goes away for a moment', () => {
  it('goes on where it was, launches nothing twice, and completes', async () => {
    const ledger = join(directory, 'ledger');
    const line = `echo "$SPRING_CLOUD_TASK_NAME $SPRING_CLOUD_TASK_EXECUTIONID" >> ${ledger}`;
    const wait = [line, `until [ ! -d ${directory} ] || [ -e ${join(directory, 'gate')} ]; do sleep 0.1; done`];
    await client.register('ok', '1.0', await writeScript(directory, 'ok.sh', [line]));
    const failing = '[ "$SPRING_CLOUD_TASK_NAME" != away-c ]';
    await client.register('wait', '1.0', await writeScript(directory, 'wait.sh', [...wait, failing]));
    await client.define('away', DEFINITION);
    const launched = await client.launch('away');
    const ran = async () => (await readFile(ledger, 'utf8').catch(() => '')).split('\n').filter((one) => one !== '');
    await eventually(ran, (lines) => lines.length === 5);

    await postgres.stop();
    await writeScript(directory, 'gate', []);
    await sleep(3_000);
    expect(await ran()).toHaveLength(5);
    await postgres.startAgain();
    await untilRecovered(server.url, '/tasks/definitions/away');

    const execution = await client.ended(launched);
    expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });
    const lines = await ran();
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.map((one) => one.split(' ')[0]).sort()).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `away-${name}`),
    );
    expect(lines.at(-1)).toMatch(/^away-g /);
  }, 180_000);

  it('runs to its end when the database comes and goes', async () => {
    const chain = Array.from({ length: 12 }, (_, index) => `s${index}: ok`).join(' && ');
    await client.define('chain', chain);
    const ledger = join(directory, 'ledger');
    const launched = await client.launch('chain');
    for (let round = 0; round < 3; round += 1) {
      await postgres.stop();
      await sleep(400);
      await postgres.startAgain();
      await sleep(500);
    }
    await untilRecovered(server.url, '/tasks/definitions/chain');
    const execution = await client.ended(launched, 120_000);
    expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE' });
    const lines = (await readFile(ledger, 'utf8')).split('\n').filter((one) => one.startsWith('chain-'));
    expect(lines.map((one) => one.split(' ')[0])).toEqual(Array.from({ length: 12 }, (_, index) => `chain-s${index}`));
  }, 240_000);
});
