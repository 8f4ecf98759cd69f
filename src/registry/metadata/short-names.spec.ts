import { describe, expect, it } from '@jest/globals';
import { AmbiguousShortNameError, expandShortNames } from './short-names.js';

const VISIBLE = [
  { id: 'timestamp.format', name: 'format' },
  { id: 'reader.path', name: 'path' },
  { id: 'writer.path', name: 'path' },
  { id: 'debug', name: 'debug' },
  { id: 'format', name: 'format' },
];

describe('expandShortNames', () => {
  const visible = VISIBLE.slice(0, 4);
  it.each<[Record<string, string>, Record<string, string>]>([
    [{}, {}],
    [{ format: 'yyyy' }, { 'timestamp.format': 'yyyy' }],
    [{ 'timestamp.format': 'yyyy' }, { 'timestamp.format': 'yyyy' }],
    [{ unknown: 'x' }, { unknown: 'x' }],
    [{ debug: 'true' }, { debug: 'true' }],
    [{ 'writer.path': '/a' }, { 'writer.path': '/a' }],
    [{ 'timestamp.format': 'full', format: 'short' }, { 'timestamp.format': 'full' }],
    [{ format: 'short', 'timestamp.format': 'full' }, { 'timestamp.format': 'full' }],
  ])('%j', (given, expanded) => {
    expect(expandShortNames(given, visible)).toEqual(expanded);
  });

  it('prefers a property that has the whole name over others that end with it', () => {
    expect(expandShortNames({ format: 'x' }, VISIBLE)).toEqual({ format: 'x' });
  });

  it('names all candidates of an ambiguous name', () => {
    expect(() => expandShortNames({ path: '/a' }, visible)).toThrow(
      new AmbiguousShortNameError('path', ['reader.path', 'writer.path']),
    );
    expect(() => expandShortNames({ path: '/a' }, visible)).toThrow(
      "Ambiguous short form property 'path' could mean any of [reader.path, writer.path]",
    );
  });
});
