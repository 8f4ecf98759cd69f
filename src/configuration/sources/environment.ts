import type { IndexNode } from '../property-index.js';
import { parsePropertyName, type PropertyName, type PropertySegment, uniformSegment } from '../property-names.js';
import type { PropertyEntry, PropertySource } from '../property-source.js';
import type { PropertyNode } from '../property-tree.js';
import type { TreeShape } from '../tree-shapes.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment variables that name known properties. Where a name is ambiguous the known names decide:
 * `…_SCHEDULES_ENABLED` and `…_SCHEDULESENABLED` are both `schedules-enabled`, `…_REGISTRY-CONFIGURATIONS_HARBOR_USER` keeps
 * its dashes, `_0_` and `_0` are list indexes. A map key is one word in lower case, unless the other sources or the variable's
 * further words tell of a key with dashes (`ACCOUNTS_MY_TEAM_NAMESPACE`).
 * @param others what the other sources set: their map keys are known names
 */
export function environmentSource(environment: Environment, index: IndexNode, others: PropertyNode): PropertySource {
  const entries: (PropertyEntry & { readonly words: number })[] = [];
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || isServiceLink(variable, value)) continue;
    const name = variableToName(variable, index, others);
    if (name === undefined) continue;
    const origin = `environment variable ${variable}`;
    entries.push({ name, value, origin, caseless: true, words: variable.split('_').length });
  }
  // Two spellings of one property: Spring's canonical one, without underscores for dashes, has the last word.
  entries.sort((one, other) => other.words - one.words);
  return { description: 'environment variables', entries };
}

/** @returns the name of the known property that an environment variable sets, or undefined */
export function variableToName(variable: string, index: IndexNode, others: PropertyNode): PropertyName | undefined {
  if (variable.includes('.')) {
    const name = parsePropertyName(variable);
    return index.knows(name) ? name : undefined;
  }
  const words = variable.split('_').filter((word) => word !== '');
  // A property of its own before a key of a group: `…_TASK_RESOURCE` is `task-resource`, not the key `resource` of `task`.
  return matchIndex(words, index, others, false) ?? matchIndex(words, index, others, true);
}

/**
 * Kubernetes gives each container the addresses of the namespace's services (`SERVER_PORT=tcp://10.0.0.1:80` for a service
 * «server»), which may look like settings of ours.
 */
export function isServiceLink(variable: string, value: string): boolean {
  if (/_PORT$/.test(variable)) return /^(tcp|udp|sctp):\/\//.test(value);
  return /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(variable);
}

function matchIndex(
  words: readonly string[],
  index: IndexNode,
  others: PropertyNode | undefined,
  groups: boolean,
): PropertyName | undefined {
  const { definition } = index;
  if (words.length === 0) return definition?.kind === 'value' ? [] : undefined;
  if (groups && definition?.kind === 'group') return matchGroup(words, definition.shape, others);
  if (definition?.kind === 'value' && definition.type.shape === 'list' && words.length === 1 && isIndex(words[0]))
    return [Number(words[0])];
  for (const [segment, rest] of prefixes(words)) {
    const named = index.named.get(uniformSegment(segment));
    const below = named && matchIndex(rest, named.node, others?.child(named.segment), groups);
    if (named !== undefined && below !== undefined) return [named.segment, ...below];
  }
  return index.anyKey === undefined ? undefined : matchAnyKey(words, index.anyKey, others, groups);
}

/** A map key: first the keys that the other sources have, then one word, then more words joined by dashes. */
function matchAnyKey(
  words: readonly string[],
  below: IndexNode,
  others: PropertyNode | undefined,
  groups: boolean,
): PropertyName | undefined {
  const candidates = [...prefixes(words)];
  for (const known of [true, false]) {
    for (const [segment, rest] of candidates) {
      const child = others?.child(segment);
      if ((child !== undefined) !== known) continue;
      const found = rest.length > 0 ? matchIndex(rest, below, child, groups) : undefined;
      if (found !== undefined) return [segment.toLowerCase(), ...found];
    }
  }
  return undefined;
}

/** The first words joined by dashes, with what follows: shortest first. */
function* prefixes(words: readonly string[]): Generator<readonly [string, readonly string[]]> {
  for (let length = 1; length <= words.length; length += 1) {
    yield [words.slice(0, length).join('-'), words.slice(length)];
  }
}

/** Names below a group: the longest one that the group or another source knows, else one word. */
function matchGroup(words: readonly string[], shape: TreeShape, others: PropertyNode | undefined): PropertyName {
  const name: PropertySegment[] = [];
  let node = others;
  let rest = words;
  let freeKey = false;
  while (rest.length > 0) {
    const parent: string = uniformSegment(name.at(-1) ?? '');
    if (shape.textMaps.has(parent) && !freeKey) return [...name, rest.join('.').toLowerCase()];
    freeKey = shape.mapsOf.has(parent) && !freeKey;
    const [segment, length] = nextSegment(rest, shape, node, freeKey);
    name.push(segment);
    node = node?.child(segment);
    rest = rest.slice(length);
  }
  return name;
}

function nextSegment(
  words: readonly string[],
  shape: TreeShape,
  node: PropertyNode | undefined,
  freeKey: boolean,
): readonly [PropertySegment, number] {
  const first = words[0] ?? '';
  if (isIndex(first)) return [Number(first), 1];
  for (let length = words.length; length >= 1; length -= 1) {
    const segment = words.slice(0, length).join('-').toLowerCase();
    if (node?.child(segment) !== undefined) return [segment, length];
    const known = freeKey ? undefined : shape.names.get(uniformSegment(segment));
    if (known !== undefined) return [known, length];
  }
  return [first.toLowerCase(), 1];
}

function isIndex(word: string | undefined): boolean {
  return word !== undefined && /^\d{1,4}$/.test(word);
}
