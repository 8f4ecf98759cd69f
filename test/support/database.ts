import { createHash, randomBytes } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { PostgresConnection } from '../../src/configuration/configuration.js';
import { Database, type DatabaseConfiguration } from '../../src/database/database.js';
import { isAlive } from '../../src/database/embedded/data-directory.js';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { clientConfiguration } from '../../src/database/postgres-client.js';
import { restoreDump } from './database-restore.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * All test processes of one checkout share one PostgreSQL, which the first starts and the last stops; global-setup.ts keeps
 * it up for a whole run. Its data directory stays, so that the next run needs neither initdb nor migrations.
 */
const DATA_DIRECTORY = join(
  scratchDirectory(),
  `millrace-test-${createHash('sha256').update(ROOT).digest('hex').slice(0, 12)}`,
);

/** Memory where there is plenty: making a database writes hundreds of small files, 40 ms there and up to 1 s on a busy disk. */
export function scratchDirectory(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > 2_000_000_000) return '/dev/shm';
  } catch {
    // Not on this operating system.
  }
  return tmpdir();
}

/** A database for one test file. */
export interface TestDatabase {
  readonly name: string;
  readonly connection: PostgresConnection;
  /** What {@link Database.open} and a configured server need to use it. */
  readonly configuration: DatabaseConfiguration;
  /** Opens it as the server does; may be called several times, for several servers. */
  open(): Promise<Database>;
  /** Opens a plain client, for what applications or SCDF would do. */
  client(): Promise<pg.Client>;
  /** Closes everything opened through this object and drops the database. */
  close(): Promise<void>;
}

/** Starts the shared PostgreSQL, or joins it. Close what you get. */
export async function joinTestPostgres(): Promise<EmbeddedPostgres> {
  Logger.overrideLogger(['error', 'fatal']);
  return EmbeddedPostgres.start({ dataDir: DATA_DIRECTORY, durable: false });
}

/** Drops databases that killed runs left behind; those of a run that goes on are of a process that is alive. */
export async function dropLeftovers(postgres: EmbeddedPostgres): Promise<void> {
  await asAdministrator(postgres, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_database d where datname like 'test\\_%'
          and not exists (select from pg_stat_activity a where a.datid = d.oid)`,
    );
    for (const { datname } of rows) {
      if (!isAlive(Number(/^test_(\d+)_/.exec(datname)?.[1]))) await client.query(`drop database if exists ${datname}`);
    }
  });
}

/** A fresh database with the schema that an empty database gets from the migrations. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const postgres = await joinTestPostgres();
  try {
    return await createDatabase(postgres, await provideTemplate(postgres));
  } catch (error) {
    await postgres.close();
    throw error;
  }
}

/** A fresh database with nothing in it. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const postgres = await joinTestPostgres();
  try {
    return await createDatabase(postgres, 'template0');
  } catch (error) {
    await postgres.close();
    throw error;
  }
}

/** A fresh database as a real SCDF left it (test/compat/database-*.sql.gz), not yet adopted. */
export async function restoreScdfDatabase(version: '2.11.5' | '2.5.1' = '2.11.5'): Promise<TestDatabase> {
  const database = await createEmptyDatabase();
  try {
    const client = await database.client();
    await restoreDump(client, join(ROOT, `test/compat/database-${version}.sql.gz`));
    await client.end();
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function createDatabase(postgres: EmbeddedPostgres, template: string): Promise<TestDatabase> {
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await asAdministrator(postgres, (client) =>
    client.query(`create database ${name} template ${template} strategy file_copy`),
  );
  const connection = { ...postgres.connection, database: name };
  const configuration = configurationFor(connection);
  const open: { close(): Promise<void> }[] = [];
  return {
    name,
    connection,
    configuration,
    async open() {
      const database = await Database.open(configuration);
      open.push(database);
      return database;
    },
    async client() {
      const client = await connect(connection);
      open.push({ close: () => client.end() });
      return client;
    },
    async close() {
      for (const opened of open) await opened.close().catch(() => undefined);
      await asAdministrator(postgres, (client) => client.query(`drop database if exists ${name} with (force)`));
      await postgres.close();
    },
  };
}

/** The configuration of a server that uses an address, with SCDF's defaults for the rest. */
export function configurationFor(connection: PostgresConnection): DatabaseConfiguration {
  const [{ host, port } = { host: '', port: 0 }] = connection.hosts;
  return {
    datasource: {
      url: `jdbc:postgresql://${host}:${port}/${connection.database}`,
      username: connection.user,
      password: connection.password,
      driverClassName: 'org.postgresql.Driver',
      connection,
      maximumPoolSize: 10,
      connectionTimeout: 30_000,
      idleTimeout: 600_000,
      maxLifetime: 1_800_000,
    },
    flyway: { enabled: true, baselineOnMigrate: true, table: 'flyway_schema_history_dataflow' },
    millrace: { dataDir: DATA_DIRECTORY, instanceId: undefined },
  };
}

/** The environment variables that tell a process of a database: a server or a task, as SCDF's deployers hand it on. */
export function datasourceVariables({ configuration }: TestDatabase): Readonly<Record<string, string>> {
  const { url = '', username = '', password = '' } = configuration.datasource;
  return {
    SPRING_DATASOURCE_URL: url,
    SPRING_DATASOURCE_USERNAME: username,
    SPRING_DATASOURCE_PASSWORD: password,
  };
}

/** Migrates an empty database once for each state of the migrations' sources. */
async function provideTemplate(postgres: EmbeddedPostgres): Promise<string> {
  const name = `template_${await hashOfSources()}`;
  await asAdministrator(postgres, async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('template'))`);
    const { rows } = await client.query('select from pg_database where datname = $1', [name]);
    if (rows.length > 0) return;
    const { rows: old } = await client.query<{ datname: string }>(
      `select datname from pg_database where datname like 'template\\_%' or datname = 'draft'`,
    );
    for (const { datname } of old) await client.query(`drop database if exists ${datname} with (force)`);
    await client.query('create database draft template template0');
    const database = await Database.open(configurationFor({ ...postgres.connection, database: 'draft' }));
    await database.close();
    await client.query(`alter database draft rename to ${name}`);
  });
  return name;
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const directory of ['migrations', 'src/database']) {
    const files = await readdir(join(ROOT, directory), { recursive: true });
    for (const file of files.sort()) {
      if (file.endsWith('.ts') && !file.endsWith('.spec.ts')) hash.update(await readFile(join(ROOT, directory, file)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function asAdministrator<Result>(
  postgres: EmbeddedPostgres,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(postgres.connection);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function connect(connection: PostgresConnection): Promise<pg.Client> {
  const client = new pg.Client(clientConfiguration(connection, 10_000));
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
