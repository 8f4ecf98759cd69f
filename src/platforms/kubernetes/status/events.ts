/** What keeps a pod or job from starting of which only the cluster's events tell. Pure. */
import { readable } from '../client/error-sentences.js';
import type { EventObject } from '../wire.js';
import type { Obstacle } from './sight.js';

/** A Secret or ConfigMap that a volume is made of, or an entry of it: nothing that comes by waiting alone. */
const MISSING = /(?:secret|configmap) "[^"]*" not found|references non-existent (?:secret|config) key/i;

/**
 * Only the last event counts: one that is followed by another (`Pulling`, `SuccessfulCreate`) tells of something that is over.
 * @param events of the job while it has no pod, else of the pod
 * @returns why it does not start; undefined when nothing is known to be in the way
 */
export function hindranceOf(events: readonly EventObject[]): Omit<Obstacle, 'since'> | undefined {
  const last = events.reduce<EventObject | undefined>(
    (latest, event) => (latest === undefined || timeOf(event) >= timeOf(latest) ? event : latest),
    undefined,
  );
  const { reason, message = '' } = last ?? {};
  if (reason === 'FailedCreate') {
    const refusal = readable(message.replace(/^Error creating: /, ''));
    // Room under a quota comes when others end, as on nodes.
    const kind = message.includes('exceeded quota') ? 'unschedulable' : 'configuration';
    return { kind, reason: `FailedCreate: the cluster refuses the pod of the job: ${refusal}` };
  }
  if (reason === 'FailedMount' && MISSING.test(message)) {
    return { kind: 'configuration', reason: `FailedMount: a volume cannot be mounted: ${message}` };
  }
  return undefined;
}

function timeOf({ series, lastTimestamp, eventTime, metadata }: EventObject): number {
  return Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '') || 0;
}
