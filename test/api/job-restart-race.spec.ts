import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';
import { createTestDatabase, datasourceVariables, scratchDirectory, type TestDatabase } from '../support/database.js';
import { exchange, type WireAnswer } from '../support/http.js';
import { insertJob, insertTaskExecution, type JobRows } from '../support/job-rows.js';
import { ServerClient } from '../support/server-client.js';
import { type Millrace, startMillrace } from '../support/server.js';
import { refusalOf, writeScript } from '../support/workbench.js';

/** Each round is a job instance of its own. */
const ROUNDS = 20;

let directory: string;
let database: TestDatabase;
let application: pg.Client;
let servers: readonly Millrace[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(scratchDirectory(), 'millrace-restarts-'));
  database = await createTestDatabase();
  application = await database.client();
  // One after the other: the first migrates.
  servers = [await start('a'), await start('b')];
  const client = clientOf(0);
  // Restarts do not end before the last one was asked for: what has ended may be restarted again.
  await promisify(execFile)('mkfifo', [join(directory, 'gate')]);
  const waits = [`exec timeout 600 cat ${join(directory, 'gate')}`];
  for (const [name, bootVersion] of [
    ['old', '2'],
    ['new', '3'],
  ] as const) {
    await client.register(name, '1.0.0', await writeScript(directory, `${name}.sh`, waits), bootVersion);
    await client.define(name, name);
  }
}, 120_000);

afterAll(async () => {
  // Whoever waits for the gate reads its end.
  await promisify(execFile)('timeout', ['10', 'sh', '-c', `: > ${join(directory, 'gate')}`]).catch(() => undefined);
  await Promise.all(servers.map((server) => server.stop()));
  await database?.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}, 60_000);

/** A server of a machine of its own, so that not even the lock of a platform account is common to both. */
async function start(name: string): Promise<Millrace> {
  return startMillrace({
    dataDirectory: await mkdtemp(join(directory, `${name}-`)),
    environment: {
      ...datasourceVariables(database),
      SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_LOCAL_ACCOUNTS_DEFAULT_MAXIMUM_CONCURRENT_TASKS: '200',
    },
  });
}

function clientOf(index: number): ServerClient {
  const server = servers[index];
  if (server === undefined) throw new Error(`server ${index} does not run`);
  return new ServerClient(server.baseUrl);
}

function restart(caller: number, id: number, query: string): Promise<WireAnswer> {
  const { baseUrl } = clientOf(caller % 2);
  return exchange(baseUrl, { method: 'PUT', target: `/jobs/executions/${id}?restart=true&${query}` });
}

/** Task executions of restarts that have not ended. */
async function openExecutions(task: string): Promise<number[]> {
  const { rows } = await application.query<{ id: number }>(
    `select task_execution_id::int as id from millrace_launch where task_name = $1 and state in ('queued', 'accepted', 'launched')`,
    [task],
  );
  return rows.map(({ id }) => id);
}

/** A failed execution of a job, as another server launched it: with an option of its own, so that restarts differ. */
async function insertFailed(target: 'boot2' | 'boot3', task: string, id: number, instanceId: number): Promise<void> {
  const execution = { target, taskName: task, exitCode: 1, arguments: [`--option=${id}`] };
  const taskExecutionId = await insertTaskExecution(application, execution);
  const type = target === 'boot2' ? 'LONG' : 'java.lang.Long';
  const parameters: JobRows['parameters'] = [['run.id', type, String(instanceId)]];
  await insertJob(application, { target, id, instanceId, taskExecutionId, parameters });
}

describe('restarts of one job that two servers are asked for at the same time', () => {
  const generations = [
    { schemaTarget: 'boot2', task: 'old' },
    { schemaTarget: 'boot3', task: 'new' },
  ] as const;
  let nextId = 1;

  it.each(
    generations.flatMap((generation) => [
      { ...generation, of: 'one execution', executions: 1, callers: 2 },
      { ...generation, of: 'one execution', executions: 1, callers: 4 },
      { ...generation, of: 'two executions of one instance', executions: 2, callers: 4 },
    ]),
  )(
    'launch once: $callers callers, $of, $schemaTarget',
    async ({ schemaTarget, task, executions, callers }) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const before = await openExecutions(task);
        const instance = nextId;
        const ids = Array.from({ length: executions }, () => nextId++);
        for (const id of ids) await insertFailed(schemaTarget, task, id, instance);
        const answers = await Promise.all(
          Array.from({ length: callers }, (_, caller) => {
            // Every other caller of Boot 3 asks for other arguments.
            const json = schemaTarget === 'boot3' && caller % 2 === 1;
            const id = ids[caller % ids.length] ?? 0;
            return restart(caller, id, `schemaTarget=${schemaTarget}${json ? '&useJsonJobParameters=true' : ''}`);
          }),
        );
        const opened = (await openExecutions(task)).filter((id) => !before.includes(id));
        expect({ round, opened: opened.length }).toEqual({ round, opened: 1 });
        expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(callers - 1).fill(409)]);
        for (const [caller, answer] of answers.entries()) {
          if (answer.status === 200) continue;
          expect(refusalOf(answer).message).toBe(
            `JobExecution with Id '${ids[caller % ids.length]}' cannot be restarted: task execution ${opened[0]} was ` +
              `launched to run the same job instance ${instance} and has not ended.`,
          );
        }
      }
    },
    120_000,
  );

  it('leaves those of different jobs alone', async () => {
    const ids = Array.from({ length: 8 }, () => nextId++);
    for (const id of ids) await insertFailed('boot2', 'old', id, id);
    const answers = await Promise.all(ids.map((id, caller) => restart(caller, id, 'schemaTarget=boot2')));
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
  }, 60_000);
});
