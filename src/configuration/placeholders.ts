/** Looks a name up; undefined if no source has it. */
export type PlaceholderLookup = (name: string) => string | undefined;

/** A placeholder without value and default, or one that leads back to itself. The message names it. */
export class PlaceholderError extends Error {
  override readonly name = 'PlaceholderError';
}

const MAXIMUM_DEPTH = 50;
/** Values that each name two others multiply the work at each level. */
const MAXIMUM_STEPS = 10_000;
/** Nested values that double at each level would grow without bound. */
const MAXIMUM_LENGTH = 1_000_000;

/**
 * Replaces `${name}` and `${name:default}` in a text as Spring does: names and defaults may hold placeholders themselves,
 * a value found is resolved in turn, and the whole text between the braces is tried as a name before it is split at its first colon.
 * @throws PlaceholderError
 */
export function resolvePlaceholders(text: string, lookup: PlaceholderLookup): string {
  return text.includes('${') ? resolve(text, budgeted(lookup), []) : text;
}

function budgeted(lookup: PlaceholderLookup): PlaceholderLookup {
  let steps = 0;
  return (name) => {
    steps += 1;
    if (steps > MAXIMUM_STEPS) throw new PlaceholderError(`more than ${MAXIMUM_STEPS} placeholders in one value`);
    return lookup(name);
  };
}

function resolve(text: string, lookup: PlaceholderLookup, visited: readonly string[]): string {
  if (visited.length > MAXIMUM_DEPTH) throw new PlaceholderError('placeholders are nested too deeply');
  let result = '';
  let position = 0;
  for (;;) {
    const start = text.indexOf('${', position);
    const end = start < 0 ? -1 : closingBrace(text, start + 2);
    if (end < 0) return result + text.slice(position);
    const content = text.slice(start + 2, end);
    result += text.slice(position, start) + valueOf(content, lookup, visited);
    if (result.length > MAXIMUM_LENGTH)
      throw new PlaceholderError('placeholders make the value longer than 1000000 characters');
    position = end + 1;
  }
}

function valueOf(content: string, lookup: PlaceholderLookup, visited: readonly string[]): string {
  if (visited.includes(content)) {
    throw new PlaceholderError(`the placeholder \${${content}} refers to itself: ${[...visited, content].join(' → ')}`);
  }
  const path = [...visited, content];
  const expression = resolve(content, lookup, path);
  const whole = lookup(expression);
  if (whole !== undefined) return resolve(whole, lookup, path);
  const colon = expression.indexOf(':');
  if (colon < 0) throw new PlaceholderError(`the placeholder \${${expression}} has no value and no default`);
  const named = lookup(expression.slice(0, colon));
  return named === undefined ? expression.slice(colon + 1) : resolve(named, lookup, path);
}

/** Position of the brace that closes a placeholder, other braces within counted; -1 if there is none. */
function closingBrace(text: string, from: number): number {
  let depth = 0;
  for (let position = from; position < text.length; position += 1) {
    const character = text.charAt(position);
    if (character === '{') depth += 1;
    if (character !== '}') continue;
    if (depth === 0) return position;
    depth -= 1;
  }
  return -1;
}
