import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exchange, form } from '../support/http.js';
import { type Launched, ServerClient, type TaskExecution } from '../support/server-client.js';
import { JARS } from './generations.js';

/** The file that puts right what made the second step of the failing jobs fail; it is not there at first. */
export const REPAIR = 'repaired';

/** The executions that the story leaves, by what they are about. */
export interface Story {
  readonly first: Launched;
  readonly second: Launched;
  readonly failed: Launched;
  readonly pinned: Launched;
  readonly failedJob: Launched;
  readonly failedJob3: Launched;
}

/**
 * What users do with a server: register apps, define tasks, launch them; tasks fail, jobs fail in their second step, a
 * definition is deleted again. Returns when everything has ended.
 *
 * @param applications directory of the built applications
 * @param directory where {@link REPAIR} will lie, and jars of the story's own
 */
export async function tellStory(baseUrl: string, applications: string, directory: string): Promise<Story> {
  const client = new ServerClient(baseUrl);
  await registerApps(client, applications, directory);
  await defineTasks(client);
  const run = async (...launch: Parameters<ServerClient['launch']>): Promise<TaskExecution> =>
    client.ended(await client.launch(...launch), 300_000);
  const failing = (id: string, job: string) =>
    `${id} --spring.batch.job.${job}=job1 --timestamp.batch.fail-step=job1step2 ` +
    `--timestamp.batch.ok-file=${join(directory, REPAIR)}`;
  const [[first, second, failed], pinned, failedJob, failedJob3] = await Promise.all([
    (async () => [
      await run('morning', {
        arguments: '--greeting=hello',
        properties: 'app.stamp.timestamp.exit-message=FIRST,deployer.stamp.memory=256m',
      }),
      await run('morning', { properties: 'app.stamp.timestamp.sleep=1' }),
      await run('morning', { arguments: '--timestamp.fail=true' }),
      await run('morning3'),
    ])(),
    run('pinned', { properties: 'version.stamp=1.1.0' }),
    (async () => {
      await run('ledger', { arguments: 'run.id(long)=1 note=hello' });
      return run('ledger', { arguments: failing('run.id(long)=2', 'names') });
    })(),
    (async () => {
      await run('ledger3', { arguments: 'run.id=1,java.lang.Long' });
      return run('ledger3', { arguments: failing('run.id=2,java.lang.Long', 'name') });
    })(),
  ]);
  if (first === undefined || second === undefined || failed === undefined) throw new Error('not launched');
  return { first, second, failed, pinned, failedJob, failedJob3 };
}

async function registerApps(client: ServerClient, applications: string, directory: string): Promise<void> {
  const jar = (name: keyof typeof JARS) => `file://${join(applications, JARS[name])}`;
  for (const version of ['1.0.0', '1.1.0']) {
    // SCDF wants the uris of all versions to be the same but for the number.
    const path = join(directory, `timestamp-task-${version}.jar`);
    await copyFile(join(applications, JARS.stamp), path);
    await client.register('stamp', version, `file://${path}`, '2');
  }
  await client.register('stamp3', '1.0.0', jar('stamp3'), '3');
  await client.register('items', '1.0.0', jar('items'), '2');
  await client.register('items3', '1.0.0', jar('items3'), '3');
  await client.register('image', '2.0.0', 'docker:example.org/tasks/image:2.0.0');
  await client.register('library', '1.0.0', 'maven://org.example:library:1.0.0');
  await client.register('passing', '1.0.0', 'docker:example.org/tasks/passing:1.0.0');
  await expectStatus(client, 'DELETE', '/apps/task/passing/1.0.0', 200);
}

async function defineTasks(client: ServerClient): Promise<void> {
  await client.define('morning', "stamp --format='yyyy MM'");
  await client.define('morning3', 'stamp3');
  await client.define('pinned', 'stamp --secret.password=hidden');
  await client.define('ledger', 'items');
  await client.define('ledger3', 'items3');
  await client.define('boxed', 'image --mode=fast');
  await client.define('chain', "one: stamp --format='yyyy' && two: stamp3 && <three: items || four: stamp>");
  await client.define('choice', "check: stamp 'COMPLETED'->good: stamp3 '*'->bad: stamp");
  await client.define('short-lived', 'stamp');
  await expectStatus(client, 'DELETE', '/tasks/definitions/short-lived', 200);
  const described = { name: 'described', definition: 'library', description: 'früh – «every» morning' };
  await expectStatus(client, 'POST', '/tasks/definitions', 200, form(described));
}

/** Sends a request and fails with the whole answer if the status is another one. */
export async function expectStatus(
  { baseUrl }: { readonly baseUrl: string },
  method: string,
  target: string,
  status: number,
  body?: string,
): Promise<void> {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' };
  const answer = await exchange(baseUrl, { method, target, headers, body });
  if (answer.status !== status) {
    throw new Error(`${method} ${target}: expected ${status}, got ${answer.status} ${answer.text.slice(0, 1_000)}`);
  }
}
