import { loadavg } from 'node:os';
import { quantile, usageOf } from './measure.js';
import type { KubernetesServer } from './kubernetes-server.js';
import { runSlice, type Slice } from './slices.js';

/** Launches through the server beside pods that a bare loop creates, at one number of callers. */
export interface LaunchComparison {
  readonly callers: number;
  /** Pods that the bare loop created a second, median of the slices. */
  readonly bareRate: number;
  /** Launches answered with 201 a second, median of the slices. */
  readonly launchRate: number;
  /** Median of the ratios of neighbouring slices. */
  readonly ratio: number;
  readonly bareMedian: number;
  readonly launchMedian: number;
  readonly launchPercentile95: number;
  /** ms of the server's processor time for each launch, what it does with the pods' first events included. */
  readonly processor: number;
  readonly launches: number;
  readonly refused: number;
  readonly load: number;
}

/** How launches are compared. */
export interface ComparisonEffort {
  /** Pairs of slices. */
  readonly rounds: number;
  /** Of each slice, ms. */
  readonly slice: number;
  /** Waits until the cluster has nothing more to do with what the slice before brought. */
  readonly settle: () => Promise<void>;
}

/** Alternates slices of both, so that whatever else the machine does befalls both alike. */
export async function compareLaunches(
  server: KubernetesServer,
  bare: () => Promise<boolean>,
  callers: number,
  { rounds, slice, settle }: ComparisonEffort,
): Promise<LaunchComparison> {
  const pairs: { bare: Slice; launches: Slice; processor: number }[] = [];
  const load = loadavg()[0] ?? NaN;
  for (let round = 0; round < rounds; round += 1) {
    const measured: Partial<{ bare: Slice; launches: Slice; processor: number }> = {};
    const bareFirst = round % 2 === 0;
    for (const isBare of [bareFirst, !bareFirst]) {
      await settle();
      if (isBare) measured.bare = await runSlice(callers, slice, bare);
      else {
        const before = await usageOf(server.process.pid);
        measured.launches = await runSlice(callers, slice, () => server.launch());
        const after = await usageOf(server.process.pid);
        measured.processor = (1000 * (after.cpuSeconds - before.cpuSeconds)) / measured.launches.done;
      }
    }
    pairs.push(measured as Required<typeof measured>);
  }
  const rateOf = ({ done, seconds }: Slice) => done / seconds;
  const median = (values: readonly number[]) => quantile(values, 0.5);
  const launchTimes = pairs.flatMap(({ launches }) => launches.times);
  return {
    callers,
    bareRate: median(pairs.map((pair) => rateOf(pair.bare))),
    launchRate: median(pairs.map((pair) => rateOf(pair.launches))),
    ratio: median(pairs.map((pair) => rateOf(pair.launches) / rateOf(pair.bare))),
    bareMedian: median(pairs.flatMap((pair) => pair.bare.times)),
    launchMedian: median(launchTimes),
    launchPercentile95: quantile(launchTimes, 0.95),
    processor: median(pairs.map(({ processor }) => processor)),
    launches: launchTimes.length,
    refused: pairs.reduce((sum, { launches }) => sum + launches.failed, 0),
    load,
  };
}
