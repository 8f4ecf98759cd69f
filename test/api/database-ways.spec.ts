import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type pg from 'pg';
import { parseJdbcUrl } from '../../src/configuration/jdbc-url.js';
import { postgresConnection } from '../../src/configuration/postgres-connection.js';
import { DatabaseUnavailableError } from '../../src/database/database-unavailable.js';
import { Database } from '../../src/database/database.js';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { PostgresAccess } from '../../src/database/postgres-access.js';
import { configurationFor } from '../support/database.js';
import { TLS } from '../support/tls-fixtures.js';

Logger.overrideLogger(false);

/** PostgreSQL servers of this file alone: their TLS and their rules of access change from test to test. */
class OwnPostgres {
  private constructor(
    readonly directory: string,
    readonly embedded: EmbeddedPostgres,
  ) {}

  static async start(): Promise<OwnPostgres> {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-ways-'));
    await chmod(directory, 0o755);
    return new OwnPostgres(directory, await EmbeddedPostgres.start({ dataDir: directory, durable: false }));
  }

  async close(): Promise<void> {
    await this.embedded.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  get port(): number {
    return this.embedded.connection.hosts[0]?.port ?? 0;
  }

  /** Writes a file of the data directory as PostgreSQL wants it. */
  async write(name: string, content: string): Promise<void> {
    const path = join(this.directory, 'postgres', name);
    const { uid, gid } = await stat(join(this.directory, 'postgres', 'PG_VERSION'));
    await writeFile(path, content, { mode: 0o600 });
    await chown(path, uid, gid);
  }

  /** `host` (both), `hostssl` (TLS only) or `hostnossl`, with TLS switched on or off. */
  async allow(rule: string, tls: boolean): Promise<void> {
    await this.write('pg_hba.conf', `${rule} all all 127.0.0.1/32 scram-sha-256\n`);
    await this.configure(`ssl = ${tls ? 'on' : 'off'}`);
  }

  /** Settings besides those of the command line; resolves when a new session has them. */
  async configure(...settings: readonly string[]): Promise<void> {
    const marker = `m${Math.random().toString(36).slice(2)}`;
    await this.write(
      'postgresql.auto.conf',
      [...settings, `cluster_name = '${marker}'`, `test.marker = '${marker}'`, ''].join('\n'),
    );
    const [pid] = (await readFile(join(this.directory, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGHUP');
    await delay(300);
  }

  url(query: string, hosts = `127.0.0.1:${this.port}`): string {
    return `jdbc:postgresql://${hosts}/millrace?${query}`;
  }

  async connection(query: string, hosts?: string) {
    const { user, password } = this.embedded.connection;
    return postgresConnection(parseJdbcUrl(this.url(query, hosts)), { username: user, password }, this.directory);
  }

  /** Logs in with the parameters of a JDBC URL. */
  async open(query: string, hosts?: string): Promise<pg.Client> {
    const client = await new PostgresAccess(await this.connection(query, hosts), 10_000).open();
    client.on('error', () => undefined);
    return client;
  }

  async database(query: string, hosts?: string): Promise<Database> {
    const configuration = configurationFor(await this.connection(query, hosts));
    return Database.open({ ...configuration, datasource: { ...configuration.datasource, connectionTimeout: 5_000 } });
  }
}

const WITH_TLS = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';

let postgres: OwnPostgres;

beforeAll(async () => {
  postgres = await OwnPostgres.start();
  await postgres.write('server.crt', TLS.certificate);
  await postgres.write('server.key', TLS.key);
  await writeFile(join(postgres.directory, 'cert.pem'), TLS.certificate);
  await writeFile(join(postgres.directory, 'key.pem'), TLS.key);
}, 120_000);

afterAll(async () => {
  await postgres?.close();
});

/** Whether the session uses TLS, or the code with which PostgreSQL refuses it. */
async function outcome(query: string): Promise<unknown> {
  try {
    const client = await postgres.open(query);
    try {
      return (await client.query<{ ssl: boolean }>(WITH_TLS)).rows[0]?.ssl;
    } finally {
      await client.end();
    }
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    return code ?? message;
  }
}

const NO_TLS = 'The server does not support SSL connections';
const VERIFIED = 'sslrootcert=cert.pem';

describe.each<[string, string, boolean, Readonly<Record<string, unknown>>]>([
  ['a server without TLS', 'host', false, { '': false, prefer: false, allow: false, disable: false, require: NO_TLS }],
  ['a server that takes both', 'host', true, { '': true, prefer: true, allow: false, disable: false, require: true }],
  ['TLS alone', 'hostssl', true, { '': true, prefer: true, allow: true, disable: '28000', require: true }],
  ['TLS refused', 'hostnossl', true, { '': false, prefer: false, allow: false, disable: false, require: '28000' }],
])('%s', (_what, rule, tls, expected) => {
  beforeAll(() => postgres.allow(rule, tls));

  it.each(Object.entries(expected))('sslmode=%s', async (mode, uses) => {
    expect(await outcome(`sslmode=${mode}`)).toBe(uses);
  });
});

describe('TLS', () => {
  beforeAll(() => postgres.allow('host', true));

  it.each([
    [`sslmode=verify-full&${VERIFIED}`, true],
    [`sslmode=verify-ca&${VERIFIED}`, true],
    [`sslmode=verify-full&${VERIFIED}&sslcert=cert.pem&sslkey=key.pem`, true],
    ['sslmode=verify-full', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['sslmode=prefer&sslrootcert=missing.pem', true],
  ])('with %s', async (query, expected) => {
    expect(await outcome(query)).toBe(expected);
  });

  it('is verified against the host that is chosen', async () => {
    const client = await postgres.open(`sslmode=verify-full&${VERIFIED}`, `nowhere.invalid,127.0.0.1:${postgres.port}`);
    expect((await client.query(WITH_TLS)).rows).toEqual([{ ssl: true }]);
    await client.end();
  });

  it('leaves other refusals alone', async () => {
    const connection = { ...(await postgres.connection('')), password: 'wrong' };
    await expect(new PostgresAccess(connection, 10_000).open()).rejects.toMatchObject({ code: '28P01' });
  });

  it('is used by the whole pool, and given up when PostgreSQL wants it no more', async () => {
    const database = await postgres.database('sslmode=prefer&sslcert=cert.pem&sslkey=key.pem');
    const administrator = await postgres.open('sslmode=disable');
    try {
      expect(await database.query(WITH_TLS)).toEqual([{ ssl: true }]);
      await postgres.allow('hostnossl', true);
      await endSessions(administrator);
      expect(await recovered(database, WITH_TLS)).toEqual([{ ssl: false }]);
      expect(await database.withAdvisoryLock('l', () => Promise.resolve('held'))).toBe('held');
    } finally {
      await database.close();
      await administrator.end();
    }
  });
});

/** Ends all sessions but the administrator's own and that of the server process which keeps PostgreSQL up. */
async function endSessions(administrator: pg.Client): Promise<void> {
  await administrator.query(
    `select pg_terminate_backend(pid) from pg_stat_activity a join pg_stat_ssl s using (pid)
      where s.ssl and pid <> pg_backend_pid()`,
  );
}

/** What the database answers once it has noticed what went on; until then it says that it cannot be reached. */
async function recovered(database: Database, sql: string): Promise<unknown> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const answer = await database.query(sql).catch((error: unknown) => error);
    if (Array.isArray(answer)) return answer;
    expect(answer).toBeInstanceOf(DatabaseUnavailableError);
  }
  throw new Error('the database did not recover');
}

describe('socketTimeout', () => {
  beforeAll(() => postgres.allow('host', true));

  it.each(['disable', 'require'])('ends a wait for an answer, and nothing else (sslmode=%s)', async (mode) => {
    const database = await postgres.database(`sslmode=${mode}&socketTimeout=1`);
    try {
      const failure = await database.query('select pg_sleep(60)').catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DatabaseUnavailableError);
      expect((failure as Error).message).toContain('no answer within 1000 ms');
      const pid = 'select pg_backend_pid() as pid';
      const before = await database.query(pid);
      await delay(1_500);
      expect(await database.query(pid)).toEqual(before);
      // Waiting for a lock is no fault.
      await database.withAdvisoryLock('l', async () => {
        const waiting = database.withAdvisoryLock('m', () => Promise.resolve('done'));
        expect(await waiting).toBe('done');
      });
    } finally {
      await database.close();
    }
  });
});

describe('of several hosts', () => {
  let replica: OwnPostgres;

  beforeAll(async () => {
    await postgres.allow('host', true);
    replica = await OwnPostgres.start();
    const client = await replica.open('');
    const { password = '' } = postgres.embedded.connection;
    await client.query(`alter user millrace password ${client.escapeLiteral(password)}`);
    await client.end();
    // What a session on a replica finds, and what decides.
    await replica.configure('default_transaction_read_only = on');
  }, 120_000);

  afterAll(async () => {
    await replica?.close();
  });

  const chosen = async (type: string, ...ports: readonly number[]) => {
    const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
    const client = await postgres.open(`targetServerType=${type}`, hosts);
    try {
      const { rows } = await client.query<{ port: number }>('select inet_server_port() as port');
      return rows[0]?.port;
    } finally {
      await client.end();
    }
  };

  it('the first that accepts is taken, whatever it is', async () => {
    expect(await chosen('any', 1, replica.port, postgres.port)).toBe(replica.port);
  });

  it.each(['primary', 'preferPrimary'])('a primary is taken with targetServerType=%s', async (type) => {
    expect(await chosen(type, 1, replica.port, postgres.port)).toBe(postgres.port);
    expect(await chosen(type, postgres.port)).toBe(postgres.port);
  });

  it('a replica is taken only where a primary is not asked for', async () => {
    expect(await chosen('preferPrimary', 1, replica.port)).toBe(replica.port);
    const failure = await chosen('primary', 1, replica.port).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DatabaseUnavailableError);
    expect((failure as Error).message).toBe('none of the hosts is a primary server');
  });

  it('the next is taken when the first goes away', async () => {
    const hosts = `127.0.0.1:${postgres.port},127.0.0.1:${replica.port}`;
    const database = await postgres.database('', hosts);
    try {
      const port = 'select inet_server_port() as port';
      expect(await database.query(port)).toEqual([{ port: postgres.port }]);
      const { port: next } = replica;
      await postgres.embedded.close();
      expect(await recovered(database, port)).toEqual([{ port: next }]);
    } finally {
      await database.close();
    }
  });
});
