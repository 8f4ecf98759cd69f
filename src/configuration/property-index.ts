import type { PropertyDefinition } from './property.js';
import { parsePropertyName, type PropertyName, uniformSegment } from './property-names.js';

/** The names of all known properties as a tree, to tell known names from unknown ones and to read environment variables. */
export class IndexNode {
  readonly named = new Map<string, { readonly segment: string; readonly node: IndexNode }>();
  /** Stands for any map key. */
  anyKey: IndexNode | undefined;
  definition: PropertyDefinition | undefined;

  add(name: string, definition: PropertyDefinition): void {
    let node = this as IndexNode;
    for (const segment of parsePropertyName(name)) node = node.step(String(segment));
    node.definition ??= definition;
  }

  private step(segment: string): IndexNode {
    if (isAnyKey(segment)) return (this.anyKey ??= new IndexNode());
    const key = uniformSegment(segment);
    const found = this.named.get(key) ?? { segment, node: new IndexNode() };
    this.named.set(key, found);
    return found.node;
  }

  /** Whether a property of this name means something: it is declared, or lies below a declared group. */
  knows(name: PropertyName): boolean {
    const { definition } = this;
    if (definition?.kind === 'group') return true;
    const [first, ...rest] = name;
    if (first === undefined) return definition !== undefined;
    if (definition?.type.shape === 'list' && typeof first === 'number' && rest.length === 0) return true;
    const named = this.named.get(uniformSegment(first))?.node;
    return named?.knows(rest) === true || this.anyKey?.knows(rest) === true;
  }
}

export function isAnyKey(segment: string): boolean {
  return /^<.*>$/.test(segment);
}

export function indexProperties(definitions: readonly PropertyDefinition[]): IndexNode {
  const root = new IndexNode();
  for (const definition of definitions) {
    root.add(definition.name, definition);
    if (definition.kind === 'value') for (const alias of definition.aliases) root.add(alias, definition);
  }
  return root;
}
