import { Token } from './grammar.js';
import { maskKeepingLength } from './secrets.js';
import { Problem } from './problems.js';

/**
 * A definition that cannot be used. `message` is the full text that Spring Cloud Data Flow's clients are used to; values
 * of secret options are starred out in it. Nothing else is thrown for bad text.
 */
export abstract class TaskDslError extends Error {
  /** The name of the Java exception, which error bodies carry as `logref`. */
  abstract readonly logref: 'ParseException' | 'CheckPointedParseException' | 'TaskValidationException';

  constructor(
    message: string,
    /** What is wrong: at least one, in the order in which they were found. */
    readonly problems: readonly [Problem, ...Problem[]],
    /** What the positions belong to. */
    private readonly text: string,
  ) {
    super(message);
    this.name = new.target.name;
  }

  /** The first problem's number and position (UTF-16 units from the start of the text). */
  get number(): number {
    return this.problems[0].number;
  }

  get position(): number {
    return this.problems[0].position;
  }

  /**
   * What to do about the first problem, and below it the place with a caret. The message shows a place too, but not for
   * contradictions, and in the format that clients know the caret may be missing or stand elsewhere.
   */
  get hint(): string {
    const { hint, position } = this.problems[0];
    return `${hint}${drawn(this.text, position)}`;
  }
}

/** A character that no definition can hold, or an illegal task name. */
export class TaskTextError extends TaskDslError {
  readonly logref = 'ParseException';

  /** @param text the definition, or the task name if that is what is wrong */
  constructor(problem: Problem, text: string) {
    super(`${problem.message}${quoted(text, 0)}${' '.repeat(problem.position)}^\n`, [problem], text);
  }
}

/** A definition that breaks off or goes on where it must not. */
export class TaskSyntaxError extends TaskDslError {
  readonly logref = 'CheckPointedParseException';

  /** The text up to the end of the last app name or option value that is known to be good; empty if there is none. */
  readonly textUntilCheckpoint: string;

  constructor(problem: Problem, text: string, tokens: readonly Token[], checkpoint: number) {
    const { message, position } = problem;
    const lineStart = startOfLine(text, position);
    const place = pointer(text, position - lineStart, lineStart, tokens, checkpoint);
    super(`${message}${quoted(text, lineStart)}${place}`, [problem], text);
    this.textUntilCheckpoint = text.slice(0, checkpoint);
  }
}

/** A definition that can be read but contradicts itself, see validate.ts. */
export class TaskValidationError extends TaskDslError {
  readonly logref = 'TaskValidationException';

  constructor(problems: readonly [Problem, ...Problem[]], text: string) {
    const list = problems.map((problem) => problem.message).join(', ');
    super(`Problems found when validating '${maskKeepingLength(text.trim())}': [${list}]`, problems, text);
  }
}

/** How much of a line is shown before and behind a place. */
const BEFORE = 60;
const BEHIND = 40;

/** The line of a place, cut if it is long, and a caret under the place; nothing for an empty text. */
function drawn(text: string, position: number): string {
  if (text === '') return '';
  const lineStart = startOfLine(text, position);
  const nextLine = text.indexOf('\n', position);
  const lineEnd = nextLine < 0 ? text.length : nextLine;
  const from = Math.max(lineStart, position - BEFORE);
  const to = Math.min(lineEnd, position + BEHIND);
  const before = from > lineStart ? '…' : '';
  // A tab or a carriage return would put the caret somewhere else.
  const shown = maskKeepingLength(text).slice(from, to).replace(/\s/g, ' ').trimEnd();
  return `\n${before}${shown}${to < lineEnd ? '…' : ''}\n${' '.repeat(before.length + position - from)}^`;
}

function quoted(text: string, from: number): string {
  return text === '' ? '' : `\n${maskKeepingLength(text).slice(from)}\n`;
}

function startOfLine(text: string, position: number): number {
  return text.lastIndexOf('\n', position - 1) + 1;
}

/**
 * The line below the text: `*` behind the good part, `^` under the problem. Two oddities belong to the format: a problem
 * that directly follows the good part gets the star alone and no line end; and whether the star is shown on a text of
 * several lines depends on the *number* of good words, taken as if it were a position.
 */
function pointer(
  text: string,
  column: number,
  lineStart: number,
  tokens: readonly Token[],
  checkpoint: number,
): string {
  const goodTokens = tokens.filter((token) => token.end <= checkpoint).length;
  if (goodTokens === 0 || startOfLine(text, goodTokens) !== lineStart) return `${' '.repeat(column)}^\n`;
  const star = checkpoint - startOfLine(text, checkpoint);
  const caret = column > star ? `${' '.repeat(column - star - 1)}^\n` : '';
  return `${' '.repeat(star)}*${caret}`;
}
