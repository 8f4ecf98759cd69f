import { KNOWN_PROPERTIES } from './known-properties.js';
import type { PlaceholderLookup } from './placeholders.js';
import { parsePropertyName, uniformName } from './property-names.js';
import type { PropertyNode } from './property-tree.js';
import type { Environment } from './sources/environment.js';

/** What a placeholder may name: a property in any spelling, an environment variable, a property's default. */
export function placeholderLookup(root: PropertyNode, environment: Environment): PlaceholderLookup {
  return (name) => {
    const property = parsePropertyName(name);
    const entry = property.length === 0 ? undefined : root.find(property)?.entry;
    return entry?.value ?? variable(environment, name) ?? defaultOf(uniformName(property));
  };
}

/** The variable of that name, or the form in which Spring looks a property up in the environment. */
function variable(environment: Environment, name: string): string | undefined {
  const upper = (text: string) => text.replaceAll(/[.-]/g, '_').toUpperCase();
  return environment[name] ?? environment[upper(name)] ?? environment[upper(name.replaceAll('-', ''))];
}

function defaultOf(uniform: string): string | undefined {
  for (const known of KNOWN_PROPERTIES) {
    if (known.kind === 'value' && uniformName(parsePropertyName(known.name)) === uniform) return known.default;
  }
  return undefined;
}
