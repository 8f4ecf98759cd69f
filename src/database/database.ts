import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { DataSource, getMetadataArgsStorage } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import type { MillraceConfiguration, PostgresConnection } from '../configuration/configuration.js';
import { AdvisoryLocks, type Lease, type LeaseOutcome } from './advisory-locks.js';
import { DatabaseUnavailableError, isDatabaseUnavailable } from './database-unavailable.js';
import { EmbeddedPostgres } from './embedded/embedded-postgres.js';
import { PostgresAccess } from './postgres-access.js';
import { describeAddress } from './postgres-client.js';
import { PreparedStatements } from './prepared-statements.js';
import { MIGRATIONS_TABLE, prepareSchema } from './schema-preparation.js';
import {
  inTransaction,
  type PreparingSqlRunner,
  type Query,
  type SqlRunner,
  type Transaction,
} from './transactions.js';
import { TypeOrmLogger } from './typeorm-logger.js';

export type { PreparingSqlRunner, Query, SqlRunner, Transaction };

/** The data source as task applications are given it: `spring.datasource.*`. */
export interface JdbcDataSource {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly driverClassName: string;
}

/** The parts of the configuration that decide about the database. */
export type DatabaseConfiguration = Pick<MillraceConfiguration, 'datasource' | 'flyway'> & {
  readonly millrace: Pick<MillraceConfiguration['millrace'], 'dataDir' | 'instanceId'>;
};

/** How often an unreachable database is tried again at start, ms. */
const RETRY_INTERVAL = 1_000;

/**
 * The one way to the database: statements, transactions, TypeORM's data source, and locks between servers.
 *
 * Entities need no registration: every class with `@Entity` whose module was imported when the database is opened is known.
 * Sessions run in UTC. All methods throw {@link DatabaseUnavailableError} when PostgreSQL cannot be reached; the pool
 * recovers by itself.
 */
@Injectable()
export class Database implements OnApplicationShutdown {
  private readonly prepared = new PreparedStatements();

  private constructor(
    readonly dataSource: DataSource,
    /** What task applications are given. */
    readonly jdbc: JdbcDataSource,
    /** Marks what this installation made on a shared platform; its replicas share it. */
    readonly instanceId: string,
    private readonly pool: pg.Pool,
    private readonly locks: AdvisoryLocks,
    private readonly address: string,
    private readonly embedded: EmbeddedPostgres | undefined,
  ) {}

  /**
   * Opens the database that the configuration names, or starts an embedded one, and brings its schema up to date.
   *
   * @param embeddedDurable false lets tests run the embedded PostgreSQL without flushing to disk
   * @throws DatabaseUnavailableError when it cannot be reached within the connection timeout
   * @throws SchemaRefusedError when what is in it cannot be used
   */
  static async open(configuration: DatabaseConfiguration, embeddedDurable = true): Promise<Database> {
    const { datasource, millrace } = configuration;
    if (datasource.connection !== undefined) {
      return Database.connect(configuration, datasource.connection, undefined);
    }
    const embedded = await EmbeddedPostgres.start({ dataDir: millrace.dataDir, durable: embeddedDurable });
    try {
      return await Database.connect(configuration, embedded.connection, embedded);
    } catch (error) {
      await embedded.close();
      throw error;
    }
  }

  private static async connect(
    { datasource, flyway, millrace }: DatabaseConfiguration,
    connection: PostgresConnection,
    embedded: EmbeddedPostgres | undefined,
  ): Promise<Database> {
    const access = new PostgresAccess(connection, datasource.connectionTimeout);
    const dataSource = createDataSource(access, datasource, flyway.table);
    await initialize(access, dataSource, describeAddress(connection), datasource.connectionTimeout);
    const pool = poolOf(dataSource);
    const locks = new AdvisoryLocks(() => access.open(), connection.schema ?? '');
    try {
      const query = async (sql: string, parameters?: unknown[]): Promise<Record<string, unknown>[]> =>
        (await pool.query<Record<string, unknown>>(sql, parameters)).rows;
      const installation = await prepareSchema(dataSource, query, {
        migrate: flyway.enabled,
        historyTable: flyway.table,
        exclusively: (work) => locks.withLock('migration', work),
      });
      const jdbc = jdbcOf(connection, datasource);
      const instanceId = millrace.instanceId ?? installation;
      return new Database(dataSource, jdbc, instanceId, pool, locks, describeAddress(connection), embedded);
    } catch (error) {
      await dataSource.destroy();
      throw error;
    }
  }

  /** Runs one statement on a connection of its own; parameters are `$1`, `$2` … */
  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.pool.query<Row & pg.QueryResultRow>(sql, [...parameters])).rows;
    } catch (error) {
      throw this.translate(error);
    }
  }

  /**
   * The same for a statement that is run again and again and whose plan does not depend on its parameters: each
   * connection plans it once. Planning is most of the time of a list's first page.
   */
  async queryPrepared<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const name = this.prepared.nameOf(sql);
    if (name === undefined) return this.query<Row>(sql, parameters);
    try {
      return (await this.pool.query<Row & pg.QueryResultRow>({ name, text: sql, values: [...parameters] })).rows;
    } catch (error) {
      if (!this.prepared.giveUpAfter(error)) throw this.translate(error);
      return this.query<Row>(sql, parameters);
    }
  }

  /**
   * Does work in one transaction: committed when the work succeeds, undone when it throws. Work that runs prepared
   * statements is begun once more, without them, on the day on which they turn out not to work here.
   */
  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return this.translating(inTransaction(this.dataSource, this.prepared, work));
  }

  /** Waits for a lock that one server at a time can hold, and works under it. See {@link AdvisoryLocks.withLock}. */
  async withAdvisoryLock<Result>(name: string, work: (lease: Lease) => Promise<Result>): Promise<Result> {
    return this.translating(this.locks.withLock(name, work));
  }

  /** Works under a lock if it is free, else comes back at once. See {@link AdvisoryLocks.tryWithLease}. */
  async tryWithLease<Result>(name: string, work: (lease: Lease) => Promise<Result>): Promise<LeaseOutcome<Result>> {
    return this.translating(this.locks.tryWithLease(name, work));
  }

  /** Last of all: other parts still need the database while they shut down. */
  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  /** Gives back all connections, and stops the embedded PostgreSQL if this server is its last user. */
  async close(): Promise<void> {
    await this.locks.close();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
    await this.embedded?.close();
  }

  private async translating<Result>(promise: Promise<Result>): Promise<Result> {
    try {
      return await promise;
    } catch (error) {
      throw this.translate(error);
    }
  }

  private translate(error: unknown): unknown {
    if (error instanceof DatabaseUnavailableError || !isDatabaseUnavailable(error)) return error;
    return unavailableError(this.address, error);
  }
}

function unavailableError(address: string, cause: unknown): DatabaseUnavailableError {
  // An attempt on several addresses of one name carries a code and no message.
  const { message, code } = cause as { message?: string; code?: string };
  const reason = message !== undefined && message !== '' ? message : (code ?? String(cause));
  return new DatabaseUnavailableError(`The database ${address} cannot be reached: ${reason}`, { cause });
}

function createDataSource(
  { poolConfiguration: client }: PostgresAccess,
  datasource: DatabaseConfiguration['datasource'],
  historyTable: string,
): DataSource {
  return new DataSource({
    type: 'postgres',
    driver: pg,
    database: client.database,
    entities: entityClasses(),
    migrations: migrations({ historyTable }),
    migrationsTableName: MIGRATIONS_TABLE,
    installExtensions: false,
    logger: new TypeOrmLogger(),
    poolSize: datasource.maximumPoolSize,
    poolErrorHandler: (error: Error) => {
      // PostgreSQL restarted or the network broke: the pool drops the connection and opens another when one is needed.
      new Logger('Database').warn(`A connection to PostgreSQL ended: ${error.message}`);
    },
    extra: {
      ...client,
      idleTimeoutMillis: datasource.idleTimeout,
      maxLifetimeSeconds: Math.ceil(datasource.maxLifetime / 1000),
    },
  });
}

/** Every class that carries `@Entity`, as far as its module is loaded. */
function entityClasses(): (() => unknown)[] {
  return getMetadataArgsStorage()
    .tables.map(({ target }) => target)
    .filter((target) => typeof target === 'function') as (() => unknown)[];
}

/** Connects, and goes on trying for a while: in a cluster the database often comes up together with its server. */
async function initialize(
  access: PostgresAccess,
  dataSource: DataSource,
  address: string,
  patience: number,
): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      await access.triedBothWays(() => dataSource.initialize());
      return;
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      if (Date.now() >= deadline) throw unavailableError(address, error);
      new Logger('Database').warn(`Waiting for the database ${address}: ${(error as Error).message}`);
    }
    await sleep(Math.min(RETRY_INTERVAL, Math.max(0, deadline - Date.now())));
  }
}

function poolOf(dataSource: DataSource): pg.Pool {
  return (dataSource.driver as unknown as { master: pg.Pool }).master;
}

function jdbcOf(connection: PostgresConnection, datasource: DatabaseConfiguration['datasource']): JdbcDataSource {
  const hosts = connection.hosts.map(({ host, port }) => `${host}:${port}`).join(',');
  return {
    url: datasource.url ?? `jdbc:postgresql://${hosts}/${connection.database}`,
    username: datasource.username ?? connection.user ?? '',
    password: datasource.password ?? connection.password ?? '',
    driverClassName: datasource.driverClassName,
  };
}
