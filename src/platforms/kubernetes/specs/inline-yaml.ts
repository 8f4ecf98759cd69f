/** Inline YAML of deployer properties, read into the same trees of text as the settings of an account. Pure. */
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Node } from 'yaml';
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
  let node: Node | null;
  try {
    const document = parseDocument(written, { schema: 'failsafe', prettyErrors: false });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    node = document.contents;
  } catch (error) {
    throw new UnacceptableValue(`YAML; ${whatIsWrong(error, written)}`);
  }
  return node === null ? undefined : treeOf(node, 0);
}

function whatIsWrong(error: unknown, written: string): string {
  const position = (error as { pos?: [number, number] }).pos?.[0];
  if (position === undefined) return 'this cannot be read';
  return `this cannot be read at character ${Math.min(position, written.length) + 1}: ${reasonOf(error)}`;
}

/** The parser's reason without a piece of the text, which may be a secret. */
function reasonOf(error: unknown): string {
  const code = String((error as { code?: unknown }).code ?? 'UNREADABLE');
  return code.toLowerCase().replaceAll('_', ' ');
}

function treeOf(node: unknown, depth: number): SettingsTree | undefined {
  if (depth > DEEPEST) throw new UnacceptableValue(`YAML of at most ${DEEPEST} levels`);
  if (isAlias(node)) throw new UnacceptableValue('YAML without aliases (*name)');
  if (isScalar(node)) {
    const value = String(node.value ?? '');
    return node.type === 'PLAIN' && ['', '~', 'null', 'Null', 'NULL'].includes(value) ? undefined : value;
  }
  if (isSeq(node)) {
    return node.items.map((item) => treeOf(item, depth + 1)).filter((item) => item !== undefined);
  }
  if (isMap(node)) {
    const entries: [string, SettingsTree][] = [];
    for (const { key, value } of node.items) {
      if (!isScalar(key)) throw new UnacceptableValue('YAML with texts as keys');
      const item = value === null ? undefined : treeOf(value, depth + 1);
      if (item !== undefined) entries.push([String(key.value), item]);
    }
    return Object.fromEntries(entries);
  }
  return undefined;
}
