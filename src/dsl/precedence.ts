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
  private readonly plain = new Map<string, readonly string[]>();
  private readonly transitions = new Map<string, GraphTransition[]>();
  private readonly incoming = new Map<string, number>();
  private readonly plainIncoming = new Map<string, number>();
  /** The next node that all ways from a node lead through, and how many such nodes there are up to the end. */
  private readonly next = new Map<string, { readonly id: string; readonly depth: number }>();
  private readonly onMainPath: ReadonlySet<string>;

  /**
   * @throws TaskGraphError if start or end are missing, two nodes have one id, a link leads nowhere, or plain links form a
   *   loop
   */
  constructor(graph: TaskGraph) {
    const start = graph.nodes.find(({ name }) => name === START);
    const end = graph.nodes.findLast(({ name }) => name === END);
    if (start === undefined || end === undefined) {
      throw new TaskGraphError('Graph is malformed - problems finding START and END nodes');
    }
    this.start = start.id;
    this.end = end.id;
    const nodes = new Map<string, GraphNode>();
    for (const node of graph.nodes) {
      if (nodes.has(node.id)) throw new TaskGraphError(`Graph is malformed - two nodes have the id ${node.id}`);
      nodes.set(node.id, node);
    }
    this.nodes = nodes;
    this.addLinks(graph);
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
    return id === this.end ? [] : (this.plain.get(id) ?? []);
  }

  transitionsOf(id: string): readonly GraphTransition[] {
    return this.transitions.get(id) ?? [];
  }

  /** How many links lead to a node. */
  linksTo(id: string): number {
    return this.incoming.get(id) ?? 0;
  }

  /** How many links that wait for no status lead to a node. */
  plainLinksTo(id: string): number {
    return this.plainIncoming.get(id) ?? 0;
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

  private addLinks({ links }: TaskGraph): void {
    const plain = new Map<string, Set<string>>();
    for (const link of links) {
      const { from, to } = link;
      const status = transitionOf(link);
      this.node(from);
      this.node(to);
      const after = getOrAdd(plain, from, () => new Set<string>());
      if (status !== null) getOrAdd(this.transitions, from, () => []).push({ status, to });
      else if (after.has(to)) continue;
      else {
        after.add(to);
        this.plainIncoming.set(to, this.plainLinksTo(to) + 1);
      }
      this.incoming.set(to, this.linksTo(to) + 1);
    }
    for (const [from, targets] of plain) this.plain.set(from, [...targets]);
  }

  private reachable(from: string, onward: (id: string) => readonly string[]): Set<string> {
    const found = new Set([from]);
    for (const id of found) for (const next of onward(id)) found.add(next);
    return found;
  }

  /** Settles {@link next} for a node, after all that follow it. A loop, not recursion: a chain may be very long. */
  private findNext(from: string): void {
    const path = [{ id: from, rest: this.after(from).values() }];
    const onPath = new Set([from]);
    for (let current = path.at(-1); current !== undefined; current = path.at(-1)) {
      const { value: ahead, done } = current.rest.next();
      if (done === true) {
        this.settle(current.id);
        onPath.delete(current.id);
        path.pop();
      } else if (onPath.has(ahead)) {
        throw new TaskGraphError(`Graph is malformed - plain links form a loop through node ${this.describe(ahead)}`);
      } else if (!this.next.has(ahead)) {
        path.push({ id: ahead, rest: this.after(ahead).values() });
        onPath.add(ahead);
      }
    }
  }

  private settle(id: string): void {
    if (id === this.end || this.next.has(id)) return;
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

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
