import { describe, expect, it } from '@jest/globals';
import { cleanArguments, parentOf, parseArguments } from './command-line-arguments.js';

describe('parseArguments', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['--p1=1 p2=abc', ['--p1=1', 'p2=abc']],
    ['--debug --verbose', ['--debug', '--verbose']],
    ['--a=b c d', ['--a=b c d']],
    ['plain --a=b', ['plain', '--a=b']],
    ["--a='x y' --b=2", ["--a='x y'", '--b=2']],
    ['--a= --b=2', ['--a=', '--b=2']],
    ['--u=grüße-日本', ['--u=grüße-日本']],
    ['  --a=1    --b=2  ', ['--a=1', '--b=2']],
    ['--a=1\n--b=2', ['--a=1\n--b=2']],
    ['--j={"a":1}', ['--j={"a":1}']],
    ['--j={"a": 1}', ['--j={"a": 1}']],
    ['--b=2 --a="x y z"', ['--b=2', '--a="x y z"']],
    ['--x=1 --a="p q r s" --y=2', ['--x=1', '--a="p q r s"', '--y=2']],
    ['--my.arg=1 --other.arg="two words" plain', ['--my.arg=1', '--other.arg="two words"', 'plain']],
    ['"--a=x y" b', ['--a=x y', 'b']],
    ['--a="never closed', ['--a="never', 'closed']],
    ['run.id(long)=7 d(date)=2024-01-02 name=x', ['run.id(long)=7', 'd(date)=2024-01-02', 'name=x']],
    ['a b c=1', ['a', 'b', 'c=1']],
    ['--a=1 -v x', ['--a=1', '-v', 'x']],
  ])('splits %j', (text, expected) => {
    expect(parseArguments(text)).toEqual(expected);
  });
});

describe('cleanArguments', () => {
  it('takes markers off and drops execution ids of the user', () => {
    expect(cleanArguments(['app.ts.0=--a=1', '--spring.cloud.task.executionid=9', 'x'])).toEqual(['--a=1', 'x']);
  });
});

describe('parentOf', () => {
  const id = '--spring.cloud.task.parent-execution-id=';
  it.each([
    [[], undefined],
    [['--a=1', `${id}7`], { schemaTarget: 'boot2', id: 7 }],
    [[`${id}7`, '--spring.cloud.task.parent-schema-target=boot3'], { schemaTarget: 'boot3', id: 7 }],
    [[`${id}7`, `${id}8`], { schemaTarget: 'boot2', id: 8 }],
    [[`${id}0`], undefined],
    [[`${id}x`], undefined],
    [['spring.cloud.task.parent-execution-id=7'], undefined],
  ])('reads %j', (given, expected) => {
    expect(parentOf(given)).toEqual(expected);
  });
});
