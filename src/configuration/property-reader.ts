import { isSecretName, shownValue, type ConfigurationProblem } from './problems.js';
import { PlaceholderError, resolvePlaceholders, type PlaceholderLookup } from './placeholders.js';
import type { Property, PropertyGroup } from './property.js';
import { formatPropertyName, parsePropertyName, type PropertyName, type PropertySegment } from './property-names.js';
import type { PropertyEntry } from './property-source.js';
import type { PropertyNode } from './property-tree.js';
import { bindFlat, bindTexts, bindTree, type TextOf } from './tree-binder.js';
import type { AccountSettings } from './configuration.js';
import { isAnyKey } from './property-index.js';

interface Found {
  readonly name: PropertyName;
  readonly node: PropertyNode;
}

/**
 * Reads typed values out of the property tree and collects what is wrong with them, so that one start tells all. A wrong value reads as
 * the property's default, for the result is thrown away then.
 */
export class PropertyReader {
  readonly problems: ConfigurationProblem[] = [];

  constructor(
    private readonly root: PropertyNode,
    private readonly lookup: PlaceholderLookup,
  ) {}

  /**
   * @param keys the map keys for the `<…>` segments of the property's name
   */
  value<T>(property: Property<T>, ...keys: readonly string[]): T {
    const found = this.find(property, keys);
    const raw = found && (property.type.shape === 'list' ? this.listOf(found, property) : this.textOf(found, property));
    const parsed = raw === undefined ? undefined : property.type.schema.safeParse(raw);
    if (parsed?.success === true) return parsed.data as T;
    if (parsed !== undefined && found !== undefined) {
      this.report(found, String(raw), parsed.error.issues[0]?.message ?? property.type.label, property.secret);
    }
    return defaultValue(property);
  }

  /** Whether a source sets the property, and not to the empty text. */
  isSet<T>(property: Property<T>, ...keys: readonly string[]): boolean {
    return this.find(property, keys) !== undefined;
  }

  /** The map keys that the sources have below a prefix. */
  keys(prefix: string): readonly string[] {
    const node = this.root.find(parsePropertyName(prefix));
    return node?.children.map(({ segment }) => String(segment)) ?? [];
  }

  /** A group's settings in the group's own form; empty if there are none. */
  settings(group: PropertyGroup, ...keys: readonly string[]): AccountSettings {
    const name = fillKeys(parsePropertyName(group.name), keys);
    const node = this.root.find(name);
    if (node === undefined) return {};
    const textOf: TextOf = (entry) => this.resolved(entry, entry.name, isSecretName(entry.name)) ?? '';
    switch (group.shape.form) {
      case 'texts':
        return bindTexts(node, textOf);
      case 'flat':
        return bindFlat(node, group.shape, textOf);
      case 'tree':
        return bindTree(node, group.shape, textOf);
    }
  }

  /** A group of texts. */
  texts(group: PropertyGroup, ...keys: readonly string[]): Readonly<Record<string, string>> {
    const node = this.root.find(fillKeys(parsePropertyName(group.name), keys));
    if (node === undefined) return {};
    return bindTexts(node, (entry) => this.resolved(entry, entry.name, isSecretName(entry.name)) ?? '');
  }

  /** Reports a value that is well-formed but cannot be used, e.g. together with another one. */
  reject<T>(property: Property<T>, message: string, ...keys: readonly string[]): void {
    const found = this.find(property, keys);
    const name = fillKeys(parsePropertyName(property.name), keys);
    const entry = found?.node.entry;
    this.problems.push({
      property: formatPropertyName(name),
      origin: entry?.origin ?? 'not set',
      found: entry === undefined ? undefined : shownValue(entry.value, property.secret),
      message,
    });
  }

  /** The property under its own name or an alias: the one of the highest source, its own name first. */
  private find<T>(property: Property<T>, keys: readonly string[]): Found | undefined {
    let best: Found | undefined;
    for (const pattern of [property.name, ...property.aliases]) {
      const name = fillKeys(parsePropertyName(pattern), keys);
      const node = this.root.find(name);
      const isHigher = (node?.rank ?? Infinity) < (best?.node.rank ?? Infinity);
      if (node !== undefined && isHigher && hasValue(node, property)) best = { name, node };
    }
    return best;
  }

  private textOf<T>({ name, node }: Found, property: Property<T>): string | undefined {
    if (node.entry === undefined) return undefined;
    const text = this.resolved(node.entry, name, property.secret);
    return text?.trim() === '' ? undefined : text;
  }

  private listOf<T>({ name, node }: Found, property: Property<T>): readonly string[] | undefined {
    if (node.elements !== undefined) {
      return node.elements
        .map((element) => element.entry && this.resolved(element.entry, name, property.secret))
        .map((text) => text ?? '');
    }
    return node.entry && this.resolved(node.entry, name, property.secret)?.split(',');
  }

  private resolved(entry: PropertyEntry, name: PropertyName, secret: boolean): string | undefined {
    try {
      return resolvePlaceholders(entry.value, this.lookup);
    } catch (error) {
      if (!(error instanceof PlaceholderError)) throw error;
      this.problems.push({
        property: formatPropertyName(name),
        origin: entry.origin,
        found: shownValue(entry.value, secret),
        message: `a value whose placeholders can be resolved; ${error.message}`,
      });
      return undefined;
    }
  }

  private report({ name, node }: Found, value: string, message: string, secret: boolean): void {
    const origin = node.entry?.origin ?? node.elements?.[0]?.entry?.origin ?? 'unknown';
    const found = shownValue(value, secret);
    this.problems.push({ property: formatPropertyName(name), origin, found, message });
  }
}

/** Empty text counts as not set, but an empty list is a list. */
function hasValue(node: PropertyNode, property: Property<unknown>): boolean {
  if (property.type.shape === 'list') return node.elements !== undefined || node.entry !== undefined;
  return node.entry !== undefined && node.entry.value.trim() !== '';
}

function defaultValue<T>(property: Property<T>): T {
  if (property.default === undefined) return undefined as T;
  const raw = property.type.shape === 'list' ? property.default.split(',') : property.default;
  return property.type.schema.parse(raw) as T;
}

/** Puts map keys in the places of the `<…>` segments. */
function fillKeys(name: PropertyName, keys: readonly string[]): PropertyName {
  const rest = [...keys];
  return name.map((segment): PropertySegment =>
    typeof segment === 'string' && isAnyKey(segment) ? (rest.shift() ?? segment) : segment,
  );
}
