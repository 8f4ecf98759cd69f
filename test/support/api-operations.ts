import type { JsonSchema, OpenApiDocument, OperationObject } from '../../src/openapi/openapi-types.js';
import type { WireRequest } from './http.js';

/** An operation of the OpenAPI document with its place in it. */
export interface Operation extends OperationObject {
  readonly path: string;
  readonly method: string;
}

/** Every operation of the API proper: without pages and management endpoints. */
export function apiOperations(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths)
    .flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
    )
    .filter(({ path }) => !/^\/(dashboard|swagger-ui|management|v3)/.test(path));
}

/** Values for the parameters of an operation that it takes, so that a test can spoil one of them. */
const GOOD: Readonly<Record<string, string>> = {
  type: 'task',
  schemaTarget: 'boot2',
  ids: '1',
  uri: 'file:///bin/true',
};

/**
 * A request for an operation with all that is required.
 *
 * @param spoilt name of a parameter that gets `value`, percent-encoded already, instead of a good one
 */
export function requestOf(operation: Operation, spoilt?: string, value?: string): WireRequest {
  const encoded = (name: string, schema: JsonSchema) =>
    name === spoilt
      ? (value ?? '')
      : encodeURIComponent(
          GOOD[name] ?? (schema['type'] === 'integer' || /^[0-9]/.test(String(schema['example'])) ? '1' : 'nothing'),
        );
  let path = operation.path;
  const query: string[] = [];
  for (const { name, in: place, required, schema } of operation.parameters) {
    if (place === 'path') path = path.replace(`{${name}}`, encoded(name, schema));
    else if (required || name === spoilt) query.push(`${name}=${encoded(name, schema)}`);
  }
  const body = operation.requestBody?.content['application/json'] === undefined ? undefined : '{}';
  return {
    method: operation.method,
    target: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  };
}
