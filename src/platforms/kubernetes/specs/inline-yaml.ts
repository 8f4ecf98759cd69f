/** Inline YAML of deployer properties, read into the same trees of text as the settings of an account. Pure. */
import { isAlias, isMap, isScalar, isSeq, Lexer, parseDocument } from 'yaml';
import type { SettingsTree } from '../../../configuration/configuration.js';
import { UnacceptableValue } from './values.js';

/** Longer texts are no settings; etcd keeps 1.5 MiB for a whole object. */
const LONGEST = 65_536;
const DEEPEST = 50;

/**
 * Reads YAML (and so JSON). Scalars stay text, whether they look like numbers or not: the field that they are for says what
 * they must be. A plain `null`, `~` or nothing counts as not written.
 *
 * @returns undefined for a text without content
 * @throws UnacceptableValue saying where the text is no YAML
 */
export function parseInlineYaml(written: string): SettingsTree | undefined {
  if (written.length > LONGEST) throw new UnacceptableValue(`YAML of at most ${LONGEST} characters`);
  if (isTooDeep(written)) throw tooDeep();
  const document = parseDocument(written, { schema: 'failsafe', prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    // Its message quotes the text, which may be a secret; the code is words.
    const reason = error.code.toLowerCase().replaceAll('_', ' ');
    throw new UnacceptableValue(`YAML; reading stops at character ${error.pos[0] + 1}: ${reason}`);
  }
  return document.contents === null ? undefined : treeOf(document.contents, 0);
}

function tooDeep(): UnacceptableValue {
  return new UnacceptableValue(`YAML of at most ${DEEPEST} levels`);
}

/**
 * Looked at before parsing, since the parser recurses and a stack that overflows within it may end the whole process. Levels
 * are made by brackets, and within a line by `-` and `?`; those made by indentation are bounded by the text's length.
 */
function isTooDeep(written: string): boolean {
  let brackets = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(written)) {
    if (token === '[' || token === '{') brackets++;
    else if (token === ']' || token === '}') brackets--;
    else if (token === '-' || token === '?') indicators++;
    else if (token.startsWith('\n') || token.startsWith('\r')) indicators = 0;
    if (brackets > DEEPEST || indicators > DEEPEST) return true;
  }
  return false;
}

function treeOf(node: unknown, depth: number): SettingsTree | undefined {
  if (depth > DEEPEST) throw tooDeep();
  if (isAlias(node)) throw new UnacceptableValue('YAML without aliases (*name)');
  if (isScalar(node)) {
    const value = typeof node.value === 'string' ? node.value : '';
    return node.type === 'PLAIN' && ['', '~', 'null', 'Null', 'NULL'].includes(value) ? undefined : value;
  }
  if (isSeq(node)) {
    return node.items.map((item) => treeOf(item, depth + 1)).filter((item) => item !== undefined);
  }
  if (isMap(node)) {
    const entries: [string, SettingsTree][] = [];
    for (const { key, value } of node.items) {
      if (!isScalar(key) || typeof key.value !== 'string') throw new UnacceptableValue('YAML with texts as keys');
      const item = value === null ? undefined : treeOf(value, depth + 1);
      if (item !== undefined) entries.push([key.value, item]);
    }
    return Object.fromEntries(entries);
  }
  return undefined;
}
