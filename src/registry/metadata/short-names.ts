import { DomainError } from '../../representation/domain-error.js';
import type { ConfigurationProperty } from './app-metadata.js';

/** A short property name fits several properties of the app. SCDF answers 500. */
export class AmbiguousShortNameError extends DomainError {
  readonly status = 400;
  readonly logref = 'IllegalArgumentException';

  constructor(name: string, candidates: readonly string[]) {
    super(`Ambiguous short form property '${name}' could mean any of [${candidates.join(', ')}]`);
  }
}

/**
 * Replaces short names of properties by full ones: `format` by `timestamp.format`, where the app's metadata lists that
 * property as visible. A name that is a visible property's full name, or nobody's short name, stays. A full name given
 * beside its short name wins, whichever comes first.
 *
 * @param visible the visible properties of the app, see `AppMetadataService.visibleProperties`
 * @throws AmbiguousShortNameError when a short name fits several properties
 */
export function expandShortNames(
  properties: Readonly<Record<string, string>>,
  visible: readonly Pick<ConfigurationProperty, 'id' | 'name'>[],
): Record<string, string> {
  const expanded: [string, string][] = [];
  for (const [name, value] of Object.entries(properties)) {
    const id = fullName(name, visible);
    if (id === name || !Object.hasOwn(properties, id)) expanded.push([id, value]);
  }
  return Object.fromEntries(expanded);
}

function fullName(name: string, visible: readonly Pick<ConfigurationProperty, 'id' | 'name'>[]): string {
  if (visible.some((property) => property.id === name)) return name;
  const candidates = [...new Set(visible.filter((property) => property.name === name).map((property) => property.id))];
  if (candidates.length > 1) throw new AmbiguousShortNameError(name, candidates);
  return candidates[0] ?? name;
}
