import { AppNode, FlowElement, FlowNode, TaskNode, Transition } from './ast.js';
import { childName, endStateTargets } from './facts.js';
import { printApp } from './print.js';
import { appsOf, elementsOf } from './walk.js';

/** A task definition that a composed definition brings along. */
export interface ChildDefinition {
  /** `<parent>-<label or app name>` */
  readonly name: string;
  /** The app with its label and options, in a text of its own. */
  readonly dsl: string;
  /** The name under which the app is registered. */
  readonly appName: string;
}

/**
 * The child definitions of a composed task, in text order: one for each app, targets of transitions included. `$END` and
 * `$FAIL` as targets are no apps and have none.
 */
export function childDefinitions(parentName: string, task: TaskNode): ChildDefinition[] {
  const endStates = endStateTargets(task);
  return [...appsOf(task)]
    .filter((app) => !endStates.has(app))
    .map((app) => ({
      name: childName(parentName, app),
      dsl: `${app.label === null ? '' : `${app.label.text}:`}${printApp(app)}`,
      appName: app.name,
    }));
}

/**
 * The text that a composed-task runner executes: the task with each app replaced by the name of its child definition,
 * without options. It is parsed in reference mode (`appMode: false`). Labels are left out, except where the text would
 * not be valid without them: on targets of label transitions, in front of further sequences and on end states.
 */
export function executableDsl(taskName: string, task: TaskNode): string {
  return new ExecutablePrinter(taskName, task).print();
}

class ExecutablePrinter {
  private readonly keptLabels: ReadonlySet<string>;
  private readonly endStates: ReadonlySet<AppNode>;

  constructor(
    private readonly taskName: string,
    private readonly task: TaskNode,
  ) {
    this.keptLabels = neededLabels(task);
    this.endStates = endStateTargets(task);
  }

  print(): string {
    return this.task.sequences.map((sequence) => this.flow(sequence)).join('\n');
  }

  private flow(flow: FlowNode): string {
    return flow.elements.map((element) => this.element(element)).join(' && ');
  }

  private element(element: FlowElement): string {
    const label = this.keptLabel(element);
    if (element.kind === 'split')
      return `${label}<${element.branches.map((branch) => this.flow(branch)).join(' || ')}>`;
    const transitions = element.transitions.map((transition) => ` ${this.transition(transition)}`).join('');
    return label + childName(this.taskName, element) + transitions;
  }

  private transition({ status, target }: Transition): string {
    const check = status.quoted ? `'${status.value.replaceAll("'", "''")}'` : status.text;
    return `${check}->${target.kind === 'label' ? `:${target.label}` : this.target(target)}`;
  }

  private target(app: AppNode): string {
    if (this.endStates.has(app)) return (app.label === null ? '' : `${app.label.text}: `) + app.name;
    return this.keptLabel(app) + childName(this.taskName, app);
  }

  private keptLabel({ label }: FlowElement): string {
    return label !== null && this.keptLabels.has(label.text) ? `${label.text}: ` : '';
  }
}

function neededLabels(task: TaskNode): Set<string> {
  const labels = new Set<string>();
  task.sequences.forEach((sequence, index) => {
    const start = sequence.elements[0]?.label;
    if (index > 0 && start) labels.add(start.text);
    for (const element of elementsOf(sequence)) {
      if (element.kind === 'split') continue;
      for (const { target } of element.transitions) if (target.kind === 'label') labels.add(target.label);
    }
  });
  return labels;
}
