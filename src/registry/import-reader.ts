import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { describeResource } from '../resources/app-uri.js';
import { download } from '../resources/http-client.js';
import { ResourceResolver } from '../resources/resource-resolver.js';
import { parseResourceUri } from '../resources/resource-uri.js';
import { messageOf } from '../resources/system-error.js';
import { UnreadableImportError } from './registry.errors.js';

/** An import names apps, a line each: 2 MB are twenty thousand of them. */
const MAXIMUM_BYTES = 2 * 1024 * 1024;
/** Bounds of a download that a client waits for; times in ms. */
const LIMITS = {
  connectTimeout: 10_000,
  idleTimeout: 15_000,
  totalTimeout: 60_000,
  maximumBytes: MAXIMUM_BYTES,
  proxy: undefined,
};

/** Reads the text that a bulk import points at with a uri. */
@Injectable()
export class ImportReader {
  constructor(@Inject(ResourceResolver) private readonly resources: Pick<ResourceResolver, 'resolve'>) {}

  /**
   * @param uri `file:`, `http:`, `https:` or `maven:`
   * @returns the whole text, decoded as UTF-8
   * @throws UnreadableImportError when there is nothing, nothing to read, more than 2 MB, or no text
   */
  async read(uri: string): Promise<string> {
    try {
      const resource = parseResourceUri(uri);
      const bytes =
        resource.kind === 'http' ? await downloaded(resource.url) : await bytesOf(await this.resources.resolve(uri));
      return decoded(bytes);
    } catch (error) {
      throw new UnreadableImportError(`Error reading from ${describeResource(uri)}: ${messageOf(error)}`);
    }
  }
}

/** A URL is not taken by way of the resolver, which would keep a copy and take far more than a text. */
async function downloaded(url: URL): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-import-'));
  try {
    const file = join(directory, 'import');
    const result = await download({ url }, file, LIMITS);
    if (result.kind !== 'stored') throw new Error('it does not exist');
    return await bytesOf(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function bytesOf(path: string): Promise<Buffer> {
  // Pipes and devices could block for ever or never end.
  if (!(await stat(path)).isFile()) throw new Error('it is no file');
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(MAXIMUM_BYTES + 1);
    let length = 0;
    for (let bytesRead = -1; bytesRead !== 0 && length < buffer.length; length += bytesRead) {
      ({ bytesRead } = await file.read(buffer, length, buffer.length - length, length));
    }
    if (length > MAXIMUM_BYTES) throw new Error(`it is larger than ${MAXIMUM_BYTES} bytes`);
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('it is no UTF-8 text');
  }
}
