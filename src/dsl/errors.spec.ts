import { describe, expect, it } from '@jest/globals';
import { TaskDslError } from './errors.js';
import { parseTask } from './parse.js';

function hintOf(dsl: string, name = 'task'): string {
  try {
    parseTask(name, dsl);
  } catch (error) {
    if (error instanceof TaskDslError) return error.hint;
    throw error;
  }
  throw new Error(`accepted: ${dsl}`);
}

/** What stands over the caret, and what stands before it. */
function placeOf(dsl: string, name?: string): readonly string[] {
  return hintOf(dsl, name).split('\n').slice(1);
}

describe('the hint of a problem draws its place', () => {
  it.each([
    ['of a contradiction', 'ok && ok', ['ok && ok', '      ^']],
    ['of a target that is not there', "ok 'X'->:gone", ["ok 'X'->:gone", '   ^']],
    ['in front of the good part', 'ok xx->fail', ['ok xx->fail', '   ^']],
    ['behind the good part', '<ok || fail', ['<ok || fail', '           ^']],
    ['in a later line', 'ok &&\nfail @x\n&& b', ['fail @x', '     ^']],
    ['behind a tab', 'ok\t@x', ['ok @x', '   ^']],
  ])('%s', (_title, dsl, expected) => {
    expect(placeOf(dsl)).toEqual(expected);
  });

  it('in a task name', () => {
    expect(placeOf('ok', '0a')).toEqual(['0a', '^']);
  });

  it('with the part of a long line around it', () => {
    const [line = '', caret = ''] = placeOf(`${'long: a && '.repeat(50)}@${'x'.repeat(500)}`);
    expect([line.length, line[0], line.at(-1)]).toEqual([102, '…', '…']);
    expect(line[caret.indexOf('^')]).toBe('@');
  });

  it('without secrets', () => {
    expect(placeOf("a --db.password=hunter2 'X'->:gone")).toEqual([
      "a --db.password=******* 'X'->:gone",
      '                        ^',
    ]);
  });

  it('but no place in no text', () => {
    expect(hintOf('')).not.toContain('\n');
  });
});
