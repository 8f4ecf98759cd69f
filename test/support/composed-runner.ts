import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from './database.js';
import { neutralEnvironment, serverCommand } from './server.js';
import { eventually } from './workbench.js';

/** The composed task runner as a process of its own. */
export interface RunnerProcess {
  /** What it has written so far, to standard output and error. */
  output(): string;
  /** Waits until it has written a text. */
  told(text: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it has ended: its exit code, or null after a signal that it did not answer. */
  ended(): Promise<number | null>;
  /** Ends it as the loss of its machine does, if it still runs. */
  kill(): Promise<void>;
}

/** Starts the built runner: `node dist/main.mjs compose …`. */
export function startRunner(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): RunnerProcess {
  const [command = process.execPath, ...program] = serverCommand();
  const directory = mkdtempSync(join(scratchDirectory(), 'millrace-runner-'));
  const child = spawn(command, [...program, 'compose', ...words], {
    cwd: directory,
    env: { ...neutralEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  child.once('close', () => rmSync(directory, { recursive: true, force: true }));
  return {
    output: () => output,
    async told(text) {
      await eventually(
        async () => output,
        (written) => written.includes(text),
      );
    },
    signal: (signal) => void child.kill(signal),
    ended: async () => (await closed)[0],
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
