import { describe, expect, it } from '@jest/globals';
import { encodeKey } from './base64-keys.js';
import { childLimits } from './child-limits.js';
import { makePlan } from './make-plan.js';
import { maskLaunchArgument, maskProperty } from './masks.js';
import { neededChildren } from './needed-children.js';
import { runLimits } from './run-limits.js';

describe('neededChildren', () => {
  it.each([
    ['a && b && c', ['a', 'b', 'c']],
    ["a && b 'FAILED'->x && c", ['a', 'b']],
    ["<a || b 'X'->y && z> && c", ['a', 'b', 'c']],
    ['<a || <b || c && d>>', ['a', 'b', 'c', 'd']],
    ["a 'FAILED'->b '*'->c", ['a']],
  ])('of %s', (text, expected) => {
    expect([...neededChildren(makePlan('ct', text))].sort()).toEqual(expected);
  });
});

describe('runLimits', () => {
  const limits = (entries: Record<string, string>) => runLimits(new Map(Object.entries(entries)));
  const KEY = 'deployer.composed-task-runner.millrace';

  it.each([
    [{}, { timeout: null, maxAtOnce: null }],
    [
      { [`${KEY}.timeout`]: '2h', 'deployer.*.millrace.timeout': '1s' },
      { timeout: 7_200_000, maxAtOnce: null },
    ],
    [{ 'app.composed-task-runner.millrace.maxAtOnce': '3' }, { timeout: null, maxAtOnce: 3 }],
    [{ [`${KEY}.max-at-once`]: '' }, { timeout: null, maxAtOnce: null }],
  ])('%j', (entries, expected) => {
    expect(limits(entries)).toEqual(expected);
  });

  it.each([
    [{ [`${KEY}.timeout`]: 'soon' }, /millrace\.timeout' is 'soon', but must be a duration/],
    [{ [`${KEY}.timeout`]: '0' }, /longer than nothing/],
    [{ [`${KEY}.max-at-once`]: '0' }, /whole number from 1/],
    [{ [`${KEY}.retry.backoff`]: '1s' }, /there are millrace\.timeout and millrace\.max-at-once/],
  ])('refuses %j', (entries, message) => {
    expect(() => limits(entries)).toThrow(message);
  });
});

describe('childLimits', () => {
  it('leaves priorities and blank values to others', () => {
    const properties = new Map([
      ['deployer.a.millrace.priority', '5'],
      ['deployer.a.millrace.timeout', ' '],
    ]);
    expect(childLimits('ct-a', properties).timeout).toBeNull();
  });
});

describe('masks', () => {
  const key = (plain: string) => `app.composed-task-runner.composed-task-app-properties.${encodeKey(plain)}`;

  it.each([
    ['app.a.db.password', 'x', '******'],
    [key('app.a.db.password'), 'x', '******'],
    [key('app.a.format'), 'x', 'x'],
    [key('app.a.db.password'), '', ''],
    [
      'composed-task-properties',
      'app.ct-a.app.t.token=x, app.ct-b.app.t.size=9',
      'app.ct-a.app.t.token=****** app.ct-b.app.t.size=9',
    ],
    ['app.composed-task-runner.composedTaskArguments', '--a.token=x --b=y', '--a.token=****** --b=y'],
  ])('%s=%s', (name, value, shown) => {
    expect(maskProperty(name, value)).toBe(shown);
  });

  it.each([
    [
      `--composed-task-app-arguments.${encodeKey('app.a.0')}=--token=x`,
      `--composed-task-app-arguments.${encodeKey('app.a.0')}=--token=******`,
    ],
    ['--composed-task-arguments=--token=x', '--composed-task-arguments=--token=******'],
    ['--password=x', '--password=******'],
    ['word', 'word'],
  ])('%s', (argument, shown) => {
    expect(maskLaunchArgument(argument)).toBe(shown);
  });
});
