/** A text of arguments that cannot be taken apart. */
export class ComposedArgumentsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/**
 * What a child gets of `composed-task-arguments`, a text for all children: words `--<c>.<k>=v` and `<c>.<k>=v` lose the
 * prefix if `<c>` names this child and are dropped if it names another one; all others are kept. Words are parted by white
 * space; quotes keep one together. The result is one argument, or null if nothing is left.
 *
 * @param parent the composed task's name
 * @param child this child's name, `<parent>-<c>`
 * @param children the names of all children
 * @throws ComposedArgumentsError for a quote without its end
 */
export function composedArgument(
  text: string,
  parent: string,
  child: string,
  children: ReadonlySet<string>,
): string | null {
  const bare = /^".*"$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
  const kept: string[] = [];
  for (const word of words(bare)) {
    const [, dashes = '', name = '', rest = ''] = /^(--)?([^.=]+)\.(.+)$/s.exec(word) ?? [];
    const named = `${parent}-${name}`;
    if (name !== '' && named === child) kept.push(quoted(dashes + rest));
    else if (name === '' || !children.has(named)) kept.push(quoted(word));
  }
  return kept.length === 0 ? null : kept.join(' ');
}

/** Quotes the value again, since the words are joined to one text. */
function quoted(word: string): string {
  if (!/\s/.test(word)) return word;
  const equals = word.indexOf('=');
  const mark = word.includes('"') ? "'" : '"';
  return `${word.slice(0, equals + 1)}${mark}${word.slice(equals + 1)}${mark}`;
}

function words(text: string): string[] {
  const found: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (const character of text) {
    if (quote !== null) {
      if (character === quote) quote = null;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== null) found.push(word);
      word = null;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== null) {
    throw new ComposedArgumentsError(
      `The composed task's arguments have a quote ${quote} without its end: write one at the end of the value, or none.`,
    );
  }
  return word === null ? found : [...found, word];
}
