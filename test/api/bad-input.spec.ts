import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { JsonSchema, OpenApiDocument, OperationObject } from '../../src/openapi/openapi-types.js';
import { ErrorsSchema } from '../../src/representation/resource.js';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { exchange, form, getJson, postForm, type WireAnswer, type WireRequest } from '../support/http.js';

let server: ApiServer;
let client: pg.Client;
let document: OpenApiDocument;

beforeAll(async () => {
  server = await startApiServer();
  client = await server.database.client();
  document = (await getJson(server.url, '/v3/api-docs')).body as OpenApiDocument;
  await postForm(server.url, '/apps/task/one/1.0', { uri: 'file:///bin/true' });
  await postForm(server.url, '/tasks/definitions', { name: 'single', definition: 'one' });
}, 120_000);

afterAll(async () => {
  await server?.close();
});

/** Everything that a request could have written: number of rows of each table, and how far each sequence is. */
async function whatIsWritten(): Promise<unknown> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  );
  const counts: Record<string, unknown> = {};
  for (const { name } of tables) {
    const { rows } = await client.query<{ count: string }>(`select count(*) from ${name}`);
    counts[name] = rows[0]?.count;
  }
  return counts;
}

function expectRefusal(answer: WireAnswer, statuses: readonly number[]): void {
  expect(statuses).toContain(answer.status);
  const { _embedded } = ErrorsSchema.parse(answer.body);
  const [error] = _embedded.errors;
  expect(error?.message).toMatch(/\w{3,}.*\w{3,}/s);
  expect(error?.message.length).toBeLessThan(2_000);
  expect(error?._links).toEqual({ self: { href: '/' } });
}

interface Operation extends OperationObject {
  readonly path: string;
  readonly method: string;
}

/** Every operation of the API proper. */
function operations(): Operation[] {
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

function requestOf(operation: Operation, spoilt?: string, value?: string): WireRequest {
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

/** Percent-encoded values that no parameter of a type can have. */
function impossible(schema: JsonSchema): readonly string[] {
  if (schema['type'] === 'integer')
    return ['abc', '1.5', '1e5', '0x10', '99999999999999999999', '', '%20', '%F0%9F%98%80'];
  if (schema['type'] === 'boolean') return ['maybe', '2', ''];
  if (Array.isArray(schema['enum'])) return ['NOPE', '', 'task%20'];
  if (schema['type'] === 'array')
    return (schema['items'] as JsonSchema)['enum'] === undefined ? [] : ['NOPE', 'CREATE,NOPE'];
  return typeof schema['pattern'] === 'string' ? ['abc', '%F0%9F%98%80'] : [];
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
      const before = await whatIsWritten();
      for (const operation of operations()) {
        for (const { name } of operation.parameters) {
          expectRefusal(await exchange(server.url, requestOf(operation, name, value)), [400]);
        }
        const unknown = requestOf(operation);
        const separator = unknown.target.includes('?') ? '&' : '?';
        expectRefusal(
          await exchange(server.url, { ...unknown, target: `${unknown.target}${separator}x=${value}` }),
          [400],
        );
      }
      expect(await whatIsWritten()).toEqual(before);
    },
    120_000,
  );

  it('are refused by type, and nothing is written', async () => {
    const before = await whatIsWritten();
    const tried: string[] = [];
    for (const operation of operations()) {
      for (const { name, schema } of operation.parameters) {
        if (PAGING.has(name) || LENIENT.has(`${operation.operationId} ${name}`)) continue;
        for (const value of impossible(schema)) {
          // An empty segment makes it another path.
          if (value === '' && operation.path.includes(`{${name}}`)) continue;
          const request = requestOf(operation, name, value);
          const answer = await exchange(server.url, request);
          tried.push(request.target);
          expect({ request, status: answer.status }).toEqual({ request, status: 400 });
          expectRefusal(answer, [400]);
        }
      }
    }
    expect(tried.length).toBeGreaterThan(100);
    expect(await whatIsWritten()).toEqual(before);
  }, 120_000);

  it('may be missing only where the document says so', async () => {
    const before = await whatIsWritten();
    for (const operation of operations()) {
      for (const { name, in: place, required } of operation.parameters) {
        if (place === 'path' || !required) continue;
        const request = requestOf(operation);
        const target = request.target.replace(new RegExp(`([?&])${name}=[^&]*&?`), '$1').replace(/[?&]$/, '');
        const answer = await exchange(server.url, { ...request, target });
        expect({ target, status: answer.status }).toEqual({ target, status: 400 });
        expect(answer.text).toContain(`Required request parameter '${name}'`);
      }
    }
    expect(await whatIsWritten()).toEqual(before);
  });
});

describe('texts that are too long or strange', () => {
  const long = 'a'.repeat(100_000);

  it.each(['a'.repeat(256), long, '😀'.repeat(300), `${'ä'.repeat(255)}-`])(
    'are refused as names: %.20s',
    async (name) => {
      const before = await whatIsWritten();
      const uri = 'file:///bin/true';
      for (const answer of [
        await postForm(server.url, '/tasks/definitions', { name, definition: 'one' }),
        await postForm(server.url, '/apps', { apps: `task.${name}=maven:org.example:one:1.0` }),
        await postForm(server.url, '/tasks/executions/launch', { name }),
        ...(name.length > 5_000
          ? []
          : [
              await postForm(server.url, `/apps/task/${encodeURIComponent(name)}/1.0`, { uri }),
              await postForm(server.url, `/apps/task/one/${encodeURIComponent(name)}`, { uri }),
            ]),
      ]) {
        expectRefusal(answer, [400, 404]);
      }
      expect(await whatIsWritten()).toEqual(before);
    },
  );

  it('are refused where the column is shorter, and kept whole where it is not', async () => {
    const before = await whatIsWritten();
    const fields = { name: 'x', definition: 'one', description: long };
    expectRefusal(await postForm(server.url, '/tasks/definitions', fields), [400]);
    expect(await whatIsWritten()).toEqual(before);
    const uri = `file:///${long}`;
    expect((await postForm(server.url, '/apps/task/long/1.0', { uri })).status).toBe(201);
    expect((await getJson(server.url, '/apps?search=long')).text).toContain(uri);
  });

  it('are searched for and not found', async () => {
    for (const target of [
      `/apps?search=${'a'.repeat(10_000)}`,
      `/apps?search=${encodeURIComponent('😀%_\\')}`,
      `/tasks/definitions?search=${encodeURIComponent("'; drop table task_definitions; --")}`,
      `/tasks/thinexecutions?name=${encodeURIComponent('😀')}`,
    ]) {
      expect((await getJson(server.url, target)).body).toMatchObject({ page: { totalElements: 0 } });
    }
    for (const target of [
      '/tasks/definitions/😀',
      '/tasks/executions/external/😀?platform=default',
      '/jobs/instances?name=😀',
    ]) {
      expectRefusal(await getJson(server.url, encodeURI(target)), [404]);
    }
  });

  it('come back as they were sent', async () => {
    const description = 'Ünïcödé 😀 "quoted" \\ <b>&amp;</b>\n\ttabs';
    await postForm(server.url, '/tasks/definitions', { name: 'strange-1', definition: 'one', description });
    expect((await getJson(server.url, '/tasks/definitions/strange-1')).body).toMatchObject({ description });
  });
});

describe('pages and orders', () => {
  it.each(['page=-1', 'page=abc', 'page=', 'size=-5', 'size=0', 'size=', 'size=abc', 'page=1.5', 'page=-1&size=-1'])(
    'that make no sense are read as the first page of 20, as in SCDF: %s',
    async (query) => {
      for (const path of ['/apps', '/tasks/definitions', '/tasks/executions', '/jobs/executions', '/audit-records']) {
        expect((await getJson(server.url, `${path}?${query}`)).body).toMatchObject({ page: { number: 0, size: 20 } });
      }
    },
  );

  it.each([
    ['size=2001', 2000],
    ['size=2147483647', 2000],
    ['size=99999999999999999999', 20],
    ['size=7&size=8', 8],
  ])('absurd sizes are bounded: %s', async (query, size) => {
    expect((await getJson(server.url, `/tasks/executions?${query}`)).body).toMatchObject({ page: { size } });
  });

  it.each(['page=2147483647&size=2000', 'page=200000000'])('pages beyond any list are refused: %s', async (query) => {
    expectRefusal(await getJson(server.url, `/tasks/executions?${query}`), [400]);
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
        expectRefusal(await getJson(server.url, `${path}?sort=${encodeURIComponent(sort)}`), [400]);
      }
    },
  );
});

describe('bodies', () => {
  const TOOLS = ['/tools/parseTaskTextToGraph', '/tools/convertTaskGraphToText'];
  const json = (target: string, body: string, headers: Record<string, string> = {}) =>
    exchange(server.url, {
      method: 'POST',
      target,
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', ...headers },
      body,
    });

  it.each([
    '',
    ' ',
    '{',
    '{"name":',
    '[',
    '"',
    'nul',
    '{"a":1}}',
    '\u0000',
    '\ufeff{',
    '{"a":"\u0001"}',
    `${'['.repeat(100_000)}`,
  ])('of malformed JSON are refused: %j', async (body) => {
    for (const target of TOOLS) expectRefusal(await json(target, body), [400]);
  });

  it.each([
    'null',
    '1',
    '"text"',
    '[]',
    '{}',
    '{"name":1,"dsl":2}',
    '{"name":"t"}',
    '{"nodes":1}',
    '{"nodes":[{}],"links":[]}',
  ])('of the wrong shape are refused: %s', async (body) => {
    for (const target of TOOLS) expectRefusal(await json(target, body), [400]);
  });

  it.each([
    '{"name":"\\ud800","dsl":"\\ud800"}',
    '{"name":"\\u0000","dsl":"a\\u0000"}',
    '{"name":"t","dsl":""}',
    JSON.stringify({ name: 't', dsl: '<'.repeat(20_000) }),
    JSON.stringify({ name: 't', dsl: 'a && '.repeat(20_000) }),
  ])('with a strange text say what is wrong with it: %.60s', async (body) => {
    const answer = await json('/tools/parseTaskTextToGraph', body);
    expect(answer.status).toBe(200);
    expect((answer.body as { errors: unknown[] }).errors.length).toBeGreaterThan(0);
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
    'json',
  ])('of another media type are refused where JSON is needed: %s', async (type) => {
    for (const target of TOOLS) expectRefusal(await json(target, '{}', { 'Content-Type': type }), [415]);
  });

  it('that are too large are refused', async () => {
    const large = 'a'.repeat(2 * 1024 * 1024);
    for (const target of TOOLS) expectRefusal(await json(target, JSON.stringify({ name: 't', dsl: large })), [413]);
    expectRefusal(await postForm(server.url, '/tasks/definitions', { name: 'x', definition: large }), [413]);
  });

  it('that are too large once inflated are refused', async () => {
    const answer = await raw(
      `POST /tasks/definitions HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n` +
        'Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n',
      gzipSync(`name=x&definition=${'a'.repeat(20 * 1024 * 1024)}`),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('larger than');
  });

  it.each([
    { 'Content-Encoding': 'gzip' },
    { 'Content-Encoding': 'br' },
    { 'Content-Encoding': 'nothing' },
    { 'Content-Type': 'application/x-www-form-urlencoded; charset=nothing' },
    { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-16' },
  ] as Record<string, string>[])('in an encoding that they are not in are refused: %j', async (headers) => {
    const before = await whatIsWritten();
    const answer = await exchange(server.url, {
      method: 'POST',
      target: '/tasks/definitions',
      headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
      body: form({ name: 'encoded', definition: 'one' }),
    });
    expectRefusal(answer, [400, 415]);
    expect(await whatIsWritten()).toEqual(before);
  });

  it.each([
    'name=%zz&definition=one',
    'name=%ff&definition=one',
    'name=a%00&definition=one',
    'definition=one&name',
    '&&&=',
    '%',
  ])('of malformed forms are refused: %s', async (body) => {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' };
    expectRefusal(await exchange(server.url, { method: 'POST', target: '/tasks/definitions', headers, body }), [400]);
  });

  it('of other media types supply no parameters, and are no error by themselves', async () => {
    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain']) {
      const headers = { Accept: 'application/json', 'Content-Type': type };
      const bare = { method: 'POST', target: '/tasks/definitions', headers, body: '{"name":"x","definition":"one"}' };
      expectRefusal(await exchange(server.url, bare), [400]);
      const name = `typed-${type.replaceAll(/\W+/g, '-')}`;
      const target = `/tasks/definitions?name=${name}&definition=one`;
      expect((await exchange(server.url, { ...bare, target })).status).toBe(200);
    }
  });
});

describe('definitions and launches', () => {
  it.each([
    '',
    ' ',
    '&&',
    'one &&',
    '<one',
    'one --',
    "one --a='b",
    'one 😀',
    'one | two',
    'unknown-app',
    'one && one',
  ])('a definition that cannot be read is refused: %s', async (definition) => {
    const before = await whatIsWritten();
    expectRefusal(await postForm(server.url, '/tasks/definitions', { name: 'broken', definition }), [400, 404]);
    expect(await whatIsWritten()).toEqual(before);
  });

  it.each(['', ' ', 'a b', 'a/b', '-a', '😀', 'a:b', '../a', "a'b", 'a\nb'])(
    'a name that no task can have is refused: %j',
    async (name) => {
      const before = await whatIsWritten();
      expectRefusal(await postForm(server.url, '/tasks/definitions', { name, definition: 'one' }), [400]);
      expect(await whatIsWritten()).toEqual(before);
    },
  );

  it.each([
    ['name=nothing', [404]],
    ['name=', [400, 404]],
    ['name=single&properties=nonsense', [400]],
    ['name=single&properties=deployer.*.local.nothing=1', [400]],
    ['name=single&properties=version.one=9', [404, 422]],
  ] as const)('a launch that cannot be is refused: %s', async (body, statuses) => {
    const before = await whatIsWritten();
    const headers = { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const target of ['/tasks/executions/launch', '/tasks/executions']) {
      expectRefusal(await exchange(server.url, { method: 'POST', target, headers, body }), statuses);
    }
    expect(await whatIsWritten()).toEqual(before);
  });

  it.each(['0', '-1', '9007199254740991', '1,2,3,4', '1,1'])(
    'executions that are not there are 404: %s',
    async (ids) => {
      const first = ids.split(',')[0] ?? '';
      expectRefusal(await getJson(server.url, `/tasks/executions/${first}`), [404]);
      for (const method of ['POST', 'DELETE']) {
        const answer = await exchange(server.url, { method, target: `/tasks/executions/${ids}` });
        expectRefusal(answer, [404]);
      }
    },
  );

  it.each(['', ',', '1,', 'a', '1;2', '1,a', '99999999999999999999', '1 2'])(
    'ids that are no ids are refused: %j',
    async (ids) => {
      if (ids === '') return;
      for (const method of ['POST', 'DELETE']) {
        const target = `/tasks/executions/${encodeURIComponent(ids)}`;
        expectRefusal(await exchange(server.url, { method, target }), [400]);
      }
    },
  );

  it.each(['boot1', 'BOOT2', '2', '😀'])('a generation that is none is refused: %j', async (schemaTarget) => {
    const target = `/tasks/executions/1?schemaTarget=${encodeURIComponent(schemaTarget)}`;
    expectRefusal(await getJson(server.url, target), [400, 404]);
  });

  it('days that no calendar has are refused', async () => {
    for (const day of [
      '2019-02-30T00:00:00',
      '2019-13-01T00:00:00',
      '2019-02-03',
      'yesterday',
      '2019-02-03T25:00:00',
    ]) {
      expectRefusal(await getJson(server.url, `/audit-records?fromDate=${day}`), [400]);
      expectRefusal(await getJson(server.url, `/jobs/thinexecutions?fromDate=${day},000&toDate=${day},000`), [400]);
    }
  });
});

/** Sends bytes that no HTTP library would send, and reads what comes back until the server closes. */
function raw(head: string, body: Buffer = Buffer.alloc(0)): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    const length = body.length === 0 ? '' : `Content-Length: ${body.length}\r\n`;
    socket.write(Buffer.concat([Buffer.from(`${head}${length}\r\n`), body]));
  });
}

describe('what is hardly HTTP', () => {
  it.each([
    ['GARBAGE\r\n', 400],
    ['GET /apps HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n', 400],
    ['GET /apps HTTP/1.1\r\nHost: x\r\nA B: c\r\n', 400],
    [`GET /apps HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(70_000)}\r\n`, 431],
    [`GET /apps?search=${'a'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n`, 431],
  ])('is answered with a sentence: %.40j', async (head, status) => {
    const answer = await raw(head);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const body = JSON.parse(answer.split('\r\n\r\n')[1] ?? '') as unknown;
    expectRefusal({ status, headers: {}, contentType: null, text: '', body }, [status]);
  });

  it.each([
    { Host: '<script>' },
    { Host: '' },
    {
      'X-Forwarded-Host': '"><script>alert(1)</script>',
      'X-Forwarded-Port': 'abc',
      'X-Forwarded-Proto': 'java script',
    },
    { Forwarded: 'host="<>";proto=' },
    { Forwarded: ';;;==,,' },
    { Authorization: 'Nonsense' },
    { Cookie: 'a=%zz; b' },
    { 'If-None-Match': '*' },
    { Range: 'bytes=0-1' },
  ] as Record<string, string>[])('strange headers do no harm: %j', async (headers) => {
    const answer = await exchange(server.url, {
      method: 'GET',
      target: '/apps',
      headers: { Accept: '*/*', ...headers },
    });
    expect(answer.status).toBe(200);
  });
});

describe('paths', () => {
  it.each([
    '//apps',
    '/apps.json',
    '/nothing/here',
    '/Apps',
    '/apps/task/one/1.0/more',
    '/tasks',
    '/..%2fapps',
    '/streams',
    '/runtime/apps',
    '/actuator',
    '/tools',
  ])('that nobody handles are answered as by Spring Boot: %s', async (target) => {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      const answer = await exchange(server.url, { method, target, headers: { Accept: 'application/json' } });
      expect(answer).toMatchObject({
        status: 404,
        contentType: 'application/json',
        body: { status: 404, error: 'Not Found', message: 'No message available', path: target },
      });
    }
    const page = await exchange(server.url, { method: 'GET', target, headers: { Accept: 'text/html' } });
    expect(page).toMatchObject({ status: 404, contentType: expect.stringContaining('text/html') });
  });

  it.each(['/%zz', '/apps/%ff', '/apps/task/%c0%80', '/%00', '/tasks/definitions/a%00b'])(
    'that are no percent-encoded UTF-8 are refused: %s',
    async (target) => {
      for (const method of ['GET', 'DELETE']) expectRefusal(await exchange(server.url, { method, target }), [400]);
    },
  );

  it('work with a slash at the end', async () => {
    for (const path of ['/apps', '/tasks/definitions', '/tasks/executions', '/about', '/jobs/executions']) {
      expect((await getJson(server.url, `${path}/`)).status).toBe(200);
    }
  });

  it('answer HEAD like GET, without a body', async () => {
    for (const path of [
      '/',
      '/about',
      '/apps',
      '/tasks/executions',
      '/management/health',
      '/v3/api-docs',
      '/dashboard/index.html',
    ]) {
      const headers = { Accept: 'application/json', Host: 'localhost' };
      const get = await exchange(server.url, { method: 'GET', target: path, headers });
      const head = await exchange(server.url, { method: 'HEAD', target: path, headers });
      expect(head).toMatchObject({ status: get.status, contentType: get.contentType, text: '' });
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
    }
    const missing = await exchange(server.url, { method: 'HEAD', target: '/tasks/definitions/nothing' });
    expect(missing).toMatchObject({ status: 404, text: '' });
  });

  it('answer OPTIONS and unknown methods with the methods that there are', async () => {
    const byPath = new Map<string, string[]>();
    for (const { path, method } of operations()) byPath.set(path, [...(byPath.get(path) ?? []), method]);
    for (const [template, methods] of byPath) {
      const target = template.replaceAll(/\{\w+\}/g, 'x');
      const allowed = [...methods, 'OPTIONS', ...(methods.includes('GET') ? ['HEAD'] : [])];
      const listed = (answer: WireAnswer) => String(answer.headers.allow).split(', ');
      const options = await exchange(server.url, { method: 'OPTIONS', target });
      expect(options).toMatchObject({ status: 200, text: '' });
      expect(listed(options)).toEqual(expect.arrayContaining(allowed));
      for (const method of ['PATCH', 'PUT', 'POST', 'DELETE', 'GET', 'TRACE'].filter(
        (one) => !listed(options).includes(one),
      )) {
        const refused = await exchange(server.url, { method, target, headers: { Accept: 'application/json' } });
        expectRefusal(refused, [405]);
        expect(listed(refused)).toEqual(listed(options));
      }
    }
  });
});

describe('what a client accepts', () => {
  it.each([
    [undefined, 'application/hal+json'],
    ['*/*', 'application/hal+json'],
    ['application/json', 'application/json'],
    ['application/hal+json', 'application/hal+json'],
    ['application/hal+json, application/json', 'application/hal+json'],
    ['application/json;q=0.5, application/hal+json', 'application/hal+json'],
    ['application/*', 'application/hal+json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/hal+json'],
    ['nonsense', undefined],
  ])('decides the media type: %s', async (accept, contentType) => {
    const headers: Record<string, string> = accept === undefined ? {} : { Accept: accept };
    for (const target of ['/apps', '/about', '/tasks/definitions/nothing', '/apps?sort=nothing']) {
      const answer = await exchange(server.url, { method: 'GET', target, headers });
      if (contentType === undefined) expect(answer.status).toBe(406);
      else expect(answer.contentType).toBe(contentType);
    }
  });

  it('may be nothing that we have: 406, and nothing is done', async () => {
    const before = await whatIsWritten();
    for (const operation of operations()) {
      const request = requestOf(operation);
      const xml = await exchange(server.url, {
        ...request,
        headers: { ...request.headers, Accept: 'application/xml' },
      });
      expect({ operation: operation.operationId, status: xml.status, text: xml.text }).toEqual({
        operation: operation.operationId,
        status: 406,
        text: '',
      });
    }
    const page = await exchange(server.url, { method: 'GET', target: '/', headers: { Accept: 'text/html' } });
    expect(page).toMatchObject({ status: 406, contentType: expect.stringContaining('text/html') });
    expect(await whatIsWritten()).toEqual(before);
  });
});

describe('below a context path', () => {
  let below: ApiServer;
  const origin = () => new URL(below.url).origin;

  beforeAll(async () => {
    below = await startApiServer({
      database: server.database,
      properties: { 'server.servlet.context-path': '/dataflow' },
    });
  });

  afterAll(async () => {
    await below?.close();
  });

  it('everything is there, and nothing is elsewhere', async () => {
    for (const path of [
      '',
      '/',
      '/about',
      '/apps',
      '/management/health',
      '/v3/api-docs',
      '/swagger-ui/index.html',
      '/dashboard/index.html',
    ]) {
      expect({ path, status: (await getJson(below.url, path)).status }).toEqual({ path, status: 200 });
      if (path.length > 1) expect((await getJson(origin(), path)).status).toBe(404);
    }
  });

  it('links lead back to it', async () => {
    const { body } = await getJson(below.url, '/apps?size=1');
    const { _links } = body as { _links: { self: { href: string } } };
    expect(_links.self.href).toBe(`${below.url}/apps?page=0&size=1`);
    expect((await exchange(_links.self.href, { method: 'GET', target: '' })).status).toBe(200);
    const { headers } = await exchange(below.url, { method: 'GET', target: '/dashboard' });
    expect(headers.location).toBe(`${below.url}/dashboard/index.html`);
    const document = (await getJson(below.url, '/v3/api-docs')).body as OpenApiDocument;
    expect(document.servers).toEqual([{ url: below.url }]);
    expect(Object.keys(document.paths)).toContain('/apps');
    expect((await getJson(below.url, '/management')).text).toContain(`"${below.url}/management/health"`);
  });

  it('refusals are the same', async () => {
    expectRefusal(await getJson(below.url, '/apps?sort=nothing'), [400]);
    expect(await getJson(below.url, '/nothing')).toMatchObject({ status: 404, body: { path: '/dataflow/nothing' } });
    const headers = { Accept: 'application/xml' };
    expect((await exchange(below.url, { method: 'GET', target: '/apps', headers })).status).toBe(406);
    expect(
      (await exchange(below.url, { method: 'GET', target: '/dashboard/index.html', headers: { Accept: 'text/html' } }))
        .status,
    ).toBe(200);
  });
});
