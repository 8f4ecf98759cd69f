import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange } from './http.js';

/** What it takes to start a server of any kind as a child process of its own. */
export interface ServerProcessOptions {
  /** For messages: `Millrace`, `SCDF`. */
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** The whole environment of the child; nothing is inherited beside it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly baseUrl: string;
  /** The operating-system account that it runs as; this process's own if not given. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
  /** How long the server may take until `GET /about` answers 200, ms. */
  readonly readyTimeout: number;
  /** How long the server may take to end after SIGTERM before it is killed, ms. */
  readonly stopTimeout?: number;
}

export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it took SIGKILL because SIGTERM was not answered in time. */
  readonly forced: boolean;
}

/** A server that runs and has answered `GET /about` once. */
export interface ServerProcess {
  readonly baseUrl: string;
  readonly pid: number;
  /** From the start of the process to the first 200 of `/about`, ms. */
  readonly startUp: number;
  /** Everything that the server has written to its standard output and error so far. */
  log(): string;
  isRunning(): boolean;
  /** Sends a signal and waits for nothing: for tests of a crash. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended, however it ended. */
  ended(): Promise<ServerExit>;
  /** Ends the server with SIGTERM. A server that has ended already is fine. */
  stop(): Promise<ServerExit>;
}

/**
 * Starts a server and waits until it is up.
 *
 * @throws Error with the end of the server's log if it ends or is not up in time; no process is left behind then
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const started = performance.now();
  const child = spawn(options.command, options.arguments, {
    cwd: options.workingDirectory,
    env: { ...options.environment },
    ...options.account,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  const log = () => chunks.join('');
  const end = endOf(child);

  await untilUp(options, end, log).catch(async (failure: unknown) => {
    child.kill('SIGKILL');
    await end;
    throw failure;
  });
  if (child.pid === undefined) {
    throw new Error(`${options.name} has no process id`);
  }
  const startUp = performance.now() - started;
  return {
    baseUrl: options.baseUrl,
    pid: child.pid,
    startUp,
    log,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    kill: (signal) => void child.kill(signal),
    ended: () => end,
    stop: () => stop(child, end, options.stopTimeout ?? 30_000),
  };
}

/** What a server wrote before it ended may arrive after its end; ms that this may take, if a child of it holds its output. */
const LAST_WORDS = 2_000;

/**
 * Starts a server on a port that is free: on another one when somebody took it between the look and the start.
 * @param start throws an Error with the server's log when it does not come up
 */
export async function startOnFreePort<Server>(start: (port: number) => Promise<Server>): Promise<Server> {
  for (let attempts = 1; ; attempts += 1) {
    const port = await freePort();
    try {
      return await start(port);
    } catch (failure) {
      // In the words of Millrace and of Spring Boot.
      const wasTaken = new RegExp(`Port ${port} (is taken|was already in use)`).test(String(failure));
      if (!wasTaken || attempts === 3) throw failure;
    }
  }
}

/** A TCP port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function untilUp(options: ServerProcessOptions, end: Promise<ServerExit>, log: () => string): Promise<void> {
  const deadline = performance.now() + options.readyTimeout;
  let ended: ServerExit | undefined;
  let lastProblem = 'nothing listened';
  void end.then((exit) => (ended = exit));
  while (performance.now() < deadline) {
    if (ended !== undefined) {
      throw new Error(`${options.name} ended (${describeExit(ended)}) before it was up:\n${tail(log())}`);
    }
    try {
      const answer = await exchange(options.baseUrl, { method: 'GET', target: '/about' }, 5_000);
      if (answer.status === 200) {
        return;
      }
      lastProblem = `/about answered ${answer.status}`;
    } catch (failure) {
      lastProblem = failure instanceof Error ? failure.message : String(failure);
    }
    await sleep(25);
  }
  throw new Error(`${options.name} was not up after ${options.readyTimeout} ms (${lastProblem}):\n${tail(log())}`);
}

function endOf(child: ChildProcess): Promise<ServerExit> {
  return new Promise((resolve) => {
    child.on('error', () => resolve({ code: null, signal: null, forced: false }));
    child.on('exit', (code, signal) => {
      const end = { code, signal, forced: false };
      const lastWords = setTimeout(() => resolve(end), LAST_WORDS);
      child.once('close', () => {
        clearTimeout(lastWords);
        resolve(end);
      });
    });
  });
}

async function stop(child: ChildProcess, end: Promise<ServerExit>, timeout: number): Promise<ServerExit> {
  child.kill('SIGTERM');
  const patience = new AbortController();
  const inTime = await Promise.race([
    end,
    sleep(timeout, undefined, { signal: patience.signal }).catch(() => undefined),
  ]);
  patience.abort();
  if (inTime !== undefined) {
    return inTime;
  }
  child.kill('SIGKILL');
  return { ...(await end), forced: true };
}

function describeExit(exit: ServerExit): string {
  return exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
}

function tail(log: string): string {
  return log.split('\n').slice(-60).join('\n');
}
