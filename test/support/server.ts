import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeDataDirectory } from './data-directory.js';
import { startOnFreePort, startServerProcess } from './server-process.js';
import type { ServerProcess } from './server-process.js';

export interface MillraceOptions {
  /** Properties of the server by their environment names; `undefined` removes one that the test inherits. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Command-line arguments: `--server.port=…`. */
  readonly arguments?: readonly string[];
  /** Where the server keeps its data; a temporary directory that goes with the server if not given. */
  readonly dataDirectory?: string;
  /** The operating-system account that it runs as; this process's own if not given. It must own the data directory. */
  readonly account?: { readonly uid: number; readonly gid: number };
  /** A free port if not given. */
  readonly port?: number;
  /** ms; the first start of an embedded PostgreSQL makes its data directory. */
  readonly readyTimeout?: number;
}

export interface Millrace extends ServerProcess {
  readonly port: number;
  readonly dataDirectory: string;
  /** Removes the data directory if this module made it. The server has to be stopped first. */
  clear(): Promise<void>;
}

const projectDirectory = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Starts the built server as a child process on the loopback interface and waits until it answers.
 *
 * `MILLRACE_TEST_SERVER` names another command than the built server's, words separated by blanks.
 *
 * The test's own environment is handed on without what would configure a server (`SPRING_*`, `MILLRACE_*`, …), so that a
 * test means the same on every machine. The working directory is the data directory: no configuration file of the
 * project is picked up either.
 *
 * @throws Error with the end of the server's log if it does not come up
 */
export async function startMillrace(options: MillraceOptions = {}): Promise<Millrace> {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'millrace-test-')));
  const clear = async () => {
    if (options.dataDirectory === undefined) {
      await removeDataDirectory(dataDirectory);
    }
  };
  const [command = process.execPath, ...words] = serverCommand();
  const startOn = async (port: number): Promise<Millrace> => {
    const server = await startServerProcess({
      name: 'Millrace',
      command,
      arguments: [...words, ...(options.arguments ?? [])],
      environment: {
        ...neutralEnvironment(),
        SERVER_ADDRESS: '127.0.0.1',
        SERVER_PORT: String(port),
        MILLRACE_DATA_DIR: dataDirectory,
        ...options.environment,
      },
      workingDirectory: dataDirectory,
      baseUrl: `http://127.0.0.1:${port}`,
      account: options.account,
      readyTimeout: options.readyTimeout ?? 120_000,
    });
    return { ...server, port, dataDirectory, clear };
  };
  try {
    return await (options.port === undefined ? startOnFreePort(startOn) : startOn(options.port));
  } catch (failure) {
    await clear();
    throw failure;
  }
}

/** The command line that starts the server, as words. */
export function serverCommand(): readonly string[] {
  const configured = process.env['MILLRACE_TEST_SERVER'];
  return configured === undefined || configured.trim() === ''
    ? [process.execPath, join(projectDirectory, 'dist', 'main.mjs')]
    : configured.trim().split(/\s+/);
}

/** The environment of this process without the variables that a server would take for its configuration. */
export function neutralEnvironment(): Record<string, string | undefined> {
  const configures = /^(spring|server|millrace|maven|management|logging|kubernetes)(_|$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !configures.test(name)));
}
