import { describe, expect, it } from '@jest/globals';
import { formatJavaDouble, parseJavaLong } from './java-numbers.js';

describe('a double in text', () => {
  it.each([
    [1.5, '1.5'],
    [1, '1.0'],
    [0, '0.0'],
    [-0, '-0.0'],
    [-42, '-42.0'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [0.00012345, '1.2345E-4'],
    [9999999, '9999999.0'],
    [10_000_000, '1.0E7'],
    [12_345_678.9, '1.23456789E7'],
    [1e300, '1.0E300'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('%d is %s, as in Java', (value, text) => {
    expect(formatJavaDouble(value)).toBe(text);
  });
});

describe('a long in text', () => {
  it.each([
    ['7', 7n],
    ['+7', 7n],
    ['-7', -7n],
    ['0007', 7n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
  ])('%s is read', (text, value) => {
    expect(parseJavaLong(text)).toBe(value);
  });

  it.each(['', '-', '+-7', '7.0', ' 7', '0x7', '9223372036854775808', '-9223372036854775809', '12345678901234567890'])(
    '%j is none',
    (text) => {
      expect(parseJavaLong(text)).toBeUndefined();
    },
  );
});
