/** What of a log is kept when it is longer than may be kept. */

/** Bytes of the head of a cut log: where a program says what it is and what it was told. */
const HEAD = 64 * 1024;
/** Room for the line that marks the gap. */
const MARK = 100;
const LINE_BREAK = 0x0a;

/** The part of a log that is kept. */
export interface LogExcerpt {
  /** UTF-8, at most as long as was allowed. */
  readonly content: Buffer;
  /** Bytes of the whole log. */
  readonly originalLength: number;
  /** Whether a part in the middle was left out. */
  readonly truncated: boolean;
}

/**
 * Takes in a log of any length and keeps its first 64 KB (half of what is allowed, where that is less) and as much of its end as
 * there is room for, in memory that is bounded by the same limit. Both parts are whole lines where they hold a line break.
 */
export class LogExcerptor {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  readonly #head: Buffer[] = [];
  #headLength = 0;
  #tail: Buffer[] = [];
  #tailLength = 0;
  #length = 0;

  /** @param limit bytes; at least 1024 */
  constructor(limit: number) {
    this.#headLimit = Math.min(HEAD, Math.floor(limit / 2));
    this.#tailLimit = limit - this.#headLimit;
  }

  /** Takes in what comes next. */
  add(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.#length += bytes.length;
    const room = this.#headLimit - this.#headLength;
    if (room > 0) {
      this.#head.push(bytes.subarray(0, room));
      this.#headLength += Math.min(room, bytes.length);
    }
    if (bytes.length <= room) return;
    this.#tail.push(bytes.subarray(Math.max(0, room)));
    this.#tailLength += bytes.length - Math.max(0, room);
    // Seldom, so that each byte is copied once or twice and not at every call.
    if (this.#tailLength > 2 * this.#tailLimit) this.#dropOld();
  }

  /** @returns what is kept of all that was taken in */
  result(): LogExcerpt {
    this.#dropOld();
    const head = Buffer.concat(this.#head);
    const tail = Buffer.concat(this.#tail);
    const originalLength = this.#length;
    if (head.length + tail.length === originalLength) {
      return { content: Buffer.concat([head, tail]), originalLength, truncated: false };
    }
    const begin = head.subarray(0, wholeEnd(head));
    const end = tail.subarray(wholeStart(tail, MARK));
    const leftOut = originalLength - begin.length - end.length;
    const separator = begin.at(-1) === LINE_BREAK ? '' : '\n';
    const mark = `${separator}[… ${leftOut} bytes left out …]\n`;
    return { content: Buffer.concat([begin, Buffer.from(mark), end]), originalLength, truncated: true };
  }

  #dropOld(): void {
    if (this.#tailLength <= this.#tailLimit) return;
    // Copied, so that what is dropped is not held by what stays.
    const all = Buffer.concat(this.#tail);
    this.#tail = [Buffer.from(all.subarray(all.length - this.#tailLimit))];
    this.#tailLength = this.#tailLimit;
  }
}

/** Length up to the last line break, else up to the last whole character. */
function wholeEnd(bytes: Buffer): number {
  const lines = bytes.lastIndexOf(LINE_BREAK) + 1;
  if (lines > 0) return lines;
  let end = bytes.length;
  while (end > 0 && isContinuation(bytes[end - 1])) end--;
  return Math.max(0, end - 1);
}

/** Where the first whole line, else the first whole character, begins at `from` or later. */
function wholeStart(bytes: Buffer, from: number): number {
  const lineBreak = bytes.indexOf(LINE_BREAK, from);
  if (lineBreak >= 0 && lineBreak < bytes.length - 1) return lineBreak + 1;
  let start = from;
  while (start < bytes.length && isContinuation(bytes[start])) start++;
  return start;
}

function isContinuation(byte: number | undefined): boolean {
  return ((byte ?? 0) & 0xc0) === 0x80;
}
