import { z } from 'zod';
import type { OperationDescription } from '../representation/operation.js';
import type { JsonSchema, ParameterObject, RequestBodyObject } from './openapi-types.js';

/** A parameter of an endpoint, wherever in the request it stands. */
interface DescribedParameter {
  readonly name: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

/**
 * The parameters of an endpoint: those that its path names, then the query, then paging.
 *
 * @param path template of the route, `/apps/{type}/{name}`
 * @param documentPath the same path as the document has it, where its parameters may bear other names
 * @throws Error naming the parameter when its schema was not made with the builders of `representation/parameters.ts`, or
 *   when the path names one that the endpoint does not describe
 */
export function parameterObjects(
  path: string,
  documentPath: string,
  description: OperationDescription,
): ParameterObject[] {
  const described = describedParameters(description);
  const documentNames = namesIn(documentPath);
  const inPath = namesIn(path).map((name, index) => {
    const found = described.find((parameter) => parameter.name === name);
    if (found === undefined) throw new Error(`The path ${path} has the parameter ${name}, its description has not.`);
    return { ...found, name: documentNames[index] ?? name, in: 'path' as const, required: true };
  });
  const inQuery = queryParameters(path, described).map((parameter) => ({ ...parameter, in: 'query' as const }));
  return [...inPath, ...inQuery, ...pagingParameters(description.sortable)];
}

/**
 * The form that may carry the parameters of a POST instead of the query, as SCDF's Java client sends them; undefined for an
 * endpoint without such parameters. Nothing in it is required, since the query may have it.
 */
export function formBody(path: string, description: OperationDescription): RequestBodyObject | undefined {
  const parameters = queryParameters(path, describedParameters(description));
  if (parameters.length === 0) return undefined;
  const properties = parameters.map(({ name, description: text, schema }) => [name, { ...schema, description: text }]);
  const schema = { type: 'object', properties: Object.fromEntries(properties) as JsonSchema };
  return {
    description: 'The query parameters may be sent as a form instead.',
    required: false,
    content: { 'application/x-www-form-urlencoded': { schema } },
  };
}

function namesIn(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

function queryParameters(path: string, described: readonly DescribedParameter[]): readonly DescribedParameter[] {
  return described.filter((parameter) => !path.includes(`{${parameter.name}}`));
}

function describedParameters(description: OperationDescription): readonly DescribedParameter[] {
  return Object.entries(description.parameters?.shape ?? {}).map(([name, schema]) => {
    const { openapi, description: text } = metaOf(name, schema);
    const { example, ...shape } = openapi;
    return {
      name,
      required: !schema.safeParse(undefined).success,
      ...(text === undefined ? {} : { description: text }),
      schema: shape,
      ...(example === undefined ? {} : { example }),
    };
  });
}

interface ParameterMeta {
  readonly openapi: JsonSchema;
  readonly description?: string | undefined;
}

/** What the builder of a parameter noted about it; `.optional()` and `.default()` wrap it without taking it over. */
function metaOf(name: string, schema: z.ZodType): ParameterMeta {
  const meta = schema.meta();
  if (typeof meta?.['openapi'] === 'object' && meta['openapi'] !== null) {
    return { openapi: meta['openapi'] as JsonSchema, description: meta.description };
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return metaOf(name, schema.unwrap() as z.ZodType);
  }
  throw new Error(`The parameter ${name} does not say how the OpenAPI document shall describe it.`);
}

function pagingParameters(sortable: OperationDescription['sortable']): ParameterObject[] {
  if (sortable === undefined) return [];
  const order =
    sortable === 'paged'
      ? { description: 'Accepted and repeated in the links; the list has one order only', items: { type: 'string' } }
      : {
          description: `Property, or property and direction (\`${sortable[0] ?? ''},desc\`); may be repeated`,
          items: { type: 'string', pattern: `^(${sortable.join('|')})(,(asc|desc))?$` },
        };
  return [
    queryParameter('page', 'Number of the page, from 0; anything else reads as 0', {
      ...INT32,
      minimum: 0,
      maximum: LAST_PAGE,
      default: 0,
    }),
    queryParameter('size', 'Elements of a page; more than 2000 read as 2000, anything else as 20', {
      ...INT32,
      minimum: 1,
      maximum: 2000,
      default: 20,
    }),
    queryParameter('sort', order.description, { type: 'array', items: order.items }),
  ];
}

const INT32 = { type: 'integer', format: 'int32' };

/** Whatever its size, the offset of this page is still a 32-bit integer; SCDF refuses offsets that are not. */
const LAST_PAGE = 1_000_000;

function queryParameter(name: string, description: string, schema: JsonSchema): ParameterObject {
  return { name, in: 'query', required: false, description, schema };
}
