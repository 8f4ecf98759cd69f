import type { Socket } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import pg from 'pg';
import type { PostgresConnection } from '../configuration/configuration.js';
import { DatabaseUnavailableError } from './database-unavailable.js';
import { clientConfiguration } from './postgres-client.js';
import { type HostAndPort, HostSocket, PostgresHosts, tooLate } from './postgres-hosts.js';

/** PostgreSQL wants TLS, or does not want it: the next connection is tried the other way. {@link cause} is its answer. */
export class TlsRefusedError extends DatabaseUnavailableError {}

/** SQLSTATE of «no pg_hba.conf entry for …, no encryption». */
const INVALID_AUTHORIZATION = '28000';

/** Texts of `pg` for a server that answers `N`, or an error, when it is asked for TLS. */
const NO_TLS = ['The server does not support SSL connections', 'There was an error establishing an SSL connection'];

/**
 * All connections of a server to its PostgreSQL, as PostgreSQL's JDBC driver makes them from the same URL: several hosts,
 * `targetServerType`, `connectTimeout`, `socketTimeout`, and the values `allow` and `prefer` of `sslmode`.
 *
 * Whether TLS is used with those two is found out at the first connection and kept; should a server that is up for months
 * change its mind, one connection fails and the next is made the other way.
 */
export class PostgresAccess {
  /** For a pool: with the class of its clients, which a pool of `pg` takes from its options. */
  readonly poolConfiguration: pg.PoolConfig & { readonly Client: typeof pg.Client };
  private readonly base: pg.ClientConfig;
  private readonly hosts: PostgresHosts;
  private usesTls: boolean;

  /** @param patience ms that opening a connection may take altogether */
  constructor(
    private readonly connection: PostgresConnection,
    patience: number,
  ) {
    this.base = clientConfiguration(connection, patience);
    this.usesTls = connection.ssl !== false && connection.sslMode !== 'allow';
    const { hosts, targetServerType, connectTimeout } = connection;
    this.hosts = new PostgresHosts({
      hosts,
      targetServerType,
      connectTimeout,
      isPrimary: (host) => this.isPrimary(host),
    });
    this.poolConfiguration = { ...this.base, ssl: false, Client: this.pooledClient() };
  }

  /** Opens a connection outside of the pool, on which waiting is no fault: `socketTimeout` does not count there. */
  async open(): Promise<pg.Client> {
    return this.triedBothWays(() => this.connected());
  }

  /**
   * Does something that opens connections, and does it again if it failed because PostgreSQL wants TLS or does not.
   * @throws what PostgreSQL answers when it refuses both
   */
  async triedBothWays<Result>(attempt: () => Promise<Result>): Promise<Result> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TlsRefusedError)) throw error;
    }
    try {
      return await attempt();
    } catch (error) {
      throw error instanceof TlsRefusedError ? error.cause : error;
    }
  }

  /** @param at a host of its own instead of the one that is chosen */
  private async connected(at?: HostAndPort): Promise<pg.Client> {
    const tls = this.usesTls;
    const client = new pg.Client({
      ...this.base,
      ...(at === undefined ? this.way() : { ...at, ssl: this.tlsOptions() }),
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      throw this.judged(error, tls);
    }
  }

  /** As pgjdbc has it: a server that only reads is a replica, whatever the reason. */
  private async isPrimary(host: HostAndPort): Promise<boolean> {
    const client = await this.triedBothWays(() => this.connected(host));
    // An end of the session while it is asked fails the question.
    client.on('error', () => undefined);
    try {
      const { rows } = await client.query<{ transaction_read_only: string }>('show transaction_read_only');
      return rows[0]?.transaction_read_only === 'off';
    } finally {
      await client.end();
    }
  }

  /** TLS or not, and a socket to the host that is chosen. */
  private way(): Pick<pg.ClientConfig, 'ssl' | 'stream'> {
    const socket = new HostSocket(this.hosts, this.connection.connectTimeout);
    const ssl = this.tlsOptions();
    // `pg` knows the first host only, but the certificate is that of the host which was chosen.
    if (ssl !== false && ssl.rejectUnauthorized === true && ssl.checkServerIdentity === undefined)
      ssl.checkServerIdentity = (_, certificate) => checkServerIdentity(socket.host, certificate);
    return { stream: () => socket, ssl };
  }

  /** A fresh object: `pg` hides the key in what it is given. */
  private tlsOptions(): ConnectionOptions | false {
    const { ssl } = this.connection;
    return this.usesTls && ssl !== false ? { ...ssl } : false;
  }

  private pooledClient(): typeof pg.Client {
    const configuration = () => ({ ...this.base, ...this.way() });
    const usesTls = () => this.usesTls;
    const judged = (error: unknown, tls: boolean) => this.judged(error, tls);
    const { socketTimeout } = this.connection;
    return class PooledClient extends pg.Client {
      constructor() {
        const tls = usesTls();
        super(configuration());
        const connect = this.connect.bind(this) as (callback: (error: unknown) => void) => void;
        // The form in which a pool calls it.
        Object.assign(this, {
          connect: (callback: (error: unknown) => void) =>
            connect((error) => callback(error === null || error === undefined ? error : judged(error, tls))),
        });
        if (socketTimeout > 0) limitAnswers(this, socketTimeout);
      }
    };
  }

  /** The error, or one that says that the next connection is made the other way. */
  private judged(error: unknown, tls: boolean): unknown {
    const { sslMode } = this.connection;
    if ((sslMode !== 'allow' && sslMode !== 'prefer') || !isRefusal(error, tls)) return error;
    this.usesTls = !tls;
    const other = tls ? 'without' : 'with';
    return new TlsRefusedError(`${(error as Error).message}; trying ${other} TLS`, { cause: error });
  }
}

function isRefusal(error: unknown, tls: boolean): boolean {
  const { code, message = '' } = error as { readonly code?: unknown; readonly message?: string };
  return code === INVALID_AUTHORIZATION || (tls && NO_TLS.includes(message));
}

/** `socketTimeout`: a connection on which an answer is waited for and nothing comes is given up. */
function limitAnswers(client: pg.Client, timeout: number): void {
  const query = client.query.bind(client) as (...words: unknown[]) => unknown;
  let watched: Socket | undefined;
  const watch = (socket: Socket) => {
    watched = socket;
    socket.on('timeout', () => socket.destroy(tooLate('PostgreSQL', timeout)));
  };
  client.on('drain', () => watched?.setTimeout(0));
  Object.assign(client, {
    query: (...words: unknown[]) => {
      // With TLS `pg` puts another socket in the place of the first.
      const socket = client.connection.stream as Socket;
      if (socket !== watched) watch(socket);
      socket.setTimeout(timeout);
      return query(...words);
    },
  });
}
