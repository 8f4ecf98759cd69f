import type { Socket } from 'node:net';
import pg from 'pg';
import type { PostgresConnection } from '../../configuration/configuration.js';
import type { PreparingSqlRunner, Query } from '../../database/database.js';
import { DatabaseUnavailableError, isDatabaseUnavailable } from '../../database/database-unavailable.js';
import { PostgresAccess } from '../../database/postgres-access.js';
import { describeAddress } from '../../database/postgres-client.js';
import { sqlStateOf } from '../../database/sql-state.js';
import { type TablePrefixes, withTablePrefixes } from './table-prefixes.js';

/** What a missing table is called by PostgreSQL, and a missing sequence. */
const UNDEFINED_TABLE = '42P01';

/** Users, passwords and host rules that do not fit (all of class 28), a database that is not there, missing rights. */
const ACCESS_REFUSED = /^(?:28...|3D000|42501)$/;

/** How long opening a connection may take, ms. */
const CONNECT = 30_000;

/** The database has not the tables that the runner writes to. */
export class MissingTablesError extends Error {
  override readonly name = 'MissingTablesError';
}

/** The database is there, but does not let this user in or write. Waiting does not help. */
export class DatabaseAccessError extends Error {
  override readonly name = 'DatabaseAccessError';
}

/** How long a session of {@link RunnerDatabase.openSession} waits for an answer, ms. */
const ANSWER = 10_000;

/** A machine that is gone is noticed after about a minute, where PostgreSQL would wait for hours. */
const KEEP_ALIVE = { tcp_keepalives_idle: 30, tcp_keepalives_interval: 10, tcp_keepalives_count: 3 };

/** A connection of its own, for what lives as long as that. */
export interface RunnerSession {
  /** One statement at a time, each in a transaction of its own; one that waits too long ends the session. */
  readonly sql: PreparingSqlRunner;
  close(): Promise<void>;
}

/** The runner's connections: one or two, without what a server needs beside. */
export class RunnerDatabase {
  private readonly pool: pg.Pool;
  private readonly access: PostgresAccess;
  private readonly address: string;

  constructor(
    connection: PostgresConnection,
    private readonly prefixes: TablePrefixes,
  ) {
    this.access = new PostgresAccess(connection, CONNECT);
    this.address = describeAddress(connection);
    this.pool = new pg.Pool({ ...this.access.poolConfiguration, max: 2, idleTimeoutMillis: 60_000 });
    // A connection that breaks while nobody uses it is replaced when one is needed.
    this.pool.on('error', () => undefined);
  }

  /**
   * Does work in one transaction.
   * @throws DatabaseUnavailableError, DatabaseAccessError, MissingTablesError
   */
  async transaction<Result>(work: (sql: PreparingSqlRunner) => Promise<Result>): Promise<Result> {
    try {
      return await this.access.triedBothWays(() => this.withClient(work));
    } catch (error) {
      throw this.translated(error);
    }
  }

  /**
   * Opens a connection outside of the pool.
   * @throws DatabaseUnavailableError, as its statements do, which throw MissingTablesError too
   */
  async openSession(): Promise<RunnerSession> {
    try {
      const client = await this.access.open();
      // Whoever uses it next is told.
      client.on('error', () => undefined);
      const query: Query = <Row>(text: string, parameters: readonly unknown[] = []) =>
        this.answered(client, async () => (await client.query<Row & pg.QueryResultRow>(text, [...parameters])).rows);
      const settings = Object.entries(KEEP_ALIVE).map(([name, value]) => `set ${name} = ${value}`);
      await query(settings.join(';'));
      return {
        sql: withTablePrefixes({ query, queryPrepared: query }, this.prefixes),
        close: () => this.answered(client, () => client.end()).catch(() => undefined),
      };
    } catch (error) {
      throw this.translated(error);
    }
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private async answered<Result>(client: pg.Client, work: () => Promise<Result>): Promise<Result> {
    const timer = setTimeout(() => (client.connection.stream as Socket).destroy(), ANSWER);
    try {
      return await work();
    } catch (error) {
      throw this.translated(error);
    } finally {
      clearTimeout(timer);
    }
  }

  private async withClient<Result>(work: (sql: PreparingSqlRunner) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    const note = (error: Error) => (broken = error);
    client.on('error', note);
    const query: Query = async <Row>(text: string, parameters: readonly unknown[] = []) =>
      (await client.query<Row & pg.QueryResultRow>(text, [...parameters])).rows;
    try {
      await client.query('begin');
      const result = await work(withTablePrefixes({ query, queryPrepared: query }, this.prefixes));
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(note);
      throw error;
    } finally {
      client.off('error', note);
      client.release(broken);
    }
  }

  private translated(error: unknown): unknown {
    if (error instanceof DatabaseUnavailableError) return error;
    if (isDatabaseUnavailable(error)) {
      const { message, code } = error as { readonly message?: string; readonly code?: string };
      const reason = message === undefined || message === '' ? (code ?? 'no reason given') : message;
      return new DatabaseUnavailableError(`The database ${this.address} cannot be reached: ${reason}`, {
        cause: error,
      });
    }
    const state = sqlStateOf(error);
    if (state !== undefined && ACCESS_REFUSED.test(state)) {
      const said = (error as Error).message;
      return new DatabaseAccessError(
        `The database ${this.address} refuses the runner: ${said}. Its properties are spring.datasource.url, .username and .password.`,
        { cause: error },
      );
    }
    if (state === UNDEFINED_TABLE) {
      const { task, batch } = this.prefixes;
      return new MissingTablesError(
        `The database ${this.address} has no tables of Spring Cloud Task and Spring Batch that begin with ${task} and ${batch} (${(error as Error).message}): it must be the task server's database.`,
        { cause: error },
      );
    }
    return error;
  }
}
