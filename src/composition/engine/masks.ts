import { isSecretKey, MASK, maskArgument, maskLoosely } from '../../dsl/secrets.js';
import { decodeKey } from './base64-keys.js';
import { canonicalName } from './setting-names.js';

/** Settings of the runner that hold properties or arguments of children in one text. */
const TEXTS: ReadonlySet<string> = new Set(['composedtaskproperties', 'composedtaskarguments']);

/**
 * The value of a property to show. Properties for the children of a composed task are looked into: their keys may be in
 * Base64, and one property may hold many.
 */
export function maskProperty(key: string, value: string): string {
  if (value === '') return value;
  const last = key.slice(key.lastIndexOf('.') + 1);
  if (isSecretKey(key) || isSecretKey(decodeKey(last))) return MASK;
  if (last.startsWith('base64_') && key.includes('-arguments.')) return maskArgument(value);
  return TEXTS.has(canonicalName(last)) ? maskLoosely(value, () => MASK) : value;
}

/** The same for a launch's argument. */
export function maskLaunchArgument(argument: string): string {
  const equals = argument.indexOf('=');
  if (equals < 0) return argument;
  const key = argument.slice(0, equals);
  return `${key}=${maskProperty(key.replace(/^--/, ''), argument.slice(equals + 1))}`;
}
