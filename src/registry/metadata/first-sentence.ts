/** Full stops, question and exclamation marks, and what may close a sentence together with them. */
const CLOSING = /[.?!"')\]}]*/y;
const SPACE = /\s*/y;
/** Quotes, brackets and other marks that may stand before the first letter of a sentence. */
const OPENING = /[^\s\p{L}\p{N}.!?,]*/uy;
const LETTER = /\p{L}/uy;
const CAPITAL_OR_CASELESS = /[\p{Lu}\p{Lo}]/uy;

/**
 * The first sentence of a description, as Spring's configuration metadata reader gives `shortDescription`: a text without
 * any full stop gives its first line; line breaks within a sentence become single blanks.
 */
export function firstSentence(text: string): string {
  const sentence = text.includes('.') ? text.slice(0, endOfSentence(text)) : (linesOf(text)[0] ?? '');
  return linesOf(sentence)
    .map((line) => line.trim())
    .join(' ')
    .trim();
}

/**
 * Where the second sentence begins, by the rules of Java's sentence iterator: a sentence ends
 * - after `?` or `!` and the closing marks and white space that follow;
 * - after `.` and closing marks, if a capital or caseless letter follows after white space, or any letter right after
 *   opening marks. So `e.g. some` goes on, but `e.g. "some` does not.
 */
function endOfSentence(text: string): number {
  for (let at = text.search(/[.?!]/); at >= 0 && at < text.length;) {
    const closed = endOf(CLOSING, text, at);
    const next = endOf(SPACE, text, closed);
    if (/[?!]/.test(text.slice(at, closed))) return next;
    const opened = endOf(OPENING, text, next);
    const marksBetween = opened > next || /["')\]}]$/.test(text.slice(at, closed));
    if (next > closed && endOf(CAPITAL_OR_CASELESS, text, next) > next) return next;
    if ((next === closed || opened > next) && marksBetween && endOf(LETTER, text, opened) > opened) return next;
    const following = text.slice(closed).search(/[.?!]/);
    at = following < 0 ? -1 : closed + following;
  }
  return text.length;
}

/** The position after what the sticky pattern matches at `from`; `from` itself if it does not match. */
function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/);
}
