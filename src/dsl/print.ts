import { FlowElement, FlowNode, Option, TaskNode, Transition } from './ast.js';
import { standsBare } from './grammar.js';

/** What printing needs to know of an app; an {@link AppNode} is one. */
export interface AppToPrint {
  readonly name: string;
  readonly label?: { readonly text: string } | null;
  readonly options: readonly OptionToPrint[];
}

export type OptionToPrint = Pick<Option, 'name' | 'value'>;

/** Gives the value to print for an option, before quoting. */
export type OptionValue = (option: OptionToPrint) => string;

const asItIs: OptionValue = ({ value }) => value;

/**
 * Prints a task as text in one style: one space around `&&` and `||`, `label: app`, none around `->`, options and
 * transitions in written order, a sequence a line, no parentheses. Parsing the text gives the same task again.
 *
 * @param valueOf what to print as the value of an option; its own value by default
 */
export function printTask(task: TaskNode, valueOf: OptionValue = asItIs): string {
  return task.sequences.map((sequence) => printFlow(sequence, valueOf)).join('\n');
}

/** Prints an app as `label: name --option=value …`, without its transitions. */
export function printApp(app: AppToPrint, valueOf: OptionValue = asItIs): string {
  const options = app.options.map((option) => ` --${option.name}=${quoteValue(valueOf(option))}`);
  return `${printLabel(app)}${app.name}${options.join('')}`;
}

/**
 * Writes an option value so that parsing gives it back: bare where it can stand so, else in single quotes or, if it has
 * single quotes itself, in double quotes. Values with a space, `;` or `*` are always quoted, as Spring Cloud Data Flow
 * does it.
 */
export function quoteValue(value: string): string {
  if (!/[ ;*]/.test(value) && standsBare(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  if (!value.includes('"')) return `"${value}"`;
  return quoteStatus(value);
}

/** Writes text in single quotes, such as an exit status; a quote inside it is written twice. */
export function quoteStatus(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Prints a split of branches that are printed already. A hyphen in front of `>` would make an arrow of it. */
export function printSplit(branches: readonly string[]): string {
  const inside = branches.join(' || ');
  return `<${inside}${inside.endsWith('-') ? ' ' : ''}>`;
}

function printFlow(flow: FlowNode, valueOf: OptionValue): string {
  return flow.elements.map((element) => printElement(element, valueOf)).join(' && ');
}

function printElement(element: FlowElement, valueOf: OptionValue): string {
  if (element.kind === 'split') {
    return printLabel(element) + printSplit(element.branches.map((branch) => printFlow(branch, valueOf)));
  }
  const transitions = element.transitions.map((transition) => ` ${printTransition(transition, valueOf)}`);
  return printApp(element, valueOf) + transitions.join('');
}

function printTransition({ status, target }: Transition, valueOf: OptionValue): string {
  return `${status.text}->${target.kind === 'label' ? `:${target.label}` : printApp(target, valueOf)}`;
}

function printLabel({ label }: Pick<AppToPrint, 'label'>): string {
  return label ? `${label.text}: ` : '';
}
