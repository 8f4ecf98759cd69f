import type { OperationDescription } from '../representation/operation.js';
import {
  component,
  type Content,
  type HeaderObject,
  type JsonSchema,
  type Reference,
  type ResponseObject,
} from './openapi-types.js';

const HAL = ['application/hal+json', 'application/json'];

/** Names of the component schemas that every document has. */
export const ERRORS = 'Errors';
export const PAGE_ERROR = 'PageError';

const RETRY_AFTER: HeaderObject = {
  description: 'Seconds after which trying again makes sense',
  schema: { type: 'integer' },
};
const ALLOW: HeaderObject = { description: 'The methods that the path answers to', schema: { type: 'string' } };
const LOCATION: HeaderObject = { description: 'Where to go', schema: { type: 'string' } };

/** Answers that many endpoints have in common; `#/components/responses`. */
export const SHARED_RESPONSES: Readonly<Record<string, ResponseObject>> = {
  BadRequest: refusal('A parameter is missing, malformed, out of range, or not percent-encoded UTF-8'),
  NotFound: {
    description: 'There is no such thing, or no such path',
    content: contentOf([...HAL, 'text/html'], {
      anyOf: [component('schemas', ERRORS), component('schemas', PAGE_ERROR), { type: 'string' }],
    }),
  },
  MethodNotAllowed: { ...refusal('The path knows other methods only'), headers: { Allow: ALLOW } },
  NotAcceptable: { description: 'The client accepts none of the media types that the answer could have' },
  Conflict: refusal('It is there already'),
  TooLarge: refusal('The request body is too large'),
  UnsupportedMediaType: refusal('The request body is not JSON'),
  Unprocessable: refusal('The request is understood, but what is there does not allow it'),
  HeadTooLarge: refusal('Request line and headers are longer than 16 KB'),
  TooManyRequests: { ...refusal('As much runs as may run'), headers: { 'Retry-After': RETRY_AFTER } },
  Unavailable: { ...refusal('The database cannot be reached at the moment'), headers: { 'Retry-After': RETRY_AFTER } },
};

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  413: 'TooLarge',
  415: 'UnsupportedMediaType',
  422: 'Unprocessable',
  429: 'TooManyRequests',
  431: 'HeadTooLarge',
  503: 'Unavailable',
};

/**
 * All answers of an endpoint: success, its own refusals, and those that every endpoint has.
 *
 * @param answer the shape of success, undefined for an empty answer
 */
export function responses(
  method: string,
  path: string,
  description: OperationDescription,
  answer: JsonSchema | undefined,
): Readonly<Record<string, ResponseObject | Reference>> {
  const statuses = new Set<number>([400, 405, 406, 431, 503, ...(description.refusals ?? [])]);
  // A path parameter that is empty or has a slash in it leads to another path, or to none.
  if (path.includes('{')) statuses.add(404);
  if (method === 'post' || description.body !== undefined) statuses.add(413);
  const refusals = [...statuses].sort().map((status) => [String(status), refusalOf(status)] as const);
  return {
    [String(description.status ?? 200)]: success(description, answer),
    ...Object.fromEntries(refusals),
    ...(description.answersUnavailable === true
      ? { 503: { ...success(description, answer), description: 'Not well' } }
      : {}),
  };
}

function refusalOf(status: number): Reference {
  const name = REFUSALS[status];
  if (name === undefined) throw new Error(`There is no shared description of status ${status}.`);
  return component('responses', name);
}

function success(description: OperationDescription, answer: JsonSchema | undefined): ResponseObject {
  if (description.status === 302) return { description: 'Found elsewhere', headers: { Location: LOCATION } };
  if (answer === undefined) return { description: 'Done; the answer is empty' };
  const media = description.media ?? HAL;
  return { description: 'Done', content: contentOf(media, answer) };
}

function refusal(description: string): ResponseObject {
  return { description, content: contentOf(HAL, component('schemas', ERRORS)) };
}

function contentOf(media: readonly string[], schema: JsonSchema): Content {
  return Object.fromEntries(media.map((type) => [type, { schema }]));
}
