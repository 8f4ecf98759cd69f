import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWithMaven } from '../support/maven.js';
import { startOnFreePort, startServerProcess } from '../support/server-process.js';
import type { ServerProcess } from '../support/server-process.js';
import { neutralEnvironment } from '../support/server.js';

export interface PeerOptions {
  /** `jdbc:postgresql://host:port/database`; the server creates its tables in an empty database. */
  readonly jdbcUrl: string;
  readonly username: string;
  readonly password: string;
  /** A free port if not given. */
  readonly port?: number;
  /** The server's working and temporary directory: tasks of its Local platform run and log below. */
  readonly directory: string;
  /** Spring properties; they win over the ones set here. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** The jar of the SCDF server 2.11.5, built on first use (the first build fetches some 180 MB). */
export async function buildPeer(): Promise<string> {
  const sources = join(dirname(fileURLToPath(import.meta.url)), 'peer');
  return join(await buildWithMaven('peer', sources), 'target', 'peer-server.jar');
}

/** Starts the real SCDF server 2.11.5, with tasks and schedules, without streams, and waits until it answers. */
export async function startPeer(options: PeerOptions): Promise<ServerProcess> {
  const jar = await buildPeer();
  return options.port === undefined
    ? startOnFreePort((port) => startPeerOn(port, jar, options))
    : startPeerOn(options.port, jar, options);
}

async function startPeerOn(port: number, jar: string, options: PeerOptions): Promise<ServerProcess> {
  const baseUrl = `http://127.0.0.1:${port}`;
  const properties: Record<string, string> = {
    'server.address': '127.0.0.1',
    'server.port': String(port),
    'spring.cloud.config.enabled': 'false',
    'spring.cloud.dataflow.features.streams-enabled': 'false',
    'spring.cloud.dataflow.features.schedules-enabled': 'true',
    'spring.cloud.dataflow.server.uri': baseUrl,
    'spring.datasource.url': options.jdbcUrl,
    'spring.datasource.username': options.username,
    'spring.datasource.password': options.password,
    'spring.datasource.driver-class-name': 'org.postgresql.Driver',
    ...options.properties,
  };
  await mkdir(options.directory, { recursive: true });
  return startServerProcess({
    name: 'SCDF',
    command: 'java',
    arguments: [
      `-Djava.io.tmpdir=${options.directory}`,
      '-jar',
      jar,
      ...Object.entries(properties).map(([name, value]) => `--${name}=${value}`),
    ],
    environment: neutralEnvironment(),
    workingDirectory: options.directory,
    baseUrl,
    readyTimeout: 300_000,
    stopTimeout: 60_000,
  });
}
