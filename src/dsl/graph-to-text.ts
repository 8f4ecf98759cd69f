import { END_STATES } from './ast.js';
import { END, GraphNode, SYNC, TaskGraph, TaskGraphError } from './graph.js';
import { GraphTransition, Precedence } from './precedence.js';
import { OptionToPrint, printApp, printSplit, quoteStatus } from './print.js';
import { UniqueNames } from './unique-names.js';

/**
 * Writes a graph as the text of a task.
 *
 * Links from one node become a split; branches that come together before others are a split inside it. A transition's
 * target is written behind its app; if it goes on to something of its own, or is reached in another way too, it gets a
 * label (that of the node, or one made of its name) and, unless it is part of the main sequence, a sequence of its own.
 * Nodes that cannot be reached from the start are left out.
 *
 * @throws TaskGraphError for a graph that no text describes
 */
export function graphToText(graph: TaskGraph): string {
  return new GraphPrinter(new Precedence(graph)).print();
}

/** A graph with deeper splits would make a text that cannot be parsed. */
const NESTING_LIMIT = 500;

/** An element of a flow, and the node where the targets of its transitions go on; null if that does not matter. */
interface Piece {
  readonly text: string;
  readonly follow: string | null;
}

const NO_PIECE: Piece = { text: '', follow: null };

/** A flow with the numbers of the pieces that start at a node; behind the last piece is where the flow stops. */
interface Flow {
  readonly pieces: Piece[];
  readonly positions: Map<string, number>;
}

class GraphPrinter {
  private readonly names: UniqueNames;
  private readonly written = new Set<string>();
  /** Targets that start a sequence of their own, each with the node where it stops. */
  private readonly furtherSequences = new Map<string, string>();
  private depth = 0;

  constructor(private readonly precedence: Precedence) {
    this.names = new UniqueNames(precedence.allNodes());
    for (const id of precedence.reachableNodes()) {
      for (const { to } of precedence.transitionsOf(id)) {
        if (!this.isEndState(to) && !this.standsBehindItsApp(to)) this.names.label(precedence.node(to));
      }
    }
  }

  print(): string {
    const { start, end } = this.precedence;
    const sequences = [this.flow(this.precedence.after(start), end)];
    // Grows while it is gone through: a further sequence may lead to others.
    for (const [id, stop] of this.furtherSequences) sequences.push(this.flow([id], stop));
    return sequences.join('\n');
  }

  /** Writes what runs from these nodes on, side by side if they are several, up to the node where the flow stops. */
  private flow(entries: readonly string[], stop: string): string {
    const flow: Flow = { pieces: [], positions: new Map() };
    let ahead = entries;
    while (ahead.length > 0) {
      const join = this.precedence.joinOf(ahead);
      const branches = ahead.filter((id) => id !== join);
      if (branches.length > 1) {
        flow.pieces.push({ text: this.split(branches, join), follow: null });
        ahead = [join];
        continue;
      }
      const id = branches[0] ?? join;
      if (id === stop) break;
      if (id === this.precedence.end) throw this.unwritable(id);
      flow.positions.set(id, flow.pieces.length);
      if (this.precedence.node(id).name !== SYNC) flow.pieces.push(this.app(id, stop));
      ahead = this.precedence.after(id);
    }
    flow.positions.set(stop, flow.pieces.length);
    return this.join(flow, 0, flow.pieces.length);
  }

  /** Joins pieces; those whose targets go on before the last of them go into a split of one branch. */
  private join({ pieces, positions }: Flow, from: number, to: number): string {
    const texts: string[] = [];
    for (let index = from; index < to;) {
      const { text, follow } = pieces[index] ?? NO_PIECE;
      const position = follow === null ? to : positions.get(follow);
      if (position === undefined || position <= index || position > to) throw this.unwritable(follow ?? '');
      if (position === to) {
        texts.push(text);
        index += 1;
      } else {
        texts.push(this.nested(() => printSplit([this.join({ pieces, positions }, index, position)])));
        index = position;
      }
    }
    return texts.join(' && ');
  }

  private split(entries: readonly string[], join: string): string {
    const branches = new Map<string, string[]>();
    for (const id of entries) {
      const last = this.lastBefore(join, id);
      branches.set(last, [...(branches.get(last) ?? []), id]);
    }
    return this.nested(() => printSplit([...branches.values()].map((branch) => this.flow(branch, join))));
  }

  /** The last node that all ways from a node to where it comes together with others lead through. */
  private lastBefore(join: string, id: string): string {
    let last = id;
    while (this.precedence.nextOf(last) !== join) last = this.precedence.nextOf(last);
    return last;
  }

  private app(id: string, stop: string): Piece {
    let text = this.node(id);
    const follows = new Set<string>();
    for (const transition of this.precedence.transitionsOf(id)) {
      const target = this.target(transition, stop);
      text += ` ${printStatus(transition.status)}->${target.text}`;
      if (target.follow !== null) follows.add(target.follow);
    }
    const [follow = null, other = null] = follows;
    if (other !== null) throw this.unwritable(other);
    return { text, follow };
  }

  private target({ to }: GraphTransition, stop: string): Piece {
    if (this.isEndState(to)) return { text: this.endState(this.precedence.node(to)), follow: null };
    if (this.standsBehindItsApp(to)) return { text: this.node(to), follow: this.precedence.after(to)[0] ?? null };
    if (to === this.precedence.start) throw this.unwritable(to);
    const text = `:${this.names.labelOf(this.precedence.node(to))}`;
    if (this.precedence.isOnMainPath(to)) return { text, follow: null };
    if ((this.furtherSequences.get(to) ?? stop) !== stop) throw this.unwritable(to);
    this.furtherSequences.set(to, stop);
    return { text, follow: stop };
  }

  /** Whether a target runs alone and then what follows the flow: its own way in, and a way out that others take too. */
  private standsBehindItsApp(id: string): boolean {
    const { precedence } = this;
    const [next, ...others] = precedence.after(id);
    if (precedence.linksTo(id) > 1 || precedence.transitionsOf(id).length > 0 || others.length > 0) return false;
    return next === undefined || next === precedence.end || precedence.linksTo(next) > 1;
  }

  /** Whether a target ends the flow. An app may bear the name of an end state too: then it stands in a flow or leads on. */
  private isEndState(id: string): boolean {
    const { precedence } = this;
    if (endStateName(precedence.node(id)) === null) return false;
    if (id === precedence.end) return true;
    return precedence.plainLinksTo(id) === 0 && precedence.transitionsOf(id).length === 0;
  }

  private endState(node: GraphNode): string {
    const name = endStateName(node) ?? node.name;
    const label = this.names.endStateLabel(name, node);
    return label === null ? name : `${label}: ${name}`;
  }

  private node(id: string): string {
    if (this.written.has(id)) throw this.unwritable(id);
    this.written.add(id);
    const node = this.precedence.node(id);
    const label = this.names.labelOf(node);
    const options = Object.entries(node.properties ?? {}).map(([name, value]) => ({ name, value }));
    return printApp({ name: node.name, label: label === null ? null : { text: label }, options }, withoutQuotes);
  }

  private nested(write: () => string): string {
    this.depth += 1;
    if (this.depth > NESTING_LIMIT) {
      throw new TaskGraphError(`Graph cannot be written as text - splits are nested more than ${NESTING_LIMIT} deep`);
    }
    const text = write();
    this.depth -= 1;
    return text;
  }

  private unwritable(id: string): TaskGraphError {
    return new TaskGraphError(
      `Graph cannot be written as text - the links to node ${this.precedence.describe(id)} fit no flow or split`,
    );
  }
}

/** Editors name the end states without the dollar sign too. */
function endStateName({ name }: GraphNode): string | null {
  if (END_STATES.has(name)) return name;
  return name === END || name === 'FAIL' ? `$${name}` : null;
}

/** An editor's user may quote a value, as in a definition: then what is inside the quotes is meant. */
function withoutQuotes({ value }: OptionToPrint): string {
  return /^'(?:[^']|'')*'$/.test(value) ? value.slice(1, -1).replaceAll("''", "'") : value;
}

/** Exit codes are bare, all else is quoted unless it is already. */
function printStatus(status: string): string {
  if (/^\d+$/.test(status) && Number(status) <= 0x7fffffff) return status;
  return /^'(?:[^']|'')*'$/.test(status) ? status : quoteStatus(status);
}
