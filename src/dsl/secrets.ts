/**
 * Which keys hold secrets, and how their values are hidden: the rule of Spring Cloud Data Flow, applied to options of a
 * definition, command-line arguments, properties, manifests and job parameters alike.
 */

/** What is shown instead of a secret value. */
export const MASK = '******';

const SECRET_KEY = /(?:username|password|secret|key|token|vcap_services|url)$|credentials/i;

/**
 * Whether the value of a key is to be hidden: the key ends in username, password, secret, key, token, vcap_services or
 * url, or has credentials in it, in upper or lower case.
 */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/** The value to show for a key: the mask for a secret one, unless it is blank. */
export function maskValue(key: string, value: string): string {
  return value.trim() !== '' && isSecretKey(key) ? MASK : value;
}

/** Masks the value of one `key=value` or `--key=value`; text without an equals sign is no such thing and stays. */
export function maskArgument(argument: string): string {
  const equals = argument.indexOf('=');
  if (equals < 0) return argument;
  const key = argument.slice(0, equals);
  return `${key}=${maskValue(key, argument.slice(equals + 1))}`;
}

const KEY_AND_EQUALS = /(?<![\w$.-])([\w$.-]+)\s*=\s*/g;

// A quote that is never closed takes in all that follows.
const VALUE = /(?:'[^']*(?:'|$)|"[^"]*(?:"|$)|[^\s|;>'"])+/y;

/** Hides secret values in a text that could not be read as a definition: of all that looks like `key=value`. */
export function maskLoosely(text: string, mask: (value: string) => string): string {
  let masked = '';
  let done = 0;
  for (const match of text.matchAll(KEY_AND_EQUALS)) {
    VALUE.lastIndex = match.index + match[0].length;
    const value = match.index < done || !isSecretKey(match[1] ?? '') ? null : VALUE.exec(text);
    if (value === null) continue;
    masked += text.slice(done, value.index) + mask(value[0]);
    done = value.index + value[0].length;
  }
  return masked + text.slice(done);
}

/** Stars out secret values character by character, so that positions in the text still point to their place. */
export function maskKeepingLength(text: string): string {
  return maskLoosely(text, (value) => value.replace(/\S/g, '*'));
}
