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

// Every --key=value of a text that need not be a correct definition; a quote that is never closed hides all that follows.
const OPTION = /(--\s*([\w$.-]+)\s*=\s*)((?:'[^']*(?:'|$)|"[^"]*(?:"|$)|[^\s|;>'"])+)/g;

/** Hides secret option values in a text that could not be read as a definition. */
export function maskLoosely(text: string, mask: (value: string) => string): string {
  return text.replace(OPTION, (option: string, lead: string, key: string, value: string) =>
    isSecretKey(key) ? lead + mask(value) : option,
  );
}

/** Stars out secret option values character by character, so that positions in the text still point to their place. */
export function maskKeepingLength(text: string): string {
  return maskLoosely(text, (value) => value.replace(/[^\s]/g, '*'));
}
