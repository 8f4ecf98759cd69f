import { AppNode, END_STATES, FlowElement, FlowNode, SplitNode, Transition } from '../../dsl/ast.js';
import { parseTask } from '../../dsl/parse.js';
import { PlanLimits, problemsOfSplits } from './limits.js';
import { checkJumps, Jump, Place } from './jumps.js';
import { FlowStatus, Plan, PlanElement, PlanStep, PlanTarget, StepElement } from './plan.js';
import { PlanError, PlanProblem } from './plan-error.js';
import { inOrder, unmatchedMeaning, WILDCARD, WrittenTransition } from './transitions.js';

/** The task name under which SCDF parses the executable text; it does not show up anywhere. */
const PARSED_AS = 'composed-task-runner';

/**
 * Makes a plan of a composed task.
 *
 * @param name the composed task's name
 * @param executableText the task with its children's names in the apps' places and no options, see `executableDsl`
 * @throws TaskDslError if the text cannot be read or contradicts itself: duplicate labels and names, transitions to labels
 *   that do not exist
 * @throws PlanError if it can be read but not run: transitions that would go round in circles or leave their branch, what
 *   no run would ever reach, splits beyond the limits
 */
export function makePlan(name: string, executableText: string, limits: PlanLimits = {}): Plan {
  return new Planner(name, parseTask(PARSED_AS, executableText, { appMode: false }).sequences).plan(limits);
}

/** An app with transitions whose plan waits until all labels are known. */
interface Pending {
  readonly app: AppNode;
  readonly step: PlanStep;
  readonly place: Place;
  readonly last: boolean;
}

class Planner {
  private readonly flows: { readonly elements: PlanElement[] }[] = [];
  private readonly steps: PlanStep[] = [];
  private readonly uses = new Map<string, number>();
  private readonly labels = new Map<string, PlanTarget & { readonly place: Place }>();
  private readonly targets = new Map<AppNode, PlanTarget>();
  private readonly pending: Pending[] = [];
  private readonly jumps: Jump[] = [];
  private readonly problems: PlanProblem[] = [];

  constructor(
    private readonly name: string,
    private readonly sequences: readonly FlowNode[],
  ) {}

  plan(limits: PlanLimits): Plan {
    for (const _ of this.sequences) this.flows.push({ elements: [] });
    this.sequences.forEach((sequence, index) => this.fill(index, sequence));
    for (const pending of this.pending) this.settle(pending);
    const starts = this.sequences.map(({ range, elements }) => ({
      position: range.start,
      label: elements[0]?.label?.text ?? '',
    }));
    this.problems.push(...checkJumps(this.flows, starts, this.jumps));
    this.problems.push(...problemsOfSplits(this.sequences, limits));
    const [first, ...others] = this.problems;
    if (first !== undefined) throw new PlanError([first, ...others]);
    return { name: this.name, flows: this.flows, steps: this.steps };
  }

  /** Plans the elements of a flow. It calls itself for nested splits only, which the grammar limits to 500 levels. */
  private fill(flow: number, { elements }: FlowNode): void {
    const filled = this.flows[flow]?.elements ?? [];
    elements.forEach((element, index) => {
      const place = { flow, element: index };
      this.label(element, { kind: 'jump', ...place }, place);
      const last = index === elements.length - 1;
      filled.push(element.kind === 'split' ? this.split(element) : this.step(element, place, last));
    });
  }

  private split({ branches }: SplitNode): PlanElement {
    const indexes = branches.map((branch) => {
      const index = this.flows.push({ elements: [] }) - 1;
      this.fill(index, branch);
      return index;
    });
    return { kind: 'split', branches: indexes };
  }

  private step(app: AppNode, place: Place, last: boolean): StepElement {
    const step = this.newStep(app.name);
    for (const { target } of app.transitions) {
      if (target.kind === 'label') continue;
      const planned = this.target(target);
      this.targets.set(target, planned);
      this.label(target, planned, place);
    }
    if (app.transitions.length > 0) this.pending.push({ app, step, place, last });
    return { kind: 'step', step, transitions: [], unmatched: unmatchedMeaning([], last) };
  }

  private target({ name }: AppNode): PlanTarget {
    const end = this.endState(name);
    return end === null ? { kind: 'step', step: this.newStep(name) } : { kind: 'end', status: end };
  }

  /** SCDF's server gives end states the parent's name too, as if they were children. */
  private endState(name: string): FlowStatus | null {
    const bare = name.startsWith(`${this.name}-$`) ? name.slice(this.name.length + 1) : name;
    if (!END_STATES.has(bare)) return null;
    return bare === '$END' ? 'COMPLETED' : 'FAILED';
  }

  private newStep(child: string): PlanStep {
    const use = this.uses.get(child) ?? 0;
    this.uses.set(child, use + 1);
    const step = { name: `${child}_${use}`, child, position: this.steps.length };
    this.steps.push(step);
    return step;
  }

  private label({ label }: Pick<FlowElement, 'label'>, target: PlanTarget, place: Place): void {
    if (label !== null) this.labels.set(label.text, { ...target, place });
  }

  private settle({ app, step, place, last }: Pending): void {
    const written: WrittenTransition[] = [];
    for (const transition of app.transitions) {
      const target = this.leadsTo(transition, place, step);
      if (target !== null) written.push({ status: transition.status.value, quoted: transition.status.quoted, target });
    }
    const lastWritten = app.transitions.at(-1);
    if (!last && lastWritten?.status.value === WILDCARD) {
      this.problems.push({
        message: `Invalid flow following '*' specifier. What follows '${app.name}' can never run, since its last transition takes every status: remove it, or the transition.`,
        position: lastWritten.range.start,
      });
    }
    const transitions = inOrder(written);
    const elements = this.flows[place.flow]?.elements ?? [];
    elements[place.element] = { kind: 'step', step, transitions, unmatched: unmatchedMeaning(transitions, last) };
  }

  private leadsTo({ target, range }: Transition, from: Place, { child }: PlanStep): PlanTarget | null {
    if (target.kind === 'app') return this.targets.get(target) ?? null;
    const labelled = this.labels.get(target.label);
    // The parser has refused labels that do not exist.
    if (labelled === undefined) return null;
    const { place, ...planned } = labelled;
    this.jumps.push({
      label: target.label,
      by: child,
      position: range.start,
      from,
      to: place,
      toElement: planned.kind === 'jump',
    });
    return planned;
  }
}

/** The children of a plan's text that a run may launch, each once, in text order. */
export function childrenOf({ steps }: Plan): readonly string[] {
  return [...new Set(steps.map(({ child }) => child))];
}
