import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, startServerProcess } from '../support/server-process.js';
import type { ServerProcess } from '../support/server-process.js';
import { neutralEnvironment } from '../support/server.js';
import type { BenchDatabase } from './bench-database.js';
import { quantile, usageOf } from './measure.js';
import { startPeer } from './peer.js';

/** A server under measurement. */
export type Start = (port: number) => Promise<ServerProcess & { clear(): Promise<void> }>;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Starts the built server as `npm start` does, on a database that runs already. @param databasePort of PostgreSQL, or of a way to it */
export async function startMillrace(database: BenchDatabase, databasePort = database.port) {
  return startMillraceWith(dataSourceOf(database, databasePort));
}

/** The variables by which a server finds the database. */
export function dataSourceOf(database: BenchDatabase, databasePort = database.port): Readonly<Record<string, string>> {
  return {
    SPRING_DATASOURCE_URL: `jdbc:postgresql://${database.host}:${databasePort}/${database.name}`,
    SPRING_DATASOURCE_USERNAME: database.user,
    SPRING_DATASOURCE_PASSWORD: database.password,
  };
}

/** The same with the PostgreSQL that it brings, in a data directory that may be there already. */
export async function startMillraceAlone(dataDirectory: string) {
  return startMillraceWith({ MILLRACE_DATA_DIR: dataDirectory });
}

/**
 * Starts the built server as `npm start` does, with the test suites' neutral environment and these variables.
 * @param nodeOptions more options of Node for the process, as `--cpu-prof`
 */
export async function startMillraceWith(
  properties: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
) {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const port = await freePort();
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const [, ...words] = scripts.start.split(' ');
  const server = await startServerProcess({
    name: 'Millrace',
    command: process.execPath,
    arguments: [...nodeOptions, ...words].map((word) => (word.startsWith('dist/') ? join(ROOT, word) : word)),
    environment: {
      ...neutralEnvironment(),
      SERVER_ADDRESS: '127.0.0.1',
      SERVER_PORT: String(port),
      MILLRACE_DATA_DIR: directory,
      LOGGING_LEVEL_ROOT: 'warn',
      // As many as it takes: what is measured is the accept path, not the limit.
      SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_LOCAL_ACCOUNTS_DEFAULT_MAXIMUM_CONCURRENT_TASKS: '100000',
      ...properties,
    },
    workingDirectory: directory,
    baseUrl: `http://127.0.0.1:${port}`,
    // The first start on a large history counts it and makes its indexes.
    readyTimeout: 3_600_000,
  });
  return { ...server, clear: () => rm(directory, { recursive: true, force: true }) };
}

/** Starts the real SCDF 2.11.5 on the same database. */
export async function startScdf(database: BenchDatabase, databasePort = database.port) {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-peer-'));
  const server = await startPeer({
    jdbcUrl: `jdbc:postgresql://${database.host}:${databasePort}/${database.name}`,
    username: database.user,
    password: database.password,
    directory,
    properties: { 'spring.cloud.dataflow.task.platform.local.accounts.default.maximum-concurrent-tasks': '100000' },
  });
  return { ...server, clear: () => rm(directory, { recursive: true, force: true }) };
}

/** Figures of starts: medians. */
export interface StartFigures {
  /** From the start of the process to the first 200 of `/about`, ms. */
  readonly time: number;
  readonly fastest: number;
  /** Processor time until then, s. */
  readonly cpuSeconds: number;
  /** Resident memory of the server after ten idle seconds, bytes. */
  readonly idleBytes: number;
  readonly runs: number;
}

/** Starts a server several times. */
export async function measureStarts(
  start: () => Promise<ServerProcess & { clear(): Promise<void> }>,
  runs: number,
): Promise<StartFigures> {
  const figures: { time: number; cpuSeconds: number; idleBytes: number }[] = [];
  for (let run = 0; run < runs; run += 1) {
    const server = await start();
    const { cpuSeconds } = await usageOf(server.pid);
    await sleep(10_000);
    const { residentBytes } = await usageOf(server.pid);
    figures.push({ time: server.startUp, cpuSeconds, idleBytes: residentBytes });
    await server.stop();
    await server.clear();
  }
  return {
    time: quantile(
      figures.map(({ time }) => time),
      0.5,
    ),
    fastest: Math.min(...figures.map(({ time }) => time)),
    cpuSeconds: quantile(
      figures.map(({ cpuSeconds }) => cpuSeconds),
      0.5,
    ),
    idleBytes: quantile(
      figures.map(({ idleBytes }) => idleBytes),
      0.5,
    ),
    runs,
  };
}
