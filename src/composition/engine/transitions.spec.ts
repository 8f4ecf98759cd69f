import { describe, expect, it } from '@jest/globals';
import { PlanTarget } from './plan.js';
import { decide, inOrder, matches, unmatchedMeaning } from './transitions.js';

function target(name: string): PlanTarget {
  return { kind: 'step', step: { name: `${name}_0`, child: name, position: 0 } };
}

/** `'X' 1`: quoted and bare statuses, each leading to a step of the status's name. */
function ordered(statuses: readonly string[]) {
  return inOrder(
    statuses.map((text) => {
      const quoted = text.startsWith("'");
      const status = quoted ? text.slice(1, -1) : text;
      return { status, quoted, target: target(text) };
    }),
  );
}

describe('patterns', () => {
  it.each([
    ['FAILED', 'FAILED', true],
    ['FAILED', 'failed', false],
    ['FAILED', 'FAILED ', false],
    ['FAIL*', 'FAILED', true],
    ['FAIL*', 'FAIL', true],
    ['*ED', 'FAILED', true],
    ['F*D', 'FAILEDX', false],
    ['F*E*', 'FAILED', true],
    ['F?ILED', 'FAILED', true],
    ['F?ILED', 'FILED', false],
    ['?', '', false],
    ['*', '', true],
    ['**', 'a', true],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
    ['*a*b', 'aab', true],
    ['*a*b', 'aba', false],
    ['a?*', 'a', false],
    ['?*?', 'ab', true],
    ['', '', true],
  ])('%s and %s', (pattern, text, matched) => {
    expect(matches(pattern, text)).toBe(matched);
  });

  it('with many stars end on long texts', () => {
    expect(matches(`${'*a'.repeat(1_000)}b`, 'a'.repeat(2_500))).toBe(false);
  });
});

describe('the order of transitions', () => {
  it.each([
    [
      ["'*'", "'F*'", "'F?'", "'FA'"],
      ['FA', 'F?', '*', 'F*'],
    ],
    [
      ["'??'", "'?A'", "'BA'", "'AA'"],
      ['AA', 'BA', '?A', '??'],
    ],
    [
      ["'a'", "'B'", '1'],
      ['1', 'B', 'a'],
    ],
    [
      ["'*?'", "'*'", "'**'"],
      ['*', '*?', '**'],
    ],
  ])('%j', (written, tried) => {
    expect(ordered(written).map(({ pattern }) => pattern)).toEqual(tried);
  });

  it('leaves several with one pattern as they are written', () => {
    const written = [
      { status: 'X', quoted: true, target: target('a') },
      { status: '*', quoted: false, target: target('b') },
      { status: ' ', quoted: true, target: target('c') },
      { status: '*', quoted: true, target: target('d') },
    ];
    expect(inOrder(written)).toEqual([
      { pattern: 'X', exitCode: null, target: target('a') },
      { pattern: '*', exitCode: null, target: target('b') },
      { pattern: '*', exitCode: null, target: target('c') },
      { pattern: '*', exitCode: null, target: target('d') },
    ]);
  });
});

describe('a bare number', () => {
  const goes = (statuses: readonly string[], exitStatus: string, exitCode: number | null, last = true) => {
    const transitions = ordered(statuses);
    const decision = decide(
      {
        kind: 'step',
        step: { name: 'a_0', child: 'a', position: 0 },
        transitions,
        unmatched: unmatchedMeaning(transitions, last),
      },
      { exitStatus, exitCode },
    );
    if (decision.kind !== 'target') return decision.kind === 'end' ? decision.status : decision.kind;
    return decision.target.kind === 'step' ? decision.target.step.child : decision.target.kind;
  };

  it.each([
    // [transitions, exit status, exit code, last element, where it goes]
    [['1'], '1', 0, true, '1'],
    [['1'], 'FAILED', 1, true, '1'],
    [['01'], 'FAILED', 1, true, '01'],
    [["'1'"], 'FAILED', 1, true, 'FAILED'],
    [['1', '2'], '2', 1, true, '2'],
    [['1'], 'FAILED', null, true, 'FAILED'],
    [['0'], 'COMPLETED', 0, true, '0'],
    [['1'], 'COMPLETED', 0, true, 'COMPLETED'],
    [['1'], 'FAILED', 2, true, 'FAILED'],
    [['1', "'X'"], 'COMPLETED', 0, true, 'FAILED'],
    [['1', '*'], 'FAILED', 1, true, '*'],
    [['1'], 'FAILED', 1, false, '1'],
    [['1'], 'FAILED', 2, false, 'next'],
    [['1', "'FAILED'"], 'FAILED', 1, true, "'FAILED'"],
    [["'1'", '1'], '1', 0, true, "'1'"],
    [["'1'", '1'], 'FAILED', 1, true, '1'],
  ])('%j with %s, code %s, last %s: %s', (statuses, exitStatus, exitCode, last, where) => {
    expect(goes(statuses, exitStatus, exitCode, last)).toBe(where);
  });
});
