import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectMeta } from '../wire.js';
import { RecordStore } from './record-store.js';

interface Thing {
  readonly metadata: ObjectMeta;
  readonly phase: string;
}

const thing = (name: string, resourceVersion: string, phase: string): Thing => ({
  metadata: { name, resourceVersion },
  phase,
});

let told: string[];
let store: RecordStore<Thing, string>;

beforeEach(() => {
  told = [];
  store = new RecordStore<Thing, string>(({ phase }) => phase, {
    put: (record, before) => told.push(`${before ?? 'nothing'} -> ${record}`),
    dropped: (record) => told.push(`${record} dropped`),
  });
});

describe('RecordStore', () => {
  it.each([
    ['99', '100'],
    ['100', '101'],
  ])('does not take version %s for news behind version %s', (older, newer) => {
    store.put(thing('a', newer, 'Succeeded'));
    store.put(thing('a', older, 'Pending'));
    expect(store.get('a')).toBe('Succeeded');
    expect(told).toEqual(['nothing -> Succeeded']);
  });

  it.each([
    ['7', '7'],
    ['7', '8'],
    ['9', '10'],
    ['opaque', '3'],
    ['3', 'opaque'],
  ])('takes what comes behind version %s with version %s', (first, second) => {
    store.put(thing('a', first, 'Pending'));
    store.put(thing('a', second, 'Running'));
    expect(told).toEqual(['nothing -> Pending', 'Pending -> Running']);
  });

  it('keeps through a list what the list shows in an older state', () => {
    store.put(thing('a', '12', 'Running'));
    store.beginList();
    store.put(thing('a', '11', 'Pending'));
    store.endList();
    expect(store.get('a')).toBe('Running');
  });

  it('drops what a list has no more, and what an event says is gone', () => {
    store.put(thing('a', '1', 'Running'));
    store.put(thing('b', '2', 'Running'));
    store.beginList();
    store.put(thing('b', '2', 'Running'));
    store.endList();
    store.drop(thing('b', '3', 'Succeeded'));
    expect([...store.values()]).toEqual([]);
    expect(told.slice(-3)).toEqual(['Running dropped', 'Running -> Succeeded', 'Succeeded dropped'].slice(-3));
  });
});
