/**
 * Reads a Java properties file (the format of `java.util.Properties.load`): `key=value`, `key:value` or `key value`,
 * comments with `#` or `!`, lines continued by a backslash, and the escapes `\t \n \r \f \uXXXX`.
 *
 * Never throws: a broken `\u` escape stays as it is written.
 */
export function parseJavaProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const separator = /^((?:\\.|[^\\\s=:])*)(?:\s*[=:]\s*|\s+|$)/su.exec(line);
    if (separator === null) continue;
    properties.set(unescaped(separator[1] ?? ''), unescaped(line.slice(separator[0].length)));
  }
  return properties;
}

function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let continued: string | undefined;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, '');
    if (continued === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const whole: string = (continued ?? '') + line;
    const trailing = /\\*$/.exec(line)?.[0].length ?? 0;
    if (trailing % 2 === 1) {
      continued = whole.slice(0, -1);
    } else {
      lines.push(whole);
      continued = undefined;
    }
  }
  return continued === undefined ? lines : [...lines, continued];
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|(.))/gsu,
    (whole, unicode: string | undefined, char: string | undefined) => {
      if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
      if (char === 'u') return whole;
      return ESCAPES[char ?? ''] ?? char ?? '';
    },
  );
}
