import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { loadConfiguration } from '../../src/configuration/load-configuration.js';
import { createLogger } from '../../src/observability/logger.js';
import { startServer } from '../../src/server.js';
import { createTestDatabase, type TestDatabase } from './database.js';

/** A server inside the test's own process, on a fresh database. */
export interface ApiServer {
  /** With the context path, without trailing slash. */
  readonly url: string;
  /** Base of the management endpoints, if they have a listener of their own. */
  readonly managementUrl: string | undefined;
  readonly application: INestApplication;
  readonly database: TestDatabase;
  /** Stops the server and drops what was made for it. */
  close(): Promise<void>;
}

export interface ApiServerOptions {
  /** Properties of the configuration by their full names. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Used instead of a fresh one; closing it is the caller's affair. */
  readonly database?: TestDatabase;
}

/** Starts the real server on a free port of the loopback interface. */
export async function startApiServer({ properties = {}, database }: ApiServerOptions = {}): Promise<ApiServer> {
  const used = database ?? (await createTestDatabase());
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-api-'));
  const dispose = async () => {
    if (database === undefined) await used.close();
    // Programs of ended tests may still write their last words.
    await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  try {
    const { configuration } = await loadConfiguration({
      environment: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
      arguments: Object.entries({ ...propertiesFor(used, dataDir), ...properties }).map(
        ([name, value]) => `--${name}=${value}`,
      ),
      workingDirectory: dataDir,
    });
    const server = await startServer({ configuration, logger: await createLogger('silent') });
    return {
      url: server.url,
      managementUrl: server.managementUrl,
      application: server.application,
      database: used,
      async close() {
        await server.close();
        await dispose();
      },
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function propertiesFor({ configuration }: TestDatabase, dataDir: string): Record<string, string> {
  const { url, username, password } = configuration.datasource;
  return {
    'server.port': '0',
    'server.address': '127.0.0.1',
    'millrace.data-dir': dataDir,
    'spring.datasource.url': url ?? '',
    'spring.datasource.username': username ?? '',
    'spring.datasource.password': password ?? '',
  };
}
