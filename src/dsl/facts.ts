import { AppNode, END_STATES, TaskNode } from './ast.js';
import { appsOf, elementsOf } from './walk.js';

/** One use of an app in a task. */
export interface TaskApp {
  /** The name under which the app is registered. */
  readonly name: string;
  readonly label: string | null;
  /** The options in written order; of several with one name the last one's value counts. */
  readonly options: ReadonlyMap<string, string>;
  /** The name of the child task that stands for this use when the task is composed, see {@link childName}. */
  readonly childName: string;
  /** Whether it is `$END` or `$FAIL` as the target of a transition: such a target ends the task and runs no app. */
  readonly endState: boolean;
}

/**
 * Whether a launch of the task runs a composition: everything but one app on its own. A split with one branch, a
 * transition and a second sequence make a task composed; a label does not.
 */
export function isComposed(task: TaskNode): boolean {
  const [sequence, ...others] = task.sequences;
  const [element, ...more] = sequence?.elements ?? [];
  if (others.length > 0 || more.length > 0) return true;
  return element?.kind !== 'app' || element.transitions.length > 0;
}

/** All apps of a task, targets of transitions included, in text order. */
export function taskApps(taskName: string, task: TaskNode): TaskApp[] {
  const endStates = endStateTargets(task);
  return [...appsOf(task)].map((app) => ({
    name: app.name,
    label: app.label?.text ?? null,
    options: new Map(app.options.map(({ name, value }) => [name, value])),
    childName: childName(taskName, app),
    endState: endStates.has(app),
  }));
}

/** The name of the task definition that stands for an app in a composed task: `<task>-<label or app name>`. */
export function childName(taskName: string, app: Pick<AppNode, 'name' | 'label'>): string {
  return `${taskName}-${app.label?.text ?? app.name}`;
}

/** The targets of transitions that end the task instead of running an app. */
export function endStateTargets(task: TaskNode): ReadonlySet<AppNode> {
  const targets = new Set<AppNode>();
  for (const sequence of task.sequences) {
    for (const element of elementsOf(sequence)) {
      if (element.kind === 'split') continue;
      for (const { target } of element.transitions) {
        if (target.kind === 'app' && END_STATES.has(target.name)) targets.add(target);
      }
    }
  }
  return targets;
}
