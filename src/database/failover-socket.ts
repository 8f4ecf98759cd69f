import { createConnection, Socket } from 'node:net';

/** Host and port of one PostgreSQL server. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** How long one host may take to accept before the next is tried, ms. */
const ATTEMPT_TIMEOUT = 5_000;

/**
 * A socket for `pg` that goes to the first of several hosts that accepts a connection, in the order of the JDBC URL
 * (`jdbc:postgresql://a:5432,b:5432/db`). `pg` itself knows one host only.
 */
export class FailoverSocket extends Socket {
  constructor(private readonly hosts: readonly HostAndPort[]) {
    super();
  }

  /** Called by `pg` with the first host; the hosts given to the constructor decide. */
  override connect(..._ignored: unknown[]): this {
    void this.firstAccepting().then(
      ({ host, port }) => {
        if (!this.destroyed) super.connect({ host, port });
      },
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  private async firstAccepting(): Promise<HostAndPort> {
    const failures: unknown[] = [];
    for (const address of this.hosts) {
      try {
        await probe(address);
        return address;
      } catch (error) {
        failures.push(error);
      }
    }
    throw new AggregateError(failures, 'none of the hosts accepts a connection');
  }
}

function probe({ host, port }: HostAndPort): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, timeout: ATTEMPT_TIMEOUT });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () =>
      socket.destroy(Object.assign(new Error(`connect timeout ${host}:${port}`), { code: 'ETIMEDOUT' })),
    );
    socket.once('error', reject);
  });
}
