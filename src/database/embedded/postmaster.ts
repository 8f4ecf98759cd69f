import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessAccount } from './account.js';
import type { PostgresBinaries } from './binaries.js';
import { isAlive, postgresEnvironment } from './data-directory.js';

/** A running PostgreSQL, as its `postmaster.pid` describes it. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/** How often the state of a starting or stopping PostgreSQL is looked at, ms. */
const POLL = 5;
/** Recovery after a crash may read a lot of log; it is waited for as long as the process lives, up to this, ms. */
const START_TIMEOUT = 300_000;
/** An orderly stop writes a checkpoint; after this, ms, it is cut short (the next start then recovers). */
const STOP_TIMEOUT = 30_000;
const LOG_LIMIT = 10_000_000;

/** What a start of PostgreSQL needs to know. */
export interface PostmasterOptions {
  readonly binaries: PostgresBinaries;
  readonly directory: string;
  readonly account: ProcessAccount | undefined;
  readonly logFile: string;
  /** false switches off flushing to disk, for tests. */
  readonly durable: boolean;
  readonly preferredPort: number | undefined;
}

/**
 * Finds the PostgreSQL that runs on a data directory, whoever started it, or starts one. Two servers may do this at the
 * same time: PostgreSQL lets one of the two processes live, and both servers end up with that one.
 *
 * @throws Error with the end of PostgreSQL's log when it does not start
 */
export async function findOrStartPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const deadline = Date.now() + START_TIMEOUT;
  let failures = 0;
  for (;;) {
    const running = await waitForRunning(options.directory, deadline);
    if (running !== undefined) return running;
    const exited = await startPostmaster(options, failures === 0);
    while (!exited.done && Date.now() < deadline) {
      const started = await readyPostmaster(options.directory);
      if (started !== undefined) return started;
      await sleep(POLL);
    }
    failures += 1;
    // Somebody else may have started it, taken the port, or orphans of a killed one may still hold its memory.
    if (failures > 20 || Date.now() > deadline) throw new Error(await failureText(options, exited.reason));
    await sleep(50 * Math.min(failures, 10));
  }
}

/** Reads `postmaster.pid`: process id, directory, start, port, socket directory, address, memory key, status. */
async function readPidFile(directory: string): Promise<{ pid: number; port: number; status: string } | undefined> {
  const text = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const lines = text?.split('\n') ?? [];
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number.isInteger(port) ? port : 0, status: lines[7]?.trim() ?? '' };
}

async function readyPostmaster(directory: string): Promise<Postmaster | undefined> {
  const file = await readPidFile(directory);
  return file?.status === 'ready' && file.port > 0 && isAlive(file.pid)
    ? { pid: file.pid, port: file.port }
    : undefined;
}

/** Waits while a PostgreSQL of this directory starts or stops. @returns undefined when none runs (any more) */
async function waitForRunning(directory: string, deadline: number): Promise<Postmaster | undefined> {
  while (Date.now() < deadline) {
    const file = await readPidFile(directory);
    if (file === undefined || !isAlive(file.pid)) return undefined;
    if (!(await isPostmasterOf(file.pid, directory))) {
      // The number belongs to another process by now. PostgreSQL itself would refuse to start over such a file.
      await rm(join(directory, 'postmaster.pid'), { force: true });
      return undefined;
    }
    if (file.status === 'ready' && file.port > 0) return { pid: file.pid, port: file.port };
    await sleep(POLL);
  }
  return undefined;
}

/** Whether a process is the PostgreSQL of a directory: PostgreSQL makes that directory its current one. */
async function isPostmasterOf(pid: number, directory: string): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const current = await readlink(`/proc/${pid}/cwd`).catch((error: NodeJS.ErrnoException) => error.code);
  // Another user's process: not to be looked into, so believe the file.
  if (current === 'EACCES' || current === 'EPERM') return true;
  return current === (await realpath(directory));
}

/** @returns an object that tells when the process has ended */
async function startPostmaster(
  options: PostmasterOptions,
  preferPort: boolean,
): Promise<{ done: boolean; reason: string }> {
  const port = await freePort(preferPort ? options.preferredPort : undefined);
  await rotate(options.logFile);
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(options.binaries.postgres, serverArguments(options, port), {
    cwd: '/',
    env: postgresEnvironment,
    stdio: ['ignore', log, log],
    // A process group of its own: Ctrl-C in the terminal reaches this server, which stops PostgreSQL last.
    detached: true,
    ...(options.account === undefined ? {} : { uid: options.account.uid, gid: options.account.gid }),
  });
  closeSync(log);
  const state = { done: false, reason: '' };
  child.once('error', (error) => Object.assign(state, { done: true, reason: error.message }));
  child.once('exit', (code, signal) =>
    Object.assign(state, { done: true, reason: `it ended with ${signal ?? `code ${code}`}` }),
  );
  child.unref();
  return state;
}

function serverArguments(options: PostmasterOptions, port: number): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    // Each application of the local platform brings a pool of its own (ten connections with Spring's default).
    max_connections: 300,
    shared_buffers: '64MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // Statements can hold secrets.
    log_min_error_statement: 'panic',
    // One machine, no replica: the least write-ahead log, and no processes that wait for work.
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    io_method: 'sync',
    max_wal_size: '256MB',
    jit: 'off',
    random_page_cost: 1.1,
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return ['-D', options.directory, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function rotate(logFile: string): Promise<void> {
  const found = await stat(logFile).catch(() => undefined);
  if (found !== undefined && found.size > LOG_LIMIT) await rename(logFile, `${logFile}.1`);
}

/** The preferred port if nobody listens there, else one that the system gives. */
async function freePort(preferred: number | undefined): Promise<number> {
  if (preferred !== undefined && (await tryPort(preferred)) !== undefined) return preferred;
  const port = await tryPort(0);
  if (port === undefined) throw new Error('No free port on 127.0.0.1 for the embedded PostgreSQL.');
  return port;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

async function failureText(options: PostmasterOptions, reason: string): Promise<string> {
  const log = await readFile(options.logFile, 'utf8').catch(() => '');
  const end = log.trim().split('\n').slice(-5).join('; ');
  return `The embedded PostgreSQL on ${options.directory} does not start (${reason}). The end of ${options.logFile}: ${end}`;
}

/** Whether this PostgreSQL still runs. */
export async function isRunning(directory: string, postmaster: Postmaster): Promise<boolean> {
  if (!isAlive(postmaster.pid)) return false;
  return (await readPidFile(directory))?.pid === postmaster.pid;
}

/**
 * Stops PostgreSQL in order: sessions are ended, a checkpoint is written.
 *
 * @throws Error when it belongs to another user
 */
export async function stopPostmaster(directory: string, postmaster: Postmaster): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const deadline = Date.now() + STOP_TIMEOUT;
    try {
      process.kill(postmaster.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw error;
    }
    while (Date.now() < deadline) {
      if (!(await isRunning(directory, postmaster))) return;
      await sleep(POLL);
    }
  }
}
