import pg from 'pg';
import type { PostgresConnection } from '../../configuration/configuration.js';
import type { PreparingSqlRunner, Query } from '../../database/database.js';
import { DatabaseUnavailableError, isDatabaseUnavailable } from '../../database/database-unavailable.js';
import { PostgresAccess } from '../../database/postgres-access.js';
import { describeAddress } from '../../database/postgres-client.js';
import { type TablePrefixes, withTablePrefixes } from './table-prefixes.js';

/** What a missing table is called by PostgreSQL, and a missing sequence. */
const UNDEFINED_TABLE = '42P01';

/** How long opening a connection may take, ms. */
const CONNECT = 30_000;

/** The database has not the tables that the runner writes to. */
export class MissingTablesError extends Error {
  override readonly name = 'MissingTablesError';
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
   * @throws DatabaseUnavailableError, MissingTablesError
   */
  async transaction<Result>(work: (sql: PreparingSqlRunner) => Promise<Result>): Promise<Result> {
    try {
      return await this.access.triedBothWays(() => this.withClient(work));
    } catch (error) {
      throw this.translated(error);
    }
  }

  async close(): Promise<void> {
    await this.pool.end();
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
    if ((error as { readonly code?: unknown }).code === UNDEFINED_TABLE) {
      const { task, batch } = this.prefixes;
      return new MissingTablesError(
        `The database ${this.address} has no tables of Spring Cloud Task and Spring Batch that begin with ${task} and ${batch} (${(error as Error).message}): it must be the task server's database.`,
        { cause: error },
      );
    }
    return error;
  }
}
