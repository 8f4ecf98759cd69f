import { join } from 'node:path';
import pg from 'pg';
import { startPeer } from '../bench/peer.js';
import type { ServerProcess } from '../support/server-process.js';
import { startMillrace } from '../support/server.js';
import { differencesOf, peerDifferencesOf } from './differences.js';
import type { Difference } from './differences.js';
import { pendingTags } from './tags.js';
import type { Tag } from './tags.js';

/** The server that the recordings are replayed to, and how far it is meant to follow them. */
export interface Target {
  readonly name: string;
  readonly pending: readonly Tag[];
  readonly jobLinks: 'recorded' | 'meant';
  differencesOf(number: number): readonly Difference[];
  /**
   * Starts the server on an empty database, which goes with it.
   *
   * @param directory where `/data` of the recordings lies; tasks run below `run` in it
   * @param properties Spring properties beside the ones of the main recording, which they override
   */
  start(directory: string, properties?: Readonly<Record<string, string>>): Promise<ServerProcess>;
}

/**
 * Millrace as built; with `COMPAT_PEER_DATABASE=jdbc:postgresql://…` the real SCDF 2.11.5 on that database, in a schema of
 * its own, which shows whether the replay itself is right. `COMPAT_PEER_USERNAME` and `COMPAT_PEER_PASSWORD` belong to it.
 */
export function replayTarget(): Target {
  const database = process.env['COMPAT_PEER_DATABASE'];
  return database === undefined || database === '' ? millrace : peer(database);
}

const settings: Readonly<Record<string, string>> = {
  'spring.cloud.dataflow.features.streams-enabled': 'false',
  'spring.cloud.dataflow.features.schedules-enabled': 'true',
  'spring.cloud.dataflow.task.composedtaskrunner.uri':
    'file:/ctr/spring-cloud-dataflow-composed-task-runner-2.11.5.jar',
};

const millrace: Target = {
  name: 'Millrace',
  pending: pendingTags,
  jobLinks: 'meant',
  differencesOf,
  async start(directory, properties) {
    const all: Record<string, string> = {
      ...settings,
      'spring.cloud.dataflow.task.platform.local.accounts.default.working-directories-root': join(directory, 'run'),
      ...properties,
    };
    const server = await startMillrace({
      arguments: Object.entries(all).map(([name, value]) => `--${name}=${value}`),
    });
    return { ...server, stop: () => server.stop().finally(() => server.clear()) };
  },
};

function peer(jdbcUrl: string): Target {
  const username = process.env['COMPAT_PEER_USERNAME'] ?? 'dataflow';
  const password = process.env['COMPAT_PEER_PASSWORD'] ?? 'dataflow';
  return {
    name: 'SCDF 2.11.5',
    // The jar of its composed-task runner is not on Maven Central.
    pending: ['composed-launches'],
    jobLinks: 'recorded',
    differencesOf: peerDifferencesOf,
    async start(directory, properties = {}) {
      const schema = `compat_${process.pid}_${Date.now()}`;
      const sql = async (statement: string) => {
        const { hostname, port, pathname } = new URL(jdbcUrl.replace(/^jdbc:/, ''));
        const client = new pg.Client({
          host: hostname,
          port: Number(port || 5432),
          database: pathname.slice(1),
          user: username,
          password,
        });
        await client.connect();
        await client.query(statement).finally(() => client.end());
      };
      await sql(`create schema ${schema}`);
      const server = await startPeer({
        jdbcUrl: `${jdbcUrl}${jdbcUrl.includes('?') ? '&' : '?'}currentSchema=${schema}`,
        username,
        password,
        directory: join(directory, 'run'),
        properties: { ...settings, ...properties },
      });
      return { ...server, stop: () => server.stop().finally(() => sql(`drop schema ${schema} cascade`)) };
    },
  };
}
