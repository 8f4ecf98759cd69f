import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ComposedBench } from '../support/composed-bench.js';
import { exchange } from '../support/http.js';
import { refusalOf } from '../support/workbench.js';

interface Node {
  readonly id: string;
  readonly name: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Link {
  readonly from: string;
  readonly to: string;
  readonly properties?: Readonly<Record<string, string>>;
}

const START: Node = { id: 's', name: 'START' };
const END: Node = { id: 'e', name: 'END' };
const nodes = (...names: readonly string[]): Node[] => [START, ...names.map((name) => ({ id: name, name })), END];
const links = (...pairs: readonly string[]): Link[] =>
  pairs.map((pair) => {
    const [from = '', to = '', status] = pair.split('>');
    return { from, to, ...(status === undefined ? {} : { properties: { transitionName: status } }) };
  });

describe('composed tasks that cannot be', () => {
  let bench: ComposedBench;

  beforeAll(async () => {
    bench = await ComposedBench.open();
  }, 120_000);

  afterAll(() => bench?.close());

  const convert = (graph: unknown) =>
    exchange(bench.bench.server.url, {
      method: 'POST',
      target: '/tools/convertTaskGraphToText',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: JSON.stringify(graph),
    });

  const define = (name: string, definition: string) => bench.bench.post('/tasks/definitions', { name, definition });
  const launch = (name: string, fields: Record<string, string> = {}) =>
    bench.bench.post('/tasks/executions/launch', { name, ...fields });

  /** Everything that a definition or a launch writes, counted. */
  const written = () =>
    bench.rows(
      `select (select count(*)::int from task_definitions) as definitions,
              (select count(*)::int from task_execution) as executions,
              (select count(*)::int from batch_job_instance) as jobs,
              (select count(*)::int from millrace_composed_run) as runs,
              (select count(*)::int from millrace_launch) as launches,
              (select count(*)::int from audit_records) as audits`,
    );

  describe('as a graph', () => {
    it.each<[string, readonly Node[], readonly Link[], RegExp]>([
      ['a circle', nodes('a', 'b'), links('s>a', 'a>b', 'b>a', 'b>e'), /circle|cycle|\ba\b|\bb\b/i],
      ['a node that leads to itself', nodes('a'), links('s>a', 'a>a', 'a>e'), /\ba\b/],
      ['a link to nowhere', nodes('a'), links('s>a', 'a>lost', 'a>e'), /lost/],
      ['a link from nowhere', nodes('a'), links('s>a', 'lost>a', 'a>e'), /lost/],
      ['two nodes with one id', [...nodes('a'), { id: 'a', name: 'b' }], links('s>a', 'a>e'), /\ba\b/],
      ['no start', nodes('a').slice(1), links('a>e'), /START/],
      ['no end', nodes('a').slice(0, -1), links('s>a'), /END/],
      ['nothing', [], [], /START/],
    ])('with %s: refused', async (_what, some, joined, message) => {
      const answer = await convert({ nodes: some, links: joined });
      expect(refusalOf(answer)).toEqual({ status: 400, message: expect.stringMatching(message) });
    });

    it('with a circle by transitions: written, and refused when it is launched', async () => {
      const graph = { nodes: nodes('ok', 'wait'), links: links('s>ok', 'ok>e', 'ok>wait>X', 'wait>ok>Y', 'wait>e') };
      const answer = await convert(graph);
      expect(answer.status).toBe(200);
      await bench.define('whirl', (answer.body as { dsl: string }).dsl);
      const before = await written();
      expect(refusalOf(await launch('whirl'))).toEqual({
        status: 422,
        message: expect.stringMatching(/Composed task whirl cannot be run\..*\bok\b/),
      });
      expect(await written()).toEqual(before);
    });

    it.each(['one after the other', 'side by side'])('of 1000 nodes %s: written, and read again', async (how) => {
      const names = Array.from({ length: 1_000 }, (_, index) => `n${index}`);
      const joined =
        how === 'side by side'
          ? names.flatMap((name) => [`s>${name}`, `${name}>e`])
          : ['s', ...names].map((name, index) => `${name}>${names[index] ?? 'e'}`);
      const answer = await convert({ nodes: nodes(...names), links: links(...joined) });
      expect(answer.status).toBe(200);
      const { dsl } = answer.body as { dsl: string };
      expect(dsl.match(/n\d+/g)).toHaveLength(1_000);
      const back = await exchange(bench.bench.server.url, {
        method: 'POST',
        target: '/tools/parseTaskTextToGraph',
        headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
        body: JSON.stringify({ name: 'big', dsl }),
      });
      expect(back).toMatchObject({ status: 200, body: { errors: [] } });
      expect((back.body as { graph: { nodes: unknown[] } }).graph.nodes).toHaveLength(1_002);
    });
  });

  describe('as a definition', () => {
    beforeAll(async () => {
      await bench.define('taken-a', 'ok');
    });

    it.each<[string, string, number, RegExp]>([
      ['twins', 'x: ok && x: fail', 400, /\bx\b/],
      ['homonyms', 'ok && ok', 400, /\bok\b/],
      ['aliased', 'ok && ok: fail', 400, /\bok\b/],
      ['taken', 'a: ok && b: ok', 409, /taken-a/],
      ['lost', "a: ok 'X'->:nowhere && b: ok", 400, /nowhere/],
      ['stranger', "a: ok 'X'->nobody && b: ok", 404, /nobody/],
      ['open', '<a: ok || b: ok && c: ok', 400, /./],
      ['empty', '<a: ok || >', 400, /./],
    ])('%s, %s: refused', async (name, definition, status, message) => {
      const before = await written();
      expect(refusalOf(await define(name, definition))).toEqual({ status, message: expect.stringMatching(message) });
      expect(await written()).toEqual(before);
    });

    it('may have 1000 children, of which a run begins one', async () => {
      const text = Array.from({ length: 1_000 }, (_, index) => `c${index}: ${index === 0 ? 'wait' : 'ok'}`).join(
        ' && ',
      );
      expect((await define('large', text)).status).toBe(200);
      const launched = await bench.launch('large');
      await bench.started('large-c0');
      expect((await bench.bench.stop(launched)).status).toBe(200);
      const execution = await bench.bench.client.ended(launched);
      expect((await bench.job(execution)).status).toBe('STOPPED');
      expect(await bench.names('large')).toEqual(['c0']);
      expect((await bench.bench.delete('/tasks/definitions/large')).status).toBe(200);
      expect(await bench.rows(`select 1 from task_definitions where definition_name like 'large%'`)).toEqual([]);
    });

    it('with 1000 branches is refused when it is launched: no account takes so many', async () => {
      const text = `<${Array.from({ length: 1_000 }, (_, index) => `c${index}: ok`).join(' || ')}>`;
      expect((await define('broad', text)).status).toBe(200);
      const before = await written();
      expect(refusalOf(await launch('broad'))).toEqual({
        status: 422,
        message: expect.stringMatching(/broad cannot be run\..*maximumConcurrentTasks count of 50/),
      });
      expect(await written()).toEqual(before);
    });
  });

  describe('as a launch', () => {
    it('whose child is not defined any more names it', async () => {
      await bench.define('holey', 'a: ok && b: ok');
      expect((await bench.bench.delete('/tasks/definitions/holey-b')).status).toBe(200);
      const before = await written();
      expect(refusalOf(await launch('holey'))).toEqual({ status: 404, message: expect.stringContaining('holey-b') });
      expect(await written()).toEqual(before);
    });

    it('whose child goes while it runs fails at that step, and says which and why', async () => {
      await bench.define('melting', 'a: wait && b: ok');
      const launched = await bench.launch('melting');
      await bench.started('melting-a');
      expect((await bench.bench.delete('/tasks/definitions/melting-b')).status).toBe(200);
      await bench.openGate('melting-a');
      const execution = await bench.bench.client.ended(launched);
      expect(execution).toMatchObject({ taskExecutionStatus: 'ERROR' });
      expect(execution.errorMessage).toContain('melting-b');
      expect(await bench.steps(execution.jobExecutionIds[0])).toEqual([
        { step_name: 'melting-a_0', status: 'COMPLETED', exit_code: 'COMPLETED' },
        { step_name: 'melting-b_0', status: 'FAILED', exit_code: 'FAILED' },
      ]);
    });

    it('with arguments and properties for nobody runs, and is audited with their names', async () => {
      const execution = await bench.run('kind', 'a: ok && b: ok', {
        arguments: 'app.nobody.0=--x=1 app.a.0=--y=2',
        properties: 'deployer.nowhere.memory=1g',
      });
      expect(execution.taskExecutionStatus).toBe('COMPLETE');
      expect(
        (await bench.ran('kind')).map(({ arguments: given }) => given.filter((one) => /^--[xy]=/.test(one))),
      ).toEqual([['--y=2'], []]);
      const [record] = await bench.rows<{ data: string }>(
        `select audit_data as data from audit_records where correlation_id = 'kind' and audit_data like '%namesWithoutChild%'`,
      );
      expect((JSON.parse(record?.data ?? '{}') as { namesWithoutChild: string[] }).namesWithoutChild.sort()).toEqual([
        'nobody',
        'nowhere',
      ]);
    });

    it('that leads in a circle is refused with its way', async () => {
      await bench.define('ring', "a: ok && b: ok 'X'->:a");
      const before = await written();
      expect(refusalOf(await launch('ring'))).toEqual({
        status: 422,
        message: expect.stringMatching(/Composed task ring cannot be run\..*\ba\b/),
      });
      expect(await written()).toEqual(before);
    });
  });
});
