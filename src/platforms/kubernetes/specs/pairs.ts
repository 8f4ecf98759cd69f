/** The one-line syntaxes of deployer properties: pairs with colons, lists of environment variables, command lines. Pure. */
import type { SettingsTree } from '../../../configuration/configuration.js';
import {
  isList,
  isMap,
  isLabelValue,
  isQualifiedName,
  isVariableName,
  LABEL_VALUE_RULE,
  QUALIFIED_NAME_RULE,
  text,
  UnacceptableValue,
  VARIABLE_NAME_RULE,
} from './values.js';

/** Keys and values in the order in which they were written. */
export type Pairs = Readonly<Record<string, string>>;

/** Annotations, `k1:v1,k2:v2`: commas within double quotes do not separate, and the quotes stay; the first colon separates. */
export function annotations(value: SettingsTree): Pairs {
  return pairsOf(value, (written) => splitOutsideQuotes(written, ','), 'annotations such as key:value,other:value');
}

/** Labels, `k1:v1,k2:v2`; exactly one colon in each. */
export function labels(value: SettingsTree): Pairs {
  const pairs = pairsOf(value, (written) => written.split(','), 'labels such as key:value,other:value', true);
  for (const [index, label] of Object.values(pairs).entries()) {
    if (!isLabelValue(label)) {
      throw new UnacceptableValue(`a list of labels; the value of number ${index + 1} must be ${LABEL_VALUE_RULE}`);
    }
  }
  return pairs;
}

function pairsOf(value: SettingsTree, split: (written: string) => string[], what: string, single = false): Pairs {
  const entries = isMap(value) ? Object.entries(value) : undefined;
  const written =
    entries?.map(([key, item]): [string, string] => [key, text(item)]) ??
    split(text(value))
      .filter((pair) => pair.trim() !== '')
      .map((pair): [string, string] => {
        const colon = pair.indexOf(':');
        if (colon < 0 || (single && pair.indexOf(':', colon + 1) >= 0))
          throw new UnacceptableValue(`a list of ${what}`);
        return [pair.slice(0, colon).trim(), pair.slice(colon + 1).trim()];
      });
  for (const [index, [key]] of written.entries()) {
    if (!isQualifiedName(key)) {
      throw new UnacceptableValue(`a list of ${what}; key number ${index + 1} must be ${QUALIFIED_NAME_RULE}`);
    }
  }
  return recordOf(written);
}

/**
 * Environment variables, `A=1,B='x,y'`, or a list of `A=1`. In text, single quotes around a value keep commas and are taken
 * off; in a list values are taken as they are.
 */
export function environmentVariables(value: SettingsTree): Pairs {
  if (isMap(value)) {
    return recordOf(Object.entries(value).map(([name, item]) => [declaredName(name, 0), text(item)]));
  }
  const declarations = typeof value === 'string' ? splitDeclarations(value) : value.map((item) => plain(item));
  return recordOf(
    declarations
      .filter((declaration) => declaration.trim() !== '')
      .map((declaration, index) => {
        const equals = declaration.indexOf('=');
        if (equals < 0) {
          throw new UnacceptableValue(
            `a list of environment variables such as NAME=value,OTHER='a,b'; number ${index + 1} has no '='`,
          );
        }
        return [declaredName(declaration.slice(0, equals).trim(), index), declaration.slice(equals + 1)];
      }),
  );
}

function declaredName(name: string, index: number): string {
  if (isVariableName(name)) return name;
  throw new UnacceptableValue(
    `a list of environment variables; the name of number ${index + 1} must be made of ${VARIABLE_NAME_RULE}`,
  );
}

/** Commas separate, but not within `NAME='…'`. */
function splitDeclarations(written: string): string[] {
  const declarations: string[] = [];
  let rest = written;
  while (rest !== '') {
    const quoted = /^\s*([^=,']+)='([^']*)'\s*(?:,|$)/.exec(rest);
    if (quoted !== null) {
      declarations.push(`${quoted[1]}=${quoted[2]}`);
      rest = rest.slice(quoted[0].length);
      continue;
    }
    const comma = rest.indexOf(',');
    declarations.push((comma < 0 ? rest : rest.slice(0, comma)).trim());
    rest = comma < 0 ? '' : rest.slice(comma + 1);
  }
  return declarations;
}

/**
 * A command line: words separated by blanks; single or double quotes keep blanks within one, a backslash before the quote
 * in force or before itself takes that character literally. A list is taken as it is.
 */
export function commandLine(value: SettingsTree): readonly string[] {
  if (isList(value)) return value.map((item) => plain(item));
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  const written = text(value);
  for (let index = 0; index < written.length; index++) {
    const character = written.charAt(index);
    const next = written.charAt(index + 1);
    if (character === '\\' && (next === '\\' || (next !== '' && next === quote))) {
      word = (word ?? '') + next;
      index++;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') throw new UnacceptableValue(`a command line; a ${quote} is not closed`);
  if (word !== undefined) words.push(word);
  return words;
}

/** A command as a list with plain commas, blanks kept, as SCDF reads those of `lifecycle`. */
export function commaCommand(value: SettingsTree): readonly string[] {
  return isList(value) ? value.map((item) => plain(item)) : plain(value).split(',');
}

function plain(value: SettingsTree): string {
  if (typeof value === 'string') return value;
  throw new UnacceptableValue('a list of texts');
}

function splitOutsideQuotes(written: string, separator: string): string[] {
  const pieces = [''];
  let quoted = false;
  for (const character of written) {
    if (character === '"') quoted = !quoted;
    if (character === separator && !quoted) pieces.push('');
    else pieces[pieces.length - 1] += character;
  }
  return pieces;
}

/** Of a name that occurs twice the last value counts, at the first place. Names such as `__proto__` are names like others. */
function recordOf(entries: readonly (readonly [string, string])[]): Pairs {
  return Object.fromEntries(new Map(entries));
}
