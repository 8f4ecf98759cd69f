import { InvalidSortError } from './domain-error.js';
import type { PageRequest } from './page.js';

/**
 * Translates the orders of a request into columns.
 *
 * @param columns property as clients write it to column
 * @param type the resource's name in SCDF's message
 * @throws InvalidSortError naming the property and what is allowed
 */
export function sortColumns(
  request: PageRequest,
  columns: Readonly<Record<string, string>>,
  type: string,
): readonly (readonly [column: string, direction: 'ASC' | 'DESC'])[] {
  return request.sort.map(({ property, direction }) => {
    const column = Object.hasOwn(columns, property) ? columns[property] : undefined;
    if (column === undefined) {
      throw new InvalidSortError(
        `No property '${property.slice(0, 100)}' found for type '${type}'; allowed: ${Object.keys(columns).join(', ')}`,
        'PropertyReferenceException',
      );
    }
    return [column, direction === 'asc' ? 'ASC' : 'DESC'] as const;
  });
}

/**
 * The same as TypeORM's repositories take it, the first order of the request first.
 *
 * @param columns property as clients write it to property of the entity
 * @throws InvalidSortError naming the property and what is allowed
 */
export function sortOrder<Entity>(
  request: PageRequest,
  columns: Readonly<Record<string, keyof Entity & string>>,
  type: string,
): Partial<Record<keyof Entity, 'ASC' | 'DESC'>> {
  const order: Partial<Record<keyof Entity, 'ASC' | 'DESC'>> = {};
  for (const [column, direction] of sortColumns(request, columns, type)) order[column as keyof Entity] = direction;
  return order;
}
