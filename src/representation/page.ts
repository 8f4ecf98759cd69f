import { InvalidParameterError } from './domain-error.js';
import type { RequestFrame } from './request-frame.js';
import { link, type Links } from './links.js';

/** SCDF's page limits: asked for nothing sensible, a page holds 20; no page holds more than 2000. */
const DEFAULT_SIZE = 20;
const MAXIMUM_SIZE = 2000;
const MAXIMUM_INT = 2_147_483_647;

/** One order of a sorted list. */
export interface SortOrder {
  /** As the client wrote it; what it may be is the list's own affair. */
  readonly property: string;
  readonly direction: 'asc' | 'desc';
}

/** Which part of a list is asked for. */
export interface PageRequest {
  /** 0-based. */
  readonly number: number;
  readonly size: number;
  readonly offset: number;
  readonly sort: readonly SortOrder[];
}

/** One part of a list and the number of all its elements. */
export interface Page<Element> {
  readonly elements: readonly Element[];
  readonly totalElements: number;
}

/** A list on the wire: HAL as Spring writes it, `_embedded` absent when the page is empty. */
export interface PagedResource<Key extends string, Resource> {
  readonly _embedded?: { readonly [key in Key]: readonly Resource[] };
  readonly _links: Links;
  readonly page: {
    readonly size: number;
    readonly totalElements: number;
    readonly totalPages: number;
    readonly number: number;
  };
}

/**
 * Reads `page`, `size` and `sort`. As in SCDF, nonsense is not refused but read as the default, and sizes are cut at 2000.
 *
 * @throws InvalidParameterError for a page so far out that its offset is no 32-bit integer, as SCDF refuses it
 */
export function pageRequestOf(frame: RequestFrame): PageRequest {
  const number = integerOf(lastValue(frame, 'page'), 0, 0);
  const size = Math.min(integerOf(lastValue(frame, 'size'), 1, DEFAULT_SIZE), MAXIMUM_SIZE);
  const offset = number * size;
  if (offset > MAXIMUM_INT) {
    throw new InvalidParameterError(
      'The pageable offset requested for this query is greater than MAX_INT.',
      'OffsetOutOfBoundsException',
    );
  }
  const sort = frame.query.filter(([name]) => name === 'sort').flatMap(([, value]) => sortOrdersOf(value));
  return { number, size, offset, sort };
}

/** Writes one page of a list with the paging links that SCDF gives. */
export function pagedResource<Key extends string, Resource>(
  key: Key,
  resources: readonly Resource[],
  totalElements: number,
  request: PageRequest,
  frame: RequestFrame,
): PagedResource<Key, Resource> {
  const totalPages = Math.ceil(totalElements / request.size);
  const last = Math.max(totalPages - 1, 0);
  const to = (number: number) => link(pageHref(frame, request, number));
  const hasPrevious = request.number > 0;
  const hasNext = request.number < last;
  const links: Record<string, Links[string]> = {};
  if (hasPrevious || hasNext) links['first'] = to(0);
  if (hasPrevious) links['prev'] = to(request.number - 1);
  links['self'] = to(request.number);
  if (hasNext) links['next'] = to(request.number + 1);
  if (hasPrevious || hasNext) links['last'] = to(last);
  return {
    ...(resources.length === 0 ? {} : { _embedded: { [key]: resources } as { [key in Key]: readonly Resource[] } }),
    _links: links,
    page: { size: request.size, totalElements, totalPages, number: request.number },
  };
}

function pageHref(frame: RequestFrame, request: PageRequest, number: number): string {
  const kept = frame.query.filter(([name]) => name !== 'page' && name !== 'size' && name !== 'sort');
  const sort = request.sort.map(({ property, direction }) => `sort=${encodeURIComponent(property)},${direction}`);
  const pieces = [...kept.map(([, , raw]) => raw), `page=${number}`, `size=${request.size}`, ...sort];
  return `${frame.baseUrl}${frame.path}?${pieces.join('&')}`;
}

/** `name`, `name,desc`, `name,version,desc`: properties, then perhaps one direction for all of them. */
function sortOrdersOf(text: string): SortOrder[] {
  const pieces = text
    .split(',')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
  const lastPiece = pieces.at(-1)?.toLowerCase();
  const direction = lastPiece === 'asc' || lastPiece === 'desc' ? lastPiece : undefined;
  const properties = direction === undefined ? pieces : pieces.slice(0, -1);
  return properties.map((property) => ({ property, direction: direction ?? 'asc' }));
}

function lastValue(frame: RequestFrame, name: string): string | undefined {
  return frame.query.findLast(([key]) => key === name)?.[1];
}

function integerOf(text: string | undefined, minimum: number, fallback: number): number {
  if (text === undefined || !/^[+-]?\d{1,10}$/.test(text)) return fallback;
  const value = Number(text);
  return value < minimum || value > MAXIMUM_INT ? fallback : value;
}
