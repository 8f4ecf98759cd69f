import type { AccountSettings, SettingsTree } from './configuration.js';
import { formatPropertyName, type PropertyName, uniformSegment } from './property-names.js';
import type { PropertyEntry } from './property-source.js';
import type { PropertyNode } from './property-tree.js';
import { shapedKey, type TreeShape } from './tree-shapes.js';

/** The resolved text of an entry. */
export type TextOf = (entry: PropertyEntry) => string;

/** All values below a node as one map; the keys are the rest of their names, as written. */
export function bindTexts(node: PropertyNode, textOf: TextOf): Record<string, string> {
  const texts: Record<string, string> = {};
  const collect = (at: PropertyNode, name: PropertyName) => {
    if (at.entry !== undefined && name.length > 0) texts[formatLiteral(name)] = textOf(at.entry);
    for (const { segment, node: child } of at.children) collect(child, [...name, segment]);
  };
  collect(node, []);
  return texts;
}

/** All values below a node as one map of texts and lists, keys in the shape's letter case, joined by dots. */
export function bindFlat(node: PropertyNode, shape: TreeShape, textOf: TextOf): AccountSettings {
  const settings: Record<string, SettingsTree> = {};
  const collect = (at: PropertyNode, key: string) => {
    const { elements } = at;
    if (elements !== undefined && key !== '') {
      settings[key] = elements.map((element) => (element.entry === undefined ? '' : textOf(element.entry)));
      return;
    }
    if (at.entry?.empty === 'list') settings[key] = [];
    else if (at.entry !== undefined && key !== '' && !isBlank(at.entry)) settings[key] = textOf(at.entry);
    for (const { segment, node: child } of at.children) {
      const own = shapedKey(shape, String(segment), 0);
      collect(child, key === '' ? own : `${key}.${own}`);
    }
  };
  collect(node, '');
  return settings;
}

/** The values below a node as nested maps and lists. Empty texts count as not set; `{}` and `[]` stay. */
export function bindTree(node: PropertyNode, shape: TreeShape, textOf: TextOf): AccountSettings {
  return bindMap(node, shape, textOf, 0, false);
}

function bindMap(
  node: PropertyNode,
  shape: TreeShape,
  textOf: TextOf,
  level: number,
  freeKeys: boolean,
): AccountSettings {
  const settings: Record<string, SettingsTree> = {};
  for (const { segment, node: child } of node.children) {
    const key = freeKeys ? String(segment) : shapedKey(shape, String(segment), level);
    const bound = bindValue(child, shape, textOf, level, freeKeys ? undefined : uniformSegment(segment));
    if (bound !== undefined) settings[key] = bound;
  }
  return settings;
}

function bindValue(
  node: PropertyNode,
  shape: TreeShape,
  textOf: TextOf,
  level: number,
  name: string | undefined,
): SettingsTree | undefined {
  const { elements, entry } = node;
  if (node.children.length > 0 && name !== undefined && shape.textMaps.has(name)) return bindTexts(node, textOf);
  if (elements !== undefined) {
    return elements.flatMap((element) => bindValue(element, shape, textOf, level + 1, undefined) ?? []);
  }
  if (node.children.length > 0) {
    return bindMap(node, shape, textOf, level + 1, name !== undefined && shape.mapsOf.has(name));
  }
  if (entry?.empty !== undefined) return entry.empty === 'map' ? {} : [];
  return entry === undefined || isBlank(entry) ? undefined : textOf(entry);
}

function isBlank(entry: PropertyEntry): boolean {
  return entry.value.trim() === '';
}

/** A name whose literal segments are not bracketed: the key of a map of texts. */
function formatLiteral(name: PropertyName): string {
  return name.every((segment) => typeof segment === 'string') ? name.join('.') : formatPropertyName(name);
}
