import { AppNode } from './ast.js';
import { TaskDslError, TaskSyntaxError } from './errors.js';
import { isComposed } from './facts.js';
import { parseTask, parseText } from './parse.js';

/** One way to go on with a text: the whole new text, and what it means if there is something to say. */
export interface Proposal {
  readonly text: string;
  readonly explanation?: string;
}

/** An option of an app, from its configuration metadata. */
export interface CatalogueOption {
  /** The full name, such as `timestamp.format`. */
  readonly id: string;
  /** The short name, such as `format`. */
  readonly name: string;
  /** Whether the app's author put it forward; only such options can be written by their short names. */
  readonly visible: boolean;
  /** The Java type, if known. */
  readonly type: string | null;
  readonly shortDescription: string | null;
  /** Values to propose, if the metadata has any: constants of an enumeration or hints. */
  readonly values: readonly string[];
  /** Whether no other values are possible than these. */
  readonly closed: boolean;
}

/** What completion needs to know; all in the order in which it is to be proposed. */
export interface CompletionCatalogue {
  /** The names of all registered apps of type task. */
  taskAppNames(): Promise<readonly string[]>;
  /** The options of a task app; none if it is not registered or has no metadata. */
  optionsOf(appName: string): Promise<readonly CatalogueOption[]>;
}

const NO_VALUES = { values: [], closed: false };
const BOOLEAN_VALUES = { values: ['true', 'false'], closed: true };

/**
 * Proposes how to go on with a definition that is being typed, as `GET /completions/task` does: names of apps, then
 * options of the app, then their values. Nothing is proposed for composed tasks.
 *
 * @param start what is typed so far
 * @param detailLevel 1 proposes visible options by their short names, 2 or more all options by their full names too
 */
export async function completeTask(
  start: string,
  detailLevel: number,
  catalogue: CompletionCatalogue,
): Promise<Proposal[]> {
  const unfinished = unfinishedPart(start);
  if (unfinished === null) return [];
  if (unfinished.kind === 'app name') {
    return (await catalogue.taskAppNames()).map((name) => ({ text: start + name, explanation: 'Choose a task app' }));
  }
  const { app } = unfinished;
  const options = await catalogue.optionsOf(app.name);
  if (unfinished.kind === 'option') {
    return proposeOptions(app, options, detailLevel, unfinished.prefix, `${unfinished.before} `);
  }
  if (unfinished.kind === 'value') return proposeValues(start, '', findOption(options, unfinished.name));
  return goOn(start, app, options, detailLevel, catalogue);
}

type Unfinished =
  | { readonly kind: 'app name' }
  | { readonly kind: 'option'; readonly app: AppNode; readonly before: string; readonly prefix: string }
  | { readonly kind: 'value'; readonly app: AppNode; readonly name: string }
  | { readonly kind: 'nothing'; readonly app: AppNode };

/** What is to be completed; null if nothing can be. */
function unfinishedPart(start: string): Unfinished | null {
  if (/^\s*(?:[\w$-]+\s*:\s*)?$/.test(start)) return { kind: 'app name' };
  try {
    const app = singleApp(parseTask('task', start));
    return app === null ? null : { kind: 'nothing', app };
  } catch (error) {
    if (!(error instanceof TaskDslError)) throw error;
    if (error.problems[0].code === 'MISSING_CHARACTER' && /\s-$/.test(start)) return unfinishedPart(`${start}-`);
    if (!(error instanceof TaskSyntaxError) || error.problems[0].code !== 'OOD') return null;
    return unfinishedOption(error.textUntilCheckpoint, start.slice(error.textUntilCheckpoint.length));
  }
}

function unfinishedOption(before: string, rest: string): Unfinished | null {
  const [, name, equals] = /^\s+--([\w$.-]*)(=?)$/.exec(rest) ?? [];
  const app = name === undefined ? null : parseSingleApp(before);
  if (name === undefined || app === null) return null;
  return equals === '=' ? { kind: 'value', app, name } : { kind: 'option', app, before, prefix: name };
}

function parseSingleApp(text: string): AppNode | null {
  try {
    return singleApp(parseText(text));
  } catch (error) {
    if (error instanceof TaskDslError) return null;
    throw error;
  }
}

function singleApp(task: ReturnType<typeof parseText>): AppNode | null {
  const element = task.sequences[0]?.elements[0];
  return isComposed(task) || element?.kind !== 'app' ? null : element;
}

/** Proposals for a text that is a definition already. */
async function goOn(
  start: string,
  app: AppNode,
  options: readonly CatalogueOption[],
  detailLevel: number,
  catalogue: CompletionCatalogue,
): Promise<Proposal[]> {
  const last = app.options.at(-1);
  const option =
    last !== undefined && last.valueRange.end === start.length ? findOption(options, last.name) : undefined;
  const values = option === undefined || last === undefined ? [] : proposeValues(start, last.value, option);
  if (option !== undefined && valuesOf(option).closed) return values;
  const before = /\s$/.test(start) ? start : `${start} `;
  const others = proposeOptions(app, options, detailLevel, '', before);
  if (app.nameRange.end !== start.length) return [...values, ...others];
  const names = (await catalogue.taskAppNames()).filter((name) => name !== app.name && name.startsWith(app.name));
  return [...others, ...names.map((name) => ({ text: start.slice(0, app.nameRange.start) + name }))];
}

/** Options that are not there yet: visible ones by their short names, then, in detail, all by their full names. */
function proposeOptions(
  app: AppNode,
  options: readonly CatalogueOption[],
  detailLevel: number,
  prefix: string,
  before: string,
): Proposal[] {
  const present = new Set(app.options.map(({ name }) => findOption(options, name)));
  const absent = options.filter((option) => !present.has(option));
  const short = absent.filter(({ visible }) => visible).map((option) => ({ option, name: option.name }));
  const full = detailLevel > 1 ? absent.map((option) => ({ option, name: option.id })) : [];
  return [...short, ...full]
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ option: { shortDescription }, name }) => ({
      text: `${before}--${name}=`,
      ...(shortDescription === null ? {} : { explanation: shortDescription }),
    }));
}

function proposeValues(start: string, typed: string, option: CatalogueOption | undefined): Proposal[] {
  if (option === undefined || !start.endsWith(typed)) return [];
  return valuesOf(option)
    .values.filter((value) => value !== typed && value.startsWith(typed))
    .map((value) => ({ text: start.slice(0, start.length - typed.length) + value }));
}

function findOption(options: readonly CatalogueOption[], name: string): CatalogueOption | undefined {
  return options.find(({ id, name: short, visible }) => id === name || (visible && short === name));
}

function valuesOf(option: CatalogueOption): { readonly values: readonly string[]; readonly closed: boolean } {
  if (option.values.length > 0) return option;
  return option.type === 'java.lang.Boolean' ? BOOLEAN_VALUES : NO_VALUES;
}
