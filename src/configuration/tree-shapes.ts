import { toCamelCase, toKebabCase, uniformSegment } from './property-names.js';

/** How a subtree with free keys is bound: which names it knows, and how keys are written in the result. */
export interface TreeShape {
  /**
   * `texts`: one flat map of texts, keys as written, joined by dots.
   * `flat`: one flat map of texts and lists, keys in kebab case, joined by dots.
   * `tree`: nested maps and lists.
   */
  readonly form: 'texts' | 'flat' | 'tree';
  /** How a key is written that is not below {@link mapsOf} or {@link textMaps}. */
  readonly keys: 'camel' | 'kebab';
  /** The same for the keys of the first level. */
  readonly firstLevelKeys: 'camel' | 'kebab';
  /** Uniform name to the name in camel case; they give names from environment variables their form back. */
  readonly names: ReadonlyMap<string, string>;
  /** Uniform names of maps whose own keys are free (`registration.<id>`). */
  readonly mapsOf: ReadonlySet<string>;
  /** Uniform names of maps whose whole content is free texts (`matchLabels`). */
  readonly textMaps: ReadonlySet<string>;
}

interface Names {
  readonly names?: string;
  readonly mapsOf?: string;
  readonly textMaps?: string;
}

/** @param names lists of names in camel case, separated by white space */
export function treeShape(form: TreeShape['form'], keys: TreeShape['keys'], names: Names = {}): TreeShape {
  const words = (text: string | undefined) => (text ?? '').split(/\s+/).filter((word) => word !== '');
  const maps = words(names.mapsOf);
  const textMaps = words(names.textMaps);
  return {
    form,
    keys,
    firstLevelKeys: form === 'tree' ? 'kebab' : keys,
    names: new Map([...words(names.names), ...maps, ...textMaps].map((name) => [uniformSegment(name), name])),
    mapsOf: new Set(maps.map(uniformSegment)),
    textMaps: new Set(textMaps.map(uniformSegment)),
  };
}

/** Writes a key in the form that the shape asks for. */
export function shapedKey(shape: TreeShape, key: string, level: number): string {
  const name = shape.names.get(uniformSegment(key)) ?? key;
  return (level === 0 ? shape.firstLevelKeys : shape.keys) === 'kebab' ? toKebabCase(name) : toCamelCase(name);
}

/** A map of texts with keys as written: application properties, registry extras. */
export const TEXT_MAP: TreeShape = treeShape('texts', 'camel');
