import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { refusalOf, withQuery, Workbench } from '../support/workbench.js';

interface Definition {
  readonly name: string;
  readonly dslText: string;
  readonly description: string | null;
  readonly composed: boolean;
  readonly composedTaskElement: boolean;
  readonly lastTaskExecution: { readonly executionId: number; readonly _links?: unknown } | null;
  readonly status: string;
}

let bench: Workbench;

beforeAll(async () => {
  bench = await Workbench.open();
  for (const name of ['extract', 'load', 'report']) {
    await bench.client.register(name, '1.0.0', await bench.script(`${name}.sh`, 'exit "${1:-0}"'));
  }
}, 120_000);

afterAll(() => bench?.close());

beforeEach(async () => {
  expect((await bench.delete('/tasks/definitions')).status).toBe(200);
});

const create = (fields: Record<string, string>) => bench.post('/tasks/definitions', fields);
const names = async (query: Record<string, string> = {}) =>
  (await bench.list<Definition>(withQuery('/tasks/definitions', query))).elements.map(({ name }) => name);
const show = async (name: string, query = '') =>
  (await bench.client.get(`/tasks/definitions/${name}${query}`)) as Definition;

describe('creating', () => {
  it('answers 200 with the definition, and shows it', async () => {
    const answer = await create({ name: 'nightly', definition: 'extract --day=monday', description: 'every night' });
    expect(answer.status).toBe(200);
    const expected = {
      name: 'nightly',
      dslText: 'extract --day=monday',
      description: 'every night',
      composed: false,
      composedTaskElement: false,
      lastTaskExecution: null,
      status: 'UNKNOWN',
    };
    expect(answer.body).toMatchObject(expected);
    expect(await show('nightly')).toMatchObject(expected);
  });

  it('of a composed task creates its children, and deleting it deletes them', async () => {
    expect((await create({ name: 'flow', definition: 'extract && a: load && b: load' })).status).toBe(200);
    const { elements } = await bench.list<Definition>('/tasks/definitions?sort=taskName,asc');
    expect(elements.map((one) => [one.name, one.composed, one.composedTaskElement])).toEqual([
      ['flow', true, false],
      ['flow-a', false, true],
      ['flow-b', false, true],
      ['flow-extract', false, true],
    ]);
    expect((await bench.delete('/tasks/definitions/flow')).status).toBe(200);
    expect(await names()).toEqual([]);
  });

  it('of a name that is taken, by a task or by a child, is a conflict and writes nothing', async () => {
    await create({ name: 'nightly', definition: 'extract' });
    await create({ name: 'flow-load', definition: 'load' });
    for (const fields of [
      { name: 'nightly', definition: 'load' },
      { name: 'flow', definition: 'extract && load' },
    ]) {
      expect((await create(fields)).status).toBe(409);
    }
    expect((await names()).sort()).toEqual(['flow-load', 'nightly']);
    expect((await show('nightly')).dslText).toBe('extract');
  });

  it('of one name by many at once succeeds once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => create({ name: 'flow', definition: 'extract && load' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 15 }, () => 409)]);
    expect((await names()).sort()).toEqual(['flow', 'flow-extract', 'flow-load']);
  });

  it.each<[string, Record<string, string>, number, RegExp]>([
    ['no name', { definition: 'extract' }, 400, /'name'/],
    ['no definition', { name: 'x' }, 400, /'definition'/],
    ['an empty definition', { name: 'x', definition: '' }, 400, /./],
    ['a name with a blank', { name: 'a b', definition: 'extract' }, 400, /illegal name for a task 'a b'/],
    ['an empty name', { name: '', definition: 'extract' }, 400, /./],
    ['an unfinished option', { name: 'x', definition: 'extract --' }, 400, /ran out of input/],
    ['an app twice', { name: 'x', definition: 'extract && extract' }, 400, /duplicate app name/],
    ['an app that is not registered', { name: 'x', definition: 'nobody' }, 404, /'task:nobody'/],
    ['a name beyond the column', { name: 'n'.repeat(256), definition: 'extract' }, 400, /255/],
    ['a child name beyond the column', { name: 'n'.repeat(250), definition: 'extract && load' }, 400, /255/],
    ['a NUL character', { name: 'x', definition: 'extract --a=b\0' }, 400, /./],
    ['a description beyond the column', { name: 'x', definition: 'extract', description: 'd'.repeat(256) }, 400, /255/],
  ])('with %s is refused', async (_what, fields, status, message) => {
    expect(refusalOf(await create(fields))).toEqual({ status, message: expect.stringMatching(message) });
    expect(await names()).toEqual([]);
  });
});

describe('reading', () => {
  beforeEach(async () => {
    await create({ name: 'alpha', definition: 'extract --a=1', description: 'first' });
    await create({ name: 'beta', definition: 'load --b=2', description: 'second' });
    await create({ name: 'alphabet', definition: 'report', description: 'third' });
  });

  it.each<[Record<string, string>, string[]]>([
    [{}, ['alpha', 'alphabet', 'beta']],
    [{ taskName: 'alpha' }, ['alpha', 'alphabet']],
    [{ search: 'bet' }, ['alphabet', 'beta']],
    [{ description: 'sec' }, ['beta']],
    [{ dslText: '--a' }, ['alpha']],
    [{ taskName: '%' }, []],
    // SCDF refuses two filters at once.
    [{ taskName: 'alpha', description: 'third' }, ['alphabet']],
    [{ size: '2', page: '1' }, ['beta']],
    [{ sort: 'taskName,desc', size: '1' }, ['beta']],
  ])('lists by %j', async (query, expected) => {
    expect(await names({ sort: 'taskName,asc', ...query })).toEqual(expected);
  });

  it('sorts by the text, not by the number under which SCDF stores it', async () => {
    await create({ name: 'zulu', definition: 'extract --z=1' });
    await create({ name: 'yankee', definition: 'extract --a=1' });
    const { elements } = await bench.list<Definition>('/tasks/definitions?sort=dslText,asc&size=100');
    const texts = elements.map(({ dslText }) => dslText);
    expect(texts).toEqual([...texts].sort());
    expect(texts.indexOf('extract --a=1')).toBeLessThan(texts.indexOf('extract --z=1'));
  });

  it.each([[{ sort: 'colour,asc' }], [{ manifest: 'perhaps' }]])('refuses %j', async (query) => {
    expect((await bench.get(withQuery('/tasks/definitions', query))).status).toBe(400);
  });

  it('of one that is not there is 404', async () => {
    for (const answer of [
      await bench.get('/tasks/definitions/nobody'),
      await bench.delete('/tasks/definitions/nobody'),
      await bench.get('/tasks/validation/nobody'),
    ]) {
      expect(refusalOf(answer)).toEqual({ status: 404, message: 'Could not find task definition named nobody' });
    }
  });

  it('shows the last execution and its state', async () => {
    const first = await bench.run('alpha');
    expect(await show('alpha')).toMatchObject({
      status: 'COMPLETE',
      lastTaskExecution: { executionId: first.executionId, exitCode: 0, appProperties: null },
    });
    const second = await bench.run('alpha', { arguments: '4' });
    const shown = await show('alpha', '?manifest=true');
    expect(shown).toMatchObject({
      status: 'ERROR',
      lastTaskExecution: { executionId: second.executionId, exitCode: 4, appProperties: { a: '1' } },
    });
    expect(shown.lastTaskExecution).not.toHaveProperty('_links');
    expect((await bench.list<Definition>('/tasks/definitions?taskName=beta')).elements[0]?.status).toBe('UNKNOWN');
  });

  it('validates: registered and there is valid, gone is invalid', async () => {
    expect(await bench.client.get('/tasks/validation/alpha')).toMatchObject({
      appName: 'alpha',
      appStatuses: { 'task:alpha': 'valid' },
    });
    await bench.client.register('lost', '1.0.0', `file://${bench.directory}/lost.sh`);
    await create({ name: 'lost', definition: 'lost' });
    expect(await bench.client.get('/tasks/validation/lost')).toMatchObject({ appStatuses: { 'task:lost': 'invalid' } });
  });
});

describe('composed tasks', () => {
  it('may end in $FAIL and $END', async () => {
    const definition = "extract 'FAILED'->$FAIL 'X'->$END && load";
    const answer = await create({ name: 'ends', definition });
    expect(answer).toMatchObject({ status: 200, body: { name: 'ends', composed: true, dslText: definition } });
    expect(await names({ sort: 'taskName,asc' })).toEqual(['ends', 'ends-extract', 'ends-load']);
  });

  it('are found by their text', async () => {
    await create({ name: 'flow', definition: 'extract && load' });
    await create({ name: 'other', definition: 'report' });
    expect(await names({ dslText: 'extract &&' })).toEqual(['flow']);
  });

  it('with labels are validated app by app', async () => {
    await create({ name: 'split', definition: '<a: extract || b: load> && c: report' });
    const { status, body } = await bench.get('/tasks/validation/split');
    expect(status).toBe(200);
    const { appStatuses } = body as { appStatuses: Record<string, string> };
    expect(Object.values(appStatuses)).toEqual(['valid', 'valid', 'valid']);
  });

  it('are invalid where a child is not defined any more', async () => {
    await create({ name: 'torn', definition: 'a: extract && b: load' });
    await bench.delete('/tasks/definitions/torn-b');
    expect(await bench.client.get('/tasks/validation/torn')).toMatchObject({
      appStatuses: { 'task:torn-a': 'valid', 'task:torn-b': 'invalid' },
    });
  });

  it('and their mistakes are shown with a caret under the place', async () => {
    const { status, body } = await create({ name: 'twice', definition: 'extract && extract' });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(JSON.stringify('\nextract && extract\n           ^').slice(1, -1));
  });
});

describe('deleting', () => {
  it('keeps executions, and with cleanup removes them', async () => {
    await create({ name: 'kept', definition: 'extract' });
    await create({ name: 'gone', definition: 'extract' });
    const kept = await bench.run('kept');
    const gone = await bench.run('gone');
    expect((await bench.delete('/tasks/definitions/kept')).status).toBe(200);
    expect((await bench.delete('/tasks/definitions/gone?cleanup=true')).status).toBe(200);
    expect((await bench.get(`/tasks/executions/${kept.executionId}`)).status).toBe(200);
    expect((await bench.get(`/tasks/executions/${gone.executionId}`)).status).toBe(404);
  });

  it('lets a child go alone', async () => {
    await create({ name: 'flow', definition: 'extract && load' });
    expect((await bench.delete('/tasks/definitions/flow-load')).status).toBe(200);
    expect((await bench.delete('/tasks/definitions/flow')).status).toBe(200);
    expect(await names()).toEqual([]);
  });
});
