import { END, START, TaskGraph, TaskGraphError, GraphNode, transitionOf } from './graph.js';

/** A link that waits for a status. */
export interface GraphTransition {
  readonly status: string;
  readonly to: string;
}

/**
 * What runs after what in a graph, and where branches come together again. Nodes are known by their ids. What cannot be
 * reached from the start plays no part.
 *
 * A node comes together with others at the first node that all their ways to the end lead through (in the language of
 * compilers: their nearest common post-dominator). Those nodes form a tree with the end at its root.
 */
export class Precedence {
  readonly start: string;
  readonly end: string;
  private readonly nodes: ReadonlyMap<string, GraphNode>;
  private readonly plain = new Map<string, Set<string>>();
  private readonly transitions = new Map<string, GraphTransition[]>();
  private readonly incoming = new Map<string, number>();
  /** The next node that all ways from a node lead through, and how many such nodes there are up to the end. */
  private readonly next = new Map<string, { readonly id: string; readonly depth: number }>();
  private readonly onMainPath: ReadonlySet<string>;

  /** @throws TaskGraphError if start or end are missing, a link leads nowhere, or plain links form a loop */
  constructor(graph: TaskGraph) {
    const start = graph.nodes.find(({ name }) => name === START);
    const end = graph.nodes.findLast(({ name }) => name === END);
    if (start === undefined || end === undefined) {
      throw new TaskGraphError('Graph is malformed - problems finding START and END nodes');
    }
    this.start = start.id;
    this.end = end.id;
    this.nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    for (const link of graph.links) this.addLink(link.from, link.to, transitionOf(link));
    for (const id of this.reachable(start.id, (from) => [...this.after(from), ...this.targetsOf(from)])) {
      this.findNext(id);
    }
    this.onMainPath = this.reachable(start.id, (from) => this.after(from));
  }

  node(id: string): GraphNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new TaskGraphError(`Graph is malformed - there is no node with the id ${id}`);
    return node;
  }

  /** All nodes, whether they can be reached or not. */
  allNodes(): Iterable<GraphNode> {
    return this.nodes.values();
  }

  /** All nodes that can be reached from the start, by plain links and transitions. */
  reachableNodes(): Iterable<string> {
    return this.next.keys();
  }

  /** The nodes that plain links lead to, in the order of the links, the end included. */
  after(id: string): readonly string[] {
    return id === this.end ? [] : [...(this.plain.get(id) ?? [])];
  }

  transitionsOf(id: string): readonly GraphTransition[] {
    return this.transitions.get(id) ?? [];
  }

  /** How many links lead to a node. */
  linksTo(id: string): number {
    return this.incoming.get(id) ?? 0;
  }

  /** Whether plain links alone lead from the start to a node, so that it is part of the main sequence. */
  isOnMainPath(id: string): boolean {
    return this.onMainPath.has(id);
  }

  /** Where the ways from all these nodes come together; the end at the latest. */
  joinOf(ids: readonly string[]): string {
    return ids.reduce((one, other) => this.join(one, other));
  }

  /** The next node that all ways from a node lead through. The end leads to itself. */
  nextOf(id: string): string {
    return this.next.get(id)?.id ?? this.end;
  }

  private targetsOf(id: string): readonly string[] {
    return this.transitionsOf(id).map(({ to }) => to);
  }

  private addLink(from: string, to: string, status: string | null): void {
    this.node(from);
    this.node(to);
    if (status !== null) {
      const transitions = this.transitions.get(from) ?? [];
      transitions.push({ status, to });
      this.transitions.set(from, transitions);
    } else {
      const after = this.plain.get(from) ?? new Set();
      if (after.has(to)) return;
      this.plain.set(from, after.add(to));
    }
    this.incoming.set(to, this.linksTo(to) + 1);
  }

  private reachable(from: string, onward: (id: string) => readonly string[]): Set<string> {
    const found = new Set([from]);
    for (const id of found) for (const next of onward(id)) found.add(next);
    return found;
  }

  /** Settles {@link next} for a node, after all that follow it. A loop, not recursion: a chain may be very long. */
  private findNext(id: string): void {
    const path = [id];
    const onPath = new Set(path);
    for (let current = path.at(-1); current !== undefined; current = path.at(-1)) {
      const ahead = this.next.has(current) ? undefined : this.after(current).find((to) => !this.isSettled(to));
      if (ahead === undefined) {
        this.settle(current);
        onPath.delete(current);
        path.pop();
      } else {
        if (onPath.has(ahead)) {
          throw new TaskGraphError(`Graph is malformed - plain links form a loop through node ${this.describe(ahead)}`);
        }
        path.push(ahead);
        onPath.add(ahead);
      }
    }
  }

  private isSettled(id: string): boolean {
    return id === this.end || this.next.has(id);
  }

  private settle(id: string): void {
    if (this.isSettled(id)) return;
    const after = this.after(id);
    const next = after.length === 0 ? this.end : this.joinOf(after);
    this.next.set(id, { id: next, depth: this.depth(next) + 1 });
  }

  private join(one: string, other: string): string {
    let [a, b] = [one, other];
    while (a !== b) {
      if (this.depth(a) >= this.depth(b)) a = this.nextOf(a);
      else b = this.nextOf(b);
    }
    return a;
  }

  private depth(id: string): number {
    return this.next.get(id)?.depth ?? 0;
  }

  /** A node as messages show it. */
  describe(id: string): string {
    return `${id} (${this.node(id).name})`;
  }
}
