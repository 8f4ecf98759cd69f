import { parsePropertyName } from '../property-names.js';
import type { PropertyEntry } from '../property-source.js';

/**
 * Reads the text of a `.properties` file as Java does: comments (`#`, `!`), `=`, `:` or white space between key and value,
 * continuation lines, escapes and `\uXXXX`. A comment line `#---` or `!---` begins a new document (Spring Boot 2.4).
 * @param place what the text is called in origins, e.g. the file's path
 */
export function readProperties(text: string, place: string): readonly (readonly PropertyEntry[])[] {
  const documents: PropertyEntry[][] = [[]];
  for (const { number, content, separator } of logicalLines(text)) {
    if (separator) {
      documents.push([]);
      continue;
    }
    const { key, value } = splitLine(content);
    documents.at(-1)?.push({ name: parsePropertyName(key), value, origin: `${place}, line ${number}` });
  }
  return documents;
}

interface LogicalLine {
  readonly number: number;
  readonly content: string;
  readonly separator: boolean;
}

function* logicalLines(text: string): Generator<LogicalLine> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const number = index + 1;
    const line = (lines[index] ?? '').replace(/^[ \t\f]+/, '');
    if (/^[#!]---\s*$/.test(line)) yield { number, content: '', separator: true };
    if (line === '' || line.startsWith('#') || line.startsWith('!')) continue;
    let content = line;
    while (continues(content) && index + 1 < lines.length) {
      index += 1;
      content = content.slice(0, -1) + (lines[index] ?? '').replace(/^[ \t\f]+/, '');
    }
    yield { number, content: continues(content) ? content.slice(0, -1) : content, separator: false };
  }
}

/** An odd number of backslashes at the end. */
function continues(line: string): boolean {
  return (/\\+$/.exec(line)?.[0].length ?? 0) % 2 === 1;
}

function splitLine(line: string): { key: string; value: string } {
  let end = 0;
  while (end < line.length && !/[=: \t\f]/.test(line.charAt(end))) end += line.charAt(end) === '\\' ? 2 : 1;
  const rest = line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '');
  return { key: unescape(line.slice(0, end)), value: unescape(rest) };
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescape(text: string): string {
  return text.replaceAll(
    /\\(?:u([\da-fA-F]{4})|([^]))/g,
    (_match, code: string | undefined, character: string | undefined) =>
      code === undefined
        ? (ESCAPES[character ?? ''] ?? character ?? '')
        : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
