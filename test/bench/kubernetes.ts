import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import { kubeConfigOf, type OpenCluster, openCluster } from '../support/cluster.js';
import { createTestNamespace } from '../support/cluster-namespace.js';
import { loadOf, megabytes, milliseconds } from './format.js';
import { podCreation } from './kubernetes-baseline.js';
import { compareLaunches, type LaunchComparison } from './kubernetes-launches.js';
import { countObjects, type ObjectCounts, podsLeftToStart } from './kubernetes-objects.js';
import { measureSuccessors, type SuccessorFigures } from './kubernetes-composed.js';
import { type KubernetesServer, startKubernetesServer } from './kubernetes-server.js';
import { type EndFigures, measureEnds, memoryOf } from './kubernetes-watch.js';
import { runSlice } from './slices.js';
import { table } from './table.js';

/**
 * `npm run bench:kubernetes`: launches through the server beside a bare loop of `createNamespacedPod`, what many pods
 * under watch cost, and how soon a child of a composed task follows the other. It prints and asserts nothing: figures depend on the machine and its load, which it prints too.
 */

const USAGE = `npm run bench:kubernetes -- [options]
  --only <parts>     of launches,watch,composed (all), separated by commas
  --callers <list>   numbers of callers at once (1,4,16,64)
  --rounds <n>       pairs of slices for each number of callers (4)
  --slice <s>        length of a slice (3)
  --pods <n>         pods under watch (10000)
  --ends <n>         pods that are ended one after the other, and as many at once (200)
  --steps <n>        children of the composed task (30)
  --fill <s>         longest time for launching the pods under watch (180)
  --json <file>      writes the figures there too
  --profile <dir>    processor profiles of the server go there (node --cpu-prof)`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'launches,watch,composed' },
    callers: { type: 'string', default: '1,4,16,64' },
    rounds: { type: 'string', default: '4' },
    slice: { type: 'string', default: '3' },
    pods: { type: 'string', default: '10000' },
    ends: { type: 'string', default: '200' },
    steps: { type: 'string', default: '30' },
    fill: { type: 'string', default: '180' },
    json: { type: 'string' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** Callers that launch the pods under watch. */
const FILLERS = 16;

/** ms between two ends of pods that come one by one. */
const PAUSE = 50;

/** How long is waited at most for the cluster to have started all pods, ms. */
const SETTLE = 15_000;

interface WatchFigures {
  readonly pods: number;
  /** Bytes: with all pods launched, and after a new start on them. */
  readonly afterLaunches: { readonly now: number; readonly highest: number };
  readonly afterStart: { readonly now: number; readonly highest: number };
  readonly oneByOne: EndFigures;
  readonly atOnce: EndFigures;
}

interface Figures {
  readonly launches?: readonly LaunchComparison[];
  readonly watch?: WatchFigures;
  readonly composed?: SuccessorFigures;
  readonly objects: ObjectCounts & { readonly accepted: number };
}

const print = (line = ''): void => void process.stdout.write(`${line}\n`);

if (options.help) print(USAGE);
else {
  const cluster = await openCluster({ mode: 'api' });
  if (cluster.available) {
    try {
      print(`Cluster ${cluster.mode}, ${cpus().length} processors, load at the beginning ${loadOf()}`);
      const figures = await measure(cluster);
      if (options.json !== undefined) {
        const machine = { processors: cpus().length, node: process.versions.node, mode: cluster.mode };
        await writeFile(options.json, `${JSON.stringify({ machine, ...figures }, undefined, 2)}\n`);
      }
    } finally {
      await cluster.close();
    }
  } else {
    print(`No figures, because ${cluster.reason}.`);
  }
}

async function measure(cluster: OpenCluster): Promise<Figures> {
  const parts = options.only.split(',');
  const configuration = kubeConfigOf(cluster);
  const core = configuration.makeApiClient(CoreV1Api);
  const ours = await createTestNamespace(cluster, 'millrace-bench');
  const theirs = await createTestNamespace(cluster, 'millrace-bench-bare');
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const server = await startKubernetesServer(cluster.kubeconfig, ours.name, profiling);
  let accepted = 0;
  const launch = async () => {
    const done = await server.launch();
    if (done) accepted += 1;
    return done;
  };
  const counting = { ...server, launch, process: server.process };
  try {
    const bare = podCreation(configuration, theirs.name);
    const settle = () => settled(core, [ours.name, theirs.name]);
    // Long enough for both processes to have compiled what they run: a server that has just started takes twice the time.
    await runSlice(8, 10_000, bare, 400);
    await runSlice(8, 30_000, launch, 1_000);
    const launches = parts.includes('launches') ? await compare(counting, bare, settle) : undefined;
    const watch = parts.includes('watch')
      ? await fillAndEnd(server, launch, () => accepted, core, ours.name)
      : undefined;
    const composed = parts.includes('composed') ? await successors(server, configuration, core, ours.name) : undefined;
    const objects = { accepted, ...(await countObjects(server.sql, cluster, ours.name)) };
    print(
      `\nAccepted ${accepted}; rows ${objects.rows}, of them launched or over ${objects.launched}; pods ${objects.pods}, ` +
        `without a row ${objects.withoutRow}, rows without a pod ${objects.withoutPod}, executions with several ${objects.doubled}`,
    );
    return { ...(launches && { launches }), ...(watch && { watch }), ...(composed && { composed }), objects };
  } finally {
    await server.close();
    await Promise.allSettled([ours.remove(), theirs.remove()]);
  }
}

async function compare(
  server: KubernetesServer,
  bare: () => Promise<boolean>,
  settle: () => Promise<void>,
): Promise<readonly LaunchComparison[]> {
  const effort = { rounds: Number(options.rounds), slice: Number(options.slice) * 1000, settle };
  const comparisons: LaunchComparison[] = [];
  for (const callers of options.callers.split(',').map(Number)) {
    comparisons.push(await compareLaunches(server, bare, callers, effort));
  }
  print(`\nLaunches through the server, and pods from a bare loop of createNamespacedPod, in turns`);
  const header = ['callers', 'bare/s', 'launches/s', 'ratio', 'bare median', 'launch median', '95 %', 'processor'];
  print(
    table(
      [...header, 'refused', 'load'],
      comparisons.map((figures) => [
        String(figures.callers),
        figures.bareRate.toFixed(1),
        figures.launchRate.toFixed(1),
        `${Math.round(figures.ratio * 100)} %`,
        milliseconds(figures.bareMedian),
        milliseconds(figures.launchMedian),
        milliseconds(figures.launchPercentile95),
        milliseconds(figures.processor),
        `${figures.refused} of ${figures.launches + figures.refused}`,
        figures.load.toFixed(1),
      ]),
    ),
  );
  return comparisons;
}

async function fillAndEnd(
  server: KubernetesServer,
  launch: () => Promise<boolean>,
  accepted: () => number,
  core: CoreV1Api,
  namespace: string,
): Promise<WatchFigures> {
  const missing = Math.max(0, Number(options.pods) - accepted());
  const fill = await runSlice(FILLERS, Number(options.fill) * 1000, launch, missing);
  if (missing > 0)
    print(`\n${fill.done} launches in ${fill.seconds.toFixed(0)} s by ${FILLERS} callers (load ${loadOf()})`);
  await settled(core, [namespace]);
  const pods = accepted();
  const afterLaunches = await memoryOf(server.process.pid);
  await server.restart();
  await sleep(10_000);
  const afterStart = await memoryOf(server.process.pid);
  const oneByOne = await measureEnds(server, core, namespace, Number(options.ends), PAUSE);
  const atOnce = await measureEnds(server, core, namespace, Number(options.ends), 0);
  print(`\n${pods} pods under watch (load ${loadOf()})`);
  print(
    table(
      ['resident memory of the server', 'now', 'highest'],
      [
        ['after their launches', megabytes(afterLaunches.now), megabytes(afterLaunches.highest)],
        ['ten seconds after a new start', megabytes(afterStart.now), megabytes(afterStart.highest)],
      ],
    ),
  );
  print();
  print(
    table(
      ['end of a pod until END_TIME', 'ends', 'missed', 'median', '95 %', 'longest'],
      (
        [
          ['one by one', oneByOne],
          ['all at once', atOnce],
        ] as const
      ).map(([what, figures]) => [
        what,
        String(figures.ends),
        String(figures.missed),
        ...[figures.median, figures.percentile95, figures.longest].map(milliseconds),
      ]),
    ),
  );
  for (const { pod, phase, launch } of [...oneByOne.missedOnes, ...atOnce.missedOnes]) {
    print(`Missed: ${pod} is ${phase} in the cluster, ${launch} in the database`);
  }
  return { pods, afterLaunches, afterStart, oneByOne, atOnce };
}

async function successors(
  server: KubernetesServer,
  configuration: KubeConfig,
  core: CoreV1Api,
  namespace: string,
): Promise<SuccessorFigures> {
  const figures = await measureSuccessors(server, configuration, core, namespace, Number(options.steps));
  print(`\nA composed task of ${options.steps} children, one after the other (load ${loadOf()})`);
  print(
    table(
      ['end of a child in the API server until', 'ends', 'median', '95 %', 'longest'],
      [
        [
          "its successor's pod was seen created",
          String(figures.ends),
          ...[figures.median, figures.percentile95, figures.longest].map(milliseconds),
        ],
      ],
    ),
  );
  print(`The run ended ${figures.status}.`);
  return figures;
}

async function settled(core: CoreV1Api, namespaces: readonly string[]): Promise<void> {
  for (const giveUp = Date.now() + SETTLE; Date.now() < giveUp; await sleep(200)) {
    const left = await Promise.all(namespaces.map((namespace) => podsLeftToStart(core, namespace)));
    if (left.every((none) => !none)) return;
  }
}
