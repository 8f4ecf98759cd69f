import { describe, expect, it } from '@jest/globals';
import { formatPropertyName } from '../property-names.js';
import { readProperties } from './properties-file.js';

describe('readProperties', () => {
  it.each([
    ['a=b', { a: 'b' }],
    ['a = b ', { a: 'b ' }],
    ['a:b\nc d', { a: 'b', c: 'd' }],
    ['  a\t=\t b', { a: 'b' }],
    ['# c\n! d\n\na=1', { a: '1' }],
    ['a=one \\\n   two\\\n three', { a: 'one twothree' }],
    ['a=x\\\\\nb=y', { a: 'x\\', b: 'y' }],
    ['a=x\\', { a: 'x' }],
    ['a=\\u00e4\\t\\n\\q', { a: 'ä\t\nq' }],
    ['a\\=b\\:c\\ d=e', { '[a=b:c d]': 'e' }],
    ['a=b=c:d', { a: 'b=c:d' }],
    ['a', { a: '' }],
    ['a[0].x=1\r\na[1].x=2\r', { 'a[0].x': '1', 'a[1].x': '2' }],
    ['\uFEFFa=1', { a: '1' }],
    ['a=1\na=2', { a: '2' }],
    ['a=#no comment', { a: '#no comment' }],
  ])('%j', (text, expected) => {
    const entries = readProperties(text, 'f').flat();
    expect(Object.fromEntries(entries.map(({ name, value }) => [formatPropertyName(name), value]))).toEqual(expected);
  });

  it('tells lines and documents', () => {
    expect(readProperties('a=1\\\n2\nb=3\n#---\nc=4\n!---\n', 'f.properties')).toEqual([
      [
        { name: ['a'], value: '12', origin: 'f.properties, line 1' },
        { name: ['b'], value: '3', origin: 'f.properties, line 3' },
      ],
      [{ name: ['c'], value: '4', origin: 'f.properties, line 5' }],
      [],
    ]);
  });
});
