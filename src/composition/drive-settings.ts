import { childLaunch, type ChildLaunch, type ChildrenSettings } from './engine/child-launch.js';
import { type ChildLimits, childLimits } from './engine/child-limits.js';
import type { Plan } from './engine/plan.js';
import type { RunLimits } from './engine/run-limits.js';
import { RUNNER } from './engine/runner-launch.js';
import type { RunnerSettings } from './engine/runner-settings.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import { type AskedOfRun, childrenSettings, runSettings } from './run-settings.js';

/** How a run is driven. Times are in milliseconds. */
export interface DriveSettings {
  readonly children: ChildrenSettings;
  /** From a child's acceptance to its end; 0 for no limit. */
  readonly maxWaitTime: number;
  /** From a child's acceptance to its start; 0 for no limit. */
  readonly maxStartWaitTime: number;
  /** From the run's start to its end; null for no limit. */
  readonly timeout: number | null;
  readonly maxAtOnce: number;
  /** Whether a failed job makes the runner's exit code 1. */
  readonly failOnJobFailure: boolean;
}

const FAIL_ON_JOB_FAILURE = 'spring.cloud.task.batch.fail-on-job-failure';

/**
 * Reads how a run is to be driven.
 * @throws RunnerSettingsError, RunLimitsError, InvalidLaunchPropertiesError
 */
export function driveSettings(plan: Plan, key: ExecutionKey, asked: AskedOfRun): DriveSettings {
  const { runner, limits } = runSettings(asked);
  return {
    children: childrenSettings(asked, plan, runner, key),
    maxWaitTime: runner.maxWaitTime,
    maxStartWaitTime: runner.maxStartWaitTime,
    timeout: limits.timeout,
    maxAtOnce: maxAtOnceOf(runner, limits),
    failOnJobFailure: failsOnJobFailure(asked),
  };
}

/** How many children of a run may run at once. */
export function maxAtOnceOf(
  { splitThreadCorePoolSize }: Pick<RunnerSettings, 'splitThreadCorePoolSize'>,
  { maxAtOnce }: Pick<RunLimits, 'maxAtOnce'>,
): number {
  return Math.min(splitThreadCorePoolSize, maxAtOnce ?? Infinity);
}

/** What is for the run itself, and of no use to a platform or an application. */
const OF_THE_RUN = /^deployer\.[^.]+\.millrace\.(?!priority$)/;

/** The launch of a child; properties that the run itself acts on are left out. @throws ComposedArgumentsError */
export function launchOfChild(
  { children }: DriveSettings,
  child: string,
  recordedArguments: readonly string[] | null,
): ChildLaunch {
  const launch = childLaunch(children, child, recordedArguments);
  return { ...launch, properties: new Map([...launch.properties].filter(([key]) => !OF_THE_RUN.test(key))) };
}

/** How often and how long a child is tried. @throws ChildLimitsError, ComposedArgumentsError */
export function limitsOfChild({ children }: DriveSettings, child: string): ChildLimits {
  const { properties } = childLaunch(children, child);
  return childLimits(child, new Map([...properties].filter(([key]) => OF_THE_RUN.test(key))));
}

function failsOnJobFailure({ properties, arguments: given }: AskedOfRun): boolean {
  const prefix = `--${FAIL_ON_JOB_FAILURE}=`;
  const argument = given.findLast((one) => one.startsWith(prefix))?.slice(prefix.length);
  const text = argument ?? properties[`app.${RUNNER}.${FAIL_ON_JOB_FAILURE}`];
  return text?.trim().toLowerCase() === 'true';
}
