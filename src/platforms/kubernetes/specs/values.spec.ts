import { describe, expect, it } from '@jest/globals';
import type { SettingsTree } from '../../../configuration/configuration.js';
import * as v from './values.js';

type Row = readonly [read: (value: SettingsTree) => unknown, value: SettingsTree, expected: unknown];

const taken: readonly Row[] = [
  [v.flag, ' TRUE ', true],
  [v.flag, 'off', false],
  [(value) => v.integer(value, 0, 9), '+7', 7],
  [v.port, '65535', 65_535],
  [(value) => v.oneOf(value, ['IfNotPresent']), 'if-not_PRESENT', 'IfNotPresent'],
  [v.list, 'a, b,,c', ['a', 'b', 'c']],
  [v.list, ['a', ' '], ['a']],
  [v.quantity, '1.5Gi', '1.5Gi'],
  [v.quantity, '1e9', '1e9'],
  [v.quantity, '500m', '500m'],
  [v.quantity, '1E', '1E'],
  [v.memory, '512', '512Mi'],
  [v.memory, '512m', '512Mi'],
  [v.memory, '2g', '2Gi'],
  [v.memory, '64Mi', '64Mi'],
  [v.memory, '1G', '1G'],
  [v.dnsLabel, 'a-1', 'a-1'],
  [v.objectName, 'a.b-c', 'a.b-c'],
];

const refused: readonly (readonly [read: (value: SettingsTree) => unknown, value: SettingsTree])[] = [
  [v.text, ['a']],
  [v.flag, 'maybe'],
  [(value) => v.integer(value, 0, 9), '10'],
  [(value) => v.integer(value, 0, 9), '1.5'],
  [(value) => v.integer(value, 0, 9), '9'.repeat(400)],
  [v.port, '0'],
  [(value) => v.oneOf(value, ['a']), 'b'],
  [v.list, { a: 'b' }],
  [v.quantity, '1GB'],
  [v.quantity, '-1'],
  [v.quantity, 'Gi'],
  [v.quantity, '.'],
  [v.memory, '2x'],
  [v.dnsLabel, 'A'],
  [v.dnsLabel, 'a'.repeat(64)],
  [v.dnsLabel, '-a'],
  [v.objectName, 'a..b'],
  [v.objectName, ''],
  [(value) => v.variableName(v.text(value)), 'A=B'],
  [(value) => v.variableName(v.text(value)), ''],
  [(value) => v.variableName(v.text(value)), 'Ü'],
];

describe('values of deployer properties', () => {
  it.each(taken)('%p takes %j as %j', (read, value, expected) => {
    expect(read(value)).toEqual(expected);
  });

  it.each(refused)('%p refuses %j', (read, value) => {
    expect(() => read(value)).toThrow(v.UnacceptableValue);
  });

  it.each([
    ['1Gi', 1024 ** 3],
    ['1.5Ki', 1536],
    ['250m', 0.25],
    ['1e3', 1000],
    ['1E', 1e18],
    ['2k', 2000],
    ['3', 3],
  ])('quantity %s is %d', (quantity, number) => {
    expect(v.quantityNumber(quantity)).toBe(number);
  });

  it.each([
    ['app.kubernetes.io/name', true],
    ['a', true],
    ['A_b.c-d', true],
    ['/a', false],
    ['a/', false],
    ['a/b/c', false],
    ['A.b/c', false],
    ['a b', false],
    ['a'.repeat(64), false],
  ])('%s as the key of a label: %p', (key, expected) => {
    expect(v.isQualifiedName(key)).toBe(expected);
  });
});
