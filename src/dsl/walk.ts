import { AppNode, FlowElement, FlowNode, TaskNode } from './ast.js';

/** All apps and splits of a flow in text order; a split comes before what is inside it. Targets are not elements. */
export function elementsOf(flow: FlowNode): FlowElement[] {
  const found: FlowElement[] = [];
  collect(flow, found);
  return found;
}

function collect(flow: FlowNode, found: FlowElement[]): void {
  for (const element of flow.elements) {
    found.push(element);
    if (element.kind === 'split') for (const branch of element.branches) collect(branch, found);
  }
}

/** All apps of a task in text order, each followed by the apps that its transitions lead to. */
export function* appsOf(task: TaskNode): Generator<AppNode> {
  for (const sequence of task.sequences) {
    for (const element of elementsOf(sequence)) {
      if (element.kind === 'split') continue;
      yield element;
      for (const { target } of element.transitions) if (target.kind === 'app') yield target;
    }
  }
}
