import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchDatabase } from './bench-database.js';
import { spread } from './clean-up.js';
import { measureCost, measureSuccessors } from './composed-chains.js';
import { measureWaiting, RUNS, WAITING_PLACES } from './composed-waiting.js';
import { loadOf, megabytes, milliseconds, seconds } from './format.js';
import { prepareLaunches } from './launches.js';
import { dataSourceOf, startMillraceWith } from './servers.js';
import { table } from './table.js';

/** Children of the sequence by which the way from one to the next is measured. */
const STEPS = 50;

type Print = (line?: string) => void;

/**
 * The part `composed` of `npm run bench`: how soon a child follows the other, what a child costs the server beyond its launch,
 * and what runs that wait hold.
 */
export async function composed(
  database: BenchDatabase,
  children: number,
  print: Print,
  nodeOptions: readonly string[] = [],
): Promise<void> {
  const server = await startMillraceWith(dataSourceOf(database), nodeOptions);
  try {
    await prepareLaunches(server.baseUrl);
    await chains(server, database, children, print);
  } finally {
    await server.stop();
    await server.clear();
  }
  await waiting(database, print, nodeOptions);
}

async function chains(
  server: { readonly baseUrl: string; readonly pid: number },
  database: BenchDatabase,
  children: number,
  print: Print,
): Promise<void> {
  await measureSuccessors(server.baseUrl, database, 'bench-warm-up', STEPS);
  const times = await measureSuccessors(server.baseUrl, database, 'bench-steps', STEPS);
  print(`\nA sequence of ${STEPS} × /bin/true on the Local platform (load ${loadOf()})`);
  print(
    table(
      ['end of a child, as the platform saw it, until', 'median', '95 %', 'longest', 'ends'],
      (
        [
          ['its successor was accepted', times.accepted],
          ['its successor’s process was started', times.started],
          ['that was written down', times.launched],
        ] as const
      ).map(([what, values]) => [what, ...spread(values).map(milliseconds), String(values.length)]),
    ),
  );
  const costs = await measureCost(server, database, children);
  print(`\n${children} × /bin/true, launched one by one or as children of a composed task (load ${loadOf()})`);
  print(
    table(
      ['', 'ended', 'duration', 'server’s processor time each', 'beyond the launch'],
      costs.map(({ what, ended, duration, processor, beyond }) => [
        what,
        ended,
        seconds(duration),
        milliseconds(processor),
        beyond === undefined ? '' : milliseconds(beyond),
      ]),
    ),
  );
}

async function waiting(database: BenchDatabase, print: Print, nodeOptions: readonly string[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-programs-'));
  try {
    // A program of its own, since `sleep` would take the arguments of a child for durations.
    const program = join(directory, 'sleep.sh');
    await writeFile(program, '#!/bin/sh\nexec sleep 3600\n');
    await chmod(program, 0o755);
    const places = 'SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_LOCAL_ACCOUNTS_FEW_MAXIMUM_CONCURRENT_TASKS';
    const variables = { ...dataSourceOf(database), [places]: String(WAITING_PLACES) };
    const server = await startMillraceWith(variables, nodeOptions);
    try {
      const figures = await measureWaiting(server, database, program, 'few');
      print(
        `\n${RUNS} composed tasks under way, each waiting for a child; ${WAITING_PLACES} children run, the others wait for a place (load ${loadOf()})`,
      );
      print(
        table(
          ['server', 'resident memory', 'processor time in 10 s'],
          [
            ['before', megabytes(figures.before.bytes), seconds(figures.before.idleProcessor)],
            ['with them', megabytes(figures.during.bytes), seconds(figures.during.idleProcessor)],
            ['at its highest', megabytes(figures.highest), ''],
          ],
        ),
      );
      print(
        `${figures.running} were under way after ${seconds(figures.launching)} of launches; asked to stop, all had ended after ` +
          `${seconds(figures.stopping)}: ${figures.ends.map(({ status, runs }) => `${runs} ${status}`).join(', ')}; ` +
          `children without an end ${figures.leftOver}`,
      );
    } finally {
      await server.stop();
      await server.clear();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
