import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { form } from '../support/http.js';
import { type Removal, removalsOf } from '../support/removals.js';
import type { BenchDatabase } from './bench-database.js';
import { LAUNCHED_TASK, prepareLaunches } from './launches.js';
import { ask, quantile } from './measure.js';

/** How a removal went, and how launches fared meanwhile. Times are ms. */
export interface RemovalFigures {
  readonly removal: Removal;
  readonly duration: number;
  /** Of the server's statements, as PostgreSQL showed them when it was asked every {@link LOOK_INTERVAL}. */
  readonly longestStatement: number;
  /** Launches of one caller, one after the other: before and during the clean-up. */
  readonly before: readonly number[];
  readonly during: readonly number[];
  /** Launches that were not answered with 201. */
  readonly refused: number;
}

export interface CleanUpFigures extends RemovalFigures {
  /** What was asked to be removed: all that ended so many days ago. */
  readonly days: number;
}

/** ms between two looks at what PostgreSQL does. */
export const LOOK_INTERVAL = 20;

/** For how long launches are measured before the removal, ms. */
const QUIET_TIME = 10_000;

/** Has a server remove about as many executions as asked for, by their age, while a caller launches. */
export async function measureCleanUp(
  baseUrl: string,
  database: BenchDatabase,
  executions: number,
): Promise<CleanUpFigures> {
  const days = await daysFor(database, executions);
  return { days, ...(await measureRemoval(baseUrl, database, 'clean-up', () => remove(baseUrl, days))) };
}

/** Has a server apply its retention policy while a caller launches. */
export async function measureRetention(baseUrl: string, database: BenchDatabase): Promise<RemovalFigures> {
  return measureRemoval(baseUrl, database, 'retention', async () => {
    const agent = new Agent({ keepAlive: true });
    const { status, text } = await ask(agent, baseUrl, '/millrace/retention/runs', form({ dryRun: 'false' }));
    agent.destroy();
    if (status !== 202) throw new Error(`the retention answered ${status}: ${text}`);
    while ((await removalsOf(baseUrl, '?running=true')).length > 0) await sleep(100);
  });
}

async function measureRemoval(
  baseUrl: string,
  database: BenchDatabase,
  kind: string,
  work: () => Promise<void>,
): Promise<RemovalFigures> {
  await prepareLaunches(baseUrl);
  const quiet = new AbortController();
  const timer = setTimeout(() => quiet.abort(), QUIET_TIME);
  const before = await launchUntil(baseUrl, quiet.signal);
  clearTimeout(timer);
  const over = new AbortController();
  const watching = watchStatements(database, over.signal);
  const launching = launchUntil(baseUrl, over.signal);
  const begin = performance.now();
  await work().finally(() => over.abort());
  const duration = performance.now() - begin;
  const during = await launching;
  const [removal] = await removalsOf(baseUrl, `?kind=${kind}&size=1`);
  if (removal === undefined) throw new Error('the server does not know of the removal');
  return {
    removal,
    duration,
    longestStatement: await watching,
    before: before.times,
    during: during.times,
    refused: before.refused + during.refused,
  };
}

/** Median, 95 of 100 and the slowest. */
export function spread(times: readonly number[]): readonly number[] {
  return [quantile(times, 0.5), quantile(times, 0.95), Math.max(...times)];
}

/** The number of days ago before which about so many executions ended. */
export async function daysFor(database: BenchDatabase, executions: number): Promise<number> {
  const [row] = await database.query<{ days: number }>(
    `select (now() at time zone 'UTC')::date - end_time::date as days
       from (select end_time from task_execution union all select end_time from boot3_task_execution) as ended
      where end_time is not null order by end_time offset ${executions} limit 1`,
  );
  if (row === undefined) throw new Error(`there are no more than ${executions} executions`);
  return row.days;
}

async function launchUntil(baseUrl: string, signal: AbortSignal): Promise<{ times: number[]; refused: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  let refused = 0;
  while (!signal.aborted) {
    const { status, duration } = await ask(agent, baseUrl, '/tasks/executions/launch', form({ name: LAUNCHED_TASK }));
    if (status === 201) times.push(duration);
    else refused += 1;
    // As somebody would who launches all day, not as fast as can be.
    await sleep(50);
  }
  agent.destroy();
  return { times, refused };
}

/** The longest that a statement of the server was seen to run. */
async function watchStatements(database: BenchDatabase, signal: AbortSignal): Promise<number> {
  let longest = 0;
  while (!signal.aborted) {
    const [row] = await database.query<{ age: string | null }>(
      `select max(extract(epoch from clock_timestamp() - query_start) * 1000)::text as age from pg_stat_activity
        where datname = current_database() and state = 'active' and pid <> pg_backend_pid() and backend_type = 'client backend'
          -- The upkeep compares all counts after each start and every now and then; it reads, and blocks nobody.
          and query not like 'select millrace_verify_counts%'`,
    );
    longest = Math.max(longest, Number(row?.age ?? 0));
    await sleep(LOOK_INTERVAL);
  }
  return longest;
}

/** Waits as long as it takes for the answer, which comes when all is removed. */
function remove(baseUrl: string, days: number): Promise<void> {
  const target = `${baseUrl}/tasks/executions?action=REMOVE_DATA&days=${days}`;
  return new Promise((resolve, reject) => {
    const sent = request(target, { method: 'DELETE' }, (answer) => {
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`the clean-up is answered ${answer.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}
