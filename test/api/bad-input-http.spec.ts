import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenApiDocument } from '../../src/openapi/openapi-types.js';
import { apiOperations, requestOf } from '../support/api-operations.js';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { badInputBench } from '../support/bad-input.js';
import { exchange, getJson, type WireAnswer } from '../support/http.js';
import { sendRaw } from '../support/raw-http.js';
import { expectRefusal, whatIsWritten } from '../support/refusals.js';

const bench = badInputBench();

describe('what is hardly HTTP', () => {
  it.each([
    ['GARBAGE\r\n', 400],
    ['GET /apps HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n', 400],
    ['GET /apps HTTP/1.1\r\nHost: x\r\nA B: c\r\n', 400],
    [`GET /apps HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(70_000)}\r\n`, 431],
    [`GET /apps?search=${'a'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n`, 431],
  ])('is answered with a sentence: %.40j', async (head, status) => {
    const answer = await sendRaw(bench.server.url, head);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const body = JSON.parse(answer.split('\r\n\r\n')[1] ?? '') as unknown;
    expectRefusal({ status, body }, [status]);
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
    const answer = await exchange(bench.server.url, {
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
      const answer = await exchange(bench.server.url, { method, target, headers: { Accept: 'application/json' } });
      expect(answer).toMatchObject({
        status: 404,
        contentType: 'application/json',
        body: { status: 404, error: 'Not Found', message: 'No message available', path: target },
      });
    }
    const page = await exchange(bench.server.url, { method: 'GET', target, headers: { Accept: 'text/html' } });
    expect(page).toMatchObject({ status: 404, contentType: expect.stringContaining('text/html') });
  });

  it.each(['/%zz', '/apps/%ff', '/apps/task/%c0%80', '/%00', '/tasks/definitions/a%00b'])(
    'that are no percent-encoded UTF-8 are refused: %s',
    async (target) => {
      for (const method of ['GET', 'DELETE'])
        expectRefusal(await exchange(bench.server.url, { method, target }), [400]);
    },
  );

  it('work with a slash at the end', async () => {
    for (const path of ['/apps', '/tasks/definitions', '/tasks/executions', '/about', '/jobs/executions']) {
      expect((await getJson(bench.server.url, `${path}/`)).status).toBe(200);
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
      const get = await exchange(bench.server.url, { method: 'GET', target: path, headers });
      const head = await exchange(bench.server.url, { method: 'HEAD', target: path, headers });
      expect(head).toMatchObject({ status: get.status, contentType: get.contentType, text: '' });
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
    }
    const missing = await exchange(bench.server.url, { method: 'HEAD', target: '/tasks/definitions/nothing' });
    expect(missing).toMatchObject({ status: 404, text: '' });
  });

  it('answer OPTIONS and unknown methods with the methods that there are', async () => {
    const byPath = new Map<string, string[]>();
    for (const { path, method } of apiOperations(bench.document))
      byPath.set(path, [...(byPath.get(path) ?? []), method]);
    for (const [template, methods] of byPath) {
      const target = template.replaceAll(/\{\w+\}/g, 'x');
      const allowed = [...methods, 'OPTIONS', ...(methods.includes('GET') ? ['HEAD'] : [])];
      const listed = (answer: WireAnswer) => String(answer.headers.allow).split(', ');
      const options = await exchange(bench.server.url, { method: 'OPTIONS', target });
      expect(options).toMatchObject({ status: 200, text: '' });
      expect(listed(options)).toEqual(expect.arrayContaining(allowed));
      for (const method of ['PATCH', 'PUT', 'POST', 'DELETE', 'GET', 'TRACE'].filter(
        (one) => !listed(options).includes(one),
      )) {
        const refused = await exchange(bench.server.url, { method, target, headers: { Accept: 'application/json' } });
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
      const answer = await exchange(bench.server.url, { method: 'GET', target, headers });
      if (contentType === undefined) expect(answer.status).toBe(406);
      else expect(answer.contentType).toBe(contentType);
    }
  });

  it('may be nothing that we have: 406, and nothing is done', async () => {
    const before = await whatIsWritten(bench.client);
    for (const operation of apiOperations(bench.document)) {
      const request = requestOf(operation);
      const xml = await exchange(bench.server.url, {
        ...request,
        headers: { ...request.headers, Accept: 'application/xml' },
      });
      expect({ operation: operation.operationId, status: xml.status, text: xml.text }).toEqual({
        operation: operation.operationId,
        status: 406,
        text: '',
      });
    }
    const page = await exchange(bench.server.url, { method: 'GET', target: '/', headers: { Accept: 'text/html' } });
    expect(page).toMatchObject({ status: 406, contentType: expect.stringContaining('text/html') });
    expect(await whatIsWritten(bench.client)).toEqual(before);
  });
});

describe('below a context path', () => {
  let below: ApiServer;
  const origin = () => new URL(below.url).origin;

  beforeAll(async () => {
    below = await startApiServer({
      database: bench.server.database,
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
