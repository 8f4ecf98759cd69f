import { describe, expect, it } from '@jest/globals';
import { JAVA_FIXTURES } from '../../test/support/java-fixtures.js';
import { serialize } from '../representation/hal-adapter.js';
import { executionContextResource, readExecutionContext, stepTypeOf } from './execution-context.js';

const read = (stored: string | undefined): unknown =>
  JSON.parse(serialize(Object.fromEntries(readExecutionContext(stored))));

describe('a context in JSON', () => {
  it.each([
    ['{"@class":"java.util.HashMap"}', {}],
    ['{"@class":"java.util.HashMap","s":"v","n":5,"b":true,"x":null}', { s: 'v', n: 5, b: true, x: null }],
    ['{"id":["java.lang.Long",4]}', { id: 4 }],
    ['{"id":["java.lang.Long",9223372036854775807]}', { id: '9223372036854775807' }],
    ['{"when":["java.util.Date",1700000000123]}', { when: '2023-11-14T22:13:20.123+0000' }],
    ['{"list":["java.util.ArrayList",["--a=1",["java.lang.Long",2]]]}', { list: ['--a=1', 2] }],
    ['{"pair":["java.util.ArrayList",["java.util","b"]]}', { pair: ['java.util', 'b'] }],
    ['{"map":{"@class":"java.util.HashMap","k":["java.lang.Long",1]}}', { map: { k: 1 } }],
    ['{"bean":{"@class":"com.example.Foo","a":1}}', { bean: { '@class': 'com.example.Foo', a: 1 } }],
    ['{"__proto__":{"a":1}}', JSON.parse('{"__proto__":{"a":1}}')],
  ])('%s', (stored, expected) => {
    expect(read(stored)).toEqual(expected);
  });

  it('keeps the stored order and has one object for each entry', () => {
    const resource = executionContextResource(readExecutionContext('{"@class":"java.util.HashMap","s":"v","cnt":5}'));
    expect(resource).toEqual({ dirty: false, empty: false, values: [{ s: 'v' }, { cnt: 5 }] });
    expect(executionContextResource([])).toEqual({ dirty: false, empty: true, values: [] });
  });
});

describe('a context serialised by Java', () => {
  it('shows scalars', () => {
    expect(read(JAVA_FIXTURES.scalars)).toEqual({
      string: 'héllo \u0000 \u{1F600}',
      ...{ int: 5, long: '9007199254740993', small: 7, double: 2, float: 0.1, short: 3, byte: -1 },
      ...{ boolean: true, char: 'c', null: null },
      date: '2023-11-14T22:13:20.123+0000',
      timestamp: '2023-11-14T22:13:20.123+0000',
    });
    expect(serialize(Object.fromEntries(readExecutionContext(JAVA_FIXTURES.scalars)))).toContain('"double":2.0,');
  });

  it('shows collections', () => {
    const shown = read(JAVA_FIXTURES.collections);
    expect(shown).toEqual({
      ...{ arraylist: ['a', 1, 2], linkedlist: [1], hashset: ['s'], treeset: ['a', 'b'] },
      ...{ immutable: ['i', 'j', 'k'], immutablemap: { k: 1 }, aslist: ['p', 'q'], vector: ['v'] },
      ...{ unmodifiable: ['u'], unmodmap: { a: 'b' }, treemap: { t: 1 }, concurrent: { c: 1 }, nested: { n: [1] } },
      ...{ ints: [1, 2], strings: ['a', null], bytes: '(3 bytes)' },
    });
  });

  it('shows other values of the JDK, and says of what it does not know that it is there', () => {
    expect(read(JAVA_FIXTURES.others)).toEqual({
      ...{ bigint: '-123456789012345678901234567890', decimal: '-12.050', decimal2: '1000' },
      uuid: '123e4567-e89b-12d3-a456-426614174000',
      ...{ localdate: '2024-01-02', localdatetime: '2024-01-02T03:04:05', midnight: '2024-01-02T00:00:00' },
      ...{ instant: '2023-11-14T22:13:20.123Z', enum: 'GREEN', class: 'java.lang.String' },
      bean: '(a Fix$Bean, not shown)',
      duration: '(a java.time.Ser, not shown)',
      external: '(a Fix$Ext, not shown)',
      after: 'still read',
      exception: '(a java.lang.IllegalStateException, not shown)',
      ...{ one: 'shared', two: 'shared', atomic: 4 },
    });
  });

  it('bounds what refers to itself or unfolds without end', () => {
    expect(serialize(readExecutionContext(JAVA_FIXTURES.cycle)).length).toBeLessThan(1000);
    const bomb = serialize(readExecutionContext(JAVA_FIXTURES.bomb));
    expect(bomb).toContain('more than can be shown');
    expect(bomb.length).toBeLessThan(2_000_000);
  });
});

describe('a context that cannot be read', () => {
  it.each([
    ['{"a":', ['context.deserialize.error.jackson']],
    ['(custom format)', ['context.deserialize.error.jackson', 'context.deserialize.error.java.deserialization']],
    [JAVA_FIXTURES.nomap, ['context.deserialize.error.jackson', 'context.deserialize.error.java.deserialization']],
    ['x'.repeat(10_000_001), ['context.deserialize.error.jackson']],
  ])('has entries that say so: %.20s', (stored, keys) => {
    const entries = readExecutionContext(stored);
    expect(entries.map(([key]) => key)).toEqual(keys);
    for (const [, text] of entries) expect(text).toMatch(/^The context /);
  });

  it('is no failure wherever the stream is cut or damaged', () => {
    for (const stored of Object.values(JAVA_FIXTURES)) {
      const bytes = Buffer.from(stored, 'base64');
      for (let length = 0; length < bytes.length; length += 7) {
        expect(Array.isArray(readExecutionContext(bytes.subarray(0, length).toString('base64')))).toBe(true);
      }
      for (let index = 4; index < bytes.length; index += 3) {
        const damaged = Buffer.from(bytes);
        damaged.writeUInt8((damaged.readUInt8(index) + 1 + (index % 250)) & 0xff, index);
        expect(typeof serialize(readExecutionContext(damaged.toString('base64')))).toBe('string');
      }
    }
  });

  it('is none when nothing is stored', () => {
    expect([undefined, '', ' '].map(readExecutionContext)).toEqual([[], [], []]);
  });
});

describe('the type of a step', () => {
  it.each([
    [{}, ''],
    [{ 'batch.stepType': 'org.springframework.batch.core.step.tasklet.TaskletStep' }, 'Tasklet Step'],
    [{ 'batch.stepType': 'org.springframework.batch.core.partition.support.PartitionStep' }, 'Partition Step'],
    [{ 'batch.stepType': 'com.example.OwnStep' }, 'com.example.OwnStep'],
    [{ 'batch.stepType': 'constructor' }, 'constructor'],
    [
      {
        'batch.taskletType': 'org.springframework.batch.core.step.item.ChunkOrientedTasklet',
        'batch.stepType': 'org.springframework.batch.core.step.tasklet.TaskletStep',
      },
      'Chunk Oriented Step',
    ],
    [{ 'batch.taskletType': 'peer.App$$Lambda$376/0x00007fd39c29c800' }, 'peer.App$$Lambda$376/0x00007fd39c29c800'],
  ])('of %j is %s', (context, type) => {
    expect(stepTypeOf(Object.entries(context))).toBe(type);
  });
});
