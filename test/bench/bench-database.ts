import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { clientConfiguration } from '../../src/database/postgres-client.js';
import { restoreDump } from '../support/database-restore.js';
import { historyStatements } from './history.js';

/** A PostgreSQL with a database that holds a history of one size. */
export interface BenchDatabase {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string;
  /** `jdbc:postgresql://…` */
  readonly jdbcUrl: string;
  /** Process id of PostgreSQL. */
  readonly pid: number;
  /** Whether it was made just now, and not yet adopted by Millrace. */
  readonly fresh: boolean;
  query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]>;
  close(): Promise<void>;
}

/** Outside of the work tree: `$XDG_CACHE_HOME/millrace/bench`, under `~/.cache` without the variable. */
export const BENCH_CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'millrace', 'bench');

const DUMP = join(dirname(fileURLToPath(import.meta.url)), '..', 'compat', 'database-2.11.5.sql.gz');

/**
 * Opens the database with a history of `executions` task executions, as many job executions and three times as many step
 * executions. It is made from the dump of a real SCDF 2.11.5 on first use, and kept between runs; what changes its
 * making gives it another name.
 *
 * PostgreSQL is the one that the project ships, with its settings (64 MB of shared buffers); it flushes to disk as in production.
 */
export async function openBenchDatabase(executions: number, log: (line: string) => void): Promise<BenchDatabase> {
  const statements = historyStatements(executions);
  const digest = createHash('sha256').update(JSON.stringify(statements)).digest('hex').slice(0, 8);
  const name = `bench_${executions}_${digest}`;
  await mkdir(BENCH_CACHE, { recursive: true });
  const fresh = await makeIfMissing(name, statements, log);
  return connectTo(await EmbeddedPostgres.start({ dataDir: BENCH_CACHE }), name, fresh);
}

/**
 * Copies a database, for what changes it; closing the copy drops it.
 * @param name of a database that nobody uses at the moment
 */
export async function openBenchCopy(name: string): Promise<BenchDatabase> {
  const postgres = await EmbeddedPostgres.start({ dataDir: BENCH_CACHE });
  const copy = `${name}_copy`;
  const drop = `drop database if exists ${copy} with (force)`;
  await administrate(postgres, [drop, `create database ${copy} template ${name} strategy file_copy`]);
  return connectTo(postgres, copy, false, () => administrate(postgres, [drop]));
}

async function administrate(postgres: EmbeddedPostgres, statements: readonly string[]): Promise<void> {
  const administrator = await connect(postgres.connection);
  try {
    for (const statement of statements) await administrator.query(statement);
  } finally {
    await administrator.end();
  }
}

async function connectTo(
  postgres: EmbeddedPostgres,
  name: string,
  fresh: boolean,
  afterwards: () => Promise<void> = () => Promise.resolve(),
): Promise<BenchDatabase> {
  const connection = { ...postgres.connection, database: name };
  const client = await connect(connection);
  const { rows } = await client.query<{ pid: number }>(
    `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid`,
  );
  const [{ host, port } = { host: '', port: 0 }] = connection.hosts;
  return {
    host,
    port,
    name,
    user: connection.user ?? '',
    password: connection.password ?? '',
    jdbcUrl: `jdbc:postgresql://${host}:${port}/${name}`,
    pid: rows[0]?.pid ?? 0,
    fresh,
    query: async <Row extends pg.QueryResultRow>(sql: string) => (await client.query<Row>(sql)).rows,
    async close() {
      await client.end();
      await afterwards();
      await postgres.close();
    },
  };
}

/** @returns whether it was made now */
async function makeIfMissing(
  name: string,
  statements: readonly { readonly what: string; readonly sql: string }[],
  log: (line: string) => void,
): Promise<boolean> {
  const postgres = await EmbeddedPostgres.start({ dataDir: BENCH_CACHE, durable: false });
  try {
    const administrator = await connect(postgres.connection);
    try {
      const { rows } = await administrator.query('select from pg_database where datname = $1', [name]);
      if (rows.length > 0) return false;
      await administrator.query('drop database if exists bench_draft with (force)');
      await administrator.query('create database bench_draft template template0');
      const client = await connect({ ...postgres.connection, database: 'bench_draft' });
      try {
        await restoreDump(client, DUMP);
        for (const { what, sql } of statements) {
          const begin = performance.now();
          await client.query(sql);
          log(`  ${what}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
        }
      } finally {
        await client.end();
      }
      await administrator.query(`alter database bench_draft rename to ${name}`);
      return true;
    } finally {
      await administrator.end();
    }
  } finally {
    await postgres.close();
  }
}

async function connect(connection: Parameters<typeof clientConfiguration>[0]): Promise<pg.Client> {
  const client = new pg.Client(clientConfiguration(connection, 10_000));
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
