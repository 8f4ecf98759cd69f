import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DemoProblem, reasonOf } from './demo-problem.js';

/** The server that the demo talks to. */
export interface DemoServer {
  readonly url: string;
  /** What it says it is: `Millrace 0.1.0`. */
  readonly product: string;
  /** How it came about, for people. */
  readonly origin: string;
  /** Null for a server that was there before; it is left alone. */
  readonly started: StartedServer | null;
}

/** A server that the demo started. */
export interface StartedServer {
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<unknown>;
  readonly logFile: string;
  /** Ends it in an orderly way. */
  stop(): Promise<void>;
}

/** How long a server may take to start, ms; the first start makes a database. */
const START_TIMEOUT = 120_000;

/** @throws DemoProblem when nothing like a task server answers there */
export async function serverAt(url: string): Promise<DemoServer> {
  const { product, reason } = await productAt(url);
  if (product !== undefined) return { url, product, origin: 'running', started: null };
  throw new DemoProblem(
    `There is no task server at ${url}: ${reason}.`,
    'Start one with npm start, give another address, or leave --server out and the demo starts one.',
  );
}

/** Where things are, what is set, and whether to go on. */
export interface StartOptions {
  /** Holds `dist/main.mjs`. */
  readonly projectDirectory: string;
  /** What paths are shown from. */
  readonly workingDirectory: string;
  /** Where a server is looked for, and started if it is free. */
  readonly port: number;
  /** Gets the server's data and its log. */
  readonly dataDirectory: string;
  /** Settings of the server beside port and data directory. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Aborted: a server that is being started is ended. */
  readonly signal: AbortSignal;
}

/**
 * Uses the server on the usual port if there is one, else starts one.
 * @returns undefined when aborted
 * @throws DemoProblem when no server can be started
 */
export async function findOrStartServer(options: StartOptions): Promise<DemoServer | undefined> {
  return (await serverOnPort(options.port)) ?? (await startServer(options));
}

/** @returns undefined when there is none */
export async function serverOnPort(port: number): Promise<DemoServer | undefined> {
  const url = `http://localhost:${port}`;
  const { product } = await productAt(url);
  return product === undefined ? undefined : { url, product, origin: 'running already', started: null };
}

/**
 * Starts a server, on the usual port if that is free.
 * @returns undefined when aborted
 * @throws DemoProblem when it does not start
 */
export async function startServer(options: StartOptions): Promise<DemoServer | undefined> {
  const usualIsFree = await isFree(options.port);
  const server = await startServerAt(options, usualIsFree ? options.port : await freePort());
  if (server === undefined || usualIsFree) return server;
  return { ...server, origin: `${server.origin}; port ${options.port} is taken` };
}

async function startServerAt(options: StartOptions, port: number): Promise<DemoServer | undefined> {
  const { workingDirectory, dataDirectory, signal } = options;
  const url = `http://localhost:${port}`;
  const logFile = join(dataDirectory, 'demo-server.log');
  const settings = { ...options.properties, 'server.port': String(port), 'millrace.data-dir': dataDirectory };
  const child = spawnServer(options.projectDirectory, settings, openLog(dataDirectory, logFile));
  const ended = once(child, 'exit').catch(() => undefined);
  let running = true;
  void ended.then(() => (running = false));
  const deadline = Date.now() + START_TIMEOUT;
  while (running && !signal.aborted && Date.now() < deadline) {
    const { product } = await productAt(url);
    // The port could have been taken by another server in the meantime; then ours ends.
    if (product !== undefined && running) {
      const origin = `started for this demo; data and log in ${shownPath(workingDirectory, dataDirectory)}`;
      return { url, product, origin, started: { ended, logFile, stop: () => stop(child, ended) } };
    }
    await sleep(100);
  }
  if (running) await stop(child, ended);
  if (signal.aborted) return undefined;
  throw new DemoProblem(`The server did not start: ${lastComplaint(logFile)}`, `Its whole log is ${logFile}.`);
}

/** @returns the path as a person would write it: from here, if it lies below */
export function shownPath(workingDirectory: string, path: string): string {
  const fromHere = relative(workingDirectory, path);
  return fromHere.startsWith('..') ? path : fromHere;
}

/** @param log file descriptor, which is closed here */
function spawnServer(projectDirectory: string, settings: Readonly<Record<string, string>>, log: number): ChildProcess {
  try {
    return spawn(
      process.execPath,
      [
        '--max-semi-space-size=8',
        join(projectDirectory, 'dist', 'main.mjs'),
        ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      ],
      // A process group of its own: Ctrl-C reaches the demo only, which then ends the server in an orderly way.
      { detached: true, stdio: ['ignore', log, log] },
    );
  } finally {
    closeSync(log);
  }
}

function openLog(dataDirectory: string, logFile: string): number {
  try {
    mkdirSync(dataDirectory, { recursive: true });
    return openSync(logFile, 'w');
  } catch (error) {
    throw new DemoProblem(
      `The server's data cannot be kept in ${dataDirectory}: ${reasonOf(error)}.`,
      'Run the demo in a directory that you may write to; a .millrace of another user (root?) has to be removed or renamed.',
    );
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  await ended;
}

/** The last warning or error of a log of JSON lines, else its last line. */
function lastComplaint(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trim().split('\n');
  const complaints = lines.flatMap((line) => {
    try {
      const { level, msg } = JSON.parse(line) as { level?: string; msg?: string };
      return msg !== undefined && ['warn', 'error', 'fatal'].includes(level ?? '') ? [msg] : [];
    } catch {
      // What is no JSON is the readable text of a wrong configuration, or of Node itself.
      return [line];
    }
  });
  return complaints.at(-1) ?? lines.at(-1) ?? 'it said nothing';
}

async function productAt(url: string): Promise<{ readonly product?: string; readonly reason: string }> {
  try {
    const answer = await fetch(`${url}/about`, {
      headers: { Accept: 'application/json' },
      signal: AbortSignal.timeout(5_000),
    });
    if (!answer.ok) return { reason: `/about answers ${answer.status}` };
    const about = (await answer.json()) as About;
    const product = productOf(about);
    return product === undefined ? { reason: '/about answers something else' } : { product, reason: '' };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

interface About {
  readonly versionInfo?: { readonly implementation?: { readonly name?: string; readonly version?: string } };
  readonly gitAndBuildInfo?: { readonly build?: { readonly name?: string; readonly version?: string } };
}

/** Millrace says as SCDF's clients expect that it is SCDF; its build says what it is. */
function productOf({ versionInfo, gitAndBuildInfo }: About): string | undefined {
  const build = gitAndBuildInfo?.build;
  if (build?.name === 'Millrace') return `Millrace ${build.version ?? ''}`.trimEnd();
  const { name, version } = versionInfo?.implementation ?? {};
  return name === undefined ? undefined : `${name} ${version ?? ''}`.trimEnd();
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port);
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
