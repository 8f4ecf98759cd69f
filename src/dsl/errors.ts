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
  ) {
    super(message);
    this.name = new.target.name;
  }

  /** The first problem's number, position (UTF-16 units from the start of the text) and hint. */
  get number(): number {
    return this.problems[0].number;
  }

  get position(): number {
    return this.problems[0].position;
  }

  get hint(): string {
    return this.problems[0].hint;
  }
}

/** A character that no definition can hold, or an illegal task name. */
export class TaskTextError extends TaskDslError {
  readonly logref = 'ParseException';

  /** @param text the definition, or the task name if that is what is wrong */
  constructor(problem: Problem, text: string) {
    super(`${problem.message}${quoted(text, 0)}${' '.repeat(problem.position)}^\n`, [problem]);
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
    super(`${message}${quoted(text, lineStart)}${pointer(text, position - lineStart, lineStart, tokens, checkpoint)}`, [
      problem,
    ]);
    this.textUntilCheckpoint = text.slice(0, checkpoint);
  }
}

/** A definition that can be read but contradicts itself, see validate.ts. */
export class TaskValidationError extends TaskDslError {
  readonly logref = 'TaskValidationException';

  constructor(problems: readonly [Problem, ...Problem[]], text: string) {
    const list = problems.map((problem) => problem.message).join(', ');
    super(`Problems found when validating '${maskKeepingLength(text.trim())}': [${list}]`, problems);
  }
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
