import { KNOWN_PROPERTIES } from './known-properties.js';
import type { PlaceholderLookup } from './placeholders.js';
import { parsePropertyName, uniformName } from './property-names.js';
import type { PropertyNode } from './property-tree.js';
import type { Environment } from './sources/environment.js';

/** Arguments and SPRING_APPLICATION_JSON come before the environment variables in the list of sources. */
const ENVIRONMENT_RANK = 2;

/**
 * What a placeholder may name: an environment variable, a property in any spelling, a property's default. Precedence is that of
 * the sources, also for variables that name no known property.
 */
export function placeholderLookup(root: PropertyNode, environment: Environment): PlaceholderLookup {
  return (name) => {
    const asWritten = /^[A-Z_][A-Z0-9_]*$/.test(name) ? environment[name] : undefined;
    if (asWritten !== undefined) return asWritten;
    const property = parsePropertyName(name);
    const node = property.length === 0 ? undefined : root.find(property);
    const value = node?.entry?.value;
    if (value !== undefined && (node?.rank ?? ENVIRONMENT_RANK) < ENVIRONMENT_RANK) return value;
    return variable(environment, name) ?? value ?? defaultOf(uniformName(property));
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
