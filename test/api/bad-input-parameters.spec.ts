import { describe, expect, it } from '@jest/globals';
import type { JsonSchema } from '../../src/openapi/openapi-types.js';
import { apiOperations, requestOf } from '../support/api-operations.js';
import { badInputBench } from '../support/bad-input.js';
import { exchange, getJson, postForm } from '../support/http.js';
import { expectRefusal, whatIsWritten } from '../support/refusals.js';

const bench = badInputBench();

/** Percent-encoded values that no parameter of a type can have. */
function impossible(schema: JsonSchema): readonly string[] {
  if (schema['type'] === 'integer')
    return ['abc', '1.5', '1e5', '0x10', '99999999999999999999', '', '%20', '%F0%9F%98%80'];
  if (schema['type'] === 'boolean') return ['maybe', '2', ''];
  if (Array.isArray(schema['enum'])) return ['NOPE', '', 'task%20'];
  if (schema['type'] === 'array')
    return (schema['items'] as JsonSchema)['enum'] === undefined ? [] : ['NOPE', 'CREATE,NOPE'];
  if (typeof schema['pattern'] !== 'string') return [];
  const pattern = new RegExp(schema['pattern'], 'u');
  return ['abc', 'A%20b', '%F0%9F%98%80'].filter((value) => !pattern.test(decodeURIComponent(value)));
}

/** Flags that SCDF only compares with `true`. */
const LENIENT = new Set(['ExecutionsController.count completed', 'PlatformsController.list schedulesEnabled']);
const PAGING = new Set(['page', 'size', 'sort']);

describe('parameters that cannot be', () => {
  it.each([
    ['no UTF-8', '%ff'],
    ['an overlong encoding', '%c0%80'],
    ['a lone surrogate', '%ed%a0%80'],
    ['no percent-encoding', '%zz'],
    ['half a percent-encoding', '%e'],
    ['NUL', 'a%00b'],
  ])(
    'are refused everywhere, and nothing is written: %s',
    async (_what, value) => {
      const before = await whatIsWritten(bench.client);
      for (const operation of apiOperations(bench.document)) {
        for (const { name } of operation.parameters) {
          expectRefusal(await exchange(bench.server.url, requestOf(operation, name, value)), [400]);
        }
        const unknown = requestOf(operation);
        const separator = unknown.target.includes('?') ? '&' : '?';
        expectRefusal(
          await exchange(bench.server.url, { ...unknown, target: `${unknown.target}${separator}x=${value}` }),
          [400],
        );
      }
      expect(await whatIsWritten(bench.client)).toEqual(before);
    },
    120_000,
  );

  it('are refused by type, and nothing is written', async () => {
    const before = await whatIsWritten(bench.client);
    const tried: string[] = [];
    for (const operation of apiOperations(bench.document)) {
      for (const { name, schema } of operation.parameters) {
        if (PAGING.has(name) || LENIENT.has(`${operation.operationId} ${name}`)) continue;
        for (const value of impossible(schema)) {
          // An empty segment makes it another path.
          if (value === '' && operation.path.includes(`{${name}}`)) continue;
          const request = requestOf(operation, name, value);
          const answer = await exchange(bench.server.url, request);
          tried.push(request.target);
          expect({ request, status: answer.status }).toEqual({ request, status: 400 });
          expectRefusal(answer, [400]);
        }
      }
    }
    expect(tried.length).toBeGreaterThan(100);
    expect(await whatIsWritten(bench.client)).toEqual(before);
  }, 120_000);

  it('may be missing only where the document says so', async () => {
    const before = await whatIsWritten(bench.client);
    for (const operation of apiOperations(bench.document)) {
      for (const { name, in: place, required } of operation.parameters) {
        if (place === 'path' || !required) continue;
        const request = requestOf(operation);
        const target = request.target.replace(new RegExp(`([?&])${name}=[^&]*&?`), '$1').replace(/[?&]$/, '');
        const answer = await exchange(bench.server.url, { ...request, target });
        expect({ target, status: answer.status }).toEqual({ target, status: 400 });
        expect(answer.text).toContain(`Required request parameter '${name}'`);
      }
    }
    expect(await whatIsWritten(bench.client)).toEqual(before);
  });
});

describe('texts that are too long or strange', () => {
  const long = 'a'.repeat(100_000);

  it.each(['a'.repeat(256), long, '😀'.repeat(300), `${'ä'.repeat(255)}-`])(
    'are refused as names: %.20s',
    async (name) => {
      const before = await whatIsWritten(bench.client);
      const uri = 'file:///bin/true';
      for (const answer of [
        await postForm(bench.server.url, '/tasks/definitions', { name, definition: 'one' }),
        await postForm(bench.server.url, '/apps', { apps: `task.${name}=maven:org.example:one:1.0` }),
        await postForm(bench.server.url, '/tasks/executions/launch', { name }),
        ...(name.length > 5_000
          ? []
          : [
              await postForm(bench.server.url, `/apps/task/${encodeURIComponent(name)}/1.0`, { uri }),
              await postForm(bench.server.url, `/apps/task/one/${encodeURIComponent(name)}`, { uri }),
            ]),
      ]) {
        expectRefusal(answer, [400, 404]);
      }
      expect(await whatIsWritten(bench.client)).toEqual(before);
    },
  );

  it('are refused where the column is shorter, and kept whole where it is not', async () => {
    const before = await whatIsWritten(bench.client);
    const fields = { name: 'x', definition: 'one', description: long };
    expectRefusal(await postForm(bench.server.url, '/tasks/definitions', fields), [400]);
    expect(await whatIsWritten(bench.client)).toEqual(before);
    const uri = `file:///${long}`;
    expect((await postForm(bench.server.url, '/apps/task/long/1.0', { uri })).status).toBe(201);
    expect((await getJson(bench.server.url, '/apps?search=long')).text).toContain(uri);
  });

  it('are searched for and not found', async () => {
    for (const target of [
      `/apps?search=${'a'.repeat(10_000)}`,
      `/apps?search=${encodeURIComponent('😀%_\\')}`,
      `/tasks/definitions?search=${encodeURIComponent("'; drop table task_definitions; --")}`,
      `/tasks/thinexecutions?name=${encodeURIComponent('😀')}`,
    ]) {
      expect((await getJson(bench.server.url, target)).body).toMatchObject({ page: { totalElements: 0 } });
    }
    for (const target of [
      '/tasks/definitions/😀',
      '/tasks/executions/external/😀?platform=default',
      '/jobs/instances?name=😀',
    ]) {
      expectRefusal(await getJson(bench.server.url, encodeURI(target)), [404]);
    }
  });

  it('come back as they were sent', async () => {
    const description = 'Ünïcödé 😀 "quoted" \\ <b>&amp;</b>\n\ttabs';
    await postForm(bench.server.url, '/tasks/definitions', { name: 'strange-1', definition: 'one', description });
    expect((await getJson(bench.server.url, '/tasks/definitions/strange-1')).body).toMatchObject({ description });
  });
});

describe('pages and orders', () => {
  it.each(['page=-1', 'page=abc', 'page=', 'size=-5', 'size=0', 'size=', 'size=abc', 'page=1.5', 'page=-1&size=-1'])(
    'that make no sense are read as the first page of 20, as in SCDF: %s',
    async (query) => {
      for (const path of ['/apps', '/tasks/definitions', '/tasks/executions', '/jobs/executions', '/audit-records']) {
        expect((await getJson(bench.server.url, `${path}?${query}`)).body).toMatchObject({
          page: { number: 0, size: 20 },
        });
      }
    },
  );

  it.each([
    ['size=2001', 2000],
    ['size=2147483647', 2000],
    ['size=99999999999999999999', 20],
    ['size=7&size=8', 8],
  ])('absurd sizes are bounded: %s', async (query, size) => {
    expect((await getJson(bench.server.url, `/tasks/executions?${query}`)).body).toMatchObject({ page: { size } });
  });

  it.each(['page=2147483647&size=2000', 'page=200000000'])('pages beyond any list are refused: %s', async (query) => {
    expectRefusal(await getJson(bench.server.url, `/tasks/executions?${query}`), [400]);
  });

  it.each(['foo', 'foo,desc', 'name;drop', 'constructor', '__proto__', '😀', 'a'.repeat(5_000)])(
    'unknown properties are refused with those that are known: %.20s',
    async (sort) => {
      for (const path of [
        '/apps',
        '/tasks/definitions',
        '/tasks/executions',
        '/tasks/thinexecutions',
        '/audit-records',
      ]) {
        expectRefusal(await getJson(bench.server.url, `${path}?sort=${encodeURIComponent(sort)}`), [400]);
      }
    },
  );

  it("have a detail level of proposals above zero, in SCDF's words", async () => {
    for (const level of ['0', '-1']) {
      const answer = await getJson(bench.server.url, `/completions/task?start=a&detailLevel=${level}`);
      expectRefusal(answer, [400]);
      expect(answer.text).toContain('"The provided detail level must be greater than zero."');
      expect(answer.text).toContain('"ConstraintViolationException"');
    }
    const far = await getJson(bench.server.url, '/completions/task?start=a&detailLevel=2147483647');
    expect(far.status).toBe(200);
  });
});
