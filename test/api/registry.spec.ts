import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { refusalOf, withQuery, Workbench } from '../support/workbench.js';

interface App {
  readonly name: string;
  readonly type: string;
  readonly uri: string;
  readonly version: string;
  readonly defaultVersion: boolean;
  readonly bootVersion: string;
  readonly versions: readonly string[] | null;
}

let bench: Workbench;

beforeAll(async () => {
  bench = await Workbench.open();
}, 120_000);

afterAll(() => bench?.close());

beforeEach(async () => {
  expect((await bench.delete('/apps')).status).toBe(200);
});

const uri = (version: string, name = 'import') => `docker:example.org/tasks/${name}:${version}`;
const register = (path: string, fields: Record<string, string>) => bench.post(`/apps/task/${path}`, fields);
const apps = (query: Record<string, string> = {}) => bench.list<App>(withQuery('/apps', query));
const described = async (query: Record<string, string> = {}) =>
  (await apps(query)).elements.map((app) => `${app.type}:${app.name}:${app.version}${app.defaultVersion ? '*' : ''}`);
const show = async (path: string) => (await bench.get(`/apps/task/${path}`)).body as App;

describe('versions and defaults', () => {
  it('makes the first version the default, and no later one', async () => {
    for (const version of ['1.0', '1.1', '0.9']) {
      const answer = await register(`import/${version}`, { uri: uri(version) });
      expect([answer.status, answer.text]).toEqual([201, '']);
    }
    expect(await described()).toEqual(['task:import:1.0*', 'task:import:1.1', 'task:import:0.9']);
    expect((await show('import')).version).toBe('1.0');
  });

  it('changes the default when asked to, and keeps it when the new one does not exist', async () => {
    await register('import/1.0', { uri: uri('1.0') });
    await register('import/2.0', { uri: uri('2.0') });
    expect((await bench.put('/apps/task/import/2.0')).status).toBe(202);
    expect(await described({ sort: 'version,asc' })).toEqual(['task:import:1.0', 'task:import:2.0*']);
    expect((await bench.put('/apps/task/import/3.0')).status).toBe(404);
    expect((await show('import')).version).toBe('2.0');
  });

  it('leaves an app without default when the default is unregistered, as SCDF does', async () => {
    await register('import/1.0', { uri: uri('1.0') });
    await register('import/2.0', { uri: uri('2.0') });
    expect((await bench.delete('/apps/task/import')).status).toBe(200);
    expect(await described()).toEqual(['task:import:2.0']);
    for (const answer of [await bench.get('/apps/task/import'), await bench.delete('/apps/task/import')]) {
      expect(answer.status).toBe(404);
    }
    expect((await bench.put('/apps/task/import/2.0')).status).toBe(202);
    expect((await show('import')).version).toBe('2.0');
  });

  it('lists default versions with all versions of their app', async () => {
    for (const version of ['1.0', '1.1']) await register(`import/${version}`, { uri: uri(version) });
    await register('export/1.0', { uri: uri('1.0', 'export') });
    const { elements } = await apps({ defaultVersion: 'true', sort: 'name,asc' });
    expect(elements.map(({ name, versions }) => [name, [...(versions ?? [])].sort()])).toEqual([
      ['export', ['1.0']],
      ['import', ['1.0', '1.1']],
    ]);
    expect((await apps()).elements.every(({ versions }) => versions === null)).toBe(true);
  });

  it.each([
    ['docker:example.org/a/b:3.2', '3.2'],
    ['docker:example.org:5000/a/b', 'latest'],
    ['maven://io.example:batch:1.4.0', '1.4.0'],
    ['https://example.org/files/batch-2.0.1.jar', '2.0.1'],
    ['file:///opt/tasks/nightly-7.jar', '7'],
  ])('takes the version of %s from the uri', async (address, version) => {
    expect((await register('import', { uri: address })).status).toBe(201);
    expect(await described()).toEqual([`task:import:${version}*`]);
  });
});

describe('the same version again', () => {
  it('is a conflict, and overwrites the uri only by force', async () => {
    await register('import/1.0', { uri: uri('1.0'), bootVersion: '3' });
    const again = await register('import/1.0', { uri: uri('1.0'), bootVersion: '2' });
    expect(refusalOf(again)).toEqual({
      status: 409,
      message: `The 'task:import' application is already registered as ${uri('1.0')}`,
    });
    expect((await register('import/1.0', { uri: uri('1.0'), bootVersion: '2', force: 'true' })).status).toBe(201);
    expect(await show('import')).toMatchObject({ bootVersion: '3', defaultVersion: true });
  });

  it('asked for many times at once is registered once', async () => {
    const answers = await Promise.all(Array.from({ length: 24 }, () => register('import/1.0', { uri: uri('1.0') })));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 23 }, () => 409)]);
    expect(await described()).toEqual(['task:import:1.0*']);
  });

  it('makes exactly one of many first versions the default', async () => {
    const versions = Array.from({ length: 12 }, (_, at) => `1.${at}`);
    await Promise.all(versions.map((version) => register(`import/${version}`, { uri: uri(version) })));
    const { elements } = await apps({ size: '50' });
    expect(elements).toHaveLength(12);
    expect(elements.filter((app) => app.defaultVersion)).toHaveLength(1);
  });
});

describe('what is refused', () => {
  it.each<[string, string, Record<string, string>, number, RegExp]>([
    ['a missing uri', 'import/1.0', {}, 400, /uri/],
    ['an empty uri', 'import/1.0', { uri: '' }, 400, /uri|URI/],
    ['a uri with a blank', 'import/1.0', { uri: 'docker:a b' }, 400, /Illegal character in URI at index 8/],
    [
      'a uri without version on the short path',
      'import',
      { uri: 'file:///opt/run.sh' },
      400,
      /Could not parse version/,
    ],
    ['a uri without scheme on the short path', 'import', { uri: 'abc' }, 400, /Invalid URI schema/],
    ['another boot version', 'import/1.0', { uri: uri('1.0'), bootVersion: '9' }, 400, /9; allowed: 2, 3/],
    ['a force that is no boolean', 'import/1.0', { uri: uri('1.0'), force: 'maybe' }, 400, /maybe/],
    ['a name with a colon', 'im:port/1.0', { uri: uri('1.0') }, 400, /cannot contain: ':'/],
    ['a name beyond the column', `${'n'.repeat(256)}/1.0`, { uri: uri('1.0') }, 400, /less than 256/],
    ['a version beyond the column', `import/${'1'.repeat(256)}`, { uri: uri('1.0') }, 400, /256/],
    ['a NUL character', 'im%00port/1.0', { uri: uri('1.0') }, 400, /./],
    ['a path that is no UTF-8', 'im%ffport/1.0', { uri: uri('1.0') }, 400, /./],
  ])('%s', async (_what, path, fields, status, message) => {
    const answer = await register(path, fields);
    expect(refusalOf(answer)).toEqual({ status, message: expect.stringMatching(message) });
    expect(await described()).toEqual([]);
  });

  it('an app of an unknown type', async () => {
    expect((await bench.post('/apps/job/import/1.0', { uri: uri('1.0') })).status).toBe(400);
  });

  it('a version whose uri differs in more than the version', async () => {
    await register('import/1.0', { uri: uri('1.0') });
    const answer = await register('import/2.0', { uri: uri('2.0', 'other'), force: 'true' });
    expect(refusalOf(answer)).toEqual({
      status: 400,
      message: `Existing default application [${uri('1.0')}] can only differ by a version but is [${uri('2.0', 'other')}]`,
    });
  });
});

describe('import', () => {
  const text = [
    '# tasks of the shop; a comment with = signs is a comment = too',
    '! and so is this',
    '',
    'task.import=https://example.org/get?file=import-1.0.jar',
    'task.import.bootVersion=3',
    '  task.export = docker:example.org/export:1.2  ',
    'task.export.metadata=https://example.org/export-1.2-metadata.jar',
    'sink.log=docker:example.org/log:3.0',
    'no assignment at all',
  ].join('\n');

  it('reads comments, blanks and uris with =, sorts what it wrote, and skips what exists', async () => {
    await register('export/1.2', { uri: uri('1.2', 'export') });
    await bench.delete('/apps');
    const answer = await bench.post('/apps', {
      apps: text.replace('https://example.org/get?file=import-1.0.jar', 'https://example.org/import-1.0.jar?token=a=b'),
    });
    expect(answer.status).toBe(201);
    expect(await described()).toEqual(['sink:log:3.0*', 'task:export:1.2*', 'task:import:1.0*']);
    expect(await show('import')).toMatchObject({
      bootVersion: '3',
      uri: 'https://example.org/import-1.0.jar?token=a=b',
    });

    const again = (await bench.post('/apps', { apps: 'task.export=docker:example.org/export:1.2' })).body;
    expect((again as { page: { totalElements: number } }).page.totalElements).toBe(0);
    const forced = (await bench.post('/apps', { apps: 'task.export=docker:example.org/export:1.2', force: 'true' }))
      .body;
    expect((forced as { page: { totalElements: number } }).page.totalElements).toBe(1);
  });

  it('reads a file by its uri, which wins over text', async () => {
    const file = join(bench.directory, 'apps.properties');
    await writeFile(file, 'task.fromfile=docker:example.org/f:1\r\n');
    const answer = await bench.post('/apps', { uri: pathToFileURL(file).href, apps: 'task.fromtext=docker:x/y:1' });
    expect(answer.status).toBe(201);
    expect(await described()).toEqual(['task:fromfile:1*']);
  });

  it('of nothing writes nothing', async () => {
    const answer = await bench.post('/apps');
    expect([answer.status, (answer.body as { page: { totalElements: number } }).page.totalElements]).toEqual([201, 0]);
  });

  it.each([
    ['an unknown type', 'task.a=docker:x/a:1\njob.b=docker:x/b:1', /'job' is no app type \(line 2\)/],
    ['a key with too many parts', 'task.a.b.c=docker:x/a:1', /Invalid format for app key 'task\.a\.b\.c'/],
    ['a boot version without app', 'task.a.bootVersion=3', /Expected uri for bootVersion:task\.a\.bootVersion/],
    ['a wrong boot version', 'task.a=docker:x/a:1\ntask.a.bootVersion=4', /4/],
    ['a uri without version', 'task.z=docker:x/z:1\ntask.a=file:///opt/a.sh', /Could not parse version/],
  ])('with %s is refused whole', async (_what, lines, message) => {
    expect(refusalOf(await bench.post('/apps', { apps: lines }))).toEqual({
      status: 400,
      message: expect.stringMatching(message),
    });
    expect(await described()).toEqual([]);
  });

  it('of a file that is not there is refused', async () => {
    const answer = await bench.post('/apps', { uri: `file://${bench.directory}/nothing.properties` });
    expect(refusalOf(answer)).toEqual({ status: 400, message: expect.stringContaining('Error reading from') });
  });
});

describe('lists', () => {
  beforeEach(async () => {
    const lines = ['alpha', 'Beta', 'gamma', 'alphabet', 'delta'].map((name) => `task.${name}=docker:x/${name}:1.0`);
    await bench.post('/apps', { apps: [...lines, 'source.alpha=docker:x/src:2.0'].join('\n') });
  });

  it.each<[Record<string, string>, string[]]>([
    [{ search: 'ALPHA', sort: 'name,asc' }, ['alpha', 'alpha', 'alphabet']],
    [{ search: 'alpha', type: 'task', sort: 'name,desc' }, ['alphabet', 'alpha']],
    [{ search: '%' }, []],
    [{ search: '_' }, []],
    [{ type: 'source' }, ['alpha']],
    [{ version: '2.0' }, ['alpha']],
    [{ version: '2' }, []],
    [{ type: 'sink' }, []],
  ])('filters by %j', async (query, names) => {
    expect((await apps(query)).elements.map(({ name }) => name)).toEqual(names);
  });

  it('pages without losing or repeating an app, and links to the neighbours', async () => {
    const seen: string[] = [];
    for (let page = 0; page < 3; page++) {
      const { elements, page: facts, links } = await apps({ page: String(page), size: '2', sort: 'type,asc' });
      expect(facts).toEqual({ size: 2, totalElements: 6, totalPages: 3, number: page });
      expect(Object.keys(links).sort()).toEqual(
        ['first', 'last', 'next', 'prev', 'self'].filter(
          (rel) => !(rel === 'prev' && page === 0) && !(rel === 'next' && page === 2),
        ),
      );
      seen.push(...elements.map(({ type, name }) => `${type}:${name}`));
    }
    expect(new Set(seen).size).toBe(6);
  });

  it('of a page beyond the last is empty', async () => {
    const { elements, page } = await apps({ page: '9', size: '5' });
    expect([elements, page.totalElements]).toEqual([[], 6]);
  });

  it.each([
    [{ type: 'job' }, 400],
    [{ sort: 'nothing,asc' }, 400],
    [{ defaultVersion: 'perhaps' }, 400],
    [{ page: '2147483647', size: '2000' }, 400],
  ])('refuses %j', async (query, status) => {
    expect((await bench.get(withQuery('/apps', query))).status).toBe(status);
  });
});
