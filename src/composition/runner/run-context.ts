import { type DriveSettings, launchOfChild, limitsOfChild, maxAtOnceOf } from '../drive-settings.js';
import type { ChildLaunch } from '../engine/child-launch.js';
import type { ChildLimits } from '../engine/child-limits.js';
import { childrenOf } from '../engine/make-plan.js';
import type { Plan } from '../engine/plan.js';
import type { RunnerOptions } from './runner-options.js';

/** What a run goes by: its plan, how it is driven, and how its children are launched. */
export class RunContext {
  readonly settings: DriveSettings;

  constructor(
    readonly plan: Plan,
    { settings, limits, composedTaskProperties, taskName, failOnJobFailure }: RunnerOptions,
    taskExecutionId: number,
  ) {
    this.settings = {
      children: {
        parent: taskName,
        children: new Set(childrenOf(plan)),
        composedTaskArguments: settings.composedTaskArguments,
        composedTaskProperties,
        composedTaskAppArguments: settings.composedTaskAppArguments,
        composedTaskAppProperties: settings.composedTaskAppProperties,
        platformName: settings.platformName,
        parentExecutionId: taskExecutionId,
        parentSchemaTarget: 'boot2',
      },
      maxWaitTime: settings.maxWaitTime,
      maxStartWaitTime: settings.maxStartWaitTime,
      timeout: limits.timeout,
      maxAtOnce: maxAtOnceOf(settings, limits),
      failOnJobFailure,
    };
  }

  /** @throws ComposedArgumentsError unless arguments that were recorded are given */
  launchOf(child: string, recorded: readonly string[] | null): ChildLaunch {
    return launchOfChild(this.settings, child, recorded);
  }

  /** @throws ChildLimitsError, ComposedArgumentsError */
  limitsOf(child: string): ChildLimits {
    return limitsOfChild(this.settings, child);
  }

  /** Makes everything that a run needs once, so that what is wrong shows before anything runs. @throws as the others */
  check(): void {
    for (const child of this.settings.children.children) {
      this.launchOf(child, null);
      this.limitsOf(child);
    }
  }
}
