import type { z } from 'zod';
import type { ParameterSchema } from './parameters.js';

/** What an endpoint takes and answers; the OpenAPI document is made of these and of Nest's own routes. */
export interface OperationDescription {
  /** One line: what it is for. */
  readonly summary: string;
  /** What a reader has to know beyond the summary. */
  readonly description?: string;
  /** The same schema that checks the request. */
  readonly parameters?: ParameterSchema;
  /** Takes `page`, `size` and `sort`; the properties that `sort` may name. */
  readonly sortable?: readonly string[] | 'paged';
  /** JSON body, for the few endpoints that have one. */
  readonly body?: z.ZodType;
  /** Status of success; 200 unless said otherwise. */
  readonly status?: 200 | 201 | 202 | 302;
  /** Shape of the answer; undefined for an empty one. */
  readonly answer?: z.ZodType;
  /** Media types of an answer that is neither HAL nor plain JSON. */
  readonly media?: readonly string[];
  /** 503 is an answer of the same shape as success, not a refusal. */
  readonly answersUnavailable?: boolean;
  /** Statuses of refusals beside those that every endpoint has. */
  readonly refusals?: readonly (400 | 404 | 409 | 415 | 422 | 429)[];
}

const descriptions = new Map<string, OperationDescription>();

/** Describes an endpoint for the OpenAPI document. */
export function Operation(description: OperationDescription): MethodDecorator {
  return (target, method) => {
    descriptions.set(operationKey(target.constructor.name, String(method)), description);
  };
}

/** The name under which an endpoint's description is kept; Nest gives the same two names to its route explorer. */
export function operationKey(controller: string, method: string): string {
  return `${controller}.${method}`;
}

/** Finds an endpoint's description. */
export function operationDescription(key: string): OperationDescription | undefined {
  return descriptions.get(key);
}
