import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that serves the tests: an object store, a container registry. */
export interface ServiceProgram {
  /** For messages: `The registry`. */
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
  /** The whole environment of the program. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory?: string;
  /** Whether it serves; asked again and again. */
  readonly answers: () => Promise<boolean>;
}

/** A program that serves, until it is stopped. */
export interface ServiceProcess {
  readonly stop: () => Promise<void>;
}

/**
 * Starts a program and waits until it serves.
 * @throws Error with the end of its output if it ends or does not come up within a minute; nothing is left running then
 */
export async function startService(service: ServiceProgram): Promise<ServiceProcess> {
  const child = spawn(service.program, service.arguments, {
    env: service.environment,
    cwd: service.workingDirectory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  for (const giveUp = Date.now() + 60_000; !(await service.answers()); await sleep(100)) {
    if (child.exitCode === null && Date.now() <= giveUp) continue;
    await end('SIGKILL');
    throw new Error(`${service.name} does not come up:\n${log.slice(-4_000)}`);
  }
  return { stop: () => end('SIGTERM') };
}

/** Whether anything answers there; a refusal will do. */
export function answersAt(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}
