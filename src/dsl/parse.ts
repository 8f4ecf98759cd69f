import { TaskNode } from './ast.js';
import { TaskSyntaxError, TaskTextError, TaskValidationError } from './errors.js';
import { readTask, readTokens, Refusal, TaskReading, Token } from './grammar.js';
import { problem } from './problems.js';
import { findProblems } from './validate.js';

export interface ParseOptions {
  /** Whether to look for contradictions too, see validate.ts. Default true. */
  readonly validate?: boolean;
  /**
   * Whether apps take options, as in a user's definition. Otherwise apps are references to task definitions, as in the
   * graph that a composed-task runner gets. Default true.
   */
  readonly appMode?: boolean;
}

/**
 * Parses a task definition.
 *
 * What is wrong is reported in the order of Spring Cloud Data Flow: a character that no definition can hold, then the
 * first place where the text is no task, then the task name, then text behind the task, then all contradictions.
 *
 * @param name the task's name
 * @param dsl the text of the definition
 * @throws TaskTextError for a character or the name, TaskSyntaxError for the text, TaskValidationError for
 *   contradictions
 */
export function parseTask(name: string, dsl: string, { validate = true, appMode = true }: ParseOptions = {}): TaskNode {
  const reading = read(dsl, appMode);
  const tokens = reading.surplus.text === null ? [] : words(dsl);
  if (!isTaskName(name)) throw new TaskTextError(problem('ILLEGAL_TASK_NAME', 0, [name]), name);
  refuseSurplus(dsl, reading, tokens);
  const task = { sequences: reading.sequences };
  if (validate) {
    const [first, ...others] = findProblems(task);
    if (first !== undefined) throw new TaskValidationError([first, ...others], dsl);
  }
  return task;
}

/**
 * Parses the text of a stored definition, which may contradict itself and whose name does not matter.
 *
 * @throws TaskTextError, TaskSyntaxError
 */
export function parseText(dsl: string): TaskNode {
  const reading = read(dsl, true);
  if (reading.surplus.text !== null) refuseSurplus(dsl, reading, words(dsl));
  return { sequences: reading.sequences };
}

/** Letters of any script, digits, currency signs and underscores as in a Java identifier, and hyphens. */
const TASK_NAME = /^[\p{L}\p{Nl}\p{Sc}\p{Pc}][\p{L}\p{Nl}\p{Sc}\p{Pc}\p{Nd}\p{Mn}\p{Mc}-]*$/u;

/** Whether a name can be given to a task definition. Platforms may ask for more. */
export function isTaskName(name: string): boolean {
  return TASK_NAME.test(name);
}

function read(dsl: string, appMode: boolean): TaskReading {
  try {
    return readTask(dsl, appMode);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const tokens = words(dsl);
    const found = problem(error.code, error.position, error.inserts);
    throw new TaskSyntaxError(found, dsl, tokens, error.checkpoint ?? 0);
  }
}

function words(dsl: string): readonly Token[] {
  try {
    return readTokens(dsl);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new TaskTextError(problem(error.code, error.position, error.inserts), dsl);
  }
}

function refuseSurplus(dsl: string, { surplus, checkpoint }: TaskReading, tokens: readonly Token[]): void {
  if (surplus.text === null) return;
  throw new TaskSyntaxError(problem('TASK_MORE_INPUT', surplus.start, [surplus.text]), dsl, tokens, checkpoint);
}
