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

/** Bytes of the error output in which the last complaint is looked for: some stack traces are long. */
const COMPLAINT_SPAN = 16 * 1024;

/** Characters of a complaint that fit a message. */
const COMPLAINT_LIMIT = 200;

/** Escape sequences of terminals (ECMA-48), other control characters, and those that turn the direction of writing. */
const UNPRINTABLE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)|[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** Lines that say where and not what: frames of a stack trace, hints on how to get help, the name of a runtime. */
const NO_COMPLAINT = /^$|^at |^\.\.\. \d+ more$|--help'?\.?$|for more information$|^Node\.js v[\d.]+$/;

/**
 * @returns the last line of a program's error output that says something, in printable characters, cut to a length that fits a
 *   message. Empty when there is none.
 */
export async function lastComplaint(file: string): Promise<string> {
  const { text } = await readEnd(file, COMPLAINT_SPAN);
  const lines = text.split(/[\r\n]+/).map((line) => line.replace(UNPRINTABLE, ' ').trim());
  const characters = [...(lines.findLast((line) => !NO_COMPLAINT.test(line)) ?? '')];
  if (characters.length <= COMPLAINT_LIMIT) return characters.join('');
  return `${characters.slice(0, COMPLAINT_LIMIT).join('')}…`;
}

/** Where the last `count` lines of a file begin, bytes; not before the part of its end that a log answer holds. */
export async function tailOffset(path: string, count: number): Promise<number> {
  const { text, leftOut, size } = await readEnd(path, LOG_LIMIT);
  return count <= 0 ? size : Math.max(leftOut, size - Buffer.byteLength(lastLines(text, count)));
}

async function readTail(path: string, { tailLines, since }: LogQuery): Promise<string> {
  const { text, leftOut, modifiedAt } = await readEnd(path, LOG_LIMIT);
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

async function readEnd(path: string, limit: number): Promise<FileEnd> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { text: '', leftOut: 0, size: 0, modifiedAt: 0 };
    throw error;
  }
  try {
    const { size, mtimeMs: modifiedAt } = await file.stat();
    const start = Math.max(0, size - limit);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, limit)), 0, undefined, start);
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
