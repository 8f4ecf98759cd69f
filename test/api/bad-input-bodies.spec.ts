import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { badInputBench } from '../support/bad-input.js';
import { exchange, form, getJson, postForm } from '../support/http.js';
import { sendRaw } from '../support/raw-http.js';
import { expectRefusal, whatIsWritten } from '../support/refusals.js';

const bench = badInputBench();

describe('bodies', () => {
  const TOOLS = ['/tools/parseTaskTextToGraph', '/tools/convertTaskGraphToText'];
  const json = (target: string, body: string, headers: Record<string, string> = {}) =>
    exchange(bench.server.url, {
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
    expectRefusal(await postForm(bench.server.url, '/tasks/definitions', { name: 'x', definition: large }), [413]);
  });

  it('that are too large once inflated are refused', async () => {
    const answer = await sendRaw(
      bench.server.url,
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
    const before = await whatIsWritten(bench.client);
    const answer = await exchange(bench.server.url, {
      method: 'POST',
      target: '/tasks/definitions',
      headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
      body: form({ name: 'encoded', definition: 'one' }),
    });
    expectRefusal(answer, [400, 415]);
    expect(await whatIsWritten(bench.client)).toEqual(before);
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
    expectRefusal(
      await exchange(bench.server.url, { method: 'POST', target: '/tasks/definitions', headers, body }),
      [400],
    );
  });

  it('of other media types supply no parameters, and are no error by themselves', async () => {
    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain']) {
      const headers = { Accept: 'application/json', 'Content-Type': type };
      const bare = { method: 'POST', target: '/tasks/definitions', headers, body: '{"name":"x","definition":"one"}' };
      expectRefusal(await exchange(bench.server.url, bare), [400]);
      const name = `typed-${type.replaceAll(/\W+/g, '-')}`;
      const target = `/tasks/definitions?name=${name}&definition=one`;
      expect((await exchange(bench.server.url, { ...bare, target })).status).toBe(200);
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
    const before = await whatIsWritten(bench.client);
    expectRefusal(await postForm(bench.server.url, '/tasks/definitions', { name: 'broken', definition }), [400, 404]);
    expect(await whatIsWritten(bench.client)).toEqual(before);
  });

  it.each(['', ' ', 'a b', 'a/b', '-a', '😀', 'a:b', '../a', "a'b", 'a\nb'])(
    'a name that no task can have is refused: %j',
    async (name) => {
      const before = await whatIsWritten(bench.client);
      expectRefusal(await postForm(bench.server.url, '/tasks/definitions', { name, definition: 'one' }), [400]);
      expect(await whatIsWritten(bench.client)).toEqual(before);
    },
  );

  it.each([
    ['name=nothing', [404]],
    ['name=', [400, 404]],
    ['name=single&properties=nonsense', [400]],
    ['name=single&properties=deployer.*.local.nothing=1', [400]],
    ['name=single&properties=version.one=9', [404, 422]],
  ] as const)('a launch that cannot be is refused: %s', async (body, statuses) => {
    const before = await whatIsWritten(bench.client);
    const headers = { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const target of ['/tasks/executions/launch', '/tasks/executions']) {
      expectRefusal(await exchange(bench.server.url, { method: 'POST', target, headers, body }), statuses);
    }
    expect(await whatIsWritten(bench.client)).toEqual(before);
  });

  it.each(['0', '-1', '9007199254740991', '1,2,3,4', '1,1'])(
    'executions that are not there are 404: %s',
    async (ids) => {
      const first = ids.split(',')[0] ?? '';
      expectRefusal(await getJson(bench.server.url, `/tasks/executions/${first}`), [404]);
      for (const method of ['POST', 'DELETE']) {
        const answer = await exchange(bench.server.url, { method, target: `/tasks/executions/${ids}` });
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
        expectRefusal(await exchange(bench.server.url, { method, target }), [400]);
      }
    },
  );

  it.each(['boot1', 'BOOT2', '2', '😀'])('a generation that is none is refused: %j', async (schemaTarget) => {
    const target = `/tasks/executions/1?schemaTarget=${encodeURIComponent(schemaTarget)}`;
    expectRefusal(await getJson(bench.server.url, target), [400, 404]);
  });

  it('days that no calendar has are refused', async () => {
    for (const day of [
      '2019-02-30T00:00:00',
      '2019-13-01T00:00:00',
      '2019-02-03',
      'yesterday',
      '2019-02-03T25:00:00',
    ]) {
      expectRefusal(await getJson(bench.server.url, `/audit-records?fromDate=${day}`), [400]);
      expectRefusal(
        await getJson(bench.server.url, `/jobs/thinexecutions?fromDate=${day},000&toDate=${day},000`),
        [400],
      );
    }
  });
});
