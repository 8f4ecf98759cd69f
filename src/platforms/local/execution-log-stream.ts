/** Follows what a program writes: `tail -f` over the two files of its log. */
import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../../resources/system-error.js';
import type { LogQuery, LogStream } from '../platform.js';
import { tailOffset } from './execution-log.js';

/** Bytes handed out at once at most; a longer line comes in pieces. */
const CHUNK = 64 * 1024;
/** ms between two looks at files that do not grow: quick at first, then slower and slower. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 1_000;
const LINE_BREAK = 0x0a;

/** What is followed, and how its end is known. */
export interface FollowedLog {
  readonly stdoutFile: string;
  readonly stderrFile: string;
  /** Whether nothing will be written any more. */
  ended(): Promise<boolean>;
}

interface LogFile {
  readonly name: 'stderr' | 'stdout';
  readonly path: string;
  offset: number;
}

/**
 * The log of an execution as it grows, in whole lines. Under `stderr:` and `stdout:` stands what that stream has brought since
 * the last heading; of an ended execution that is what SCDF's local launcher shows.
 */
export class ExecutionLogStream implements LogStream, AsyncIterator<string, undefined> {
  readonly #log: FollowedLog;
  readonly #query: LogQuery;
  readonly #files: readonly LogFile[];
  readonly #stopping = new AbortController();
  #current: LogFile | undefined;
  #atLineStart = true;
  #begun = false;

  constructor(log: FollowedLog, query: LogQuery) {
    this.#log = log;
    this.#query = query;
    this.#files = [
      { name: 'stderr', path: log.stderrFile, offset: 0 },
      { name: 'stdout', path: log.stdoutFile, offset: 0 },
    ];
  }

  /** Bytes read of each file, the stream that came last, and whether it was in the middle of a line. */
  get position(): string {
    const [stderr, stdout] = this.#files.map(({ offset }) => offset);
    return `${stderr}.${stdout}.${this.#current?.name ?? 'none'}${this.#atLineStart ? '' : '.open'}`;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    if (!this.#begun) await this.#begin();
    for (let pause = FIRST_PAUSE; !this.#stopping.signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      // Asked before the files are read: what was written until the end is in them then.
      const ended = await this.#log.ended();
      const text = await this.#read(ended);
      if (text !== undefined) return { done: false, value: text };
      if (ended) break;
      await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<string, undefined>> {
    this.#stopping.abort();
    return { done: true, value: undefined };
  }

  async #begin(): Promise<void> {
    this.#begun = true;
    const { after, since, tailLines } = this.#query;
    const parts = /^(\d{1,15})\.(\d{1,15})\.(stderr|stdout|none)(\.open)?$/.exec(after ?? '');
    if (parts !== null) {
      for (const [position, file] of this.#files.entries()) file.offset = Number(parts[position + 1]);
      this.#current = this.#files.find(({ name }) => name === parts[3]);
      this.#atLineStart = parts[4] === undefined;
      return;
    }
    for (const file of this.#files) {
      const facts = await factsOf(file.path);
      if (since !== undefined && facts.modifiedAt < since.getTime()) file.offset = facts.size;
      else if (tailLines !== undefined) file.offset = await tailOffset(file.path, tailLines);
    }
  }

  /** The next lines of the stream that came last, else of another. @returns undefined when there are none now */
  async #read(ended: boolean): Promise<string | undefined> {
    const others = this.#files.filter((file) => file !== this.#current);
    for (const file of this.#current === undefined ? others : [this.#current, ...others]) {
      const bytes = await readLines(file, ended);
      if (bytes.length === 0) continue;
      const heading = file === this.#current ? '' : `${this.#atLineStart ? '' : '\n'}${file.name}:\n`;
      file.offset += bytes.length;
      this.#current = file;
      this.#atLineStart = bytes.at(-1) === LINE_BREAK;
      return heading + bytes.toString('utf8');
    }
    return undefined;
  }
}

/** Whole lines from the offset on; a line that is not finished only when it is the last of all, or longer than a chunk. */
async function readLines({ path, offset }: LogFile, ended: boolean): Promise<Buffer> {
  const { size } = await factsOf(path);
  if (size <= offset) return NOTHING;
  const bytes = await readAt(path, offset, Math.min(size - offset, CHUNK));
  const lines = bytes.lastIndexOf(LINE_BREAK) + 1;
  if (ended && bytes.length >= size - offset) return bytes;
  if (lines > 0) return bytes.subarray(0, lines);
  return bytes.length < CHUNK ? NOTHING : bytes.subarray(0, wholeCharacters(bytes));
}

const NOTHING = Buffer.alloc(0);

/** Length without a UTF-8 character that is cut at the end; all of it where the text is no UTF-8. */
function wholeCharacters(bytes: Buffer): number {
  for (let start = bytes.length - 1; start >= bytes.length - 4; start--) {
    const byte = bytes[start] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return start + length > bytes.length ? start : bytes.length;
  }
  return bytes.length;
}

async function factsOf(path: string): Promise<{ readonly size: number; readonly modifiedAt: number }> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { size, modifiedAt: mtimeMs };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { size: 0, modifiedAt: 0 };
    throw error;
  }
}

async function readAt(path: string, offset: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r').catch((error: unknown) => {
    // Cleaned up in between.
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return NOTHING;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
