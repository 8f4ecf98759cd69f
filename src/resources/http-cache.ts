/** Files downloaded from `http(s):` URIs, kept and asked for again only when they have changed. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { download, type HttpLimits } from './http-client.js';
import { ResourceTransferError, UnresolvableResourceError } from './resource-errors.js';
import { withoutCredentials } from './credentials.js';

/** What the server said about the file that we have (RFC 9110, 8.8). */
interface Validators {
  readonly url: string;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** A directory of downloaded files, one directory a URL. */
export class HttpCache {
  readonly #directory: string;
  readonly #limits: HttpLimits;
  readonly #warn: (message: string) => void;

  constructor(directory: string, limits: HttpLimits, warn: (message: string) => void) {
    this.#directory = directory;
    this.#limits = limits;
    this.#warn = warn;
  }

  /**
   * Brings the file, or what we have of it when the server cannot be reached.
   * @throws UnresolvableResourceError when the server has no such file or refuses it
   * @throws ResourceTransferError when it cannot be had now, and we have none
   */
  async resolve(url: URL): Promise<string> {
    const directory = join(this.#directory, createHash('sha256').update(url.href).digest('hex').slice(0, 32));
    const file = join(directory, fileName(url));
    await mkdir(directory, { recursive: true, mode: 0o750 });
    try {
      await this.#update(url, directory, file);
    } catch (error) {
      if (!(error instanceof ResourceTransferError) || !existsSync(file)) throw error;
      this.#warn(`${error.message} The copy that was downloaded before is used.`);
    }
    return file;
  }

  async #update(url: URL, directory: string, file: string): Promise<void> {
    const validators = join(directory, '.validators.json');
    const headers = existsSync(file) ? await conditions(validators) : {};
    const unfinished = join(directory, `.${randomUUID()}.part`);
    const result = await download({ url, headers }, unfinished, this.#limits);
    if (result.kind === 'unchanged') return;
    const shown = withoutCredentials(url.href);
    if (result.kind === 'absent') throw new UnresolvableResourceError(`${shown} does not exist.`);
    // The file first: with the validators of the file before it, it is only downloaded once more.
    await rename(unfinished, file);
    const { etag, lastModified } = result;
    const known: Validators = { url: shown, etag, lastModified };
    await writeFile(`${unfinished}.json`, JSON.stringify(known), { mode: 0o640 });
    await rename(`${unfinished}.json`, validators);
  }
}

/** The last part of the path, as a name that is safe in any file system; its ending tells what the file is. */
function fileName(url: URL): string {
  const last = url.pathname.split('/').at(-1) ?? '';
  const safe = last.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_');
  return safe === '' ? 'resource' : safe.slice(-120);
}

async function conditions(validatorsFile: string): Promise<Record<string, string>> {
  try {
    const { etag, lastModified } = JSON.parse(await readFile(validatorsFile, 'utf8')) as Validators;
    return {
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
      ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
    };
  } catch {
    return {};
  }
}
