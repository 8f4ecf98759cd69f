import { describe, it } from '@jest/globals';
import { type Cluster, type NoCluster, testCluster } from './cluster.js';
import { whyNoImages, whyNoSampleImages } from './cluster-images.js';

/*
 * What suites of the project `cluster` run with. What they skip, and why, the set-up of the run has said in one line
 * (cluster-global-setup.ts).
 */
const cluster: Cluster | NoCluster = testCluster();

/** The cluster of this run, for what runs only with one; without one it says nothing but `available`. */
export const usedCluster = cluster as Cluster;

/** Needs a Kubernetes, of whatever kind. */
export const describeWithCluster = cluster.available ? describe : describe.skip;
export const itWithCluster = cluster.available ? it : it.skip;

/** Needs containers that are real, not played. */
export const itWithContainers = cluster.available && cluster.containers === 'real' ? it : it.skip;

/** Needs containers that reach this machine: its database, a server. */
const hasWayBack = cluster.available && cluster.hostAddressForPods !== undefined;
export const itWithWayBack = hasWayBack ? it : it.skip;

/** Needs nodes that can be given an image as well. */
export const itWithImages = hasWayBack && whyNoImages(cluster) === undefined ? it : it.skip;

/**
 * Whether pods can run the sample applications; says why if they cannot.
 * @param what is skipped then
 */
export async function hasSampleImages(what: string): Promise<boolean> {
  const obstacle = cluster.available ? await whyNoSampleImages(cluster) : cluster.reason;
  if (obstacle !== undefined) console.warn(`Skipped: ${what}, because ${obstacle}.`);
  return obstacle === undefined;
}
