import { describe, expect, it } from '@jest/globals';
import type { SettingsTree } from '../../../configuration/configuration.js';
import { annotations, commaCommand, commandLine, environmentVariables, labels } from './pairs.js';
import { UnacceptableValue } from './values.js';

type Read = (value: SettingsTree) => unknown;

describe('one-line syntaxes', () => {
  it.each<[Read, SettingsTree, unknown]>([
    [annotations, 'a:b', { a: 'b' }],
    [annotations, ' a : b:c , d: ', { a: 'b:c', d: '' }],
    [annotations, 'a:"x,y",b:c', { a: '"x,y"', b: 'c' }],
    [annotations, { 'example.com/a': 'b c' }, { 'example.com/a': 'b c' }],
    [labels, 'a:b, c: d', { a: 'b', c: 'd' }],
    [labels, 'a:1,a:2', { a: '2' }],
    [environmentVariables, "A=1,B='x,y',C=p=q", { A: '1', B: 'x,y', C: 'p=q' }],
    [environmentVariables, "A=it's,B=2", { A: "it's", B: '2' }],
    [environmentVariables, 'A="a b"', { A: '"a b"' }],
    [environmentVariables, 'A=,B= x', { A: '', B: ' x' }],
    [environmentVariables, 'A=1, B=2', { A: '1', B: '2' }],
    [environmentVariables, 'A=1,A=2', { A: '2' }],
    [environmentVariables, ["A='1'", 'B=a,b'], { A: "'1'", B: 'a,b' }],
    [environmentVariables, { A: '1' }, { A: '1' }],
    [commandLine, `sh -c 'echo "a b", c'`, ['sh', '-c', 'echo "a b", c']],
    [commandLine, '  a    b  ', ['a', 'b']],
    [commandLine, `a '' b`, ['a', '', 'b']],
    [commandLine, `"a \\"b\\" \\\\c"`, ['a "b" \\c']],
    [commandLine, 'a"b c"d', ['ab cd']],
    [commandLine, ['a b'], ['a b']],
    [commaCommand, 'sh,-c, x', ['sh', '-c', ' x']],
    [commaCommand, ['sh', 'a,b'], ['sh', 'a,b']],
  ])('%p reads %j', (read, value, expected) => {
    expect(read(value)).toEqual(expected);
  });

  it.each<[Read, SettingsTree, string]>([
    [annotations, 'a', 'annotations'],
    [annotations, '"a":b', 'key number 1'],
    [labels, 'a:b:c', 'labels'],
    [labels, 'a:b c', 'value of number 1'],
    [labels, 'a b:c', 'key number 1'],
    [environmentVariables, 'A=1,secret', "number 2 has no '='"],
    [environmentVariables, '=x', 'the name of number 1'],
    [environmentVariables, [['A=1']], 'a list of texts'],
    [commandLine, `echo "a`, 'a " is not closed'],
  ])('%p refuses %j', (read, value, allowed) => {
    expect(() => read(value)).toThrow(UnacceptableValue);
    expect(() => read(value)).toThrow(allowed);
    if (read === environmentVariables) expect(() => read(value)).not.toThrow(/secret/);
  });

  it('keeps names that objects have of their own', () => {
    expect(Object.entries(environmentVariables('__proto__=1,constructor=2'))).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });
});
