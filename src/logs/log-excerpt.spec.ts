import { describe, expect, it } from '@jest/globals';
import { LogExcerptor } from './log-excerpt.js';

const LIMIT = 2048;

function excerptOf(limit: number, ...texts: readonly string[]) {
  const excerptor = new LogExcerptor(limit);
  for (const text of texts) excerptor.add(text);
  const { content, ...facts } = excerptor.result();
  return { text: content.toString('utf8'), length: content.length, ...facts };
}

/** A text of `count` numbered lines of 20 bytes each. */
const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${String(n).padStart(14)}\n`).join('');

describe('LogExcerptor', () => {
  it.each<[string, string[]]>([
    ['nothing', []],
    ['one piece', ['one\ntwo']],
    ['pieces', ['one\n', '', 'two', '\nthree']],
    ['as much as may be', ['x'.repeat(LIMIT)]],
    ['as much as may be, in pieces', ['x'.repeat(1000), 'y'.repeat(LIMIT - 1000)]],
  ])('keeps %s whole', (_name, texts) => {
    const whole = texts.join('');
    const length = Buffer.byteLength(whole);
    expect(excerptOf(LIMIT, ...texts)).toEqual({ text: whole, length, originalLength: length, truncated: false });
  });

  it.each([1, 7, 20, 1000, 100_000])('keeps whole lines of head and end, given %i characters at a time', (size) => {
    const whole = lines(5_000);
    const texts = whole.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    const { text, length, originalLength, truncated } = excerptOf(LIMIT, ...texts);
    expect([originalLength, truncated]).toEqual([100_000, true]);
    expect(length).toBeLessThanOrEqual(LIMIT);
    const [head = '', mark = '', end = ''] = text.split(/(\[….*…\]\n)/);
    // Half is for the head: 51 lines of 20 bytes; the rest, less the room for the mark, for the end.
    expect([head, end]).toEqual([whole.slice(0, 51 * 20), whole.slice(-46 * 20)]);
    expect(mark).toBe(`[… ${100_000 - 97 * 20} bytes left out …]\n`);
  });

  it('keeps no more than 64 KB of the head', () => {
    const { text } = excerptOf(1024 ** 2, 'h'.repeat(64 * 1024), 'm'.repeat(1024 ** 2), 'e'.repeat(900_000));
    const [head = '', , end = ''] = text.split(/\n?(\[….*…\]\n)/);
    expect([head.length, /m/.test(head), end.endsWith('e'.repeat(900_000))]).toEqual([64 * 1024 - 1, false, true]);
  });

  it.each(['ä', '€', '😀'])('cuts no %s in two where there are no lines', (character) => {
    for (let shift = 0; shift < 4; shift++) {
      const whole = 'x'.repeat(shift) + character.repeat(10_000) + 'x'.repeat(shift);
      const { text, length } = excerptOf(LIMIT, whole);
      expect(text).not.toContain('\ufffd');
      expect(length).toBeLessThanOrEqual(LIMIT);
    }
  });
});
