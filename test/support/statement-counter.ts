import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A way to PostgreSQL that counts the statements that go over it. */
export interface StatementCounter {
  readonly port: number;
  /** Statements since the last call. */
  take(): number;
  close(): Promise<void>;
}

/** Messages of the frontend that run a statement: Query and Execute (PostgreSQL's protocol 3, «Message Formats»). */
const RUNS_STATEMENT = new Set(['Q'.charCodeAt(0), 'E'.charCodeAt(0)]);

/** SSLRequest and GSSENCRequest, which come before the start-up message and have no type either. */
const ASKS_FOR_ENCRYPTION = new Set([80_877_103, 80_877_104]);

/** Opens a port that leads to PostgreSQL without TLS. BEGIN and COMMIT count as the statements that they are. */
export async function countStatements(host: string, port: number): Promise<StatementCounter> {
  let statements = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(port, host);
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {
        client.destroy();
        database.destroy();
      });
      socket.on('close', () => sockets.delete(socket));
    }
    const messages = messageTypes((type) => {
      if (RUNS_STATEMENT.has(type)) statements += 1;
    });
    client.on('data', messages);
    client.pipe(database);
    database.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    take() {
      const taken = statements;
      statements = 0;
      return taken;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Calls back with the type of each message; the first message of a connection has none. */
function messageTypes(found: (type: number) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  let started = false;
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const header = started ? 5 : 4;
      if (pending.length < header) return;
      const length = pending.readInt32BE(header - 4) + header - 4;
      if (pending.length < length) return;
      if (started) found(pending.readUInt8(0));
      else started = !ASKS_FOR_ENCRYPTION.has(pending.readInt32BE(4));
      pending = pending.subarray(length);
    }
  };
}
