import { describe, expect, it } from '@jest/globals';
import { parsePropertyName } from './property-names.js';
import type { PropertySource } from './property-source.js';
import { buildPropertyTree } from './property-tree.js';

function source(values: Record<string, string>, caseless = false): PropertySource {
  const entries = Object.entries(values).map(([name, value]) => ({
    name: parsePropertyName(name),
    value,
    origin: 'test',
    caseless,
  }));
  return { description: 'test', entries };
}

function valueOf(name: string, ...sources: readonly Record<string, string>[]): string | undefined {
  return buildPropertyTree(sources.map((values) => source(values))).find(parsePropertyName(name))?.entry?.value;
}

function listOf(name: string, ...sources: readonly Record<string, string>[]) {
  const node = buildPropertyTree(sources.map((values) => source(values))).find(parsePropertyName(name));
  return node?.elements?.map((element) => element.entry?.value) ?? node?.entry?.value;
}

describe('the property tree', () => {
  it('takes the value of the highest source, whatever its spelling', () => {
    expect(valueOf('a.bC', { 'a.b-c': 'high' }, { 'a.b_c': 'low' })).toBe('high');
    expect(valueOf('a.x', { 'a.b-c': 'high' }, { 'a.x': 'low' })).toBe('low');
  });

  it('takes the last of several values in one source', () => {
    expect(valueOf('a', { a: 'first', A: 'second' })).toBe('second');
  });

  it('takes a list whole from one source', () => {
    expect(listOf('a', { 'a[0]': 'x' }, { 'a[0]': '1', 'a[1]': '2' })).toEqual(['x']);
    expect(listOf('a', { a: 'x,y' }, { 'a[0]': '1', 'a[1]': '2' })).toBe('x,y');
    expect(listOf('a', { 'a[0]': 'x', 'a[1]': 'y' }, { a: '1' })).toEqual(['x', 'y']);
    expect(listOf('a[0]', { 'a[0].n': 'x' }, { 'a[0].m': '1' })).toBeUndefined();
  });

  it('has no list where indexes are missing', () => {
    expect(buildPropertyTree([source({ 'a[1]': 'x' })]).find(['a'])?.elements).toBeUndefined();
  });

  it('unites maps, and prefers the spelling of a source that knows letter cases', () => {
    const tree = buildPropertyTree([
      source({ 'a.myteam.x': '1' }, true),
      source({ 'a.my-Team.y': '2', 'a.other.y': '3' }),
    ]);
    expect(tree.find(['a'])?.children.map(({ segment }) => segment)).toEqual(['my-Team', 'other']);
    expect(tree.find(['a', 'my-team'])?.children.map(({ segment }) => segment)).toEqual(['x', 'y']);
  });
});
