import { describe, expect, it } from '@jest/globals';
import type { EventObject } from '../wire.js';
import { hindranceOf } from './events.js';

const event = (reason: string, message: string, second: number): EventObject => ({
  metadata: { name: `e-${second}` },
  reason,
  message,
  lastTimestamp: `2026-01-01T00:00:0${second}Z`,
});

const quota =
  'Error creating: pods "work-1-abcde" is forbidden: exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5';
const mount = (what: string) => `MountVolume.SetUp failed for volume "v" : ${what}`;

describe('hindranceOf', () => {
  it.each<[string, EventObject[], ReturnType<typeof hindranceOf>]>([
    ['no event', [], undefined],
    [
      'a job whose pod a quota forbids',
      [event('FailedCreate', quota, 1)],
      {
        kind: 'unschedulable',
        reason:
          "FailedCreate: the cluster refuses the pod of the job: the quota 'q' is exceeded: pods=1 requested, pods=5 in use, the limit is pods=5",
      },
    ],
    [
      'a job whose pod is refused',
      [
        event(
          'FailedCreate',
          'Error creating: pods "work-1-" is forbidden: no PriorityClass with name none was found',
          1,
        ),
      ],
      {
        kind: 'configuration',
        reason: 'FailedCreate: the cluster refuses the pod of the job: no PriorityClass with name none was found',
      },
    ],
    [
      'a job whose pod could be made later',
      [event('SuccessfulCreate', 'Created', 2), event('FailedCreate', quota, 1)],
      undefined,
    ],
    [
      'a ConfigMap that is missing',
      [event('Scheduled', 'Assigned', 1), event('FailedMount', mount('configmap "c" not found'), 2)],
      {
        kind: 'configuration',
        reason:
          'FailedMount: a volume cannot be mounted: MountVolume.SetUp failed for volume "v" : configmap "c" not found',
      },
    ],
    [
      'an entry of a Secret that is missing',
      [event('FailedMount', mount('references non-existent secret key: k'), 2)],
      {
        kind: 'configuration',
        reason:
          'FailedMount: a volume cannot be mounted: MountVolume.SetUp failed for volume "v" : references non-existent secret key: k',
      },
    ],
    ['a volume that comes later', [event('FailedMount', mount('timed out waiting for the device'), 2)], undefined],
    [
      'a volume that came',
      [event('FailedMount', mount('secret "s" not found'), 1), event('Pulling', 'x', 3)],
      undefined,
    ],
  ])('%s', (_, events, expected) => {
    expect(hindranceOf(events)).toEqual(expected);
  });

  it('counts the last of a series', () => {
    const series = { ...event('FailedCreate', quota, 1), series: { lastObservedTime: '2026-01-01T00:00:09Z' } };
    expect(hindranceOf([event('SuccessfulCreate', 'Created', 5), series])).toMatchObject({ kind: 'unschedulable' });
  });
});
