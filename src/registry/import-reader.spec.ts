import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
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

  it.each<[string, string | Error]>([
    ['/apps', 'task.a=docker:a\n'],
    ['/moved', 'task.a=docker:a\n'],
    ['/missing', new Error('it does not exist')],
    ['/broken', new Error('answered 500')],
    ['/large', new Error('is longer than 2097152 bytes, which is the limit')],
    ['/endless', new Error('is longer than 2097152 bytes, which is the limit')],
  ])('reads from a server: %s', async (path, expected) => {
    const server = createServer(({ url }, response) => {
      if (url === '/apps') response.end('task.a=docker:a\n');
      else if (url === '/moved') response.writeHead(302, { location: '/apps' }).end();
      else if (url === '/large') response.writeHead(200, { 'content-length': 3_000_000 }).write('x');
      else if (url === '/endless') Readable.from(endless()).pipe(response);
      else response.writeHead(url === '/broken' ? 500 : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const reading = reader.read(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
      if (typeof expected === 'string') expect(await reading).toBe(expected);
      else await expect(reading).rejects.toThrow(expected.message);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('never shows credentials of a uri', async () => {
    const refused = reader.read('https://user:secret@127.0.0.1:1/apps');
    await expect(refused).rejects.toThrow('Error reading from URL [https://127.0.0.1:1/apps]: ');
    await expect(refused).rejects.not.toThrow('secret');
  });
});

function* endless(): Generator<string> {
  for (;;) yield 'x'.repeat(65_536);
}
