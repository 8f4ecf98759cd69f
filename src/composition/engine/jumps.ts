import { PlanFlow } from './plan.js';
import { PlanProblem } from './plan-error.js';

/** An element, by its flow and its index in it. */
export interface Place {
  readonly flow: number;
  readonly element: number;
}

/** A transition to a label. */
export interface Jump {
  readonly label: string;
  /** The child whose transition it is. */
  readonly by: string;
  readonly position: number;
  readonly from: Place;
  /** The labelled element, or the one that has the labelled app as a target. */
  readonly to: Place;
  /** Whether the label is an element's; the app that is a target of a transition has none behind it. */
  readonly toElement: boolean;
}

/** Where a sequence starts in the text, and its label. */
interface SequenceStart {
  readonly position: number;
  readonly label: string;
}

/**
 * Finds transitions to labels that no run could follow.
 *
 * A transition may lead on to a later element of its own flow, to the target of another transition there, or to a further
 * sequence, and from there on likewise. What is reached that way belongs to the flow: a run passes through it once at most
 * and only onward. So labels in other branches, sequences that two branches share, and circles are refused.
 *
 * @param flows all flows; the first `sequences.length` are the sequences
 */
export function checkJumps(
  flows: readonly PlanFlow[],
  sequences: readonly SequenceStart[],
  jumps: readonly Jump[],
): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const owners = ownersOf(flows, sequences.length, jumps, problems);
  sequences.forEach(({ label, position }, index) => {
    if (owners[index] !== undefined) return;
    problems.push({
      message: `The sequence that begins with the label '${label}' can never run: no transition leads to it from what runs before.`,
      position,
    });
  });
  if (problems.length === 0) problems.push(...circles(flows, jumps));
  return problems;
}

/** The flow that each flow belongs to: a branch and the first sequence to themselves, others to where they are reached. */
function ownersOf(
  flows: readonly PlanFlow[],
  sequences: number,
  jumps: readonly Jump[],
  problems: PlanProblem[],
): readonly (number | undefined)[] {
  const owners = flows.map((_, index) => (index === 0 || index >= sequences ? index : undefined));
  const leaving = new Map<number, Jump[]>();
  for (const jump of jumps) {
    const known = leaving.get(jump.from.flow);
    if (known === undefined) leaving.set(jump.from.flow, [jump]);
    else known.push(jump);
  }
  const owned = flows.map((_, index) => index).filter((index) => owners[index] !== undefined);
  // The list grows while it is gone through.
  for (const flow of owned) {
    for (const jump of leaving.get(flow) ?? []) {
      const owner = owners[jump.to.flow];
      if (owner === undefined) {
        owners[jump.to.flow] = owners[flow];
        owned.push(jump.to.flow);
      } else if (owner !== owners[flow]) {
        problems.push({ message: strayJump(jump, sequences), position: jump.position });
      }
    }
  }
  return owners;
}

function strayJump({ by, label, to }: Jump, sequences: number): string {
  const reason =
    to.flow > 0 && to.flow < sequences
      ? 'the sequence there is reached from another branch too; give each branch a sequence of its own'
      : 'the label stands outside of its flow; a transition may lead to what follows in its own branch, or to a further sequence';
  return `The transition of '${by}' to ':${label}' cannot be followed: ${reason}.`;
}

/** The transitions that a run could follow round and round. */
function circles(flows: readonly PlanFlow[], jumps: readonly Jump[]): PlanProblem[] {
  const offsets: number[] = [];
  let total = 0;
  for (const { elements } of flows) {
    offsets.push(total);
    total += elements.length;
  }
  const node = ({ flow, element }: Place): number => (offsets[flow] ?? 0) + element;
  const edges: [number, number][] = [];
  flows.forEach(({ elements }, flow) =>
    elements
      .slice(1)
      .forEach((_, index) => edges.push([node({ flow, element: index }), node({ flow, element: index + 1 })])),
  );
  const links = jumps.filter(({ toElement }) => toElement);
  for (const { from, to } of links) edges.push([node(from), node(to)]);
  // What is left when everything without anything before it is taken away, and then everything with nothing behind it.
  const left = peel(total, edges);
  const core = peel(
    total,
    edges.filter(([from, to]) => left.has(from) && left.has(to)).map(([from, to]) => [to, from]),
  );
  return links
    .filter(({ from, to }) => core.has(node(from)) && core.has(node(to)))
    .filter(({ from, to }) => from.flow !== to.flow || to.element <= from.element)
    .map(({ by, label, position }) => ({
      message: `The transition of '${by}' to ':${label}' closes a circle, so that the task might never end: transitions may only lead onward.`,
      position,
    }));
}

/** The nodes that lie on circles or between them: those left after taking away, again and again, what has no edge to it. */
function peel(nodes: number, edges: readonly (readonly [number, number])[]): ReadonlySet<number> {
  const incoming = new Array<number>(nodes).fill(0);
  const outgoing = new Map<number, number[]>();
  for (const [from, to] of edges) {
    incoming[to] = (incoming[to] ?? 0) + 1;
    const known = outgoing.get(from);
    if (known === undefined) outgoing.set(from, [to]);
    else known.push(to);
  }
  const free = [...incoming.keys()].filter((node) => incoming[node] === 0);
  const left = new Set(incoming.keys());
  for (const node of free) {
    left.delete(node);
    for (const next of outgoing.get(node) ?? []) {
      incoming[next] = (incoming[next] ?? 0) - 1;
      if (incoming[next] === 0) free.push(next);
    }
  }
  return left;
}
