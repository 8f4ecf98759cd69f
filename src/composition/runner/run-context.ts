import { type ChildLaunch, childLaunch, type ChildrenSettings } from '../engine/child-launch.js';
import { type ChildLimits, childLimits } from '../engine/child-limits.js';
import { childrenOf } from '../engine/make-plan.js';
import type { Plan } from '../engine/plan.js';
import type { RunnerOptions } from './runner-options.js';

/** What the run acts on itself, and is of no use to a server. */
const OF_THE_RUN = /^deployer\.[^.]+\.millrace\.(?!priority$)/;

/** How the children of a run are launched, and how long they may take. */
export class RunContext {
  private readonly settings: ChildrenSettings;

  constructor(
    readonly plan: Plan,
    { settings, composedTaskProperties, taskName }: RunnerOptions,
    taskExecutionId: number,
  ) {
    this.settings = {
      parent: taskName,
      children: new Set(childrenOf(plan)),
      composedTaskArguments: settings.composedTaskArguments,
      composedTaskProperties,
      composedTaskAppArguments: settings.composedTaskAppArguments,
      composedTaskAppProperties: settings.composedTaskAppProperties,
      platformName: settings.platformName,
      parentExecutionId: taskExecutionId,
      parentSchemaTarget: 'boot2',
    };
  }

  /** @throws ComposedArgumentsError unless arguments that were recorded are given */
  launchOf(child: string, recorded: readonly string[] | null): ChildLaunch {
    const launch = childLaunch(this.settings, child, recorded);
    return { ...launch, properties: new Map([...launch.properties].filter(([key]) => !OF_THE_RUN.test(key))) };
  }

  /** @throws ChildLimitsError, ComposedArgumentsError */
  limitsOf(child: string): ChildLimits {
    const { properties } = childLaunch(this.settings, child, []);
    return childLimits(child, new Map([...properties].filter(([key]) => OF_THE_RUN.test(key))));
  }

  /** Makes everything that a run needs once, so that what is wrong shows before anything runs. @throws as the others */
  check(): void {
    for (const child of this.settings.children) {
      this.launchOf(child, null);
      this.limitsOf(child);
    }
  }
}
