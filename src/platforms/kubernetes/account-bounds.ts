import type { KubernetesOptions } from '../../configuration/configuration.js';
import { ENDING_BOUNDS } from './execution-ender.js';
import type { KubernetesPlatformOptions } from './kubernetes-platform.js';
import { WATCH_TIMING } from './watch/resource-watch.js';

type Bounds = Required<
  Pick<KubernetesPlatformOptions, 'endingBounds' | 'watchTiming' | 'requestsInFlight' | 'dataSource'>
>;

/** The settings of all accounts (`millrace.kubernetes.*`) as an account takes them. */
export function boundsOf(settings: KubernetesOptions): Bounds {
  const { imageTimeout, containerTimeout, schedulingTimeout, stopTimeout, relistInterval } = settings;
  return {
    endingBounds: {
      ...ENDING_BOUNDS,
      obstacles: {
        ...ENDING_BOUNDS.obstacles,
        image: imageTimeout,
        configuration: containerTimeout,
        unschedulable: schedulingTimeout,
      },
      overdue: stopTimeout,
    },
    watchTiming: { ...WATCH_TIMING, relist: relistInterval },
    requestsInFlight: settings.requestsInFlight,
    dataSource: settings.dataSource,
  };
}
