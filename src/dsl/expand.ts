import { AppNode, FlowElement, FlowNode, Label, TaskNode, Transition } from './ast.js';
import { childName, endStateTargets } from './facts.js';
import { printApp, printTask, quoteStatus } from './print.js';
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
      dsl: `${app.label === null ? '' : `${app.label.text}:`}${printApp({ ...app, label: null })}`,
      appName: app.name,
    }));
}

/**
 * The text that a composed-task runner executes: the task with each app replaced by the name of its child definition,
 * without options. It is parsed in reference mode (`appMode: false`). Labels are left out, except where the text would
 * not be valid without them: on targets of label transitions, in front of further sequences and on end states.
 */
export function executableDsl(taskName: string, task: TaskNode): string {
  const endStates = endStateTargets(task);
  const needed = neededLabels(task);
  const kept = (label: Label | null): Label | null => (label !== null && needed.has(label.text) ? label : null);

  const reference = (app: AppNode): AppNode =>
    endStates.has(app)
      ? { ...app, options: [] }
      : {
          ...app,
          name: childName(taskName, app),
          label: kept(app.label),
          options: [],
          transitions: app.transitions.map(transition),
        };
  const transition = ({ status, target, range }: Transition): Transition => ({
    status: status.quoted ? { ...status, text: quoteStatus(status.value) } : status,
    target: target.kind === 'label' ? target : reference(target),
    range,
  });
  const element = (node: FlowElement): FlowElement =>
    node.kind === 'app' ? reference(node) : { ...node, label: kept(node.label), branches: node.branches.map(flow) };
  const flow = (node: FlowNode): FlowNode => ({ ...node, elements: node.elements.map(element) });

  return printTask({ sequences: task.sequences.map(flow) });
}

function neededLabels(task: TaskNode): ReadonlySet<string> {
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
