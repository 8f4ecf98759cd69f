import { AppNode, FlowElement, FlowNode, Option, TaskNode, Transition } from './ast.js';
import { standsBare } from './grammar.js';

/** Gives the value to print for an option, before quoting. */
export type OptionValue = (option: Pick<Option, 'name' | 'value'>) => string;

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

/** Prints an app and its options, without label and transitions. */
export function printApp(app: AppToPrint, valueOf: OptionValue = asItIs): string {
  return [app.name, ...app.options.map((option) => `--${option.name}=${quoteValue(valueOf(option))}`)].join(' ');
}

/** What {@link printApp} needs to know of an app. */
export interface AppToPrint {
  readonly name: string;
  readonly options: readonly Pick<Option, 'name' | 'value'>[];
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
  return `'${value.replaceAll("'", "''")}'`;
}

function printFlow(flow: FlowNode, valueOf: OptionValue): string {
  return flow.elements.map((element) => printElement(element, valueOf)).join(' && ');
}

function printElement(element: FlowElement, valueOf: OptionValue): string {
  if (element.kind === 'app') {
    const transitions = element.transitions.map((transition) => ` ${printTransition(transition, valueOf)}`);
    return printLabelled(element, valueOf) + transitions.join('');
  }
  const branches = element.branches.map((branch) => printFlow(branch, valueOf)).join(' || ');
  return `${element.label === null ? '' : `${element.label.text}: `}<${branches}>`;
}

function printTransition({ status, target }: Transition, valueOf: OptionValue): string {
  return `${status.text}->${target.kind === 'label' ? `:${target.label}` : printLabelled(target, valueOf)}`;
}

function printLabelled(app: AppNode, valueOf: OptionValue): string {
  return `${app.label === null ? '' : `${app.label.text}: `}${printApp(app, valueOf)}`;
}
