import { type PropertyName, type PropertySegment, uniformSegment } from './property-names.js';
import type { PropertyEntry, PropertySource } from './property-source.js';

/**
 * All sources laid over one another: at each name the value of the source with the highest rank. Maps of several sources
 * unite; a list comes whole from the highest source that has any of it (the rules of Spring's binder).
 */
export class PropertyNode {
  entry: PropertyEntry | undefined;
  /** Position of the source that the value, or the list, comes from. */
  rank: number | undefined;
  private readonly byUniformName = new Map<string, Child>();

  get isEmpty(): boolean {
    return this.entry === undefined && this.byUniformName.size === 0;
  }

  /** Children in the order in which the sources, highest first, named them. */
  get children(): readonly { readonly segment: PropertySegment; readonly node: PropertyNode }[] {
    return [...this.byUniformName.values()];
  }

  /** The list that this node is, or undefined if its children are not exactly the indexes from 0 on. */
  get elements(): readonly PropertyNode[] | undefined {
    if (this.byUniformName.size === 0) return undefined;
    const elements: PropertyNode[] = [];
    for (let index = 0; index < this.byUniformName.size; index += 1) {
      const child = this.byUniformName.get(uniformSegment(index));
      if (child === undefined) return undefined;
      elements.push(child.node);
    }
    return elements;
  }

  child(segment: PropertySegment): PropertyNode | undefined {
    return this.byUniformName.get(uniformSegment(segment))?.node;
  }

  /** The value here or else the first one below: what tells where a tree of settings was written. */
  get anyEntry(): PropertyEntry | undefined {
    if (this.entry !== undefined) return this.entry;
    for (const { node } of this.byUniformName.values()) {
      const entry = node.anyEntry;
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  find(name: PropertyName): PropertyNode | undefined {
    const [segment, ...rest] = name;
    return segment === undefined ? this : this.child(segment)?.find(rest);
  }

  /** Lays one value below what is there already; sources must come in descending order of rank. */
  insert(entry: PropertyEntry, rank: number): void {
    this.insertAt(entry.name, entry, rank);
  }

  private insertAt(name: PropertyName, entry: PropertyEntry, rank: number): void {
    const [segment, ...rest] = name;
    if (segment !== undefined) {
      this.step(segment, entry, rank)?.insertAt(rest, entry, rank);
    } else if (this.rank === undefined || this.rank === rank) {
      // A list of a higher source hides the plain value of a lower one; within one source the later value counts.
      this.entry = entry;
      this.rank = rank;
    }
  }

  private step(segment: PropertySegment, entry: PropertyEntry, rank: number): PropertyNode | undefined {
    if (typeof segment === 'number') {
      if (this.rank !== undefined && this.rank !== rank) return undefined;
      this.rank = rank;
    }
    const key = uniformSegment(segment);
    const known = this.byUniformName.get(key);
    if (known === undefined) {
      const child = { segment, node: new PropertyNode(), caseless: entry.caseless === true };
      this.byUniformName.set(key, child);
      return child.node;
    }
    if (known.caseless && entry.caseless !== true) {
      known.segment = segment;
      known.caseless = false;
    }
    return known.node;
  }
}

interface Child {
  segment: PropertySegment;
  readonly node: PropertyNode;
  caseless: boolean;
}

/** @param sources highest rank first */
export function buildPropertyTree(sources: readonly PropertySource[]): PropertyNode {
  const root = new PropertyNode();
  sources.forEach((source, rank) => {
    for (const entry of source.entries) root.insert(entry, rank);
  });
  return root;
}
