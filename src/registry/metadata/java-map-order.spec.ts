import { describe, expect, it } from '@jest/globals';
import { inJavaMapOrder, javaHashCode } from './java-map-order.js';

describe('javaHashCode', () => {
  it.each([
    ['', 0],
    ['a', 97],
    ['timestamp.format', -1679872049],
    ['polygenelubricants', -2147483648],
    ['é', 233],
  ])('%j', (text, hash) => {
    expect(javaHashCode(text)).toBe(hash);
  });
});

describe('inJavaMapOrder', () => {
  it('lists the properties of the timestamp task as SCDF does', () => {
    const inFile = ['timestamp.exit-message', 'timestamp.fail', 'timestamp.format', 'timestamp.sleep'];
    expect(inJavaMapOrder(inFile)).toEqual([
      'timestamp.format',
      'timestamp.exit-message',
      'timestamp.sleep',
      'timestamp.fail',
    ]);
  });

  it('keeps each key once', () => {
    expect(inJavaMapOrder(['b', 'a', 'b'])).toEqual(['a', 'b']);
  });

  it('keeps the order of keys whose hashes are the same', () => {
    expect(inJavaMapOrder(['BB', 'Aa'])).toEqual(['BB', 'Aa']);
    expect(inJavaMapOrder(['Aa', 'BB'])).toEqual(['Aa', 'BB']);
  });

  it('grows its table beyond three quarters', () => {
    // 'a' is 97 and 'q' is 113: the same place of 16, different places of 32.
    const twelve = ['q', 'a', ...'bcdefghijk'];
    expect(inJavaMapOrder(twelve).slice(0, 2)).toEqual(['q', 'a']);
    const thirteen = [...twelve, 'l'];
    expect(inJavaMapOrder(thirteen).indexOf('a')).toBeLessThan(inJavaMapOrder(thirteen).indexOf('q'));
  });
});
