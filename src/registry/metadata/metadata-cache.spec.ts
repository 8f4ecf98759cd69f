import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AppMetadata } from './app-metadata.js';
import { NO_METADATA } from './app-metadata.js';
import { MetadataCache } from './metadata-cache.js';

const named = (name: string): AppMetadata => ({ ...NO_METADATA, inboundPortNames: [name] });
const nameOf = (metadata: AppMetadata | undefined) => metadata?.inboundPortNames[0];

describe('MetadataCache', () => {
  let clock: number;
  let stamp: string;
  let failure: string | undefined;
  let looks: number;
  let loads: number;
  let failures: string[];
  let cache: MetadataCache;

  beforeEach(() => {
    clock = 0;
    stamp = 'one';
    failure = undefined;
    looks = 0;
    loads = 0;
    failures = [];
    cache = new MetadataCache({
      lookAt: async (uri) => {
        looks++;
        if (failure === 'look') throw new Error(failure);
        return {
          stamp,
          load: async () => {
            loads++;
            if (failure !== undefined) throw new Error(failure);
            return { visible: named(`${uri} ${stamp}`), exhaustive: named(`all of ${uri} ${stamp}`) };
          },
        };
      },
      freshFor: (uri) => (uri === 'file' ? 0 : 100),
      failureFor: 10,
      onFailure: (uri, reason) => failures.push(`${uri}: ${reason}`),
      now: () => clock,
    });
  });

  it('asks once while the answer is fresh, for both extents', async () => {
    expect(nameOf(await cache.exhaustive('a'))).toBe('all of a one');
    expect(nameOf(await cache.visible('a'))).toBe('a one');
    expect(nameOf(await cache.exhaustive('a'))).toBe('all of a one');
    expect({ looks, loads }).toEqual({ looks: 1, loads: 1 });
  });

  it('looks again when the answer is no longer fresh, and reads only what has changed', async () => {
    await cache.visible('a');
    clock = 150;
    expect(nameOf(await cache.visible('a'))).toBe('a one');
    expect({ looks, loads }).toEqual({ looks: 2, loads: 1 });
    stamp = 'two';
    expect(nameOf(await cache.visible('a'))).toBe('a one');
    clock = 300;
    expect(nameOf(await cache.exhaustive('a'))).toBe('all of a two');
    expect({ looks, loads }).toEqual({ looks: 3, loads: 2 });
  });

  it('looks at files every time', async () => {
    await cache.visible('file');
    stamp = 'two';
    expect(nameOf(await cache.visible('file'))).toBe('file two');
  });

  it('shares one answer between those who ask at the same time', async () => {
    const answers = await Promise.all([cache.visible('a'), cache.visible('a'), cache.visible('b')]);
    expect(answers.map(nameOf)).toEqual(['a one', 'a one', 'b one']);
    expect(loads).toBe(2);
  });

  it.each(['look', 'load'])('leaves a failure to %s alone for a while, and tells it once', async (kind) => {
    failure = kind;
    expect(await cache.visible('a')).toBeUndefined();
    expect(await cache.exhaustive('a')).toBeUndefined();
    expect(looks).toBe(1);
    clock = 20;
    expect(await cache.visible('a')).toBeUndefined();
    expect(failures).toEqual([`a: ${kind}`]);
    failure = undefined;
    stamp = 'two';
    clock = 40;
    expect(nameOf(await cache.visible('a'))).toBe('a two');
    failure = kind;
    stamp = 'three';
    clock = 200;
    await cache.visible('a');
    expect(failures).toEqual([`a: ${kind}`, `a: ${kind}`]);
  });

  it('keeps using what it had when it cannot be read again', async () => {
    await cache.visible('a');
    failure = 'look';
    clock = 150;
    expect(nameOf(await cache.visible('a'))).toBe('a one');
    expect(nameOf(await cache.exhaustive('a'))).toBe('all of a one');
    expect(failures).toEqual(['a: look']);
  });

  it('reads everything again when only the visible part is still here', async () => {
    await cache.visible('first');
    for (let i = 0; i < 24; i++) await cache.visible(`app ${i}`);
    const before = loads;
    expect(nameOf(await cache.visible('first'))).toBe('first one');
    expect(loads).toBe(before);
    expect(nameOf(await cache.exhaustive('first'))).toBe('all of first one');
    expect(loads).toBe(before + 1);
  });
});
