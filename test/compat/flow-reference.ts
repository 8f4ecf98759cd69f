import { AppNode, FlowNode } from '../../src/dsl/ast.js';
import { parseTask } from '../../src/dsl/parse.js';

/**
 * A small interpreter of composed tasks in the manner of Spring Batch, to compare the engine with. It shares nothing with
 * the engine but the parser: it builds states and transitions between them as Spring Batch's flow builder and SCDF's runner
 * do, the rest of a flow nested in the transitions of the app before it, and runs them one inside the other with a clock
 * of its own.
 */

/** How a child ends in one attempt. */
export interface Result {
  readonly status: 'COMPLETED' | 'FAILED';
  readonly exitStatus: string;
  readonly exitCode: number;
  readonly duration: number;
}

export interface Recorded {
  status: 'COMPLETED' | 'FAILED' | 'ABANDONED';
  readonly exitStatus: string;
  readonly exitCode: number;
}

export interface Launch {
  readonly time: number;
  readonly name: string;
}

export interface Execution {
  readonly status: string;
  readonly end: number;
  readonly launches: readonly Launch[];
}

type State =
  | { readonly kind: 'step'; readonly name: string }
  | { readonly kind: 'flow'; readonly flow: () => Flow }
  | { readonly kind: 'split'; readonly flows: readonly (() => Flow)[] }
  | { readonly kind: 'end'; readonly status: string; readonly asked: boolean };

interface Edge {
  readonly pattern: string;
  readonly code?: number;
  /** Whether nobody wrote it; exit codes come before such. */
  readonly implicit?: true;
  readonly to: State;
}

interface Flow {
  readonly start: State;
  readonly edges: Map<State, Edge[]>;
}

/** What remains of a job instance from one execution to the next: the last record of each step. */
export type Repository = Map<string, Recorded>;

/** Runs one execution of a composed task. `pool` is the number of threads for splits, as in SCDF's runner. */
export function interpret(
  text: string,
  results: (step: string) => Result,
  repository: Repository,
  pool = Infinity,
): Execution {
  const builder = new Builder(parseTask('reference', text, { appMode: false }).sequences);
  const launches: Launch[] = [];
  const runState = (state: State, time: number): { status: string; end: number; record?: Recorded } => {
    switch (state.kind) {
      case 'end':
        return { status: state.status, end: time };
      case 'flow':
        return runFlow(state.flow(), time);
      case 'split': {
        const threads = new Array<number>(Math.min(pool, state.flows.length)).fill(time);
        const ends = state.flows.map((flow) => {
          threads.sort((one, other) => one - other);
          const ended = runFlow(flow(), threads[0]!);
          threads[0] = ended.end;
          return ended;
        });
        return {
          status: ends.every(({ status }) => status === 'COMPLETED') ? 'COMPLETED' : 'FAILED',
          end: Math.max(...ends.map(({ end }) => end)),
        };
      }
      case 'step': {
        const known = repository.get(state.name);
        if (known !== undefined && known.status !== 'FAILED')
          return { status: known.exitStatus, end: time, record: known };
        const { duration, ...result } = results(state.name);
        launches.push({ time, name: state.name });
        const record = { ...result };
        repository.set(state.name, record);
        return { status: record.exitStatus, end: time + duration, record };
      }
    }
  };
  const runFlow = (flow: Flow, start: number): { status: string; end: number } => {
    let state = flow.start;
    let time = start;
    for (;;) {
      const { status, end, record } = runState(state, time);
      if (state.kind === 'end') return { status, end };
      time = end;
      const next = nextState(flow.edges.get(state) ?? [], status, record?.exitCode);
      if (next === undefined) return { status: 'FAILED', end };
      const goesOn = next.kind !== 'end' || (next.asked && next.status === 'COMPLETED');
      if (record?.status === 'FAILED' && goesOn) record.status = 'ABANDONED';
      state = next;
    }
  };
  const { status, end } = runFlow(builder.tail(builder.sequences[0]!, 0), 0);
  return { status, end, launches };
}

function nextState(edges: readonly Edge[], status: string, code: number | undefined): State | undefined {
  const written = edges.filter(({ implicit }) => implicit !== true);
  const byText = [...written].sort(specificity).find(({ pattern }) => glob(pattern, status));
  const byCode = written.find((edge) => edge.code !== undefined && edge.code === code);
  const unwritten = edges.find(({ implicit, pattern }) => implicit === true && glob(pattern, status));
  return (byText ?? byCode ?? unwritten)?.to;
}

function specificity({ pattern: one }: Edge, { pattern: other }: Edge): number {
  for (const wild of [/\*/g, /\?/g]) {
    const difference = (one.match(wild) ?? []).length - (other.match(wild) ?? []).length;
    if (difference !== 0) return difference;
  }
  return one < other ? -1 : one > other ? 1 : 0;
}

function glob(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

class Builder {
  private readonly labels = new Map<string, () => Flow>();
  private readonly names = new Map<AppNode, string>();
  private readonly uses = new Map<string, number>();

  constructor(readonly sequences: readonly FlowNode[]) {
    sequences.forEach((sequence) => this.read(sequence));
  }

  /** The flow that begins at an element and goes on to the end. */
  tail(flow: FlowNode, from: number): Flow {
    const { elements } = flow;
    const states: State[] = [];
    for (let index = from; index < elements.length; index += 1) {
      const element = elements[index]!;
      if (element.kind === 'split') {
        states.push({ kind: 'split', flows: element.branches.map((branch) => () => this.tail(branch, 0)) });
      } else if (element.transitions.length === 0) {
        states.push({ kind: 'step', name: this.name(element) });
      } else {
        const rest = index + 1;
        const restFlow = rest < elements.length ? () => this.tail(flow, rest) : null;
        states.push({ kind: 'flow', flow: () => this.withTransitions(element, restFlow) });
        break;
      }
    }
    const edges = new Map<State, Edge[]>();
    states.forEach((state, index) =>
      edges.set(state, completedElseFailed(states[index + 1] ?? { kind: 'end', status: 'COMPLETED', asked: false })),
    );
    return { start: states[0] ?? { kind: 'end', status: 'COMPLETED', asked: false }, edges };
  }

  private withTransitions(app: AppNode, rest: (() => Flow) | null): Flow {
    const start: State = { kind: 'step', name: this.name(app) };
    const edges = new Map<State, Edge[]>();
    const out: Edge[] = app.transitions.map(({ status, target }) => {
      const to = target.kind === 'label' ? this.labelled(target.label) : this.targetState(target);
      if (to.kind !== 'end') edges.set(to, completedElseFailed({ kind: 'end', status: 'COMPLETED', asked: false }));
      const code = !status.quoted && status.value !== '*' ? { code: Number(status.value) } : {};
      return { pattern: status.value, to, ...code };
    });
    const covers = (text: string) => out.some(({ pattern }) => glob(pattern, text));
    const implicitly = (pattern: string, status: string) =>
      out.push({ pattern, implicit: true, to: { kind: 'end', status, asked: false } });
    if (rest !== null) {
      const to: State = { kind: 'flow', flow: rest };
      edges.set(to, completedElseFailed({ kind: 'end', status: 'COMPLETED', asked: false }));
      out.push({ pattern: '*', implicit: true, to });
    } else if (!covers('FAILED')) {
      if (out.every(({ code }) => code !== undefined)) implicitly('COMPLETED', 'COMPLETED');
      implicitly('*', 'FAILED');
    } else if (!covers('COMPLETED')) {
      implicitly('*', 'COMPLETED');
    }
    edges.set(start, out);
    return { start, edges };
  }

  private targetState(app: AppNode): State {
    if (app.name === '$END') return { kind: 'end', status: 'COMPLETED', asked: true };
    if (app.name === '$FAIL') return { kind: 'end', status: 'FAILED', asked: true };
    return { kind: 'step', name: this.name(app) };
  }

  private labelled(label: string): State {
    return { kind: 'flow', flow: this.labels.get(label)! };
  }

  private read(flow: FlowNode): void {
    flow.elements.forEach((element, index) => {
      if (element.label !== null) this.labels.set(element.label.text, () => this.tail(flow, index));
      if (element.kind === 'split') {
        element.branches.forEach((branch) => this.read(branch));
        return;
      }
      this.name(element);
      for (const { target } of element.transitions) {
        if (target.kind === 'label' || target.name.startsWith('$')) continue;
        const step: State = { kind: 'step', name: this.name(target) };
        const edges = new Map([[step, completedElseFailed({ kind: 'end', status: 'COMPLETED', asked: false })]]);
        if (target.label !== null) this.labels.set(target.label.text, () => ({ start: step, edges }));
      }
    });
  }

  private name(app: AppNode): string {
    const known = this.names.get(app);
    if (known !== undefined) return known;
    const use = this.uses.get(app.name) ?? 0;
    this.uses.set(app.name, use + 1);
    this.names.set(app, `${app.name}_${use}`);
    return `${app.name}_${use}`;
  }
}

function completedElseFailed(to: State): Edge[] {
  return [
    { pattern: 'COMPLETED', to },
    { pattern: '*', to: { kind: 'end', status: 'FAILED', asked: false } },
  ];
}
