import { execFileSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { Agent } from 'node:http';
import { cpus, release, totalmem, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeDataDirectory } from '../support/data-directory.js';
import { mavenHere } from '../support/maven.js';
import type { ServerProcess } from '../support/server-process.js';
import { type BenchDatabase, openBenchCopy, openBenchDatabase } from './bench-database.js';
import { measureCleanUp } from './clean-up.js';
import { composed } from './composed.js';
import { gigabytes, loadOf, megabytes, milliseconds, seconds } from './format.js';
import { measureLaunches, prepareLaunches } from './launches.js';
import { ask, type Effort, proportionalBytes, time, type Timing, usageOf } from './measure.js';
import { parsing } from './parsing.js';
import { type BenchRequest, benchRequests } from './requests.js';
import { measureStarts, type StartFigures, startMillrace, startMillraceAlone, startScdf } from './servers.js';
import { printRemoval, retention } from './retention.js';
import { countStatements } from '../support/statement-counter.js';
import { table } from './table.js';

/**
 * `npm run bench`: measures the parser, starts, reads of a large history, launches, composed tasks, a clean-up and runs of
 * the retention, and the real SCDF 2.11.5 beside them where Java and Maven are there. It prints and asserts nothing: figures
 * depend on the machine and its load, which it prints too.
 */

const USAGE = `npm run bench -- [options]
  --executions <n>  task executions in the database (1000000); as many job executions, three times as many steps
  --starts <n>      starts of Millrace that are measured (7)
  --only <parts>    of parsing,starts,requests,launches,composed,clean-up,retention (all), separated by commas
  --removals <n>    task executions that are cleaned up, and that a retention policy by age removes, in copies of the database (100000)
  --children <n>    children of the composed tasks whose cost is measured (200)
  --no-peer         do not measure SCDF beside it
  --profile <dir>   processor profiles of the part composed go there (node --cpu-prof)
  --match <text>    only requests whose description holds this text`;

const { values: options } = parseArgs({
  options: {
    executions: { type: 'string', default: '1000000' },
    starts: { type: 'string', default: '7' },
    only: { type: 'string', default: 'parsing,starts,requests,launches,composed,clean-up,retention' },
    removals: { type: 'string', default: '100000' },
    children: { type: 'string', default: '200' },
    'no-peer': { type: 'boolean', default: false },
    profile: { type: 'string' },
    match: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});

type Server = ServerProcess & { clear(): Promise<void> };
type StartServer = (database: BenchDatabase, databasePort?: number) => Promise<Server>;

const MILLRACE_EFFORT: Effort = { warmUp: 20, requests: 50, budget: 20_000 };
const PEER_EFFORT: Effort = { warmUp: 5, requests: 20, budget: 20_000 };

const print = (line = ''): void => void process.stdout.write(`${line}\n`);

if (options.help) print(USAGE);
else await bench();

async function bench(): Promise<void> {
  const parts = new Set(options.only.split(','));
  const maven = options['no-peer'] ? { available: false, reason: 'it was asked to be left out' } : await mavenHere();
  printMachine();
  if (!maven.available) print(`Without SCDF beside it: ${'reason' in maven ? maven.reason : ''}.`);
  if (parts.delete('parsing')) await parsing(print);
  if (parts.size > 0) await measureOnHistory(parts, maven.available);
  print(`\nLoad at the end: ${loadOf()}`);
}

async function measureOnHistory(parts: ReadonlySet<string>, withPeer: boolean): Promise<void> {
  const executions = Number(options.executions);
  const database = await openBenchDatabase(executions, print);
  try {
    await adopt(database);
    if (parts.has('starts')) await starts(database, withPeer);
    if (parts.has('requests')) await requests(database, withPeer);
    if (parts.has('launches')) await launches(database);
  } finally {
    await database.close();
  }
  if (parts.has('composed')) await composedOnCopy(database.name);
  if (parts.has('clean-up')) await cleanUp(database.name);
  if (parts.has('retention')) await retention(database.name, Number(options.removals), print);
}

function printMachine(): void {
  const [cpu] = cpus();
  print(
    `Machine: ${cpus().length} × ${cpu?.model.trim() ?? 'processor'}, ${gigabytes(totalmem())} of memory, ${type()} ${release()}`,
  );
  print(`Node ${process.versions.node}, ${firstLine('java', ['--version']) ?? 'no Java'}`);
  print(`Load at the beginning: ${loadOf()}`);
}

/** The first start on a history of SCDF: counts, indexes, step histories. */
async function adopt(database: BenchDatabase): Promise<void> {
  const [size] = await database.query<{ bytes: string }>('select pg_database_size(current_database())::text as bytes');
  const server = await startMillrace(database);
  if (database.fresh) print(`Adopted the database of ${gigabytes(Number(size?.bytes))} in ${seconds(server.startUp)}`);
  await server.stop();
  await server.clear();
  // What autovacuum does in the course of time: without it, nothing could be read from indexes alone.
  await database.query('vacuum analyze');
  const [after] = await database.query<{ bytes: string; version: string }>(
    `select pg_database_size(current_database())::text as bytes, current_setting('server_version') as version`,
  );
  print(`PostgreSQL ${after?.version ?? ''}, database ${database.name} of ${gigabytes(Number(after?.bytes))}`);
}

async function starts(database: BenchDatabase, withPeer: boolean): Promise<void> {
  const rows: (readonly [string, StartFigures])[] = [];
  const runs = Number(options.starts);
  rows.push(['Millrace', await measureStarts(() => startMillrace(database), runs)]);
  const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-data-'));
  try {
    const first = await startMillraceAlone(directory);
    await first.stop();
    await first.clear();
    rows.push(['Millrace with its own PostgreSQL', await measureStarts(() => startMillraceAlone(directory), 3)]);
  } finally {
    await removeDataDirectory(directory);
  }
  if (withPeer) rows.push(['SCDF 2.11.5', await measureStarts(() => startScdf(database), 2)]);
  print(`\nStart to the first 200 of /about (load ${loadOf()})`);
  print(
    table(
      ['', 'median', 'fastest', 'processor', 'idle memory', 'starts'],
      rows.map(([name, figures]) => [
        name,
        seconds(figures.time),
        seconds(figures.fastest),
        `${figures.cpuSeconds.toFixed(2)} s`,
        megabytes(figures.idleBytes),
        String(figures.runs),
      ]),
    ),
  );
  const postgres = await proportionalBytes(database.pid);
  if (postgres !== undefined) print(`PostgreSQL itself, without a server: ${megabytes(postgres)}`);
}

async function requests(database: BenchDatabase, withPeer: boolean): Promise<void> {
  print('\nAn answer is waited for 60 seconds; a kind of request gets 20 seconds, or one request.');
  const all = (await benchRequests(database)).filter(({ what }) => what.includes(options.match));
  const ours = await measureServer(database, startMillrace, all, MILLRACE_EFFORT);
  const comparable = all.filter(({ millraceOnly }) => millraceOnly !== true);
  const theirs = withPeer ? await measureServer(database, startScdf, comparable, PEER_EFFORT) : undefined;
  print(`\nRequests one after the other over one connection, medians (load ${loadOf()})`);
  print(
    table(
      ['', 'Millrace', '95 %', 'statements', ...(theirs === undefined ? [] : ['SCDF', 'statements', 'ratio'])],
      all.map((request) => {
        const our = ours.get(request);
        const their = theirs?.get(request);
        return [
          request.what,
          figureOf(our),
          our === undefined ? '' : milliseconds(our.percentile95),
          String(our?.statements ?? ''),
          ...(theirs === undefined ? [] : [figureOf(their), String(their?.statements ?? ''), ratioOf(our, their)]),
        ];
      }),
    ),
  );
}

type Measured = Timing & { readonly statements: number };

/** Statements are counted on a server of its own, so that what counts them costs no time. */
async function measureServer(
  database: BenchDatabase,
  start: StartServer,
  requests: readonly BenchRequest[],
  effort: Effort,
): Promise<ReadonlyMap<BenchRequest, Measured>> {
  const statements = await statementsOf(database, start, requests);
  const server = await start(database);
  const measured = new Map<BenchRequest, Measured>();
  try {
    for (const request of requests) {
      const timing = await time(server.baseUrl, request.target, effort);
      measured.set(request, { ...timing, statements: statements.get(request) ?? 0 });
    }
  } finally {
    await server.stop();
    await server.clear();
  }
  return measured;
}

/** The least of three, since background work runs statements as well; the first request, which may fill caches, counts only if it is slow. */
async function statementsOf(
  database: BenchDatabase,
  start: StartServer,
  requests: readonly BenchRequest[],
): Promise<ReadonlyMap<BenchRequest, number>> {
  const counter = await countStatements(database.host, database.port);
  const server = await start(database, counter.port);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const counts = new Map<BenchRequest, number>();
  try {
    for (const request of requests) {
      counter.take();
      const { duration } = await ask(agent, server.baseUrl, request.target);
      const slow = duration > 2_000;
      let least = slow ? counter.take() : Infinity;
      for (let round = 0; round < 3 && !slow; round += 1) {
        counter.take();
        await ask(agent, server.baseUrl, request.target);
        least = Math.min(least, counter.take());
      }
      counts.set(request, least);
    }
  } finally {
    agent.destroy();
    await server.stop();
    await server.clear();
    await counter.close();
  }
  return counts;
}

async function launches(database: BenchDatabase): Promise<void> {
  const server = await startMillrace(database);
  try {
    await prepareLaunches(server.baseUrl);
    await measureLaunches(server.baseUrl, 4, 20);
    const rows: string[][] = [];
    for (const [callers, count] of [[1, 100] as const, [8, 300] as const, [32, 300] as const]) {
      const before = await usageOf(server.pid);
      const { accepted, rate, endRate } = await measureLaunches(server.baseUrl, callers, count);
      const { cpuSeconds } = await usageOf(server.pid);
      const processor = milliseconds(((cpuSeconds - before.cpuSeconds) * 1000) / count);
      rows.push([String(callers), `${accepted} of ${count}`, rate.toFixed(1), endRate.toFixed(1), processor]);
    }
    print(`\nLaunches of /bin/true on the Local platform (load ${loadOf()})`);
    print(
      table(['callers', 'answered with 201', 'answers a second', 'ends a second', 'server’s processor time'], rows),
    );
  } finally {
    await server.stop();
    await server.clear();
  }
}

/** On a copy, so that the next run finds neither definitions nor executions of this one. */
async function composedOnCopy(name: string): Promise<void> {
  const database = await openBenchCopy(name);
  try {
    await composed(
      database,
      Number(options.children),
      print,
      options.profile === undefined ? [] : profiling(options.profile),
    );
  } finally {
    await database.close();
  }
}

function profiling(directory: string): readonly string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`];
}

/** On a copy, so that the next run finds the whole history. */
async function cleanUp(name: string): Promise<void> {
  const database = await openBenchCopy(name);
  try {
    const server = await startMillrace(database);
    try {
      const figures = await measureCleanUp(server.baseUrl, database, Number(options.removals));
      print(`\nClean-up of what ended ${figures.days} days ago, with jobs, steps and all (load ${loadOf()})`);
      await printRemoval(database, figures, print);
    } finally {
      await server.stop();
      await server.clear();
    }
  } finally {
    await database.close();
  }
}

function figureOf(timing: Timing | undefined): string {
  if (timing === undefined) return '—';
  if (timing.status === 0) return 'no answer';
  return timing.status === 200 ? milliseconds(timing.median) : `answers ${timing.status}`;
}

function ratioOf(our: Timing | undefined, their: Timing | undefined): string {
  if (our?.status !== 200 || their?.status !== 200) return '';
  return `${(their.median / our.median).toFixed(their.median < 10 * our.median ? 1 : 0)} ×`;
}

function firstLine(command: string, words: readonly string[]): string | undefined {
  try {
    return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0];
  } catch {
    return undefined;
  }
}
