import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ZipFileToWrite, zipOf } from '../../../test/support/zip-writer.js';
import { JAR_LIMITS, readJarMetadata } from './jar-metadata.js';
import { UnreadableArchiveError } from './zip-archive.js';

const JSON_PATH = 'META-INF/spring-configuration-metadata.json';
const NOTHING = { metadata: [], visibility: [], portMappings: [], optionGroups: [] };

describe('readJarMetadata', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jar-metadata-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  async function jarOf(content: Buffer | readonly ZipFileToWrite[]): Promise<string> {
    const path = join(directory, 'app.jar');
    await writeFile(path, Buffer.isBuffer(content) ? content : zipOf(content));
    return path;
  }

  it('reads the four kinds of files of a plain jar', async () => {
    const path = await jarOf([
      { name: 'META-INF/', content: '', stored: true },
      { name: JSON_PATH, content: '{"é":1}' },
      { name: 'META-INF/dataflow-configuration-metadata.properties', content: Buffer.from('a=\xe9', 'latin1') },
      { name: 'META-INF/dataflow-configuration-port-mapping.properties', content: 'b', stored: true },
      { name: 'META-INF/dataflow-configuration-option-groups.properties', content: 'c' },
      { name: 'META-INF/additional-spring-configuration-metadata.json', content: 'no' },
      { name: `deeper/${JSON_PATH}`, content: 'no' },
    ]);
    expect(await readJarMetadata(path)).toEqual({
      metadata: ['{"é":1}'],
      visibility: ['a=é'],
      portMappings: ['b'],
      optionGroups: ['c'],
    });
  });

  it.each([
    ['BOOT-INF', true],
    ['BOOT-INF', false],
    ['WEB-INF', true],
  ])('looks into classes and libraries of %s (libraries stored: %s)', async (root, stored) => {
    const library = (text: string) => zipOf([{ name: JSON_PATH, content: text }]);
    const path = await jarOf([
      { name: `${root}/classes/${JSON_PATH}`, content: 'classes' },
      { name: `${root}/lib/one.jar`, content: library('one'), stored },
      { name: `${root}/lib/damaged.jar`, content: 'no zip', stored },
      { name: `${root}/lib/empty.jar`, content: '', stored },
      { name: `${root}/lib/two.jar`, content: library('two'), stored },
      { name: `${root}/lib/deeper/three.jar`, content: library('three'), stored },
    ]);
    expect((await readJarMetadata(path)).metadata).toEqual(['classes', 'one', 'two']);
  });

  it('reads an executable jar, which begins with a shell script', async () => {
    const library = zipOf([{ name: JSON_PATH, content: 'library' }]);
    const jar = zipOf([
      { name: JSON_PATH, content: 'own' },
      { name: 'BOOT-INF/lib/one.jar', content: library, stored: true },
    ]);
    const path = await jarOf(Buffer.concat([Buffer.from('#!/bin/sh\nexec java -jar "$0" "$@"\n'), jar]));
    expect((await readJarMetadata(path)).metadata).toEqual(['own', 'library']);
  });

  it('finds nothing in a jar that says nothing', async () => {
    expect(await readJarMetadata(await jarOf([{ name: 'a.class', content: 'x' }]))).toEqual(NOTHING);
    expect(await readJarMetadata(await jarOf([]))).toEqual(NOTHING);
  });

  it.each<[string, Buffer]>([
    ['an empty file', Buffer.alloc(0)],
    ['no zip', Buffer.from('hello')],
    ['a cut zip', zipOf([{ name: JSON_PATH, content: '{}'.repeat(50) }]).subarray(0, -40)],
    ['a zip without its beginning', zipOf([{ name: JSON_PATH, content: 'x'.repeat(99), stored: true }]).subarray(60)],
    ['a file name that leaves the archive', zipOf([{ name: '../x', content: 'x' }])],
    ['damaged data', damaged(zipOf([{ name: JSON_PATH, content: '{"properties":[]}'.repeat(9) }]))],
  ])('refuses %s', async (_, content) => {
    await expect(readJarMetadata(await jarOf(content))).rejects.toThrow(UnreadableArchiveError);
  });

  it('refuses more than it was told to read, whatever the archive claims', async () => {
    const bomb = '0'.repeat(3_000_000);
    const honest = await jarOf([{ name: JSON_PATH, content: bomb }]);
    await expect(readJarMetadata(honest, { ...JAR_LIMITS, file: 1_000_000 })).rejects.toThrow(
      'larger than 1000000 bytes',
    );
    const lying = await jarOf([{ name: JSON_PATH, content: bomb, claimedSize: 10 }]);
    await expect(readJarMetadata(lying, { ...JAR_LIMITS, file: 1_000_000 })).rejects.toThrow(UnreadableArchiveError);
    const many = await jarOf(
      ['a', 'b', 'c'].map((lib) => ({
        name: `BOOT-INF/lib/${lib}.jar`,
        content: zipOf([{ name: JSON_PATH, content: 'x'.repeat(60) }]),
        stored: true,
      })),
    );
    expect((await readJarMetadata(many, { ...JAR_LIMITS, total: 130 })).metadata).toHaveLength(2);
    const packed = await jarOf([
      { name: 'BOOT-INF/lib/a.jar', content: zipOf([{ name: JSON_PATH, content: bomb, stored: true }]) },
    ]);
    expect(await readJarMetadata(packed, { ...JAR_LIMITS, compressedLibrary: 1_000_000 })).toEqual(NOTHING);
  });

  it('says that a file is missing', async () => {
    await expect(readJarMetadata(join(directory, 'missing.jar'))).rejects.toThrow('ENOENT');
  });
});

/** The same archive with the compressed data of its first entry overwritten. */
function damaged(zip: Buffer): Buffer {
  const broken = Buffer.from(zip);
  broken.fill(0xff, 30 + JSON_PATH.length, 30 + JSON_PATH.length + 8);
  return broken;
}
