/** The log of an execution: what the program wrote, in the shape in which SCDF's local launcher shows it. */
import { open } from 'node:fs/promises';
import { errorCode } from '../../resources/system-error.js';

/** Bytes of each stream that a log answer holds at most. */
export const LOG_LIMIT = 1024 * 1024;

/**
 * @param tailLines only the last so many lines of each stream
 * @returns `stderr:` and its text, then `stdout:` and its text, each only where there is any (SCDF's order)
 */
export async function readLog(stdoutFile: string, stderrFile: string, tailLines: number | undefined): Promise<string> {
  const [stdout, stderr] = await Promise.all([readTail(stdoutFile, tailLines), readTail(stderrFile, tailLines)]);
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

async function readTail(path: string, tailLines: number | undefined): Promise<string> {
  const { text, leftOut } = await readEnd(path, LOG_LIMIT);
  const lines = tailLines === undefined ? text : lastLines(text, tailLines);
  const whole = lines.length < text.length || leftOut === 0;
  return whole ? lines : `[${leftOut} bytes left out: the log is longer than ${LOG_LIMIT} bytes]\n${lines}`;
}

async function readEnd(path: string, limit: number): Promise<{ text: string; leftOut: number }> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { text: '', leftOut: 0 };
    throw error;
  }
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - limit);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, limit)), 0, undefined, start);
    const bytes = buffer.subarray(0, bytesRead);
    const begin = start === 0 ? 0 : firstWholeLine(bytes);
    return { text: bytes.subarray(begin).toString('utf8'), leftOut: start + begin };
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

/** The last `count` lines; a line break at the very end ends the last line and does not begin another. */
export function lastLines(text: string, count: number): string {
  if (count <= 0) return '';
  let position = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let found = 0; found < count; found++) {
    position = position === 0 ? -1 : text.lastIndexOf('\n', position - 1);
    if (position < 0) return text;
  }
  return text.slice(position + 1);
}
