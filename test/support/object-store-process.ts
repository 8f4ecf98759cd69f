import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './server-process.js';
import { answersAt, type ServiceProcess, startService } from './service-process.js';

/** A server that speaks the protocol of Amazon S3 over a directory, and the version that the tests know. */
export const OBJECT_STORE_PROGRAM = 'github.com/versity/versitygw/cmd/versitygw';
export const OBJECT_STORE_VERSION = 'v1.8.0';

export interface ObjectStoreProcess extends ServiceProcess {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
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
  const endpoint = `http://${address}`;
  const { stop } = await startService({
    name: 'The object store',
    program,
    // Metadata beside the files: not every file system of a test machine has extended attributes.
    arguments: ['--port', address, '--region', account.region, 'posix', '--sidecar', sidecar, root],
    environment: {
      PATH: process.env['PATH'],
      HOME: directory,
      ROOT_ACCESS_KEY: account.accessKeyId,
      ROOT_SECRET_KEY: account.secretAccessKey,
    },
    workingDirectory: directory,
    // Without a signature it is a refusal.
    answers: () => answersAt(endpoint),
  });
  return { endpoint, ...account, stop };
}
