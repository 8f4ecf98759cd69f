import { describe, expect, it } from '@jest/globals';
import { formatPropertyName } from '../property-names.js';
import { readJson, readYaml, SyntaxProblem } from './yaml-file.js';

function flat(text: string): Record<string, string> {
  const entries = readYaml(text, 'f.yaml').flat();
  return Object.fromEntries(entries.map(({ name, value }) => [formatPropertyName(name), value]));
}

describe('readYaml', () => {
  it.each([
    ['a:\n  b: x', { 'a.b': 'x' }],
    ['a.b: x', { 'a.b': 'x' }],
    ['a: [x, {b: y}]', { 'a[0]': 'x', 'a[1].b': 'y' }],
    ['a: {app.kubernetes.io/name: x, "[b.c]": y}', { 'a[app.kubernetes.io/name]': 'x', 'a[b.c]': 'y' }],
    ['a: yes\nb: Off\nc: on\nd: "on"', { a: 'true', b: 'false', c: 'true', d: 'on' }],
    ['a: 0644\nb: 0x1F\nc: 0b11\nd: -017', { a: '420', b: '31', c: '3', d: '-15' }],
    [
      'a: 1.10\nb: 1_000\nc: 12345678901234567890\nd: 1e3\ne: +5',
      { a: '1.10', b: '1000', c: '12345678901234567890', d: '1e3', e: '5' },
    ],
    ['a: 22:22\nb: 2026-11-20', { a: '22:22', b: '2026-11-20' }],
    ['a: ~\nb:\nc: null\nd: ""', { a: '', b: '', c: '', d: '' }],
    ['a: "0123"\nb: \'yes\'', { a: '0123', b: 'yes' }],
    ['a: |\n  x\n  y\nb: >-\n  x\n  y', { a: 'x\ny\n', b: 'x y' }],
    ['base: &b {x: 1, y: 2}\na:\n  <<: *b\n  y: 3', { 'base.x': '1', 'base.y': '2', 'a.x': '1', 'a.y': '3' }],
    ['base: &b [p, q]\na: *b', { 'base[0]': 'p', 'base[1]': 'q', 'a[0]': 'p', 'a[1]': 'q' }],
    ['a: {2: x}\ntrue: y', { 'a.2': 'x', true: 'y' }],
    ['---\n# nothing\n---\na: 1\n---\n', { a: '1' }],
    ['', {}],
    ['# only a comment', {}],
  ])('%j', (text, expected) => {
    expect(flat(text)).toEqual(expected);
  });

  it('tells line, empty collections and documents', () => {
    expect(readYaml('a: {}\nb: []\n---\n\nc:\n  d: 1\n', 'f.yaml')).toEqual([
      [
        { name: ['a'], value: '', empty: 'map', origin: 'f.yaml, line 1' },
        { name: ['b'], value: '', empty: 'list', origin: 'f.yaml, line 2' },
      ],
      [{ name: ['c', 'd'], value: '1', origin: 'f.yaml, line 6' }],
    ]);
  });

  it.each([
    ['a: 1\nb: [1', /^line \d+: /],
    ['a: 1\na: 2', /^line 2: .*unique/],
    ['just text', /line 1: a map of properties is expected/],
    ['a: @x@', /^line 1: /],
    ['a: *unknown', /^line 1: /],
    ['? [a, b]\n: c', /key must be a plain text/],
    ['a: &a [*a]', /nested too deeply|Unresolved alias|circular/i],
    [`${'{a: '.repeat(150)}1${'}'.repeat(150)}`, /nested too deeply/],
    [
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${Array.from(
        { length: 8 },
        (_, i) =>
          `${'bcdefghi'.charAt(i)}: &${'bcdefghi'.charAt(i)} [${Array(10)
            .fill(`*${'abcdefgh'.charAt(i)}`)
            .join(',')}]`,
      ).join('\n')}`,
      /more than 20000 values/,
    ],
  ])('%j is refused', (text, message) => {
    expect(() => readYaml(text, 'f.yaml')).toThrow(SyntaxProblem);
    expect(() => readYaml(text, 'f.yaml')).toThrow(message);
  });
});

describe('readJson', () => {
  it('reads an object, numbers digit by digit', () => {
    expect(
      readJson('{"a": {"b": [true, 1.10, null]}, "c.d": "x\\u0041", "n": 12345678901234567890, "o": "on"}', 'J'),
    ).toEqual([
      { name: ['a', 'b', 0], value: 'true', origin: 'J, line 1' },
      { name: ['a', 'b', 1], value: '1.10', origin: 'J, line 1' },
      { name: ['a', 'b', 2], value: '', origin: 'J, line 1' },
      { name: ['c', 'd'], value: 'xA', origin: 'J, line 1' },
      { name: ['n'], value: '12345678901234567890', origin: 'J, line 1' },
      { name: ['o'], value: 'on', origin: 'J, line 1' },
    ]);
  });

  it.each([
    ['{"a": geheim}', 'it is not valid JSON'],
    ['[1]', 'it must be a JSON object'],
    ['"x"', 'it must be a JSON object'],
  ])('%s is refused', (text, message) => {
    expect(() => readJson(text, 'J')).toThrow(new SyntaxProblem(message));
  });
});
