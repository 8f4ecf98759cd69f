import { InvalidParameterError } from './domain-error.js';

/** Names and values in the order in which they were sent, each with the piece of text that they were read from. */
export type ParameterList = readonly (readonly [name: string, value: string, raw: string])[];

/**
 * Parses a query string or a form body.
 *
 * @param text `a=1&b=%C3%A4`, without `?`
 * @throws InvalidParameterError for percent-encodings that are no UTF-8 and for NUL characters, which no column can hold
 */
export function parseQueryString(text: string): ParameterList {
  return text
    .split('&')
    .filter((piece) => piece !== '')
    .map((piece) => {
      const equals = piece.indexOf('=');
      const [name, value] = equals < 0 ? [piece, ''] : [piece.slice(0, equals), piece.slice(equals + 1)];
      return [decode(name), decode(value), piece] as const;
    });
}

/** @throws InvalidParameterError for a text with a NUL character, which PostgreSQL cannot store */
export function refuseNul(text: string): string {
  if (text.includes('\u0000')) {
    throw new InvalidParameterError('Text must not contain NUL characters (%00).', 'IllegalArgumentException');
  }
  return text;
}

function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new InvalidParameterError(
      `'${text.slice(0, 100)}' is not percent-encoded UTF-8 (RFC 3986, section 2.1).`,
      'IllegalArgumentException',
    );
  }
  return refuseNul(decoded);
}
