/** Inline YAML of deployer properties, read into the same trees of text as the settings of an account. Pure. */
import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { SettingsTree } from '../../../configuration/configuration.js';
import { UnacceptableValue } from './values.js';

/** Longer texts are no settings; etcd keeps 1.5 MiB for a whole object. */
const LONGEST = 262_144;
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
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(written, { schema: 'failsafe', prettyErrors: false });
  } catch {
    // The parser's own stack, at some thousand brackets.
    throw new UnacceptableValue('YAML that can be read');
  }
  const [error] = document.errors;
  if (error !== undefined) {
    // Its message quotes the text, which may be a secret; the code is words.
    const reason = error.code.toLowerCase().replaceAll('_', ' ');
    throw new UnacceptableValue(`YAML; reading stops at character ${error.pos[0] + 1}: ${reason}`);
  }
  return document.contents === null ? undefined : treeOf(document.contents, 0);
}

function treeOf(node: unknown, depth: number): SettingsTree | undefined {
  if (depth > DEEPEST) throw new UnacceptableValue(`YAML of at most ${DEEPEST} levels`);
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
