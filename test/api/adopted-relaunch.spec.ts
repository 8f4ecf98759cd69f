import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { restoreScdfDatabase, type TestDatabase } from '../support/database.js';
import { exchange } from '../support/http.js';
import { type Launched, ServerClient, type TaskExecution } from '../support/server-client.js';
import { writeScript } from '../support/workbench.js';

/** Keys that the server adds for the app of a launch; SCDF 2.5 knew none of them. */
const ADDED = /^app\.\w+\.(spring\.cloud\.task\.|spring\.batch\.jdbc\.|spring\.cloud\.deployer\.bootVersion)/;

let database: TestDatabase;
let application: pg.Client;
let server: ApiServer;
let client: ServerClient;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-relaunch-'));
  database = await restoreScdfDatabase('2.5.1');
  application = await database.client();
}, 60_000);

afterEach(async () => {
  await server?.close();
  await database?.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** Takes the database over; the apps become programs, since those of the dump are on another machine. */
async function takeOver(): Promise<void> {
  const uri = await writeScript(directory, 'program.sh', ['exit 0']);
  await application.query(
    `update app_registration set uri = lo_from_bytea(0, convert_to($1, 'UTF8'))::text where name in ('stamp', 'items')`,
    [uri],
  );
  server = await startApiServer({ database });
  client = new ServerClient(server.url);
}

async function writeManifestProperties(execution: number, properties: Record<string, string>): Promise<void> {
  await application.query(
    `update task_execution_metadata set task_execution_manifest =
       jsonb_set(task_execution_manifest::jsonb, '{taskDeploymentRequest,deploymentProperties}', $2::jsonb)::text
      where task_execution_id = $1`,
    [execution, JSON.stringify(properties)],
  );
}

interface Request {
  readonly manifest: Record<string, string>;
  /** What the platform was asked for. */
  readonly deployer: Record<string, string>;
}

async function requestOf({ executionId }: Launched): Promise<Request> {
  const { rows } = await application.query<{ manifest: string; deployer: Record<string, string> }>(
    `select task_execution_manifest as manifest, request->'deploymentProperties' as deployer
       from task_execution_metadata join millrace_launch using (task_execution_id) where task_execution_id = $1`,
    [executionId],
  );
  const { taskDeploymentRequest } = JSON.parse(rows[0]?.manifest ?? '') as {
    taskDeploymentRequest: { deploymentProperties: Record<string, string> };
  };
  const kept = Object.entries(taskDeploymentRequest.deploymentProperties).filter(([key]) => !ADDED.test(key));
  return { manifest: Object.fromEntries(kept), deployer: rows[0]?.deployer ?? {} };
}

describe('a task that SCDF 2.5.1 launched last', () => {
  const FIRST = { 'app.stamp.timestamp.exit-message': 'FIRST' };

  it('keeps its properties at the next launch, deployer properties under the name of its app', async () => {
    await takeOver();
    const launched = await client.launch('morning');
    expect(await requestOf(launched)).toEqual({
      manifest: { ...FIRST, 'deployer.stamp.memory': '256m' },
      deployer: { memory: '256m' },
    });
    const execution = await client.ended(launched);
    expect(execution.arguments.filter((argument) => argument.includes('platformname'))).toEqual([]);
    // And from there on, as any other.
    expect(await requestOf(await client.launch('morning', { properties: 'deployer.stamp.memory=' }))).toEqual({
      manifest: FIRST,
      deployer: {},
    });
  });

  it.each<[string, Record<string, string>, string, Request['manifest'], Request['deployer']]>([
    [
      'of Kubernetes, kept',
      {
        'spring.cloud.deployer.kubernetes.limits.memory': '1Gi',
        'spring.cloud.deployer.kubernetes.image-pull-policy': 'Never',
      },
      '',
      { 'deployer.stamp.kubernetes.limits.memory': '1Gi', 'deployer.stamp.kubernetes.image-pull-policy': 'Never' },
      { 'kubernetes.limits.memory': '1Gi', 'kubernetes.image-pull-policy': 'Never' },
    ],
    [
      'replaced by one for the app',
      { 'spring.cloud.deployer.kubernetes.limits.memory': '1Gi' },
      'deployer.stamp.kubernetes.limits.memory=2Gi',
      { 'deployer.stamp.kubernetes.limits.memory': '2Gi' },
      { 'kubernetes.limits.memory': '2Gi' },
    ],
    [
      'replaced by one for all apps',
      { 'spring.cloud.deployer.memory': '1g' },
      'deployer.*.memory=2g',
      { 'deployer.*.memory': '2g' },
      { memory: '2g' },
    ],
    [
      'removed',
      { 'spring.cloud.deployer.memory': '1g', 'spring.cloud.deployer.local.java-opts': '-Xss1m' },
      'deployer.stamp.memory=',
      { 'deployer.stamp.local.java-opts': '-Xss1m' },
      { 'local.java-opts': '-Xss1m' },
    ],
    [
      'in both forms, as a newer SCDF left them: as the user wrote it',
      { 'spring.cloud.deployer.memory': '1g', 'deployer.stamp.memory': '2g' },
      '',
      { 'deployer.stamp.memory': '2g' },
      { memory: '2g' },
    ],
    [
      'as SCDF 2.9 and later write them',
      { 'deployer.stamp.kubernetes.limits.memory': '1Gi', 'deployer.*.memory': '1g' },
      '',
      { 'deployer.stamp.kubernetes.limits.memory': '1Gi', 'deployer.*.memory': '1g' },
      { 'kubernetes.limits.memory': '1Gi', memory: '1g' },
    ],
  ])('has a deployer property %s', async (_, before, properties, manifest, deployer) => {
    await writeManifestProperties(1, before);
    await takeOver();
    expect(await requestOf(await client.launch('morning', { properties }))).toEqual({ manifest, deployer });
  });

  it('and whose job failed is restarted with its arguments and properties, none twice', async () => {
    await writeManifestProperties(2, { 'spring.cloud.deployer.kubernetes.limits.memory': '1Gi', 'app.items.a': 'b' });
    await application.query(
      `update batch_job_execution set status = 'FAILED', exit_code = 'FAILED' where job_execution_id = 2`,
    );
    await takeOver();
    const answer = await exchange(server.url, { method: 'PUT', target: '/jobs/executions/2?restart=true' });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
    const [launched] = await client.list<TaskExecution>(
      '/tasks/executions?name=ledger&size=1&sort=TASK_EXECUTION_ID,desc',
    );
    if (launched === undefined) throw new Error('nothing was launched');
    const newest = await client.ended(launched);
    expect(newest.platformName).toBe('default');
    expect(newest.arguments.filter((argument) => !argument.startsWith('--app.items.'))).toEqual([
      'run.id(long)=1',
      '--spring.batch.job.names=job2',
    ]);
    expect(await requestOf(newest)).toEqual({
      manifest: { 'deployer.items.kubernetes.limits.memory': '1Gi', 'app.items.a': 'b' },
      deployer: { 'kubernetes.limits.memory': '1Gi' },
    });
  });
});
