import { below, parseLaunchProperties } from '../launching/launch-properties.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import type { ChildrenSettings } from './engine/child-launch.js';
import type { Plan } from './engine/plan.js';
import { RUNNER } from './engine/runner-launch.js';
import { type RunnerSettings, runnerSettings } from './engine/runner-settings.js';
import { type RunLimits, runLimits } from './engine/run-limits.js';

/** What was asked of a run: the columns of `millrace_composed_run`. */
export interface AskedOfRun {
  readonly taskName: string;
  /**
   * What was asked for now and at earlier launches, with keys in the runner's form: `app.composed-task-runner.…` and
   * `deployer.composed-task-runner.…` among them.
   */
  readonly properties: Readonly<Record<string, string>>;
  /** The runner's arguments without those that the server adds. */
  readonly arguments: readonly string[];
  readonly platformAccount: string;
}

/** Settings of the runner and limits of the run. */
export interface RunSettings {
  readonly runner: RunnerSettings;
  readonly limits: RunLimits;
}

/**
 * Reads what was asked of a run.
 * @throws RunnerSettingsError, RunLimitsError
 */
export function runSettings({ properties, arguments: given }: Omit<AskedOfRun, 'taskName'>): RunSettings {
  const all = new Map(Object.entries(properties));
  return {
    runner: runnerSettings(new Map(Object.entries(below(all, `app.${RUNNER}.`))), given),
    limits: runLimits(all),
  };
}

/**
 * What the launches of a run's children are made of.
 * @throws InvalidLaunchPropertiesError for `composed-task-properties` that cannot be taken apart
 */
export function childrenSettings(
  asked: Pick<AskedOfRun, 'taskName' | 'platformAccount'>,
  plan: Plan,
  runner: RunnerSettings,
  parent: ExecutionKey,
): ChildrenSettings {
  const { composedTaskProperties } = runner;
  return {
    parent: asked.taskName,
    children: new Set(plan.steps.map(({ child }) => child)),
    composedTaskArguments: runner.composedTaskArguments,
    composedTaskProperties: parseLaunchProperties(composedTaskProperties ?? ''),
    composedTaskAppArguments: runner.composedTaskAppArguments,
    composedTaskAppProperties: runner.composedTaskAppProperties,
    platformName: platformOfChildren(asked, runner),
    parentExecutionId: parent.id,
    parentSchemaTarget: parent.schemaTarget,
  };
}

/** The account that a run's children are launched on: the run's own, unless the runner's `platform-name` says otherwise. */
export function platformOfChildren(
  { platformAccount }: Pick<AskedOfRun, 'platformAccount'>,
  { platformName }: Pick<RunnerSettings, 'platformName'>,
): string {
  return platformName === null || platformName.trim() === '' ? platformAccount : platformName;
}
