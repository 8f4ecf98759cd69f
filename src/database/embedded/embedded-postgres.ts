import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { PostgresConnection } from '../../configuration/configuration.js';
import { messageOf } from '../../resources/system-error.js';
import { clientConfiguration } from '../postgres-client.js';
import { sqlStateOf } from '../sql-state.js';
import { accountForPostgres } from './account.js';
import { provideBinaries } from './binaries.js';
import { choosePlace, type ClusterNotes, createCluster, readNotes, writeNotes } from './data-directory.js';
import {
  findOrStartPostmaster,
  isRunning,
  type Postmaster,
  type PostmasterOptions,
  stopPostmaster,
} from './postmaster.js';

const DATABASE = 'millrace';
/** Advisory lock that every server using this PostgreSQL holds in share mode: «MILLRACE» in ASCII. */
const PRESENCE_LOCK = '5569900046284669765';
/** How often it is checked that PostgreSQL still runs, ms. */
const WATCH_INTERVAL = 1_000;

/** Settings of {@link EmbeddedPostgres.start}. */
export interface EmbeddedPostgresOptions {
  /** `millrace.data-dir`, absolute. */
  readonly dataDir: string;
  /** false for tests: nothing is flushed to disk. */
  readonly durable?: boolean;
}

/**
 * A real PostgreSQL that this server runs by itself, for a first try, a laptop or tests.
 *
 * The data lies in `<data-dir>/postgres`. PostgreSQL listens on 127.0.0.1 only and asks for a password that is made once
 * and kept in the data directory. A PostgreSQL that is still there after the server was killed is taken over; several
 * servers on one data directory share one PostgreSQL, and the last of them that closes stops it.
 */
export class EmbeddedPostgres {
  private readonly log = new Logger('EmbeddedPostgres');
  private presence: pg.Client | undefined;
  private watch: NodeJS.Timeout | undefined;
  private closing = false;
  private repairing: Promise<void> | undefined;

  private constructor(
    private readonly options: PostmasterOptions,
    private readonly notes: ClusterNotes,
    private postmaster: Postmaster,
  ) {}

  /**
   * Makes the database if there is none, and has PostgreSQL running on it.
   *
   * @throws Error saying what stands in the way: no package for this machine, a data directory of another version …
   */
  static async start({ dataDir, durable = true }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const log = new Logger('EmbeddedPostgres');
    const account = await accountForPostgres(join(dataDir, 'postgres'));
    const place = await choosePlace(dataDir, account);
    if (place.movedFrom !== undefined) {
      log.warn(`User ${account?.name ?? ''} cannot reach ${place.movedFrom}: the data lies in ${place.directory}.`);
    }
    const binaries = await provideBinaries(place.cacheDirectory, account);
    await createCluster(place, binaries, account, durable);
    await checkVersion(place.directory, binaries.majorVersion);
    const notes = await readNotes(place.directory);
    const options: PostmasterOptions = {
      binaries,
      account,
      durable,
      directory: place.directory,
      logFile: join(dataDir, 'postgres.log'),
      preferredPort: notes.port,
    };
    const embedded = new EmbeddedPostgres(options, notes, await findOrStartPostmaster(options));
    await embedded.settle();
    embedded.watch = setInterval(() => void embedded.repairIfGone(), WATCH_INTERVAL);
    embedded.watch.unref();
    return embedded;
  }

  /** How to reach the database. The port stays the same for as long as this object lives. */
  get connection(): PostgresConnection {
    return this.connectionTo(DATABASE);
  }

  private connectionTo(database: string): PostgresConnection {
    return {
      hosts: [{ host: '127.0.0.1', port: this.postmaster.port }],
      database,
      user: this.notes.user,
      password: this.notes.password,
      schema: undefined,
      ssl: false,
      sslMode: 'disable',
      targetServerType: 'any',
      connectTimeout: 0,
      socketTimeout: 0,
      applicationName: 'millrace',
    };
  }

  /** Announces this server on PostgreSQL, makes the database at the first start, and remembers the port. */
  private async settle(): Promise<void> {
    for (let attempt = 1; this.presence === undefined; attempt += 1) {
      try {
        this.presence = await this.announce();
      } catch (error) {
        // The last server before this one may just have been stopping PostgreSQL.
        if (attempt === 10) throw error;
        await sleep(50);
        this.postmaster = await findOrStartPostmaster(this.options);
      }
    }
    if (this.notes.port !== this.postmaster.port) {
      await writeNotes(this.options.directory, { ...this.notes, port: this.postmaster.port }, this.options.account);
    }
  }

  private async announce(): Promise<pg.Client> {
    const client = await this.openDatabase();
    client.on('error', () => {
      // PostgreSQL went away; repairIfGone sees to it.
    });
    await client.query(`select pg_advisory_lock_shared(${PRESENCE_LOCK})`);
    return client;
  }

  private async openDatabase(): Promise<pg.Client> {
    try {
      return await connect(this.connection);
    } catch (error) {
      if (sqlStateOf(error) !== '3D000') throw error;
    }
    const client = await connect(this.connectionTo('postgres'));
    try {
      await client.query(`create database ${DATABASE}`);
    } catch (error) {
      // 42P04, 23505: a server that starts at the same time has just made it.
      if (!['42P04', '23505'].includes(sqlStateOf(error) ?? '')) throw error;
    } finally {
      await client.end();
    }
    return connect(this.connection);
  }

  /** Starts PostgreSQL again, on the same port, when it has ended without us. */
  private async repairIfGone(): Promise<void> {
    if (this.closing || this.repairing !== undefined || (await isRunning(this.options.directory, this.postmaster)))
      return;
    if (this.closing || this.repairing !== undefined) return;
    this.log.error(`PostgreSQL (process ${this.postmaster.pid}) has ended; starting it again.`);
    this.repairing = this.repair();
    await this.repairing
      .catch((error: unknown) => this.log.error(messageOf(error)))
      .finally(() => (this.repairing = undefined));
  }

  private async repair(): Promise<void> {
    void this.presence?.end().catch(() => undefined);
    this.presence = undefined;
    this.postmaster = await findOrStartPostmaster({ ...this.options, preferredPort: this.postmaster.port });
    await this.settle();
  }

  /** Leaves PostgreSQL, and stops it unless another server uses it. */
  async close(): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    clearInterval(this.watch);
    await this.repairing?.catch(() => undefined);
    const last = await this.leave();
    if (last) {
      await stopPostmaster(this.options.directory, this.postmaster).catch((error: Error) =>
        this.log.warn(`PostgreSQL (process ${this.postmaster.pid}) could not be stopped: ${error.message}`),
      );
    }
    await this.presence?.end().catch(() => undefined);
  }

  /** @returns whether nobody else is announced, so that PostgreSQL can be stopped */
  private async leave(): Promise<boolean> {
    try {
      const answer = await this.presence?.query<{ alone: boolean }>(
        `select pg_advisory_unlock_shared(${PRESENCE_LOCK}), pg_try_advisory_lock(${PRESENCE_LOCK}) as alone`,
      );
      return answer?.rows[0]?.alone ?? true;
    } catch {
      return true;
    }
  }
}

async function connect(connection: PostgresConnection): Promise<pg.Client> {
  const client = new pg.Client(clientConfiguration(connection, 10_000));
  await client.connect();
  return client;
}

async function checkVersion(directory: string, majorVersion: string): Promise<void> {
  const found = (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim();
  if (found === majorVersion) return;
  throw new Error(
    `The database in ${directory} was made by PostgreSQL ${found}; this server brings PostgreSQL ${majorVersion}. ` +
      'Dump it with the server that made it and restore it here, or set another millrace.data-dir.',
  );
}
