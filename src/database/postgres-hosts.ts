import { createConnection, Socket } from 'node:net';
import type { PostgresConnection } from '../configuration/configuration.js';
import { DatabaseUnavailableError } from './database-unavailable.js';

/** Host and port of one PostgreSQL server. */
export type HostAndPort = PostgresConnection['hosts'][number];

/** How long a choice among several hosts stands before they are looked at again, ms (pgjdbc's `hostRecheckSeconds`). */
const RECHECK = 10_000;

/** What decides about the choice. */
export interface HostChoice {
  readonly hosts: readonly HostAndPort[];
  readonly targetServerType: PostgresConnection['targetServerType'];
  /** ms; 0: no limit. */
  readonly connectTimeout: number;
  /** Logs in and asks whether a server may be written to. */
  readonly isPrimary: (host: HostAndPort) => Promise<boolean>;
}

/**
 * Chooses among the hosts of a JDBC URL (`jdbc:postgresql://a:5432,b:5432/db`), in their order: the first that accepts a
 * connection and is of the type that is wanted.
 */
export class PostgresHosts {
  private chosen: { readonly host: HostAndPort; readonly at: number } | undefined;

  constructor(private readonly choice: HostChoice) {}

  /** @throws DatabaseUnavailableError when there is none */
  async choose(): Promise<HostAndPort> {
    const { hosts, targetServerType } = this.choice;
    const [only] = hosts;
    if (only !== undefined && hosts.length === 1 && targetServerType === 'any') return only;
    if (this.chosen !== undefined && performance.now() - this.chosen.at < RECHECK) return this.chosen.host;
    const host = await this.find();
    this.chosen = { host, at: performance.now() };
    return host;
  }

  /** After a connection that failed: the next choice looks at all hosts again. */
  forget(): void {
    this.chosen = undefined;
  }

  private async find(): Promise<HostAndPort> {
    const { hosts, targetServerType, connectTimeout, isPrimary } = this.choice;
    const failures: unknown[] = [];
    const replicas: HostAndPort[] = [];
    for (const host of hosts) {
      try {
        await accepts(host, connectTimeout);
        if (targetServerType === 'any' || (await isPrimary(host))) return host;
        replicas.push(host);
      } catch (error) {
        failures.push(error);
      }
    }
    const [replica] = replicas;
    if (replica !== undefined && targetServerType === 'preferPrimary') return replica;
    const words = replica === undefined ? 'accepts a connection' : 'is a primary server';
    throw new DatabaseUnavailableError(`none of the hosts ${words}`, { cause: new AggregateError(failures) });
  }
}

function accepts({ host, port }: HostAndPort, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, timeout });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => socket.destroy(tooLate(`connect to ${host}:${port}`, timeout)));
    socket.once('error', reject);
  });
}

/** A socket for `pg`, which knows one host only, to the host that is chosen when it connects. */
export class HostSocket extends Socket {
  private chosen: HostAndPort | undefined;

  constructor(
    private readonly hosts: PostgresHosts,
    private readonly connectTimeout: number,
  ) {
    super();
  }

  /** The name that a certificate has to be made out to. */
  get host(): string {
    return this.chosen?.host ?? '';
  }

  /** Called by `pg` with the first host; the choice decides. */
  override connect(..._ignored: unknown[]): this {
    void this.hosts.choose().then(
      (chosen) => {
        if (!this.destroyed) this.connectTo(chosen);
      },
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  private connectTo(chosen: HostAndPort): void {
    this.chosen = chosen;
    const late = () => this.destroy(tooLate(`connect to ${chosen.host}:${chosen.port}`, this.connectTimeout));
    const failed = () => this.hosts.forget();
    this.setTimeout(this.connectTimeout, late);
    this.once('error', failed);
    this.once('connect', () => {
      this.setTimeout(0, late);
      this.off('error', failed);
    });
    super.connect({ host: chosen.host, port: chosen.port });
  }
}

/** An error that counts as unavailability. */
export function tooLate(what: string, milliseconds: number): Error {
  return Object.assign(new Error(`${what}: no answer within ${milliseconds} ms`), { code: 'ETIMEDOUT' });
}
