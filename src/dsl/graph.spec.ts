import { describe, expect, it } from '@jest/globals';
import { GraphLink, TaskGraph } from './graph.js';
import { graphToText } from './graph-to-text.js';
import { parseTask } from './parse.js';
import { taskToGraph } from './task-to-graph.js';

/** A graph in short: nodes by name, links as `from to` or `from to status`. */
function graph(names: readonly string[], links: readonly string[]): TaskGraph {
  return {
    nodes: names.map((name) => ({ id: name, name })),
    links: links.map((link): GraphLink => {
      const [from = '', to = '', status] = link.split(' ');
      return { from, to, ...(status === undefined ? {} : { properties: { transitionName: status } }) };
    }),
  };
}

describe('graphToText', () => {
  it.each<[string, string[], string]>([
    ['an empty graph', ['START END'], ''],
    ['a link past a node', ['START a', 'START b', 'a b', 'b END'], 'a && b'],
    ['a link twice', ['START a', 'START a', 'a END'], 'a'],
    [
      'a split behind others',
      ['START c', 'START a', 'START b', 'a d', 'b d', 'd END', 'c END'],
      '<c || <a || b> && d>',
    ],
    ['targets that go on in the middle', ['START a', 'a b', 'b c', 'c END', 'a x 1', 'x c'], '<a 1->x && b> && c'],
    [
      'targets that go on at two places',
      ['START a', 'a b', 'b c', 'c END', 'a x 1', 'x c', 'b y 2', 'y END'],
      'refused: the links to node END (END) fit no flow or split',
    ],
    ['a target on the main path', ['START a', 'a b', 'b END', 'b a 1'], 'a: a && b 1->:a'],
    ['a target that two lead to', ['START a', 'a b', 'b END', 'a x 1', 'b x 2', 'x END'], 'a 1->:x && b 2->:x\nx: x'],
    [
      'a target with a split',
      ['START a', 'a END', 'a x 1', 'x b', 'x c', 'b END', 'c END'],
      'a 1->:x\nx: x && <b || c>',
    ],
    [
      'a target of its own in a branch',
      ['START a', 'START b', 'a c', 'b c', 'c END', 'a x 1', 'x y', 'y c'],
      '<a 1->:x || b> && c\nx: x && y',
    ],
    [
      'a target of its own that goes on elsewhere',
      ['START a', 'START b', 'a c', 'b c', 'c END', 'a x 1', 'x y', 'y END'],
      'refused: the links to node END',
    ],
    ['a node out of reach', ['START a', 'a END', 'b c'], 'a'],
    ['a loop', ['START a', 'a b', 'b a', 'b END'], 'refused: plain links form a loop through node a (a)'],
    ['a way across', ['START a', 'START b', 'a c', 'b c', 'b d', 'c END', 'd END'], 'refused: the links to node c'],
    ['a transition to the start', ['START a', 'a END', 'a START 1'], 'refused: the links to node START'],
    ['a link to nowhere', ['START a', 'a z'], 'refused: there is no node with the id z'],
    ['a status that is no code', ['START a', 'a x -1', 'a END', 'a y 99999999999'], "a '-1'->x '99999999999'->y"],
  ])('%s', (_title, links, expected) => {
    const write = (): string => graphToText(graph(['START', 'a', 'b', 'c', 'd', 'x', 'y', 'END'], links));
    if (expected.startsWith('refused: ')) expect(write).toThrow(expected.slice('refused: '.length));
    else expect(write()).toBe(expected);
  });

  it('makes labels that nothing else bears', () => {
    const nodes = [
      { id: '0', name: 'START' },
      { id: '1', name: 'a' },
      { id: '2', name: 'b' },
      { id: '3', name: 'b', metadata: { label: 'l' } },
      { id: '4', name: 'c', metadata: { label: 'b' } },
      { id: '5', name: 'END' },
    ];
    const links = ['0 1', '1 2', '2 3', '3 4', '4 5', '4 2 1'].map((link): GraphLink => {
      const [from = '', to = '', status] = link.split(' ');
      return { from, to, properties: { transitionName: status ?? null } };
    });
    expect(graphToText({ nodes, links })).toBe('a && b-2: b && l: b && b: c 1->:b-2');
  });

  it.each([
    'a: $END 1->b 2->:a',
    "a: $FAIL && b 'X'->:a",
    "a 'X'->:l && b\nl: $END 1->c && d",
    "a 'X'->$END && b 'Y'->end-2: $END",
  ])('tells an app that bears the name of an end state from that end: %s', (text) => {
    expect(graphToText(taskToGraph(parseTask('task', text)))).toBe(text);
  });
});

describe('taskToGraph', () => {
  it('leads label transitions back into a copied sequence', () => {
    const drawn = taskToGraph(parseTask('task', "a 'X'->:again\nagain: b 'Y'->:more\nmore: c 'Z'->:again"));
    const names = new Map(drawn.nodes.map(({ id, name }) => [id, name]));
    expect(
      drawn.links.map(({ from, to, properties }) => [names.get(from), names.get(to), properties?.transitionName]),
    ).toEqual([
      ['START', 'a', undefined],
      ['a', 'END', undefined],
      ['a', 'b', 'X'],
      ['b', 'END', undefined],
      ['b', 'c', 'Y'],
      ['c', 'END', undefined],
      ['c', 'b', 'Z'],
    ]);
  });

  it('ends with copies of a sequence that starts with a split and leads back to itself', () => {
    const drawn = taskToGraph(parseTask('task', "a 'X'->:again\nagain: <b 'Y'->:again || c>"));
    expect(drawn.nodes.map(({ name }) => name)).toEqual(['START', 'a', 'END', 'b', 'c']);
    expect(drawn.links.filter(({ properties }) => properties?.transitionName === 'Y')).toHaveLength(2);
  });

  it('refuses a label inside another branch', () => {
    expect(() => taskToGraph(parseTask('task', "<l: a || b 'X'->:l>"))).toThrow('Out of flow transition? 2:X->l');
  });
});
