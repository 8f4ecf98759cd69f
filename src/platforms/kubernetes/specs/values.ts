/** How the values of deployer properties are written: one small parser a kind of value. */
import type { AccountSettings, SettingsTree } from '../../../configuration/configuration.js';

/** The value is not of its kind; `allowed` completes «it must be …». It never repeats the value, which may be a secret. */
export class UnacceptableValue extends Error {
  constructor(readonly allowed: string) {
    super(`must be ${allowed}`);
  }
}

/** Spring's relaxed binding: case, dashes and underscores of a name do not count; dots do. */
export function uniformName(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

export function isList(value: SettingsTree): value is readonly SettingsTree[] {
  return Array.isArray(value);
}

export function isMap(value: SettingsTree): value is AccountSettings {
  return typeof value === 'object' && !isList(value);
}

/** @throws UnacceptableValue for a list or a map */
export function text(value: SettingsTree): string {
  if (typeof value === 'string') return value.trim();
  throw new UnacceptableValue('a single value');
}

/** Spring's spellings of a boolean. */
export function flag(value: SettingsTree): boolean {
  const given = text(value).toLowerCase();
  if (['true', 'on', 'yes', '1'].includes(given)) return true;
  if (['false', 'off', 'no', '0'].includes(given)) return false;
  throw new UnacceptableValue('true or false');
}

/** A whole number within bounds, both included. */
export function integer(value: SettingsTree, low: number, high: number): number {
  const given = text(value);
  const number = Number(given);
  if (!/^[+-]?\d{1,15}$/.test(given) || number < low || number > high) {
    throw new UnacceptableValue(`a whole number from ${low} to ${high}`);
  }
  return number;
}

/** Greatest value of Kubernetes' `int32` fields. */
export const INT32 = 2_147_483_647;

/** Seconds, at least `low`. */
export function seconds(value: SettingsTree, low = 0): number {
  return integer(value, low, INT32);
}

/** A network port. */
export function port(value: SettingsTree): number {
  return integer(value, 1, 65_535);
}

/** One of a few words; case, dashes and underscores do not count. */
export function oneOf<Word extends string>(value: SettingsTree, words: readonly Word[]): Word {
  const given = uniformName(text(value));
  const found = words.find((word) => uniformName(word) === given);
  if (found === undefined) throw new UnacceptableValue(`one of ${words.join(', ')}`);
  return found;
}

/** Entries of a list, or of a text with commas, as Spring splits it; blank entries do not count. */
export function list(value: SettingsTree): readonly string[] {
  if (isMap(value)) throw new UnacceptableValue('a list');
  const entries: readonly SettingsTree[] = typeof value === 'string' ? value.split(',') : value;
  return entries.map((entry) => text(entry)).filter((entry) => entry !== '');
}

const QUANTITY = /^\+?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,3})?$/;
const EXPONENTS: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/** A quantity as Kubernetes writes it (`500m`, `1.5Gi`, `1e9`), not negative. */
export function quantity(value: SettingsTree): string {
  const given = text(value);
  if (!QUANTITY.test(given)) throw new UnacceptableValue('a Kubernetes quantity such as 500m, 2, 512Mi or 1.5Gi');
  return given;
}

/** The number that a quantity stands for. */
export function quantityNumber(written: string): number {
  const [, digits = '0', suffix = ''] = QUANTITY.exec(written) ?? [];
  if (suffix.endsWith('i')) return Number(digits) * 1024 ** ('KMGTPE'.indexOf(suffix.charAt(0)) + 1);
  if (/^[eE]./.test(suffix)) return Number(digits + suffix);
  return Number(digits) * 10 ** (EXPONENTS[suffix] ?? 0);
}

/**
 * SCDF's generic `memory`: `512`, `512m` and `512mb` are mebibytes, `2g` gibibytes; Kubernetes' own quantities with a binary
 * or an upper-case suffix are taken as they are.
 */
export function memory(value: SettingsTree): string {
  const given = text(value);
  const match = /^(\d{1,12})(m|mb|g|gb)?$/.exec(given);
  if (match !== null) return `${match[1]}${match[2]?.startsWith('g') === true ? 'Gi' : 'Mi'}`;
  try {
    return quantity(given);
  } catch {
    throw new UnacceptableValue('a size such as 512m, 2g, 512Mi or 1.5Gi');
  }
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** A DNS label (RFC 1123), which names of containers and volumes are. */
export function dnsLabel(value: SettingsTree): string {
  const given = text(value);
  if (!LABEL.test(given)) {
    throw new UnacceptableValue('made of at most 63 lower-case letters, digits and dashes, with no dash at either end');
  }
  return given;
}

/** Names of objects (RFC 1123 subdomain): DNS labels joined by dots. */
export function objectName(value: SettingsTree): string {
  const given = text(value);
  if (given.length > 253 || !given.split('.').every((part) => LABEL.test(part))) {
    throw new UnacceptableValue(
      "the name of a Kubernetes object: lower-case letters, digits, '-' and '.', with a letter or digit at both ends",
    );
  }
  return given;
}

/** Several {@link objectName}s, as a list or with commas. */
export function objectNames(value: SettingsTree): readonly string[] {
  return list(value).map(objectName);
}

const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;

/** Whether a text may be the key of a label or an annotation: an optional DNS prefix with a slash, and a name. */
export function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? 'x' : key.slice(0, slash);
  return (
    QUALIFIED_NAME.test(key.slice(slash + 1)) &&
    prefix.length <= 253 &&
    prefix.split('.').every((part) => LABEL.test(part))
  );
}

/** Whether a text may be the value of a label. */
export function isLabelValue(value: string): boolean {
  return value === '' || QUALIFIED_NAME.test(value);
}

/** What keys of labels and annotations look like, for messages. */
export const QUALIFIED_NAME_RULE =
  "at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, behind an optional DNS name and '/'";

/** What values of labels look like, for messages. */
export const LABEL_VALUE_RULE =
  "at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, or nothing";

/** The name of an environment variable: Kubernetes takes printable ASCII without `=`. */
export function variableName(name: string): string {
  if (isVariableName(name)) return name;
  throw new UnacceptableValue(`made of ${VARIABLE_NAME_RULE}`);
}

/** Whether {@link variableName} takes it. */
export function isVariableName(name: string): boolean {
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(name);
}

/** What names of environment variables are made of, for messages. */
export const VARIABLE_NAME_RULE = "printable ASCII characters without '='";
