/** How the values of Local settings are written: one small parser a kind of value. */
import { resolve } from 'node:path';

/** A setting as written: text, or a list where the source has lists. */
export type SettingText = string | readonly string[];

/** The value is not of its kind; `allowed` completes «it must be …». */
export class UnacceptableValue extends Error {
  constructor(readonly allowed: string) {
    super(`must be ${allowed}`);
  }
}

/** @throws UnacceptableValue for a list of several values */
export function text(value: SettingText): string {
  if (typeof value === 'string') return value.trim();
  if (value.length === 1) return (value[0] ?? '').trim();
  throw new UnacceptableValue('a single value');
}

/** A file system path; relative ones are relative to the server's working directory, as in SCDF. */
export function path(value: SettingText): string {
  const given = text(value);
  if (given === '' || given.includes('\0')) throw new UnacceptableValue('a path');
  return resolve(given);
}

/** Spring's spellings of a boolean. */
export function flag(value: SettingText): boolean {
  const given = text(value).toLowerCase();
  if (['true', 'on', 'yes', '1'].includes(given)) return true;
  if (['false', 'off', 'no', '0'].includes(given)) return false;
  throw new UnacceptableValue('true or false');
}

/** A whole number within bounds, both included. */
export function integer(value: SettingText, low: number, high: number): number {
  const given = text(value);
  const number = Number(given);
  if (!/^\d{1,15}$/.test(given) || number < low || number > high) {
    throw new UnacceptableValue(`a whole number from ${low} to ${high}`);
  }
  return number;
}

/** Entries of a list, or of a text with commas; blank entries do not count. */
export function list(value: SettingText): readonly string[] {
  const entries = typeof value === 'string' ? value.split(',') : value;
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
}

/** A list of regular expressions. */
export function patterns(value: SettingText): readonly string[] {
  const entries = list(value);
  for (const entry of entries) {
    try {
      wholeName(entry);
    } catch {
      throw new UnacceptableValue(`a list of regular expressions; '${entry}' is none`);
    }
  }
  return entries;
}

/** The expression as Java's `Pattern.matches` takes it: for the whole name. */
export function wholeName(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

/** Docker's `a:b` pairs (volumes, ports, hosts). */
export function mappings(value: SettingText): readonly string[] {
  const entries = list(value);
  const incomplete = entries.find((entry) => !/^[^:]+:.+$/.test(entry) || entry.startsWith('-'));
  if (incomplete !== undefined) {
    throw new UnacceptableValue(`a list of pairs with a colon, separated by commas; '${incomplete}' is none`);
  }
  return entries;
}

/** JDWP's `suspend`. */
export function suspend(value: SettingText): 'y' | 'n' {
  const given = text(value).toLowerCase();
  if (['y', 'yes', 'true'].includes(given)) return 'y';
  if (['n', 'no', 'false'].includes(given)) return 'n';
  throw new UnacceptableValue('y or n');
}

/** Options separated by blanks; single or double quotes keep blanks within one and are taken away. */
export function javaOptions(value: SettingText): readonly string[] {
  if (typeof value !== 'string') return list(value);
  const options: string[] = [];
  let current: string | undefined;
  let quote: string | undefined;
  for (const char of value) {
    if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else current += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      current ??= '';
    } else if (/\s/.test(char)) {
      if (current !== undefined) options.push(current);
      current = undefined;
    } else {
      current = (current ?? '') + char;
    }
  }
  if (quote !== undefined)
    throw new UnacceptableValue(`a list of options separated by blanks; a ${quote} is not closed`);
  if (current !== undefined) options.push(current);
  return options;
}

/** `512` and `512m` are mebibytes, `2g` gibibytes (SCDF's size texts); Kubernetes' `Mi` and `Gi` are taken too. */
export function memoryMebibytes(value: SettingText): number {
  const match = /^(\d{1,9})(m|g)?(i|b|ib)?$/i.exec(text(value));
  const amount = Number(match?.[1] ?? 0) * (match?.[2]?.toLowerCase() === 'g' ? 1024 : 1);
  if (amount <= 0) throw new UnacceptableValue('a size above 0 in mebibytes or gibibytes such as 512, 512m or 2g');
  return amount;
}
