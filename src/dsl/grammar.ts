import * as generated from './generated/task-grammar.js';
import { FlowNode } from './ast.js';
import { ProblemCode } from './problems.js';

/** A word of the text; its kind bears the name that Spring Cloud Data Flow gives it. */
export interface Token {
  readonly kind: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What the grammar makes of a text that it could read. */
export interface TaskReading {
  readonly sequences: readonly FlowNode[];
  /** The word behind the task, where nothing may stand; its text is null when the task ends with the text. */
  readonly surplus: { readonly text: string | null; readonly start: number };
  /** The end of the last app name or option value that is known to be good. */
  readonly checkpoint: number;
}

/** Thrown inside this folder only, for text that the grammar does not accept; callers see a TaskDslError instead. */
export class Refusal extends Error {
  /** @param checkpoint as in {@link TaskReading}; null for a refused word, which is found before the task is read */
  constructor(
    readonly code: ProblemCode,
    readonly position: number,
    readonly inserts: readonly string[],
    readonly checkpoint: number | null,
  ) {
    super(code);
  }
}

/** How deep splits and parentheses may be nested. Far above any use, far below what the stack holds. */
const NESTING_LIMIT = 500;

function refuse(code: ProblemCode, position: number, inserts: readonly string[], checkpoint?: number): never {
  throw new Refusal(code, position, inserts, checkpoint ?? null);
}

type StartRule = 'Task' | 'Tokens' | 'EndedValue';

function run(startRule: StartRule, text: string, appMode: boolean): unknown {
  return (generated.parse as (text: string, options: object) => unknown)(text, {
    startRule,
    appMode,
    refuse,
    nestingLimit: NESTING_LIMIT,
  });
}

/**
 * Reads a task. The text may go on behind it, see {@link TaskReading.surplus}.
 *
 * @param appMode whether apps take options, as in a user's definition; otherwise apps stand for task definitions
 * @throws Refusal at the first place where the text stops being a task
 */
export function readTask(text: string, appMode: boolean): TaskReading {
  return run('Task', text, appMode) as TaskReading;
}

/**
 * Splits a text into its words.
 *
 * @throws Refusal at the first character that can be part of no word
 */
export function readTokens(text: string): readonly Token[] {
  return run('Tokens', text, true) as readonly Token[];
}

/** Whether a text, written as it is behind an equals sign and in front of others, is read as that same value. */
export function standsBare(value: string): boolean {
  const read = run('EndedValue', `${value} `, true) as { readonly quoted: boolean } | null;
  return read !== null && !read.quoted;
}
