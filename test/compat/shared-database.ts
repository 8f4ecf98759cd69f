import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { startPeer } from '../bench/peer.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { startMillrace } from '../support/server.js';
import type { ServerProcess } from '../support/server-process.js';

/** A launch of SCDF's takes two: with ten of them, eight callers at once wait for each other until all time out. */
const CONNECTIONS = { 'spring.datasource.hikari.maximum-pool-size': '40' };

/** More than any test launches at a time: what is tested is the database, not the limit. */
const CONCURRENCY = {
  'spring.cloud.dataflow.task.platform.local.accounts.default.maximum-concurrent-tasks': '100',
};

const FEATURES = {
  'spring.cloud.dataflow.features.streams-enabled': 'false',
  'spring.cloud.dataflow.features.schedules-enabled': 'true',
};

/** A database that the real SCDF and Millrace use in turns, or at the same time. */
export class SharedDatabase {
  private readonly running = new Set<ServerProcess>();

  private constructor(
    private readonly database: TestDatabase,
    /** Tasks run and log below; goes with the database. */
    readonly directory: string,
    readonly client: pg.Client,
  ) {}

  /** @param provide makes the database; an empty one if not given */
  static async open(provide: () => Promise<TestDatabase> = createEmptyDatabase): Promise<SharedDatabase> {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-adoption-'));
    const database = await provide();
    return new SharedDatabase(database, directory, await database.client());
  }

  /** Starts the real SCDF 2.11.5 on it. */
  async startScdf(): Promise<ServerProcess> {
    const { url, username, password } = this.datasource();
    return this.remember(
      await startPeer({
        jdbcUrl: url,
        username,
        password,
        directory: await this.folder('scdf'),
        properties: { ...CONCURRENCY, ...CONNECTIONS },
      }),
    );
  }

  /** Starts the built Millrace on it, told of it as SCDF is: by `SPRING_DATASOURCE_*`. */
  async startMillrace(): Promise<ServerProcess> {
    const { url, username, password } = this.datasource();
    const properties: Record<string, string> = { ...FEATURES, ...CONCURRENCY };
    return this.remember(
      await startMillrace({
        environment: {
          SPRING_DATASOURCE_URL: url,
          SPRING_DATASOURCE_USERNAME: username,
          SPRING_DATASOURCE_PASSWORD: password,
          SPRING_DATASOURCE_DRIVER_CLASS_NAME: 'org.postgresql.Driver',
        },
        arguments: Object.entries(properties).map(([name, value]) => `--${name}=${value}`),
        dataDirectory: await this.folder('millrace'),
        readyTimeout: 120_000,
      }),
    );
  }

  async query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [...values])).rows;
  }

  /** Ends the servers that still run, and drops the database. */
  async close(): Promise<void> {
    for (const server of this.running) await server.stop();
    await this.database.close();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  private datasource(): { url: string; username: string; password: string } {
    const { url = '', username = '', password = '' } = this.database.configuration.datasource;
    return { url, username, password };
  }

  private async folder(name: string): Promise<string> {
    const path = join(this.directory, name);
    await mkdir(path, { recursive: true });
    return path;
  }

  private remember(server: ServerProcess): ServerProcess {
    this.running.add(server);
    void server.ended().then(() => this.running.delete(server));
    return server;
  }
}
