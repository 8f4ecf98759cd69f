import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { form } from '../support/http.js';
import { ServerClient } from '../support/server-client.js';
import type { BenchDatabase } from './bench-database.js';
import { memoryOf } from './kubernetes-watch.js';
import { measureLaunches } from './launches.js';
import { ask, usageOf } from './measure.js';

/** Composed tasks under way at once. */
export const RUNS = 500;

/** Children of theirs that run at once; so few keep the machine free. */
export const WAITING_PLACES = 20;

/** A server at rest. */
interface AtRest {
  /** Resident memory. */
  readonly bytes: number;
  /** Processor time in ten seconds, ms. */
  readonly idleProcessor: number;
}

/** What composed tasks that wait hold, and how they end. */
export interface WaitingFigures {
  readonly before: AtRest;
  readonly during: AtRest;
  /** Resident memory since the server's start, bytes. */
  readonly highest: number;
  readonly running: number;
  /** ms for all launches. */
  readonly launching: number;
  /** ms from the first request to stop until all had ended. */
  readonly stopping: number;
  /** By the status of the run's job. */
  readonly ends: readonly { readonly status: string; readonly runs: number }[];
  /** Executions of children without an end. */
  readonly leftOver: number;
}

const TASK = 'bench-waiting';

/** Executions that one request asks to stop. */
const STOPPED_AT_ONCE = 50;

/** How long ends are waited for at most, ms. */
const PATIENCE = 300_000;

/** Has many composed tasks wait for a program that sleeps, and stops them. @param account with {@link WAITING_PLACES} places */
export async function measureWaiting(
  server: { readonly baseUrl: string; readonly pid: number },
  database: BenchDatabase,
  program: string,
  account: string,
): Promise<WaitingFigures> {
  const client = new ServerClient(server.baseUrl);
  await client.register('bench-sleep', '1.0', `file://${program}`);
  await client.define(TASK, 'asleep: bench-sleep && after: bench-true');
  // What the first launches bring into memory belongs to none of them.
  await measureLaunches(server.baseUrl, 4, 100);
  const before = await atRest(server.pid);
  const begin = performance.now();
  await launchAll(server.baseUrl, account);
  const launching = performance.now() - begin;
  const during = await atRest(server.pid);
  const [running] = await countRuns(database, `state = 'running'`);
  const asked = performance.now();
  await stopAll(server.baseUrl, database);
  const stopping = performance.now() - asked;
  const [leftOver] = await database.query<{ n: number }>(
    `select count(*)::int as n from task_execution where task_name like '${TASK}-%' and end_time is null`,
  );
  return {
    before,
    during,
    highest: (await memoryOf(server.pid)).highest,
    running: running?.runs ?? 0,
    launching,
    stopping,
    ends: await countRuns(database, `state = 'ended'`),
    leftOver: leftOver?.n ?? 0,
  };
}

async function atRest(pid: number): Promise<AtRest> {
  await sleep(5_000);
  const { cpuSeconds } = await usageOf(pid);
  await sleep(10_000);
  const after = await usageOf(pid);
  return { bytes: after.residentBytes, idleProcessor: (after.cpuSeconds - cpuSeconds) * 1000 };
}

async function launchAll(baseUrl: string, account: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const order = form({ name: TASK, properties: `spring.cloud.dataflow.task.platformName=${account}` });
  let open = RUNS;
  const caller = async () => {
    while (open > 0) {
      open -= 1;
      const { status, text } = await ask(agent, baseUrl, '/tasks/executions/launch', order);
      if (status !== 201) throw new Error(`a launch of ${TASK} is answered ${status}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, caller)).finally(() => agent.destroy());
}

async function stopAll(baseUrl: string, database: BenchDatabase): Promise<void> {
  const rows = await database.query<{ id: string }>(
    `select task_execution_id::text as id from millrace_composed_run where task_name = '${TASK}' and state = 'running'`,
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let from = 0; from < rows.length; from += STOPPED_AT_ONCE) {
    const ids = rows.slice(from, from + STOPPED_AT_ONCE).map(({ id }) => id);
    const { status, text } = await ask(agent, baseUrl, `/tasks/executions/${ids.join(',')}`, '');
    if (status !== 200) throw new Error(`a stop is answered ${status}: ${text}`);
  }
  agent.destroy();
  for (const giveUp = Date.now() + PATIENCE; Date.now() < giveUp; await sleep(100)) {
    if ((await countRuns(database, `state = 'running'`)).length === 0) return;
  }
}

async function countRuns(
  database: BenchDatabase,
  condition: string,
): Promise<readonly { status: string; runs: number }[]> {
  return database.query<{ status: string; runs: number }>(
    `select status, count(*)::int as runs from millrace_composed_run join batch_job_execution using (job_execution_id)
     where task_name = '${TASK}' and ${condition} group by status order by status`,
  );
}
