import type pg from 'pg';
import { type DataSource, type EntityManager, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { BrokenSessionError } from './database-unavailable.js';
import type { PreparedStatements } from './prepared-statements.js';

/** Runs one statement. @returns its rows; for insert, update and delete those of `returning` */
export type Query = <Row>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;

/** What runs statements: the pool, or one transaction. */
export interface SqlRunner {
  readonly query: Query;
}

/** For statements that are run again and again as well, see {@link Database.queryPrepared}. */
export interface PreparingSqlRunner extends SqlRunner {
  readonly queryPrepared: Query;
}

/** A transaction in progress: what is done through it happens together or not at all. */
export interface Transaction extends PreparingSqlRunner {
  /** For TypeORM's repositories within the transaction. */
  readonly manager: EntityManager;
}

/**
 * Work in a transaction of TypeORM's.
 * @throws BrokenSessionError when the session ended meanwhile; else what the work throws
 */
export async function inTransaction<Result>(
  dataSource: DataSource,
  prepared: PreparedStatements,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const runner = dataSource.createQueryRunner();
  const query: Query = async <Row>(sql: string, parameters: readonly unknown[] = []) =>
    (await runner.query(sql, [...parameters], true)).records as Row[];
  const attempt = new Attempt(prepared, query, async () => (await runner.connect()) as pg.PoolClient);
  try {
    await runner.startTransaction();
    const result = await work({ query, queryPrepared: attempt.queryPrepared, manager: runner.manager });
    await runner.commitTransaction();
    return result;
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    if (!attempt.unprepared) {
      // A connection that broke between two statements is taken from the runner, which then calls itself released.
      const broken = runner.isReleased && error instanceof QueryRunnerAlreadyReleasedError;
      throw broken ? new BrokenSessionError(error) : error;
    }
  } finally {
    await runner.release();
  }
  return inTransaction(dataSource, prepared, work);
}

/** One attempt of a transaction, which fails as a whole when prepared statements turn out not to work. */
class Attempt {
  /** Whether that was why it failed. */
  unprepared = false;

  constructor(
    private readonly prepared: PreparedStatements,
    private readonly query: Query,
    private readonly connect: () => Promise<pg.PoolClient>,
  ) {}

  readonly queryPrepared: Query = async <Row>(sql: string, parameters: readonly unknown[] = []) => {
    const name = this.prepared.nameOf(sql);
    if (name === undefined) return this.query<Row>(sql, parameters);
    const client = await this.connect();
    try {
      return (await client.query<Row & pg.QueryResultRow>({ name, text: sql, values: [...parameters] })).rows;
    } catch (error) {
      this.unprepared = this.prepared.giveUpAfter(error) || this.unprepared;
      throw error;
    }
  };
}
