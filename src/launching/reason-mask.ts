import { isSecretKey, MASK, maskLoosely } from '../dsl/secrets.js';
import type { StoredRequest } from './launch-record.js';

/** Shorter values turn up in any text. */
const SHORTEST_SECRET = 4;

/** Keys that SCDF masks though their values are no secrets by themselves and turn up in many messages. */
const HARMLESS_KEY = /(?:username|url)$/i;

/** The values among an execution's properties and arguments that must not be shown. */
export function secretsOf({ appProperties, arguments: given, springArguments }: StoredRequest): readonly string[] {
  const assignments = [...given, ...springArguments].flatMap((argument) => {
    const equals = argument.indexOf('=');
    return equals < 0 ? [] : [[argument.slice(0, equals), argument.slice(equals + 1)] as const];
  });
  return [...Object.entries(appProperties), ...assignments].flatMap(([key, value]) =>
    isSecretKey(key) && !HARMLESS_KEY.test(key) ? [value] : [],
  );
}

/**
 * Masks in a program's words what must not be shown: known secrets, values of secret keys (`password=…`), and user and
 * password of addresses.
 */
export function maskReason(reason: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length >= SHORTEST_SECRET).sort((a, b) => b.length - a.length);
  const unknown = known.reduce((text, secret) => maskCut(text.replaceAll(secret, MASK), secret), reason);
  return maskLoosely(unknown.replace(/\b(?!docker:)([a-z][a-z0-9+.-]*:\/\/)[^/?#\s]*@/gi, `$1${MASK}@`), () => MASK);
}

/** A text that was cut off may end in the middle of a secret. */
function maskCut(text: string, secret: string): string {
  if (!text.endsWith('…')) return text;
  const visible = text.slice(0, -1);
  for (let length = secret.length - 1; length >= SHORTEST_SECRET; length -= 1) {
    if (visible.endsWith(secret.slice(0, length))) return `${visible.slice(0, -length)}${MASK}…`;
  }
  return text;
}
