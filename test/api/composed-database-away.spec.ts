import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { scratchDirectory } from '../support/database.js';
import { getJson } from '../support/http.js';
import { ServerClient } from '../support/server-client.js';
import { eventually, writeScript } from '../support/workbench.js';

/** A PostgreSQL of this test's own, which goes away under a server that runs a composed task. */
let directory: string;
let dataDir: string;
let postgres: EmbeddedPostgres;
let server: ApiServer;
let client: ServerClient;
let away = false;

const start = () => EmbeddedPostgres.start({ dataDir, durable: false });

beforeAll(async () => {
  directory = await mkdtemp(join(scratchDirectory(), 'millrace-composed-away-'));
  dataDir = await mkdtemp(join(scratchDirectory(), 'millrace-composed-data-'));
  postgres = await start();
  const { hosts, user = '', password = '', database } = postgres.connection;
  const [{ host, port } = { host: '', port: 0 }] = hosts;
  server = await startApiServer({
    properties: {
      'spring.datasource.url': `jdbc:postgresql://${host}:${port}/${database}`,
      'spring.datasource.username': user,
      'spring.datasource.password': password,
    },
  });
  client = new ServerClient(server.url);
}, 120_000);

afterAll(async () => {
  await server?.close();
  if (!away) await postgres?.close();
  for (const used of [directory, dataDir])
    await rm(used, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}, 60_000);

/** Children that end while the database is away, whose ends nobody can write down at that time. */
const DEFINITION = "a: ok && <b: wait || c: wait 'FAILED'->d: ok || e: ok && f: wait> && g: ok";

describe('a composed task whose database goes away for a moment', () => {
  it('goes on where it was, launches nothing twice, and completes', async () => {
    const ledger = join(directory, 'ledger');
    const line = `echo "$SPRING_CLOUD_TASK_NAME $SPRING_CLOUD_TASK_EXECUTIONID" >> ${ledger}`;
    const wait = [line, `until [ -e ${join(directory, 'gate')} ]; do sleep 0.1; done`];
    await client.register('ok', '1.0', await writeScript(directory, 'ok.sh', [line]));
    const failing = '[ "$SPRING_CLOUD_TASK_NAME" != away-c ]';
    await client.register('wait', '1.0', await writeScript(directory, 'wait.sh', [...wait, failing]));
    await client.define('away', DEFINITION);
    const launched = await client.launch('away');
    const ran = async () => (await readFile(ledger, 'utf8').catch(() => '')).split('\n').filter((one) => one !== '');
    await eventually(ran, (lines) => lines.length === 5);

    await postgres.close();
    away = true;
    await writeScript(directory, 'gate', []);
    await sleep(3_000);
    expect(await ran()).toHaveLength(5);
    postgres = await start();
    away = false;
    await eventually(
      async () => (await getJson(server.url, '/tasks/definitions/away')).status,
      (status) => status === 200,
    );

    const execution = await client.ended(launched, 60_000);
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
      await postgres.close();
      away = true;
      await sleep(400);
      postgres = await start();
      away = false;
      await sleep(500);
    }
    await eventually(
      async () => (await getJson(server.url, '/tasks/definitions/chain')).status,
      (status) => status === 200,
    );
    const execution = await eventually(
      () => client.ended(launched, 60_000).catch(() => undefined),
      (one) => one !== undefined,
      90_000,
    );
    expect(execution).toMatchObject({ taskExecutionStatus: 'COMPLETE' });
    const lines = (await readFile(ledger, 'utf8')).split('\n').filter((one) => one.startsWith('chain-'));
    expect(lines.map((one) => one.split(' ')[0])).toEqual(Array.from({ length: 12 }, (_, index) => `chain-s${index}`));
  }, 240_000);
});
