import type { TaskApp } from '../dsl/facts.js';
import { parseLaunchProperties } from '../launching/launch-properties.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import { childLaunch, type ChildLaunch, type ChildrenSettings } from './engine/child-launch.js';
import { childLimits } from './engine/child-limits.js';
import type { Plan } from './engine/plan.js';
import { RUNNER, runnerArguments, runnerProperties } from './engine/runner-launch.js';
import { runnerSettings } from './engine/runner-settings.js';

/** What the launch of a composed task asked for. */
export interface ComposedRequest {
  readonly key: ExecutionKey;
  readonly platformAccount: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly arguments: readonly string[];
}

/** How a run is driven. Times are in milliseconds, 0 and null for no limit. */
export interface RunSettings {
  readonly children: ChildrenSettings;
  /** From a child's acceptance to its end. */
  readonly maxWaitTime: number;
  /** From a child's acceptance to its start. */
  readonly maxStartWaitTime: number;
  /** From the run's start to its end. */
  readonly timeout: number | null;
  readonly maxAtOnce: number;
  /** Whether a failed job makes the runner's exit code 1. */
  readonly failOnJobFailure: boolean;
}

/** Settings of a run that cannot be used. */
export class RunSettingsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

const LIMITS = [`deployer.${RUNNER}.millrace.`, `app.${RUNNER}.millrace.`];
const FAIL_ON_JOB_FAILURE = 'spring.cloud.task.batch.fail-on-job-failure';

/**
 * Reads how a run is to be driven.
 * @throws RunSettingsError, RunnerSettingsError, ChildLimitsError, InvalidLaunchPropertiesError
 */
export function runSettings(plan: Plan, request: ComposedRequest): RunSettings {
  const { own, composedTaskProperties, composedTaskAppProperties } = runnerProperties(
    plan.name,
    appsOf(plan),
    request.properties,
  );
  const forRunner = below(own, `app.${RUNNER}.`);
  const given = runnerArguments(request.arguments);
  const runner = runnerSettings(forRunner, given);
  const { timeout, maxAtOnce } = limitsOfRun(own);
  return {
    children: {
      parent: plan.name,
      children: new Set(plan.steps.map(({ child }) => child)),
      composedTaskArguments: runner.composedTaskArguments,
      composedTaskProperties: new Map([
        ...parseLaunchProperties(runner.composedTaskProperties ?? ''),
        ...composedTaskProperties,
      ]),
      composedTaskAppArguments: runner.composedTaskAppArguments,
      composedTaskAppProperties: new Map([...runner.composedTaskAppProperties, ...composedTaskAppProperties]),
      platformName: runner.platformName ?? request.platformAccount,
      parentExecutionId: request.key.id,
      parentSchemaTarget: request.key.schemaTarget,
    },
    maxWaitTime: runner.maxWaitTime,
    maxStartWaitTime: runner.maxStartWaitTime,
    timeout,
    maxAtOnce: Math.min(runner.splitThreadCorePoolSize, maxAtOnce),
    failOnJobFailure: isTrue(lastArgument(given) ?? forRunner.get(FAIL_ON_JOB_FAILURE)),
  };
}

/** What is for the run itself, and of no use to a platform or an application. */
const OF_THE_RUN = /^deployer\.[^.]+\.millrace\.(?!priority$)/;

/** The launch of a child; properties that the run itself acts on are left out. @throws ComposedArgumentsError */
export function launchOfChild(
  settings: RunSettings,
  child: string,
  recordedArguments: readonly string[] | null,
): ChildLaunch {
  const launch = childLaunch(settings.children, child, recordedArguments);
  const properties = new Map([...launch.properties].filter(([key]) => !OF_THE_RUN.test(key)));
  return { ...launch, properties };
}

/** How often and how long a child is tried. @throws ChildLimitsError, ComposedArgumentsError */
export function limitsOfChild(settings: RunSettings, child: string) {
  const { properties } = childLaunch(settings.children, child);
  return childLimits(child, new Map([...properties].filter(([key]) => !key.endsWith('.millrace.priority'))));
}

/** The definition may have changed since; the children's names say enough: a label's properties reach its app. */
function appsOf(plan: Plan): readonly TaskApp[] {
  return plan.steps.map(({ child }) => {
    const name = child.startsWith(`${plan.name}-`) ? child.slice(plan.name.length + 1) : child;
    return { name, label: null, options: new Map(), childName: child, endState: false };
  });
}

function limitsOfRun(own: ReadonlyMap<string, string>): { readonly timeout: number | null; readonly maxAtOnce: number } {
  const given = new Map(LIMITS.toReversed().flatMap((prefix) => [...below(own, prefix)]));
  const timeouts = [...given].filter(([name]) => name !== 'max-at-once' && name !== 'maxAtOnce' && name !== 'priority');
  const { timeout } = childLimits(
    RUNNER,
    new Map(timeouts.map(([name, value]) => [`deployer.${RUNNER}.millrace.${name}`, value])),
  );
  const text = given.get('max-at-once') ?? given.get('maxAtOnce');
  if (text === undefined || text.trim() === '') return { timeout, maxAtOnce: Infinity };
  const maxAtOnce = /^\d{1,6}$/.test(text.trim()) ? Number(text) : 0;
  if (maxAtOnce < 1) {
    throw new RunSettingsError(
      `The property '${LIMITS[0]}max-at-once' is '${text.slice(0, 100)}', but must be a whole number from 1 to 999999.`,
    );
  }
  return { timeout, maxAtOnce };
}


function lastArgument(given: readonly string[]): string | undefined {
  const prefix = `--${FAIL_ON_JOB_FAILURE}=`;
  return given.findLast((argument) => argument.startsWith(prefix))?.slice(prefix.length);
}

function isTrue(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === 'true';
}

function below(properties: ReadonlyMap<string, string>, prefix: string): ReadonlyMap<string, string> {
  return new Map(
    [...properties].flatMap(([key, value]) =>
      key.startsWith(prefix) && key.length > prefix.length ? [[key.slice(prefix.length), value] as const] : [],
    ),
  );
}
