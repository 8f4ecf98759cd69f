/** The log of an execution: what the program wrote, in the shape in which SCDF's local launcher shows it. */
import { open } from 'node:fs/promises';
import { errorCode } from '../../resources/system-error.js';
import { lastLines } from '../log-text.js';
import type { LogQuery } from '../platform.js';

/** Bytes of each stream that a log answer holds at most. */
export const LOG_LIMIT = 1024 * 1024;

/**
 * @param query `tailLines` counts for each stream; one that was last written before `since` is left out
 * @returns `stderr:` and its text, then `stdout:` and its text, each only where there is any (SCDF's order)
 */
export async function readLog(stdoutFile: string, stderrFile: string, query: LogQuery): Promise<string> {
  const [stdout, stderr] = await Promise.all([readTail(stdoutFile, query), readTail(stderrFile, query)]);
  // A program that ends without a line break must not pull the next heading into its last line.
  const separated = stderr === '' || stderr.endsWith('\n') ? stderr : `${stderr}\n`;
  return (stderr === '' ? '' : `stderr:\n${separated}`) + (stdout === '' ? '' : `stdout:\n${stdout}`);
}

/**
 * @returns the last line of a command's error output that says something, cut to a length that fits a message; hints on how
 *   to get help do not count. Empty when there is none.
 */
export async function lastComplaint(file: string): Promise<string> {
  const lines = (await readTail(file, { tailLines: 20 })).split('\n').map((line) => line.trim());
  return (lines.filter((line) => line !== '' && !/--help'?\.?$|for more information$/.test(line)).at(-1) ?? '').slice(
    0,
    500,
  );
}

/** Where the last `count` lines of a file begin, bytes; not before the part of its end that a log answer holds. */
export async function tailOffset(path: string, count: number): Promise<number> {
  const { text, leftOut, size } = await readEnd(path);
  return count <= 0 ? size : Math.max(leftOut, size - Buffer.byteLength(lastLines(text, count)));
}

async function readTail(path: string, { tailLines, since }: LogQuery): Promise<string> {
  const { text, leftOut, modifiedAt } = await readEnd(path);
  if (since !== undefined && modifiedAt < since.getTime()) return '';
  const lines = tailLines === undefined ? text : lastLines(text, tailLines);
  const whole = lines.length < text.length || leftOut === 0;
  return whole ? lines : `[${leftOut} bytes left out: the log is longer than ${LOG_LIMIT} bytes]\n${lines}`;
}

/** The last part of a file. */
interface FileEnd {
  readonly text: string;
  /** Bytes before it. */
  readonly leftOut: number;
  /** Bytes of the whole file. */
  readonly size: number;
  /** ms since 1970 */
  readonly modifiedAt: number;
}

async function readEnd(path: string): Promise<FileEnd> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { text: '', leftOut: 0, size: 0, modifiedAt: 0 };
    throw error;
  }
  try {
    const { size, mtimeMs: modifiedAt } = await file.stat();
    const start = Math.max(0, size - LOG_LIMIT);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, LOG_LIMIT)), 0, undefined, start);
    const bytes = buffer.subarray(0, bytesRead);
    const begin = start === 0 ? 0 : firstWholeLine(bytes);
    return { text: bytes.subarray(begin).toString('utf8'), leftOut: start + begin, size, modifiedAt };
  } finally {
    await file.close();
  }
}

/** Offset behind the first line break, or, in one endless line, of the first whole UTF-8 character. */
function firstWholeLine(bytes: Buffer): number {
  const lineBreak = bytes.indexOf(0x0a);
  if (lineBreak >= 0 && lineBreak < bytes.length - 1) return lineBreak + 1;
  const character = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return Math.max(0, character);
}
