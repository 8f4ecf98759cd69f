import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ImportReader } from './import-reader.js';
import { UnreadableImportError } from './registry.errors.js';

describe('ImportReader', () => {
  const reader = new ImportReader({ resolve: async (uri) => fileURLToPath(uri) });
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'import-reader-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  async function uriOf(content: string | Buffer): Promise<string> {
    await writeFile(join(directory, 'apps.properties'), content);
    return pathToFileURL(join(directory, 'apps.properties')).href;
  }

  it.each(['', 'task.a=docker:a\n', 'é € 𝄞', 'x'.repeat(2 * 1024 * 1024)])('reads a text', async (text) => {
    expect(await reader.read(await uriOf(text))).toBe(text);
  });

  it('leaves out a byte order mark', async () => {
    expect(await reader.read(await uriOf('\uFEFFa=b'))).toBe('a=b');
  });

  it.each<[string, string | Buffer]>([
    ['it is larger than 2097152 bytes', 'x'.repeat(2 * 1024 * 1024 + 1)],
    ['it is no UTF-8 text', Buffer.from([0x61, 0xe9, 0x62])],
  ])('says: %s', async (reason, content) => {
    const uri = await uriOf(content);
    await expect(reader.read(uri)).rejects.toThrow(
      new UnreadableImportError(`Error reading from URL [${uri.replace('file:///', 'file:/')}]: ${reason}`),
    );
  });

  it('refuses what is no file, and names what is missing', async () => {
    const folder = join(directory, 'folder');
    await mkdir(folder);
    await expect(reader.read(pathToFileURL(folder).href)).rejects.toThrow('it is no file');
    await expect(reader.read(pathToFileURL('/dev/zero').href)).rejects.toThrow('it is no file');
    const missing = reader.read(pathToFileURL(join(directory, 'missing')).href);
    await expect(missing).rejects.toThrow(UnreadableImportError);
    await expect(missing).rejects.toThrow('ENOENT');
  });

  it('never shows credentials of a uri', async () => {
    const failing = new ImportReader({ resolve: () => Promise.reject(new Error('no')) });
    await expect(failing.read('https://user:secret@host.test/apps')).rejects.toThrow(
      'Error reading from URL [https://host.test/apps]: no',
    );
  });
});
