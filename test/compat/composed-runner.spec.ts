import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { startPeer } from '../bench/peer.js';
import {
  createEmptyDatabase,
  joinTestPostgres,
  restoreScdfDatabase,
  scratchDirectory,
  type TestDatabase,
} from '../support/database.js';
import { mavenHere } from '../support/maven.js';
import { ServerClient, type TaskExecution } from '../support/server-client.js';
import { serverCommand } from '../support/server.js';
import type { ServerProcess } from '../support/server-process.js';
import { JARS } from './generations.js';
import { buildApplications } from './session.js';

const run = promisify(execFile);
const maven = await mavenHere();

/**
 * SCDF's server launches composed tasks with Millrace's runner in the place of its own. SCDF's runner is not in Maven Central
 * in this version; what it wrote for the same task is in the database that a real SCDF 2.11.5 left.
 */
(maven.available ? describe : describe.skip)('SCDF 2.11.5 with Millrace’s composed task runner', () => {
  let directory: string;
  let postgres: Awaited<ReturnType<typeof joinTestPostgres>>;
  let database: TestDatabase;
  let recorded: unknown;
  let server: ServerProcess;
  let client: ServerClient;

  beforeAll(async () => {
    directory = await mkdtemp(join(scratchDirectory(), 'millrace-runner-compat-'));
    postgres = await joinTestPostgres();
    database = await createEmptyDatabase();
    const left = await restoreScdfDatabase();
    recorded = await rowsOf(left).finally(() => left.close());
    const { url = '', username = '', password = '' } = database.configuration.datasource;
    server = await startPeer({
      jdbcUrl: url,
      username,
      password,
      directory: join(directory, 'scdf'),
      properties: { 'spring.cloud.dataflow.task.composedtaskrunner.uri': `file://${await launcherJar(directory)}` },
    });
    client = new ServerClient(server.baseUrl);
    const applications = await buildApplications();
    const at = (path: string) => `file://${join(applications, path)}`;
    await client.register('hello', '1.0.0', at(JARS.stamp), '2');
    await client.register('hello3', '1.0.0', at(JARS.stamp3), '3');
  }, 40 * 60_000);

  afterAll(async () => {
    await server?.stop();
    await database?.close();
    await postgres?.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }, 120_000);

  it(
    'runs a composed task with children of both generations, and leaves the rows that SCDF’s runner left',
    async () => {
      await client.define('chain', 'one: hello && two: hello3');
      const launched = await client.launch('chain', { arguments: '--interval-time-between-checks=1000' });
      const execution = await client.ended(launched, 10 * 60_000);
      expect(execution).toMatchObject({ exitCode: 0, taskExecutionStatus: 'COMPLETE', errorMessage: null });
      expect(execution.arguments.map(withoutId)).toEqual([
        '--interval-time-between-checks=1000',
        '--spring.cloud.task.executionid=',
        '--spring.cloud.data.flow.taskappname=composed-task-runner',
      ]);
      expect(await rowsOf(database)).toEqual(recorded);
    },
    15 * 60_000,
  );

  it(
    'shows a failed one as SCDF shows that of its own runner',
    async () => {
      await client.define('fails', 'one: hello && two: hello');
      const launched = await client.launch('fails', {
        arguments: '--interval-time-between-checks=1000',
        properties: 'app.fails.two.timestamp.fail=true',
      });
      const execution: TaskExecution = await client.ended(launched, 10 * 60_000);
      expect(execution).toMatchObject({ exitCode: 0, taskExecutionStatus: 'ERROR', errorMessage: null });
      const [job] = execution.jobExecutionIds;
      const steps = await client.list<{ stepExecution: { stepName: string; status: string } }>(
        `/jobs/executions/${job}/steps`,
      );
      expect(steps.map(({ stepExecution: { stepName, status } }) => `${stepName} ${status}`)).toEqual([
        'fails-one_0 COMPLETED',
        'fails-two_0 FAILED',
      ]);
    },
    15 * 60_000,
  );
});

/** What a run of `chain` leaves, without ids, times and the counts that depend on them. */
async function rowsOf(database: TestDatabase): Promise<unknown> {
  const client: pg.Client = await database.client();
  const rows = async (text: string) => (await client.query<Record<string, unknown>>(text)).rows;
  const contexts = await rows(
    `select step_name, short_context, serialized_context from batch_step_execution_context join batch_step_execution
     using (step_execution_id) where step_name like 'chain-%' order by step_name`,
  );
  return {
    task: await rows(
      `select task_name, exit_code, exit_message, error_message, parent_execution_id is null as top,
              start_time is not null as started from task_execution where task_name like 'chain%'
       union all select task_name, exit_code, exit_message, error_message, parent_execution_id is null, start_time is not null
       from boot3_task_execution where task_name like 'chain%' order by 1`,
    ),
    job: await rows(
      `select job_name, job_key, status, exit_code, exit_message, job.version, key_name, type_cd, string_val, date_val,
              long_val, double_val, identifying, job_context.short_context
       from batch_job_instance join batch_job_execution as job using (job_instance_id)
       join batch_job_execution_params using (job_execution_id)
       join batch_job_execution_context as job_context using (job_execution_id) where job_name = 'chain'`,
    ),
    steps: await rows(
      `select step_name, status, exit_code, exit_message, read_count, write_count, rollback_count
       from batch_step_execution where step_name like 'chain-%' order by step_name`,
    ),
    contexts: contexts.map(({ short_context: text, ...others }) => ({
      ...others,
      context: JSON.parse(
        String(text)
          .replace(/("java.lang.Long",)\d+/, '$10')
          .replace(/(parent-execution-id=)\d+/, '$1'),
      ) as unknown,
    })),
    links: (await rows(
      `select task_name, job_name from task_task_batch join task_execution using (task_execution_id)
       join batch_job_execution using (job_execution_id) join batch_job_instance using (job_instance_id)
       where task_name = 'chain'`,
    )) as unknown,
  };
}

function withoutId(argument: string): string {
  return argument.replace(/(executionid=)\d+$/, '$1');
}

/** A jar whose main class starts the built runner. */
async function launcherJar(directory: string): Promise<string> {
  const source = join(dirname(fileURLToPath(import.meta.url)), 'runner-launcher', 'RunnerLauncher.java');
  const jar = join(directory, 'composed-task-runner-1.0.0.jar');
  await writeFile(join(directory, 'command'), [...serverCommand(), 'compose'].join('\n'));
  await run('javac', ['-d', directory, source]);
  await run('jar', ['cfe', jar, 'RunnerLauncher', '-C', directory, 'RunnerLauncher.class', '-C', directory, 'command']);
  return jar;
}
