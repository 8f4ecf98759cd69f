import { GraphNode } from './graph.js';

/** Labels for the nodes of a graph, so that what is written of it does not use a name twice where it need not. */
export class UniqueNames {
  /** How many nodes bear a name, as their label or, without one, as the name of their app. */
  private readonly uses = new Map<string, number>();
  private readonly given = new Map<string, string>();
  private readonly writtenEndStates = new Set<string>();

  constructor(nodes: Iterable<GraphNode>) {
    for (const node of nodes) this.use(node.metadata?.label ?? node.name);
  }

  /** The label of a node: its own, or the one that it was given; null if it has neither. */
  labelOf(node: GraphNode): string | null {
    return node.metadata?.label ?? this.given.get(node.id) ?? null;
  }

  /** Gives a node without label one: the name of its app if no other node bears it, else that name with a number. */
  label(node: GraphNode): void {
    if (this.labelOf(node) !== null) return;
    const label = this.uses.get(node.name) === 1 ? node.name : this.fresh(node.name);
    this.given.set(node.id, label);
  }

  /** The label for one more use of an end state such as `$END`; the first use needs none. */
  endStateLabel(name: string, node: GraphNode): string | null {
    if (this.writtenEndStates.has(name)) return this.fresh(name.slice(1).toLowerCase());
    this.writtenEndStates.add(name);
    return node.metadata?.label ?? null;
  }

  private fresh(base: string): string {
    let number = 2;
    while (this.uses.has(`${base}-${number}`)) number += 1;
    this.use(`${base}-${number}`);
    return `${base}-${number}`;
  }

  private use(name: string): void {
    this.uses.set(name, (this.uses.get(name) ?? 0) + 1);
  }
}
