import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPeer } from '../bench/peer.js';
import { buildWithMaven } from '../support/maven.js';
import type { ServerProcess } from '../support/server-process.js';
import { startMillrace } from '../support/server.js';
import { differencesOf } from './differences.js';
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
   * Starts the server on an empty database.
   *
   * @param directory where `/data` of the recordings lies; tasks run below `run` in it
   * @param properties Spring properties beside the ones of the main recording, which they override
   */
  start(directory: string, properties?: Readonly<Record<string, string>>): Promise<ServerProcess>;
}

/** The applications of this folder, built: what lay under `/apps` when the recordings were made. */
export function buildApplications(): Promise<string> {
  return buildWithMaven('applications', join(dirname(fileURLToPath(import.meta.url)), 'applications'));
}

/**
 * Millrace as built; with `COMPAT_PEER_DATABASE=jdbc:postgresql://…` the real SCDF 2.11.5 on that (empty) database, which
 * shows whether the replay itself is right. `COMPAT_PEER_USERNAME` and `COMPAT_PEER_PASSWORD` belong to it.
 */
export function replayTarget(): Target {
  const database = process.env['COMPAT_PEER_DATABASE'];
  return database === undefined || database === '' ? millrace : peer(database);
}

/** A temporary directory for the `/data` of the recordings. */
export async function dataDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-compat-'));
  await mkdir(join(path, 'run'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

const settings: Readonly<Record<string, string>> = {
  'spring.cloud.dataflow.features.streams-enabled': 'false',
  'spring.cloud.dataflow.features.schedules-enabled': 'true',
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
    return {
      ...server,
      stop: async () => {
        const exit = await server.stop();
        await server.clear();
        return exit;
      },
    };
  },
};

function peer(jdbcUrl: string): Target {
  return {
    name: 'SCDF 2.11.5',
    // The jar of its composed-task runner is not on Maven Central.
    pending: ['composed-launches'],
    jobLinks: 'recorded',
    differencesOf: () => [],
    start: (directory, properties = {}) =>
      startPeer({
        jdbcUrl,
        username: process.env['COMPAT_PEER_USERNAME'] ?? 'dataflow',
        password: process.env['COMPAT_PEER_PASSWORD'] ?? 'dataflow',
        directory: join(directory, 'run'),
        properties: { ...settings, ...properties },
      }),
  };
}
