import { describe, expect, it } from '@jest/globals';
import { parseJavaProperties } from './java-properties.js';

describe('parseJavaProperties', () => {
  it.each<[string, Record<string, string>]>([
    ['', {}],
    ['a=b', { a: 'b' }],
    ['a = b \r\n b: c\rc d', { a: 'b ', b: 'c', c: 'd' }],
    ['# a=b\n! c=d\n  # e=f', {}],
    ['a=b,\\\n   c,\\\n   d', { a: 'b,c,d' }],
    ['a=b\\\\\nc=d', { a: 'b\\', c: 'd' }],
    ['a\\=b\\:c\\ d=e', { 'a=b:c d': 'e' }],
    ['a=\\u00e9\\t\\q', { a: 'é\tq' }],
    ['a=\\u00', { a: '\\u00' }],
    ['a', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=1\na=2', { a: '2' }],
    ['a=b\\', { a: 'b' }],
    ['__proto__=x', JSON.parse('{"__proto__":"x"}') as Record<string, string>],
  ])('%j', (text, properties) => {
    expect([...parseJavaProperties(text)]).toEqual(Object.entries(properties));
  });
});
