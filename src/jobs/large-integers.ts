/** JSON's strings, skipped, and whole numbers that a JavaScript number may not hold. */
const LONG_DIGITS = /\d{16}/;
const WHOLE_NUMBER = /-?\d{16,}(?![\d.eE])/y;
const NUMBER_PART = /[\d.eE+-]/;

/** Puts quotes around whole numbers beyond 2^53 in a JSON text, so that parsing keeps all their digits, as text. */
export function quoteLargeIntegers(json: string): string {
  if (!LONG_DIGITS.test(json)) return json;
  const pieces: string[] = [];
  let copied = 0;
  let position = 0;
  while (position < json.length) {
    const character = json[position] ?? '';
    if (character === '"') {
      position = endOfString(json, position);
    } else if (NUMBER_PART.test(character)) {
      WHOLE_NUMBER.lastIndex = position;
      const [digits] = WHOLE_NUMBER.exec(json) ?? [];
      const end = endOfNumber(json, position);
      if (digits !== undefined && position + digits.length === end && !Number.isSafeInteger(Number(digits))) {
        pieces.push(json.slice(copied, position), `"${digits}"`);
        copied = end;
      }
      position = end;
    } else {
      position += 1;
    }
  }
  pieces.push(json.slice(copied));
  return pieces.join('');
}

function endOfString(json: string, start: number): number {
  let position = start + 1;
  while (position < json.length && json[position] !== '"') position += json[position] === '\\' ? 2 : 1;
  return position + 1;
}

function endOfNumber(json: string, start: number): number {
  let position = start + 1;
  while (position < json.length && NUMBER_PART.test(json[position] ?? '')) position += 1;
  return position;
}
