import { describe, expect, it } from '@jest/globals';
import { compareBodies } from './compare.js';
import type { ComparisonOptions } from './compare.js';
import { Identities } from './identities.js';
import { isBehind } from './progress.js';
import { matchesAny, problemsOf } from './verdict.js';

const base = 'http://127.0.0.1:9393';

function options(overrides: Partial<ComparisonOptions> = {}): ComparisonOptions {
  return {
    identities: new Identities([
      { recorded: base, actual: 'http://127.0.0.1:4711' },
      { recorded: 'file:///apps/', actual: 'file:///built/' },
    ]),
    schemaTarget: 'boot2',
    transient: false,
    sorted: true,
    jobLinks: 'recorded',
    requestIds: new Map(),
    ...overrides,
  };
}

function paths(recorded: unknown, actual: unknown, overrides: Partial<ComparisonOptions> = {}): string[] {
  return compareBodies(recorded, actual, options(overrides)).map(({ path }) => path);
}

describe('comparing an answer with the recorded one', () => {
  it.each<[string, unknown, unknown, string[]]>([
    ['equal values', { a: 1, b: [true, null] }, { a: 1, b: [true, null] }, []],
    ['another value', { name: 'ts' }, { name: 'tt' }, ['body.name']],
    ['another type', { exitCode: 0 }, { exitCode: '0' }, ['body.exitCode']],
    ['null for a value', { exitCode: 0 }, { exitCode: null }, ['body.exitCode']],
    ['a field that is missing', { a: 1, b: 2 }, { a: 1 }, ['body.b']],
    ['a field too many', { a: 1 }, { a: 1, b: 2 }, ['body.b']],
    ['a list that is shorter', { a: [1, 2] }, { a: [1] }, ['body.a']],
    ['a list that is longer', { a: [1] }, { a: [1, 2] }, ['body.a']],
    ['another day', { startTime: '2026-11-20T17:26:34.000+0000' }, { startTime: '2027-01-02T03:04:05.678+0000' }, []],
    [
      'another format of a time',
      { startTime: '2026-11-20T17:26:34.000+0000' },
      { startTime: '2027-01-02T03:04:05Z' },
      ['body.startTime'],
    ],
    ['a stack trace', { errorMessage: 'java.lang.E: x\n\tat peer.A' }, { errorMessage: 'java.lang.E: x\n\tat B' }, []],
    [
      'another exception',
      { errorMessage: 'java.lang.E: x\n' },
      { errorMessage: 'java.lang.F: x\n' },
      ['body.errorMessage'],
    ],
    ['an address', { uri: 'file:///apps/a.jar' }, { uri: 'file:///built/a.jar' }, []],
    ['another address', { uri: 'file:///apps/a.jar' }, { uri: 'file:///apps/a.jar' }, ['body.uri']],
    ['a hash order', { options: [{ id: 'a' }, { id: 'b' }] }, { options: [{ id: 'b' }, { id: 'a' }] }, []],
    ['a hash order with a gap', { options: [{ id: 'a' }, { id: 'b' }] }, { options: [{ id: 'b' }] }, ['body.options']],
    ['measured time', { duration: { mean: 17.5 } }, { duration: { mean: 3 } }, []],
  ])('%s', (_, recorded, actual, expected) => {
    expect(paths(recorded, actual)).toEqual(expected);
  });

  it('learns ids and holds answers to them', () => {
    const shared = options();
    const one = { executionId: 7, taskName: 'ts', externalExecutionId: 'ts-1', jobExecutionIds: [3] };
    const same = { executionId: 12, taskName: 'ts', externalExecutionId: 'x', jobExecutionIds: [5] };
    expect(compareBodies(one, same, shared)).toEqual([]);
    expect(compareBodies(one, { ...same, executionId: 13 }, shared)).toMatchObject([{ path: 'body.executionId' }]);
    const link = (id: number) => ({ _links: { self: { href: `${base}/tasks/executions/${id}?schemaTarget=boot2` } } });
    const href = 'http://127.0.0.1:4711/tasks/executions/13?schemaTarget=boot2';
    expect(compareBodies(link(8), { _links: { self: { href } } }, shared)).toEqual([]);
    expect(compareBodies(link(7), { _links: { self: { href } } }, shared)).toMatchObject([
      { path: 'body._links.self.href' },
    ]);
  });

  it('keeps the ids of the two generations apart', () => {
    const shared = options();
    const launch = (executionId: number, schemaTarget: string) => ({ executionId, schemaTarget, _links: {} });
    expect(compareBodies(launch(1, 'boot2'), launch(4, 'boot2'), shared)).toEqual([]);
    expect(compareBodies(launch(1, 'boot3'), launch(9, 'boot3'), shared)).toEqual([]);
    expect(compareBodies(launch(1, 'boot2'), launch(9, 'boot2'), shared)).toHaveLength(1);
  });

  it.each([
    ['recorded', 'jobs/executions/11', 'jobs/executions/2'],
    ['meant', 'jobs/executions/1', 'jobs/executions/1'],
  ] as const)('expects the links of job executions as %s', (jobLinks, self, stop) => {
    const resource = (links: Record<string, string>) => ({
      executionId: 1,
      jobId: 2,
      taskExecutionId: 11,
      _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    });
    const recorded = resource({ self: `${base}/jobs/executions/11`, stop: `${base}/jobs/executions/2` });
    const actual = resource({ self: `http://127.0.0.1:4711/${self}`, stop: `http://127.0.0.1:4711/${stop}` });
    expect(paths(recorded, actual, { jobLinks })).toEqual([]);
    expect(paths(recorded, actual, { jobLinks: jobLinks === 'meant' ? 'recorded' : 'meant' })).toHaveLength(2);
  });

  it('compares the data of an audit record as what they are', () => {
    const record = (data: unknown) => ({ auditData: JSON.stringify(data) });
    expect(paths(record({ a: 1, b: ['x'] }), record({ b: ['x'], a: 1 }))).toEqual([]);
    expect(paths(record({ a: 1 }), record({ a: 2 }))).toEqual(['body.auditData.(parsed).a']);
    expect(paths(record({ a: 1 }), { auditData: 'no JSON' })).toEqual(['body.auditData']);
  });
});

describe('waiting for the recorded state', () => {
  it.each<[string, unknown, unknown, boolean]>([
    ['an end that is to come', { endTime: 'x' }, { endTime: null }, true],
    ['an end that nobody expects', { endTime: null }, { endTime: null }, false],
    ['a status that comes before', { status: 'COMPLETED' }, { status: 'STARTED' }, true],
    ['a status that comes after', { status: 'STARTED' }, { status: 'COMPLETED' }, false],
    ['a job that is to come', { jobExecutionIds: [1, 2] }, { jobExecutionIds: [1] }, true],
    ['a list that is to fill', { _embedded: { xResourceList: [1] } }, {}, true],
    [
      'an error that an execution which has ended will never have',
      { endTime: 'x', errorMessage: 'e' },
      { endTime: 'y', errorMessage: null },
      false,
    ],
    ['a difference that waiting does not mend', { name: 'a' }, { name: 'b' }, false],
  ])('%s', (_, recorded, actual, behind) => {
    expect(isBehind(recorded, actual)).toBe(behind);
  });
});

describe('the verdict on an answer', () => {
  const exchange = {
    number: 1,
    shows: '',
    request: { method: 'GET', path: '/', query: null, headers: {}, body: null },
    response: { status: 500, contentType: 'application/json', body: {} },
  };
  const refusal = (status: number, message: unknown) => {
    const body = { _embedded: { errors: [{ message, logref: 'X', _links: { self: { href: '/' } } }] } };
    return { status, contentType: 'application/json', body, text: '', headers: {} };
  };
  const mismatch = { path: 'body.page.size', expected: '1', actual: '2' };

  it.each<[string, Parameters<typeof problemsOf>, number]>([
    ['a mismatch that nothing explains', [exchange, refusal(500, 'm'), [mismatch], [], []], 1],
    [
      'one that is listed',
      [exchange, refusal(500, 'm'), [mismatch], [{ exchanges: [1], why: '', paths: ['body.page.*'] }], []],
      0,
    ],
    ['one that is not compared', [exchange, refusal(500, 'm'), [mismatch], [], ['body']], 0],
    [
      'a listed difference that is none',
      [exchange, refusal(500, 'm'), [], [{ exchanges: [1], why: '', paths: ['body.x'] }], []],
      1,
    ],
    [
      'a refusal as listed',
      [exchange, refusal(400, 'm'), [mismatch], [{ exchanges: [1], why: '', status: 400 }], []],
      0,
    ],
    [
      'a refusal without a sentence',
      [exchange, refusal(400, ''), [], [{ exchanges: [1], why: '', status: 400 }], []],
      1,
    ],
    [
      "SCDF's status where another is listed",
      [exchange, refusal(500, 'm'), [], [{ exchanges: [1], why: '', status: 400 }], []],
      1,
    ],
  ])('%s', (_, parameters, count) => {
    expect(problemsOf(...parameters)).toHaveLength(count);
  });

  it.each([
    ['body.a.b', 'body.*.b', true],
    ['body.a.b.c', 'body.*.c', false],
    ['body.a.b.c', 'body.**.c', true],
    ['body.c', 'body.**.c', true],
    ['body.a', 'body', true],
    ['status', 'body', false],
    ['body._links.self.href', 'body._links.self.href', true],
  ])('%s fits %s: %s', (path, pattern, fits) => {
    expect(matchesAny(path, [pattern])).toBe(fits);
  });
});
