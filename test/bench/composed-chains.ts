import { ServerClient } from '../support/server-client.js';
import type { BenchDatabase } from './bench-database.js';
import { measureLaunches } from './launches.js';
import { usageOf } from './measure.js';

/** The app that `prepareLaunches` registers. */
const APP = 'bench-true';

/** From the end of each child but the last, as the platform saw it, ms. */
export interface SuccessorTimes {
  readonly accepted: readonly number[];
  readonly started: readonly number[];
  readonly launched: readonly number[];
}

/** Runs a sequence once and reads from its rows how soon each child followed the one before. */
export async function measureSuccessors(
  baseUrl: string,
  database: BenchDatabase,
  name: string,
  children: number,
): Promise<SuccessorTimes> {
  const client = new ServerClient(baseUrl);
  await client.define(name, sequenceOf(children));
  const run = await client.launch(name);
  await client.ended(run);
  const rows = await database.query<{ accepted: number; started: number; launched: number }>(
    `select extract(epoch from accepted - ended)::float8 * 1000 as accepted,
            extract(epoch from started - ended)::float8 * 1000 as started,
            extract(epoch from launched - ended)::float8 * 1000 as launched
     from (select lag(end_time) over (order by task_execution_id) as ended, start_time as started,
                  launch.accepted_at at time zone 'UTC' as accepted, launch.launched_at at time zone 'UTC' as launched
           from millrace_launch as launch join task_execution as execution using (task_execution_id)
           where launch.schema_target = 'boot2' and launch.parent_execution_id = ${run.executionId}) as child
     where ended is not null`,
  );
  return {
    accepted: rows.map(({ accepted }) => accepted),
    started: rows.map(({ started }) => started),
    launched: rows.map(({ launched }) => launched),
  };
}

/** What it takes to run a program many times. */
export interface Cost {
  readonly what: string;
  readonly ended: string;
  /** Until all have ended, ms. */
  readonly duration: number;
  /** The server's processor time, divided by the number of programs, ms. */
  readonly processor: number;
  /** What of that a composed task adds to single launches with as many at once, ms. */
  readonly beyond?: number | undefined;
}

/** How many children of a split run at once if the launch does not say otherwise, as in SCDF's runner. */
const SPLIT_AT_ONCE = 4;

/** Runs as many children in a sequence and in a split, each after as many single launches with as many at once. */
export async function measureCost(
  server: { readonly baseUrl: string; readonly pid: number },
  database: BenchDatabase,
  children: number,
): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  const kinds = [
    { atOnce: 1, what: 'sequence', definition: sequenceOf(children) },
    { atOnce: SPLIT_AT_ONCE, what: `split, ${SPLIT_AT_ONCE} at once`, definition: splitOf(children) },
  ];
  for (const { atOnce, what, definition } of kinds) {
    const single = await costOf(
      server,
      children,
      `launches by ${atOnce} caller${atOnce === 1 ? '' : 's'}`,
      async () => {
        const { accepted } = await measureLaunches(server.baseUrl, atOnce, children);
        return String(accepted);
      },
    );
    const client = new ServerClient(server.baseUrl);
    const name = `bench-${what.split(',')[0] ?? ''}`;
    await client.define(name, definition);
    const run = await costOf(server, children, what, async () => {
      const launched = await client.launch(name);
      const { exitCode } = await client.ended(launched, 600_000);
      const [counted] = await database.query<{ n: number }>(
        `select count(*)::int as n from task_execution where parent_execution_id = ${launched.executionId} and exit_code = 0`,
      );
      return `${counted?.n ?? 0}, exit code ${exitCode}`;
    });
    costs.push(single, { ...run, beyond: run.processor - single.processor });
  }
  return costs;
}

async function costOf(
  { pid }: { readonly pid: number },
  programs: number,
  what: string,
  work: () => Promise<string>,
): Promise<Cost> {
  const before = await usageOf(pid);
  const begin = performance.now();
  const ended = await work();
  const duration = performance.now() - begin;
  const { cpuSeconds } = await usageOf(pid);
  return { what, ended, duration, processor: ((cpuSeconds - before.cpuSeconds) * 1000) / programs };
}

function sequenceOf(children: number): string {
  return labelled(children).join(' && ');
}

function splitOf(children: number): string {
  return `<${labelled(children).join(' || ')}>`;
}

function labelled(children: number): readonly string[] {
  return Array.from({ length: children }, (_, index) => `c${index}: ${APP}`);
}
