/** One remote Maven repository: files by path, with the checks that it offers. */
import { createHash } from 'node:crypto';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MavenRepository } from '../configuration/configuration.js';
import { download, type HttpLimits } from './http-client.js';
import { ResourceTransferError, UnresolvableResourceError } from './resource-errors.js';
import { errorCode } from './system-error.js';

/** Metadata and checksums are short; more than this is something else. */
const SMALL = 1024 * 1024;

/** A repository reached over http(s), or a directory (`file:`). */
export class RemoteRepository {
  readonly id: string;
  readonly #repository: MavenRepository;
  readonly #limits: HttpLimits;

  constructor(repository: MavenRepository, limits: HttpLimits) {
    this.id = repository.id;
    this.#repository = repository;
    this.#limits = limits;
  }

  /**
   * Downloads a file and compares it with the SHA-1 that the repository gives for it, if it gives one.
   * @param path relative to the repository
   * @param target a place of the caller's own; nothing is left there unless the result is true
   * @returns false when the repository has no such file
   * @throws ResourceTransferError also for a file that does not match its checksum
   */
  async fetch(path: string, target: string): Promise<boolean> {
    const sha1 = await this.#take(path, target, this.#limits);
    if (sha1 === undefined) return false;
    const expected = await this.#checksum(path, `${target}.sha1`);
    if (expected === undefined || expected === sha1) return true;
    await rm(target, { force: true });
    throw new ResourceTransferError(
      `${path} from the Maven repository '${this.id}' is damaged: its SHA-1 is ${sha1}, the repository says ${expected}.`,
    );
  }

  /** @param scratch a place of the caller's own @returns the text of a short file, or undefined when there is none */
  async read(path: string, scratch: string): Promise<string | undefined> {
    const found = await this.#take(path, scratch, { ...this.#limits, maximumBytes: SMALL });
    if (found === undefined) return undefined;
    try {
      return await readFile(scratch, 'utf8');
    } finally {
      await rm(scratch, { force: true });
    }
  }

  async #checksum(path: string, scratch: string): Promise<string | undefined> {
    const text = await this.read(`${path}.sha1`, scratch);
    // Some repositories write the file's name beside it.
    return /\b[0-9a-f]{40}\b/i.exec(text ?? '')?.[0].toLowerCase();
  }

  async #take(path: string, target: string, limits: HttpLimits): Promise<string | undefined> {
    const { url, username, password } = this.#repository;
    if (/^file:/i.test(url)) return await copy(join(fileURLToPath(url), path), target);
    const address = `${url.replace(/\/*$/, '/')}${path}`;
    if (!URL.canParse(address) || !/^https?:/i.test(address)) {
      throw new UnresolvableResourceError(
        `The address of the Maven repository '${this.id}' cannot be used: it must be a valid URL that begins with http:, https: or file:.`,
      );
    }
    const file = new URL(address);
    const credentials = username === undefined ? {} : { credentials: { username, password: password ?? '' } };
    const result = await download({ url: file, ...credentials }, target, limits);
    return result.kind === 'stored' ? result.sha1 : undefined;
  }
}

async function copy(from: string, to: string): Promise<string | undefined> {
  try {
    await copyFile(from, to);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  return createHash('sha1')
    .update(await readFile(to))
    .digest('hex');
}
