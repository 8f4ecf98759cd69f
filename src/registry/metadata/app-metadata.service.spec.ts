import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { zipOf } from '../../../test/support/zip-writer.js';
import { NO_METADATA } from './app-metadata.js';
import { AppMetadataService } from './app-metadata.service.js';
import { METADATA_LABEL } from './image-labels.js';

const METADATA = JSON.stringify({ properties: [{ name: 'demo.a' }, { name: 'demo.b' }] });

function jarOf(visible: string): Buffer {
  return zipOf([
    { name: 'META-INF/spring-configuration-metadata.json', content: METADATA },
    {
      name: 'META-INF/dataflow-configuration-metadata.properties',
      content: `configuration-properties.names=${visible}`,
    },
  ]);
}

describe('AppMetadataService', () => {
  let directory: string;
  let warnings: object[];
  let service: AppMetadataService;
  const labels: Record<string, Record<string, string>> = { 'demo:1': { [METADATA_LABEL]: METADATA }, 'plain:1': {} };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'app-metadata-'));
  });
  afterAll(() => rm(directory, { recursive: true }));
  beforeEach(() => {
    warnings = [];
    service = new AppMetadataService(
      { resolve: async (uri) => fileURLToPath(uri) },
      {
        labels: async (image) => {
          if (image.startsWith('down')) throw new Error('registry down');
          return labels[image];
        },
      },
      { warn: (line: object) => warnings.push(line) },
    );
  });

  async function jar(name: string, content: Buffer): Promise<string> {
    await writeFile(join(directory, name), content);
    return pathToFileURL(join(directory, name)).href;
  }
  const ids = async (uri: string, exhaustive: boolean, metadataUri: string | null = null) =>
    (await service.describe({ uri, metadataUri }, exhaustive)).options.map(({ id }) => id).sort();

  it('reads jars, visible or exhaustive', async () => {
    const uri = await jar('a.jar', jarOf('demo.b'));
    expect(await ids(uri, false)).toEqual(['demo.b']);
    expect(await ids(uri, true)).toEqual(['demo.a', 'demo.b']);
    expect((await service.visibleProperties({ uri, metadataUri: null })).map(({ id }) => id)).toEqual(['demo.b']);
  });

  it('prefers the metadata jar', async () => {
    const metadata = await jar('m.jar', jarOf('demo.a'));
    expect(await ids('docker:down', false, metadata)).toEqual(['demo.a']);
    expect(await ids(await jar('a.jar', jarOf('demo.b')), false, ' ')).toEqual(['demo.b']);
  });

  it('sees that a file has changed', async () => {
    const uri = await jar('c.jar', jarOf('demo.b'));
    expect(await ids(uri, false)).toEqual(['demo.b']);
    await jar('c.jar', jarOf('demo.a,demo.b'));
    expect(await ids(uri, false)).toEqual(['demo.a', 'demo.b']);
  });

  it('reads the labels of images', async () => {
    expect(await ids('docker:demo:1', false)).toEqual(['demo.a', 'demo.b']);
    expect(await ids('docker:demo:1', true)).toEqual(['demo.a', 'demo.b']);
    expect(await ids('docker:plain:1', true)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['docker:down', 'registry down'],
    ['docker:unknown', "The registry has no image 'unknown'."],
    ['nonsense', 'cannot be used'],
    ['file:///missing.jar', 'ENOENT'],
  ])('shows nothing of %s and says so once', async (uri, reason) => {
    for (const exhaustive of [false, true, false]) {
      expect(await service.describe({ uri, metadataUri: null }, exhaustive)).toEqual(NO_METADATA);
    }
    expect(warnings).toEqual([{ uri, reason: expect.stringContaining(reason) }]);
  });

  it('shows nothing of a damaged jar', async () => {
    const uri = await jar('broken.jar', jarOf('demo.a').subarray(0, 100));
    expect(await service.describe({ uri, metadataUri: null }, true)).toEqual(NO_METADATA);
    expect(await service.describe({ uri, metadataUri: null }, false)).toEqual(NO_METADATA);
    expect(warnings).toHaveLength(1);
  });

  it('keeps credentials out of the log', async () => {
    await service.describe({ uri: 'https://user:secret@host.test/a.jar', metadataUri: null }, false);
    expect(JSON.stringify(warnings)).toContain('https://host.test/a.jar');
    expect(JSON.stringify(warnings)).not.toContain('secret');
  });

  it.each([
    ['docker:demo:1', true],
    ['docker:plain:1', true],
    ['docker:unknown', false],
    ['docker:down', false],
    ['nonsense', false],
    ['file:///missing.jar', false],
  ])('resolvable %s: %s', async (uri, resolvable) => {
    expect(await service.isResolvable({ uri })).toBe(resolvable);
  });

  it('takes any file for resolvable', async () => {
    expect(await service.isResolvable({ uri: await jar('program', Buffer.from('#!/bin/sh')) })).toBe(true);
  });
});
