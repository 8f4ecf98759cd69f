/** The log of an execution as it grows. */
import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../../resources/system-error.js';
import { lastLines, LOG_LIMIT } from './execution-log.js';

/** How often the files are looked at, ms. */
const INTERVAL = 200;

/** Bytes read at once. */
const PIECE = 64 * 1024;

/**
 * @param files standard error and standard output
 * @param isOver whether nothing more will be written; what is there by then is still given
 * @param tailLines begin with the last so many lines of each file; undefined: from the beginning
 * @returns pieces of whole lines, as they are written; an unfinished last line comes at the end, with a line break
 */
export async function* followFiles(
  files: readonly string[],
  isOver: () => Promise<boolean>,
  tailLines: number | undefined,
): AsyncGenerator<string> {
  const followers = files.map((file) => new FileFollower(file));
  if (tailLines !== undefined) {
    for (const follower of followers) {
      const tail = await follower.skipToTail(tailLines);
      if (tail !== '') yield tail;
    }
  }
  for (;;) {
    // Asked before the files are read: what was written before the end is then read in this round.
    const over = await isOver();
    for (const follower of followers) {
      for (let lines = await follower.next(); lines !== undefined; lines = await follower.next()) {
        if (lines !== '') yield lines;
      }
    }
    if (over) break;
    await delay(INTERVAL);
  }
  for (const follower of followers) if (follower.rest !== '') yield `${follower.rest}\n`;
}

class FileFollower {
  /** The unfinished line. */
  rest = '';
  private offset = 0;
  private readonly decoder = new StringDecoder('utf8');

  constructor(private readonly file: string) {}

  /** @returns the last lines that are there now; at most {@link LOG_LIMIT} bytes of them */
  async skipToTail(count: number): Promise<string> {
    const size = await this.size();
    this.offset = Math.max(0, size - LOG_LIMIT);
    let text = '';
    for (let lines = await this.next(); lines !== undefined; lines = await this.next()) text += lines;
    return lastLines(text, count);
  }

  /** @returns whole lines that are new, perhaps none; undefined when nothing is new */
  async next(): Promise<string | undefined> {
    const bytes = await this.read();
    if (bytes === undefined) return undefined;
    const text = this.rest + this.decoder.write(bytes);
    const end = text.lastIndexOf('\n') + 1;
    this.rest = text.slice(end);
    return text.slice(0, end);
  }

  private async size(): Promise<number> {
    return (await this.opened(async (file) => (await file.stat()).size)) ?? 0;
  }

  private async read(): Promise<Buffer | undefined> {
    const buffer = Buffer.alloc(PIECE);
    const bytesRead = await this.opened(async (file) => (await file.read(buffer, 0, PIECE, this.offset)).bytesRead);
    if (bytesRead === undefined || bytesRead === 0) return undefined;
    this.offset += bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  /** @returns undefined while there is no such file */
  private async opened<T>(work: (file: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T | undefined> {
    let file;
    try {
      file = await open(this.file, 'r');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }
}
