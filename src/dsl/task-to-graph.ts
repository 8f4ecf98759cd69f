import { AppNode, END_STATES, FlowNode, SplitNode, TaskNode, Transition } from './ast.js';
import { END, GraphLink, GraphNode, START, SYNC, TaskGraph, TaskGraphError, transitionOf } from './graph.js';

/**
 * Draws a task as a graph. Ids are decimal numbers in the order of visiting; nodes and links are in the order of their
 * making, options in written order. A transition to the label of a further sequence gets a copy of that sequence, which
 * joins what follows the flow that the transition is in.
 *
 * @throws TaskGraphError for a transition to a label that is neither in the transition's own flow nor in front of a
 *   further sequence, and for a task whose copies would be too many
 */
export function taskToGraph(task: TaskNode): TaskGraph {
  let nextId = 0;
  const newId = (): string => String(nextId++);
  const [main, ...further] = task.sequences.map((sequence) => new SequenceGraph(sequence, newId));
  if (main === undefined) return { nodes: [], links: [] };
  main.copyIn(further);
  return { nodes: main.nodes, links: main.links };
}

/** How many nodes may be copied: sequences that many flows lead to would make a graph that nobody can look at. */
const COPY_LIMIT = 10_000;

/** A transition to a label that was not met yet. */
interface LabelTransition {
  readonly from: string;
  readonly status: string;
  readonly label: string;
  readonly flow: FlowState;
}

/** What is known of a flow while it is drawn, and of its labels afterwards. Nodes are known by their ids. */
class FlowState {
  /** The nodes that what comes next in the flow is linked from; none at its start. */
  open: readonly string[] = [];
  /** Targets of transitions: they go on behind the flow, not with its next element. */
  readonly exits: string[] = [];
  /** The labels that transitions can lead back to, each with the nodes that start what it stands for. */
  readonly labelled = new Map<string, readonly string[]>();
  /** Targets by what they are, as transitions to the same target share a node. */
  readonly targets = new Map<string, string>();
  waiting: LabelTransition[] = [];

  constructor(readonly start: string) {}

  /** Where the next element is linked from. */
  get entries(): readonly string[] {
    return this.open.length === 0 ? [this.start] : this.open;
  }
}

class SequenceGraph {
  readonly nodes: GraphNode[] = [];
  readonly links: GraphLink[] = [];
  readonly label: string | null;
  private readonly start: string;
  private readonly end: string;
  private readonly mainFlow: FlowState;
  private unresolved: readonly LabelTransition[] = [];
  private copied = 0;

  constructor(
    sequence: FlowNode,
    private readonly newId: () => string,
  ) {
    this.label = sequence.elements[0]?.label?.text ?? null;
    this.start = this.addNode(START);
    this.mainFlow = new FlowState(this.start);
    const exits = this.drawFlow(sequence, this.mainFlow);
    this.end = this.addNode(END);
    for (const exit of exits) this.link(exit, this.end);
  }

  /** Copies in the further sequences that transitions lead to, once for each flow that has such transitions. */
  copyIn(further: readonly SequenceGraph[]): void {
    for (let next = this.unresolved[0]; next !== undefined; next = this.unresolved[0]) {
      const { flow, label, from, status } = next;
      const source = flow.labelled.has(label) ? null : further.find((sequence) => sequence.label === label);
      if (source === undefined) throw new TaskGraphError(`Out of flow transition? ${from}:${status}->${label}`);
      const copies = source === null ? null : this.copyNodes(source, label, flow);
      const onward = this.followersOf(flow);
      const leadsThere = (other: LabelTransition): boolean => other.flow === flow && other.label === label;
      this.arrive(this.unresolved.filter(leadsThere));
      this.unresolved = this.unresolved.filter((other) => !leadsThere(other));
      if (source !== null && copies !== null) this.copyLinks(source, copies, flow, onward);
    }
  }

  private drawFlow(node: FlowNode, flow: FlowState): readonly string[] {
    for (const element of node.elements) {
      if (element.kind === 'app') this.drawApp(element, flow);
      else this.drawSplit(element, flow);
    }
    this.unresolved = this.unresolved.concat(flow.waiting);
    return [...flow.open, ...flow.exits];
  }

  private drawApp(app: AppNode, flow: FlowState): void {
    const id = this.addNode(app.name, app);
    if (app.label !== null) this.meet(app.label.text, id, flow);
    for (const entry of flow.entries) this.link(entry, id);
    flow.open = [id];
    for (const transition of app.transitions) this.drawTransition(id, transition, flow);
  }

  private drawSplit(split: SplitNode, flow: FlowState): void {
    if (flow.open.length > 1) {
      const sync = this.addNode(SYNC);
      for (const entry of flow.open) this.link(entry, sync);
      flow.open = [sync];
    }
    const start = flow.open[0] ?? flow.start;
    flow.open = split.branches.flatMap((branch) => this.drawFlow(branch, new FlowState(start)));
  }

  private drawTransition(from: string, { status: { value: status }, target }: Transition, flow: FlowState): void {
    if (target.kind === 'app') {
      this.link(from, this.targetNode(target, flow), status);
      return;
    }
    const transition = { from, status, label: target.label, flow };
    if (flow.labelled.has(target.label)) this.arrive([transition]);
    else flow.waiting.push(transition);
  }

  private targetNode(app: AppNode, flow: FlowState): string {
    const endState = END_STATES.has(app.name);
    const key = endState ? app.name : JSON.stringify([app.label?.text, app.name, Object.entries(propertiesOf(app))]);
    const known = flow.targets.get(key);
    if (known !== undefined) return known;
    const id = endState ? this.addNode(app.name) : this.addNode(app.name, app);
    flow.targets.set(key, id);
    if (!endState) flow.exits.push(id);
    return id;
  }

  /** A label is met: links the transitions of the flow that wait for it. */
  private meet(label: string, id: string, flow: FlowState): void {
    flow.labelled.set(label, [id]);
    this.arrive(flow.waiting.filter((transition) => transition.label === label));
    flow.waiting = flow.waiting.filter((transition) => transition.label !== label);
  }

  private arrive(transitions: readonly LabelTransition[]): void {
    for (const { from, status, label, flow } of transitions) {
      for (const target of flow.labelled.get(label) ?? []) this.link(from, target, status);
    }
  }

  /** Copies the apps of another sequence, and its labels into a flow of this one. Returns the new ids by the old. */
  private copyNodes(source: SequenceGraph, label: string, flow: FlowState): ReadonlyMap<string, string> {
    this.copied += source.nodes.length;
    if (this.copied > COPY_LIMIT) {
      throw new TaskGraphError(
        `Task cannot be drawn as a graph - transitions to :${label} copy more than ${COPY_LIMIT} apps`,
      );
    }
    const copies = new Map<string, string>();
    for (const node of source.nodes) {
      if (node.id === source.start || node.id === source.end) continue;
      const id = this.newId();
      copies.set(node.id, id);
      this.nodes.push({ ...node, id });
    }
    const copied = (ids: readonly string[]): string[] => ids.flatMap((id) => copies.get(id) ?? []);
    for (const [inner, ids] of source.mainFlow.labelled) flow.labelled.set(inner, copied(ids));
    const entries = source.links.filter(({ from }) => from === source.start).map(({ to }) => to);
    flow.labelled.set(label, copied(entries));
    return copies;
  }

  private copyLinks(
    source: SequenceGraph,
    copies: ReadonlyMap<string, string>,
    flow: FlowState,
    onward: readonly string[],
  ): void {
    const copyOf = (id: string): string => copies.get(id) ?? id;
    for (const link of source.links.filter(({ from }) => from !== source.start)) {
      for (const to of link.to === source.end ? onward : [copyOf(link.to)]) {
        this.link(copyOf(link.from), to, transitionOf(link));
      }
    }
    const loose = source.unresolved.map((transition) => ({ ...transition, from: copyOf(transition.from), flow }));
    this.unresolved = this.unresolved.concat(loose);
  }

  /** What comes after a flow: where its last node leads on to. */
  private followersOf(flow: FlowState): readonly string[] {
    const last = flow.open[0];
    return this.links.filter((link) => link.from === last && transitionOf(link) === null).map((link) => link.to);
  }

  private addNode(name: string, app?: AppNode): string {
    const id = this.newId();
    const properties = app === undefined || app.options.length === 0 ? {} : { properties: propertiesOf(app) };
    const metadata = app?.label ? { metadata: { label: app.label.text } } : {};
    this.nodes.push({ id, name, ...properties, ...metadata });
    return id;
  }

  private link(from: string, to: string, transition: string | null = null): void {
    this.links.push(transition === null ? { from, to } : { from, to, properties: { transitionName: transition } });
  }
}

function propertiesOf(app: AppNode): Record<string, string> {
  return Object.fromEntries(app.options.map(({ name, value }) => [name, value]));
}
