import { describe, expect, it } from '@jest/globals';
import { lockKeyOf } from './lock-key.js';

describe('lockKeyOf', () => {
  // What Java 17 answers.
  it.each([
    ['nightly', '0ae34898-1512-3120-8fb6-06170a053745'],
    ['Ünïcode', '6c51cc17-7129-3945-980e-47796dca90c3'],
    ['a-b-c-d', 'c004a76f-ff89-3f75-b959-17313608effd'],
    ['00000000-0000-0000-0000-00000000000g', '6d756d05-0cd7-3a55-b52d-66a67e91f7e9'],
    ['12345678-1234-1234-1234-123456789abcd', 'deee61c5-d373-3a26-b747-4d9cce0d860f'],
    ['f-ffffffffffffffff-1-1-1', '0ee16ef1-d1e5-3bd6-a899-a47076307c67'],
    ['A-b-C-d-e', '0000000a-000b-000c-000d-00000000000e'],
    ['123456789-1-1-1-1', '23456789-0001-0001-0001-000000000001'],
    ['fffffffff-fffff-1-2-1234567890abcd', 'ffffffff-ffff-0001-0002-34567890abcd'],
  ])('%s', (name, key) => {
    expect(lockKeyOf(name)).toBe(key);
  });
});
