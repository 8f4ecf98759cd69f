import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3LogStore } from '../../src/logs/s3-log-store.js';
import { buildGoTool, goHere } from '../support/go-tool.js';
import {
  OBJECT_STORE_PROGRAM,
  OBJECT_STORE_VERSION,
  type ObjectStoreProcess,
  startObjectStore,
} from '../support/object-store-process.js';
import type { TaskExecution } from '../support/server-client.js';
import { eventually, Workbench } from '../support/workbench.js';

const go = await goHere();
if (!go) console.warn('Skipped: the object store suite builds a real S3 server, and there is no Go on the PATH.');

const BUCKET = 'kept-logs';

(go ? describe : describe.skip)('a bucket of an S3-compatible store', () => {
  let directory: string;
  let program: string;
  let process: ObjectStoreProcess | undefined;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-object-store-'));
    program = await buildGoTool(OBJECT_STORE_PROGRAM, OBJECT_STORE_VERSION);
    process = await startObjectStore(program, directory, [BUCKET]);
  }, 1_800_000);

  afterAll(async () => {
    await process?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const settings = (changes: object = {}) => {
    if (process === undefined) throw new Error('the object store is not up');
    const { endpoint, region, accessKeyId, secretAccessKey } = process;
    const all = { endpoint, region, accessKeyId, secretAccessKey, bucket: BUCKET, prefix: 'a/', pathStyle: true };
    return { ...all, ...changes };
  };

  /** Names of all objects. */
  const objects = async () => {
    const entries = await readdir(join(directory, 'buckets', BUCKET), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  };

  it('takes bytes, gives them back and removes them', async () => {
    const store = new S3LogStore(settings());
    const content = Buffer.from([0, 1, 2, 255, ...Buffer.from('ä')]);
    for (const key of [store.keyOf('an-instance', 'boot3', 17), "a/it's (1) + & ~ ä/x"]) {
      expect(await store.get(key)).toBeUndefined();
      await store.put(key, Buffer.from('first'));
      await store.put(key, content);
      expect(await store.get(key)).toEqual(content);
      await store.remove(key);
      await store.remove(key);
      expect(await store.get(key)).toBeUndefined();
    }
  });

  it.each([
    [{ secretAccessKey: 'wrong-and-private' }, /is answered 403 \(SignatureDoesNotMatch\)/],
    [{ accessKeyId: 'unknown-private' }, /is answered 40\d \(\w+\)/],
    [{ bucket: 'no-such-bucket' }, /is answered 404 \(NoSuchBucket\)/],
    [{ endpoint: 'http://127.0.0.1:2' }, /failed: .*ECONNREFUSED/],
  ])('says what is wrong with %j, and no secret', async (changes, message) => {
    const store = new S3LogStore(settings(changes));
    const ask = [store.put('a/x', Buffer.from('x')), store.get('a/x'), store.remove('a/x')];
    for (const outcome of await Promise.allSettled(ask)) {
      const reason = outcome.status === 'rejected' ? String(outcome.reason) : 'fulfilled';
      expect(reason).toMatch(message);
      expect(reason).not.toMatch(/private|not-so-secret|logs-keeper/);
    }
  });

  it('keeps the logs of executions, through an outage too, and loses them with the rows', async () => {
    const properties = Object.entries({
      endpoint: settings().endpoint,
      region: settings().region,
      bucket: BUCKET,
      'access-key-id': settings().accessKeyId,
      'secret-access-key': settings().secretAccessKey,
    }).map(([name, value]) => [`millrace.logs.s3.${name}`, value]);
    const bench = await Workbench.open({ 'millrace.logs.archive': 's3', ...Object.fromEntries(properties) });
    try {
      await bench.scriptTask('talker', 'echo "out $1"');
      const log = async ({ externalExecutionId }: TaskExecution) =>
        (await bench.get(`/tasks/logs/${externalExecutionId}`)).body;
      const first = await bench.run('talker', { arguments: '1' });
      await eventually(objects, (names) => names.length === 1);
      await bench.delete(`/tasks/executions/${first.executionId}`);
      expect(await log(first)).toBe('stdout:\nout 1\n');

      // Without the store nothing is removed that could not be kept, and nobody waits for it.
      await process?.stop();
      const second = await bench.run('talker', { arguments: '2' });
      await bench.delete(`/tasks/executions/${second.executionId}`);
      expect(await log(second)).toBe('stdout:\nout 2\n');
      expect(await log(first)).toBe('Log could not be retrieved.  Verify that deployments are still available.');
      const port = new URL(settings().endpoint).port;
      process = await startObjectStore(program, directory, [BUCKET], Number(port));
      expect(await log(first)).toBe('stdout:\nout 1\n');
      await bench.delete(`/tasks/executions/${second.executionId}`);
      expect([await log(second), (await objects()).length]).toEqual(['stdout:\nout 2\n', 2]);

      const ids = `${first.executionId},${second.executionId}`;
      expect((await bench.delete(`/tasks/executions/${ids}?action=REMOVE_DATA`)).status).toBe(200);
      expect(await log(first)).toBe('Log could not be retrieved as the task instance is not running.');
      await eventually(objects, (names) => names.length === 0);
    } finally {
      await bench.close();
    }
  }, 120_000);
});
