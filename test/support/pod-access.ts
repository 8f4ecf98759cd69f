import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Cluster } from './cluster.js';

/** A port of this machine that pods reach. */
export interface PodAccess {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Lets pods reach what listens on the loopback interface of this machine: a database, a server.
 * @throws Error in a cluster whose pods do not reach this machine
 */
export async function openToPods(cluster: Cluster, loopbackPort: number): Promise<PodAccess> {
  const host = cluster.hostAddressForPods;
  if (host === undefined) throw new Error('Pods reach this machine only from a node that the tests started.');
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (outside) => {
    const inside = connect({ port: loopbackPort, host: '127.0.0.1', allowHalfOpen: true });
    for (const [socket, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => sockets.delete(socket));
      socket.pipe(other);
    }
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    host,
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
