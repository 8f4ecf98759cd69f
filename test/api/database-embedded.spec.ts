import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { PostgresConnection } from '../../src/configuration/configuration.js';
import { Database, type DatabaseConfiguration } from '../../src/database/database.js';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { clientConfiguration } from '../../src/database/postgres-client.js';

Logger.overrideLogger(false);

async function ask(connection: PostgresConnection, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(clientConfiguration(connection, 5_000));
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function eventually<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe('the embedded PostgreSQL', () => {
  let dataDir: string;
  const started: EmbeddedPostgres[] = [];

  const start = async (): Promise<EmbeddedPostgres> => {
    const postgres = await EmbeddedPostgres.start({ dataDir, durable: false });
    started.push(postgres);
    return postgres;
  };
  const processId = async (): Promise<number> =>
    Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  const isUp = async (): Promise<boolean> => (await readdir(join(dataDir, 'postgres'))).includes('postmaster.pid');

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'millrace-embedded-'));
    await chmod(dataDir, 0o755);
  });
  afterEach(async () => {
    for (const postgres of started.splice(0)) await postgres.close();
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  it('keeps data, port and password from one start to the next, and is gone after a close', async () => {
    const first = await start();
    await ask(first.connection, 'create table kept (a int)');
    const { connection } = first;
    await first.close();
    expect(await isUp()).toBe(false);
    const second = await start();
    expect(second.connection).toEqual(connection);
    expect(await ask(second.connection, 'select * from kept')).toEqual([]);
  }, 60_000);

  it('asks for a password, listens on this machine only, and keeps its files to itself', async () => {
    const { connection } = await start();
    await expect(ask({ ...connection, password: 'wrong' }, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(await ask(connection, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await ask(connection, 'show timezone')).toEqual([{ TimeZone: 'UTC' }]);
    const notes = join(dataDir, 'postgres', 'millrace.json');
    expect((await stat(notes)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
  }, 60_000);

  it('is shared by servers on one data directory, started at once, until the last one closes', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    expect(second.connection).toEqual(first.connection);
    const id = await processId();
    await first.close();
    expect(await ask(second.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
    const third = await start();
    expect(await processId()).toBe(id);
    await second.close();
    await third.close();
    expect(await isUp()).toBe(false);
  }, 60_000);

  it('is started again on the same port when it is killed', async () => {
    const postgres = await start();
    const { connection } = postgres;
    const id = await processId();
    process.kill(id, 'SIGKILL');
    expect(await eventually(() => ask(connection, 'select 1 as one'))).toEqual([{ one: 1 }]);
    expect(await processId()).not.toBe(id);
  }, 60_000);

  it('starts over a postmaster.pid whose number belongs to another process by now', async () => {
    const first = await start();
    await first.close();
    const directory = join(dataDir, 'postgres');
    await writeFile(join(directory, 'postmaster.pid'), `${process.pid}\n${directory}\n0\n1\n\n127.0.0.1\n\nready   \n`);
    const second = await start();
    expect(await ask(second.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  }, 60_000);

  it('takes another port when its own is taken', async () => {
    const first = await start();
    const [{ port } = { port: 0 }] = first.connection.hosts;
    await first.close();
    const { createServer } = await import('node:net');
    const squatter = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    try {
      const second = await start();
      expect(second.connection.hosts[0]?.port).not.toBe(port);
      expect(await ask(second.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
    } finally {
      squatter.close();
    }
  }, 60_000);

  it('removes what a server killed during its first start left behind', async () => {
    // Process numbers end below this one.
    const draft = join(dataDir, 'postgres.new-4194304999-0000');
    await mkdir(draft);
    await start();
    expect(await readdir(dataDir)).not.toContain('postgres.new-4194304999-0000');
  }, 60_000);

  it('refuses a directory that is not its own, and data of another version', async () => {
    await mkdir(join(dataDir, 'postgres'));
    await writeFile(join(dataDir, 'postgres', 'letter.txt'), 'dear');
    await expect(start()).rejects.toThrow(/not empty and was not made by this server/);
    expect(await readdir(join(dataDir, 'postgres'))).toEqual(['letter.txt']);
    await rm(join(dataDir, 'postgres'), { recursive: true });
    await (await start()).close();
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '14\n');
    await expect(start()).rejects.toThrow(/made by PostgreSQL 14; this server brings PostgreSQL 18/);
  }, 60_000);

  it('is what a server without a data source uses, and what its tasks are given', async () => {
    const configuration: DatabaseConfiguration = {
      datasource: {
        url: undefined,
        username: undefined,
        password: undefined,
        driverClassName: 'org.postgresql.Driver',
        connection: undefined,
        maximumPoolSize: 5,
        connectionTimeout: 10_000,
        idleTimeout: 60_000,
        maxLifetime: 1_800_000,
      },
      flyway: { enabled: true, baselineOnMigrate: true, table: 'flyway_schema_history_dataflow' },
      millrace: { dataDir, instanceId: `given-${randomBytes(2).toString('hex')}` },
    };
    const database = await Database.open(configuration, false);
    try {
      expect(database.jdbc).toEqual({
        url: expect.stringMatching(/^jdbc:postgresql:\/\/127\.0\.0\.1:\d+\/millrace$/),
        username: 'millrace',
        password: expect.stringMatching(/^.{20,}$/),
        driverClassName: 'org.postgresql.Driver',
      });
      expect(database.instanceId).toBe(configuration.millrace.instanceId);
      expect(await database.query('select count(*) as n from task_execution')).toEqual([{ n: 0 }]);
    } finally {
      await database.close();
    }
    expect(await isUp()).toBe(false);
  }, 60_000);
});
