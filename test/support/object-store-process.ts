import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './server-process.js';

/** A server that speaks the protocol of Amazon S3 over a directory, and the version that the tests know. */
export const OBJECT_STORE_PROGRAM = 'github.com/versity/versitygw/cmd/versitygw';
export const OBJECT_STORE_VERSION = 'v1.8.0';

export interface ObjectStoreProcess {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  stop(): Promise<void>;
}

/**
 * Starts an object store on the loopback interface and waits until it answers.
 * @param directory buckets are the directories below `buckets` in it, objects the files in those
 * @param buckets that are there
 * @param port a free one if not given
 */
export async function startObjectStore(
  program: string,
  directory: string,
  buckets: readonly string[],
  port?: number,
): Promise<ObjectStoreProcess> {
  const root = join(directory, 'buckets');
  const sidecar = join(directory, 'sidecar');
  await mkdir(sidecar, { recursive: true });
  for (const bucket of buckets) await mkdir(join(root, bucket), { recursive: true });
  const address = `127.0.0.1:${port ?? (await freePort())}`;
  const account = { accessKeyId: 'logs-keeper', secretAccessKey: 'not-so-secret', region: 'eu-test-1' };
  // Metadata beside the files: not every file system of a test machine has extended attributes.
  const child = spawn(program, ['--port', address, '--region', account.region, 'posix', '--sidecar', sidecar, root], {
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      ROOT_ACCESS_KEY: account.accessKeyId,
      ROOT_SECRET_KEY: account.secretAccessKey,
    },
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const endpoint = `http://${address}`;
  for (const giveUp = Date.now() + 60_000; !(await answers(endpoint)); await sleep(100)) {
    if (child.exitCode !== null || Date.now() > giveUp) {
      child.kill('SIGKILL');
      await ended;
      throw new Error(`The object store does not come up:\n${log.slice(-4_000)}`);
    }
  }
  return { endpoint, ...account, stop };
}

/** Any answer will do; without a signature it is a refusal. */
function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}
