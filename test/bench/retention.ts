import { type BenchDatabase, openBenchCopy } from './bench-database.js';
import { daysFor, LOOK_INTERVAL, measureRetention, type RemovalFigures, spread } from './clean-up.js';
import { loadOf, milliseconds, seconds } from './format.js';
import { dataSourceOf, startMillraceWith } from './servers.js';
import { table } from './table.js';

/** A policy that is measured, and what it is called in the table. */
interface Policy {
  readonly what: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** Runs the retention under two policies, by age and by number, each over a copy of the database of its own. */
export async function retention(name: string, removals: number, print: (line: string) => void): Promise<void> {
  const found = await onCopy(name, async (database) => ({
    days: await daysFor(database, removals),
    most: await mostPerTask(database, removals),
  }));
  const policies: readonly Policy[] = [
    { what: `max-age ${found.days}d`, properties: { MILLRACE_RETENTION_MAX_AGE: `${found.days}d` } },
    { what: `max-per-task ${found.most}`, properties: { MILLRACE_RETENTION_MAX_PER_TASK: String(found.most) } },
  ];
  for (const policy of policies) await onCopy(name, (database) => measurePolicy(database, policy, print));
}

async function onCopy<Result>(name: string, work: (database: BenchDatabase) => Promise<Result>): Promise<Result> {
  const database = await openBenchCopy(name);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function measurePolicy(
  database: BenchDatabase,
  { what, properties }: Policy,
  print: (line: string) => void,
): Promise<void> {
  const server = await startMillraceWith({ ...dataSourceOf(database), ...properties });
  try {
    const figures = await measureRetention(server.baseUrl, database);
    print(`\nRun of the retention with ${what}, with jobs, steps and all (load ${loadOf()})`);
    await printRemoval(database, figures, print);
  } finally {
    await server.stop();
    await server.clear();
  }
}

/** The number per task with which a run removes about so many executions. */
async function mostPerTask(database: BenchDatabase, removals: number): Promise<number> {
  const rows = await database.query<{ n: number }>(
    `select count(*)::int as n from (select task_name from task_execution where end_time is not null
       union all select task_name from boot3_task_execution where end_time is not null) as ended group by task_name`,
  );
  const removed = (most: number) => rows.reduce((sum, { n }) => sum + Math.max(0, n - most), 0);
  let [low, high] = [1, Math.max(2, ...rows.map(({ n }) => n))];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (removed(middle) > removals) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Prints what a removal did, and a table of the launches before and during it. */
export async function printRemoval(
  database: BenchDatabase,
  { removal, duration, longestStatement, before, during, refused }: RemovalFigures,
  print: (line: string) => void,
): Promise<void> {
  const rate = removal.executions / (duration / 1000);
  print(
    `${removal.executions} task executions and ${removal.jobExecutions} job executions in ${seconds(duration)}, ` +
      `${rate.toFixed(0)} a second; ${removal.batches} transactions, the longest ${removal.longestBatchMilliseconds} ms; ` +
      `longest statement ${milliseconds(longestStatement)}, looked at every ${LOOK_INTERVAL} ms`,
  );
  const row = (what: string, times: readonly number[]) => [
    what,
    ...spread(times).map(milliseconds),
    String(times.length),
  ];
  const rows = [row('before', before), row('during the removal', during)];
  print(table(['launches one after the other', 'median', '95 %', 'slowest', 'launches'], rows));
  if (refused > 0) print(`Launches without a 201: ${refused}`);
  const [wrong] = await database.query<{ n: string }>('select millrace_verify_counts()::text as n');
  print(`Counts that are wrong afterwards: ${wrong?.n ?? ''}`);
}
