import { InvalidTaskDefinitionError } from '../definitions/definitions.errors.js';
import { TaskDslError } from '../dsl/errors.js';
import { ComposedArgumentsError } from './engine/composed-arguments.js';
import { ChildLimitsError, childLimits } from './engine/child-limits.js';
import { type ChildLaunch, type ChildrenSettings, childLaunch } from './engine/child-launch.js';
import type { PlanLimits } from './engine/limits.js';
import { makePlan } from './engine/make-plan.js';
import type { Plan } from './engine/plan.js';
import { PlanError } from './engine/plan-error.js';
import { RunLimitsError } from './engine/run-limits.js';
import { RunnerSettingsError } from './engine/runner-settings.js';
import { InvalidComposedLaunchError, UnrunnableTaskError } from './composed-launch.errors.js';
import { type AskedOfRun, type RunSettings, runSettings } from './run-settings.js';

/**
 * The engine's checks of a launch, with what they refuse as refusals that a client gets.
 * @throws UnrunnableTaskError, InvalidTaskDefinitionError
 */
export function checkedPlan(taskName: string, executableText: string, limits: PlanLimits): Plan {
  try {
    return makePlan(taskName, executableText, limits);
  } catch (error) {
    if (error instanceof PlanError) throw new UnrunnableTaskError(taskName, error.message);
    if (error instanceof TaskDslError) throw new InvalidTaskDefinitionError(error);
    throw error;
  }
}

/** @throws InvalidComposedLaunchError */
export function checkedSettings(asked: AskedOfRun): RunSettings {
  try {
    return runSettings(asked);
  } catch (error) {
    if (error instanceof RunnerSettingsError || error instanceof RunLimitsError) {
      throw new InvalidComposedLaunchError(error.message);
    }
    throw error;
  }
}

/**
 * How each child would be launched, by its name; its limits are checked.
 * @throws InvalidComposedLaunchError with all that is wrong
 */
export function checkedChildren(children: ChildrenSettings): ReadonlyMap<string, ChildLaunch> {
  const launches = new Map<string, ChildLaunch>();
  const problems = new Set<string>();
  for (const child of children.children) {
    try {
      const launch = childLaunch(children, child);
      childLimits(child, launch.properties);
      launches.set(child, launch);
    } catch (error) {
      if (error instanceof ChildLimitsError) error.problems.forEach((problem) => problems.add(problem));
      else if (error instanceof ComposedArgumentsError) problems.add(error.message);
      else throw error;
    }
  }
  if (problems.size > 0) throw new InvalidComposedLaunchError([...problems].join(' '));
  return launches;
}
