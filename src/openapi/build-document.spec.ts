import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { OperationDescription } from '../representation/operation.js';
import { choice, choices, flag, integer, optionalText, text } from '../representation/parameters.js';
import { buildDocument, type Route } from './build-document.js';

const PART = z.object({ n: z.number().int(), when: z.string().nullable() }).meta({ id: 'Part' });

const DESCRIPTIONS: Readonly<Record<string, OperationDescription>> = {
  list: { summary: 'List', sortable: ['name', 'size'], answer: z.object({ parts: z.array(PART) }) },
  paged: { summary: 'Pages', sortable: 'paged', answer: PART },
  show: { summary: 'Show', parameters: z.object({ id: integer('Id', 0) }), answer: PART, refusals: [404] },
  stop: {
    summary: 'Stop',
    description: 'At once.',
    parameters: z.object({ ids: text('Ids', 20), how: choice('How', ['soft', 'hard']), force: flag('Force', false) }),
    refusals: [409],
  },
  write: { summary: 'Write', body: PART, status: 201, refusals: [415] },
  move: { summary: 'Move', status: 302 },
  log: { summary: 'Log', answer: z.string(), media: ['text/plain', 'application/json'] },
  health: { summary: 'Health', answer: PART, media: ['a/b+json'], answersUnavailable: true },
  search: {
    summary: 'Search',
    parameters: z.object({ name: optionalText('Name'), kinds: choices('Kinds', ['a', 'b']).optional() }),
  },
  lost: { summary: 'Lost', parameters: z.object({}) },
  silent: { summary: 'Silent', parameters: z.object({ x: z.array(z.string()) }) },
};

function documentOf(...routes: readonly (readonly [method: string, path: string, key: string])[]) {
  const known: Route[] = routes.map(([method, path, key]) => ({ method, path, key }));
  return buildDocument(known, (key) => DESCRIPTIONS[key], '1.2.3');
}

function operationOf(method: string, path: string, key: string) {
  const operation = documentOf([method, path, key]).paths[path]?.[method];
  if (operation === undefined) throw new Error(`no ${method} ${path}`);
  return operation;
}

describe('the document of some routes', () => {
  it('has schemas with ids as components, open for more fields', () => {
    const { components, paths } = documentOf(['get', '/parts', 'list']);
    expect(components.schemas['Part']).toEqual({
      type: 'object',
      properties: { n: { type: 'integer' }, when: { type: ['string', 'null'] } },
      required: ['n', 'when'],
    });
    expect(paths['/parts']?.['get']?.responses['200']).toMatchObject({
      content: {
        'application/hal+json': {
          schema: { properties: { parts: { type: 'array', items: { $ref: '#/components/schemas/Part' } } } },
        },
      },
    });
  });

  it('joins routes whose paths differ in parameter names only', () => {
    const { paths } = documentOf(['get', '/parts/{id}', 'show'], ['post', '/parts/{ids}', 'stop']);
    expect(Object.keys(paths)).toEqual(['/parts/{id}']);
    const [first] = paths['/parts/{id}']?.['post']?.parameters ?? [];
    expect(first).toMatchObject({ name: 'id', in: 'path', required: true, schema: { maxLength: 20 } });
  });

  it.each([
    ['get', '/parts/{id}', 'show', ['200', '400', '404', '405', '406', '431', '503']],
    ['post', '/parts/{ids}', 'stop', ['200', '400', '404', '405', '406', '409', '413', '431', '503']],
    ['post', '/parts', 'write', ['201', '400', '405', '406', '413', '415', '431', '503']],
    ['get', '/old', 'move', ['302', '400', '405', '406', '431', '503']],
  ] as const)('%s %s answers what it can answer', (method, path, key, statuses) => {
    expect(Object.keys(operationOf(method, path, key).responses).sort()).toEqual(statuses);
  });

  it.each([
    ['log', ['text/plain', 'application/json']],
    ['list', ['application/hal+json', 'application/json']],
    ['health', ['a/b+json']],
  ])('%s is written as %j', (key, media) => {
    const { responses } = operationOf('get', '/x', key);
    expect(Object.keys((responses['200'] as { content: object }).content)).toEqual(media);
  });

  it('gives a 503 that is an answer the shape of success', () => {
    const { responses } = operationOf('get', '/x', 'health');
    expect((responses['503'] as { content: object }).content).toEqual(
      (responses['200'] as { content: object }).content,
    );
  });

  it('says of parameters where they stand, whether they must be there, and what they may be', () => {
    expect(operationOf('post', '/parts/{ids}', 'stop').parameters).toEqual([
      { name: 'ids', in: 'path', required: true, description: 'Ids', schema: { type: 'string', maxLength: 20 } },
      {
        name: 'how',
        in: 'query',
        required: true,
        description: 'How',
        schema: { type: 'string', enum: ['soft', 'hard'] },
      },
      {
        name: 'force',
        in: 'query',
        required: false,
        description: 'Force',
        schema: { type: 'boolean', default: false },
      },
    ]);
    expect(operationOf('get', '/x', 'search').parameters).toMatchObject([
      { name: 'name', required: false },
      { name: 'kinds', required: false, schema: { type: 'array', items: { enum: ['a', 'b'] } } },
    ]);
  });

  it('lets forms carry the query parameters of a POST, and nothing else', () => {
    const form = operationOf('post', '/parts/{ids}', 'stop').requestBody?.content['application/x-www-form-urlencoded'];
    expect(Object.keys((form?.schema as { properties: object }).properties)).toEqual(['how', 'force']);
    expect(operationOf('delete', '/parts/{ids}', 'stop').requestBody).toBeUndefined();
    expect(Object.keys(operationOf('post', '/parts', 'write').requestBody?.content ?? {})).toEqual([
      'application/json',
    ]);
  });

  it('has paging parameters for lists only', () => {
    const names = (key: string) => operationOf('get', '/x', key).parameters.map(({ name }) => name);
    expect(names('list')).toEqual(['page', 'size', 'sort']);
    expect(names('paged')).toEqual(['page', 'size', 'sort']);
    expect(names('log')).toEqual([]);
  });

  it('cannot be made of routes that are not described', () => {
    expect(() => documentOf(['get', '/x', 'nothing'])).toThrow('GET /x (nothing) has no @Operation description');
    expect(() => documentOf(['get', '/x/{id}', 'lost'])).toThrow('The path /x/{id} has the parameter id');
    expect(() => documentOf(['get', '/x', 'silent'])).toThrow('The parameter x does not say');
  });
});
