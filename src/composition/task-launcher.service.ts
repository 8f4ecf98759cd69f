import { Injectable } from '@nestjs/common';
import { isComposed } from '../dsl/facts.js';
import { parseDefinition } from '../definitions/definitions.service.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import { LaunchTargets, type TaskToLaunch } from '../launching/launch-targets.service.js';
import { type LaunchGuard, LaunchingService, type LaunchOrder } from '../launching/launching.service.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { ComposedLaunchService } from './composed-launch.service.js';

/** Launches tasks of either kind: one app, or a composition. */
@Injectable()
export class TaskLauncher {
  constructor(
    private readonly targets: LaunchTargets,
    private readonly launching: LaunchingService,
    private readonly composed: ComposedLaunchService,
  ) {}

  /**
   * Launches a task. What was answered with an execution happens exactly once, whatever dies when.
   * @throws NoSuchTaskDefinitionError, InvalidTaskNameError and all that {@link LaunchingService.launch} and
   *   {@link ComposedLaunchService.launch} throw; then nothing was written
   */
  async launch(order: LaunchOrder, guard?: LaunchGuard): Promise<ExecutionKey> {
    const task = await this.taskOf(order);
    if (isComposed(task.task)) return this.composed.launch(order, task, guard);
    return this.launching.launch({ ...order, task }, guard);
  }

  /**
   * Checks a launch as {@link launch} does before it writes anything; whether there is room is not looked at.
   * @returns the generation that it would run in
   * @throws what {@link launch} throws for a launch that cannot be made
   */
  async check(order: LaunchOrder): Promise<SchemaTargetName> {
    const task = await this.taskOf(order);
    if (isComposed(task.task)) return this.composed.check(order, task);
    return (await this.launching.prepare({ ...order, task })).schemaTarget;
  }

  private async taskOf({ taskName, manifest }: LaunchOrder): Promise<TaskToLaunch> {
    const task = await this.targets.task(taskName);
    return manifest === undefined ? task : { ...task, lastManifest: manifest };
  }

  /** The generation that a launch of this task would run in now. Runs of composed tasks are Boot 2, as SCDF's runner is. */
  async bootVersionOf(taskName: string): Promise<'2' | '3'> {
    const { dslText } = await this.targets.definition(taskName);
    if (isComposed(parseDefinition(taskName, dslText))) return '2';
    return this.launching.bootVersionOf(taskName);
  }
}
