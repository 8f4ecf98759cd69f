import type { ExecutionKey } from './launch-record.js';

/**
 * Splits the `arguments` parameter of a launch.
 *
 * Arguments are separated by blanks; quotes keep one together. Quotes around the value of `key="two words"` stay in the
 * value, as SCDF leaves them there; quotes around a whole argument are taken off. Words that follow an unquoted `key=value`
 * and neither contain `=` nor begin with `-` belong to that value, since SCDF's clients send values with blanks so.
 * (SCDF itself handles words in pairs, loses some of them, and loses all of them when no word has a `=`.)
 */
export function parseArguments(text: string): readonly string[] {
  const result: string[] = [];
  let open = false;
  for (const word of splitWords(text)) {
    const last = result.at(-1);
    const continues = open && last !== undefined && !word.includes('=') && !word.startsWith('-') && !isQuoted(word);
    if (continues) {
      result[result.length - 1] = `${last} ${word}`;
    } else {
      result.push(isQuoted(word) ? word.slice(1, -1) : word);
      open = word.includes('=') && !/=["']/.test(word) && !isQuoted(word);
    }
  }
  return result;
}

/** Argument that the server alone may give; a user's is dropped, as in SCDF. */
const EXECUTION_ID = '--spring.cloud.task.executionid=';

/** Marker that the dashboard puts before arguments of one app: `app.<app>.<number>=<argument>`. */
const MARKER = /^app\.[^.=]+\.\d+=(.*)$/s;

/** The user's arguments as the application shall get them. */
export function cleanArguments(given: readonly string[]): readonly string[] {
  return given
    .map((argument) => MARKER.exec(argument)?.[1] ?? argument)
    .filter((argument) => !isExecutionIdArgument(argument));
}

/** Whether an argument is one that {@link executionIdArgument} makes, for whatever execution. */
export function isExecutionIdArgument(argument: string): boolean {
  return argument.startsWith(EXECUTION_ID);
}

/** The argument that tells a Spring Cloud Task which row is its own. */
export function executionIdArgument(id: number): string {
  return `${EXECUTION_ID}${id}`;
}

/**
 * The execution that a launch belongs to, as SCDF's composed task runner says it. SCDF leaves it to the application to write
 * that down; here it holds from the start, and for programs that know nothing of it.
 */
export function parentOf(given: readonly string[]): ExecutionKey | undefined {
  const value = (name: string) => {
    const prefix = `--spring.cloud.task.${name}=`;
    return given.findLast((argument) => argument.startsWith(prefix))?.slice(prefix.length);
  };
  const id = value('parent-execution-id') ?? '';
  if (!/^[1-9]\d{0,14}$/.test(id)) return undefined;
  return { schemaTarget: value('parent-schema-target') === 'boot3' ? 'boot3' : 'boot2', id: Number(id) };
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (const character of text) {
    if (quote === '' && character === ' ') {
      if (word !== '') words.push(word);
      word = '';
      continue;
    }
    if (quote === character) quote = '';
    else if (quote === '' && (character === '"' || character === "'") && /(^|=)$/.test(word)) quote = character;
    word += character;
  }
  if (word !== '') words.push(word);
  // A quote that is never closed is a character like any other.
  return quote === '' ? words : text.split(' ').filter((piece) => piece !== '');
}

function isQuoted(word: string): boolean {
  return word.length > 1 && (word.startsWith('"') || word.startsWith("'")) && word.at(-1) === word[0];
}
