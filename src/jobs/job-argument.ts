import { formatJavaDouble, parseJavaLong } from '../representation/java-numbers.js';
import type { StoredJobParameter } from './job-history.js';

/**
 * How an application reads job parameters from its command line: Spring Batch 4's `name(type)=value`, Spring Batch 5's
 * `name=value,type,identifying`, or the JSON of Spring Batch 5's `JsonJobParametersConverter`.
 */
export type JobArgumentNotation = 'batch4' | 'batch5' | 'json';

/** A stored job parameter that no argument can hand to the application as it was. */
export class UnwritableParameterError extends Error {
  override readonly name = 'UnwritableParameterError';
}

/**
 * Writes a stored job parameter as the argument from which an application makes the same parameter again: same type, same
 * value, identifying or not.
 * @throws UnwritableParameterError saying why there is no such argument
 */
export function jobArgument(parameter: StoredJobParameter, notation: JobArgumentNotation): string {
  const { name } = parameter;
  if (name === '' || name.trim() !== name || name.includes('=') || /[\0\r\n]/.test(name)) {
    throw new UnwritableParameterError('its name cannot stand on a command line');
  }
  if (name.startsWith('--') || (notation === 'batch4' && /^[-+]/.test(name))) {
    throw new UnwritableParameterError('its name would be read as an option');
  }
  switch (notation) {
    case 'batch4':
      return batch4Argument(parameter);
    case 'batch5':
      return batch5Argument(parameter);
    case 'json':
      return jsonArgument(parameter);
  }
}

/**
 * Checks a stored parameter that the application is given already. It reads what it stored before it starts an instance again,
 * and a type or number that is none ends it there.
 * @throws UnwritableParameterError saying what cannot be read
 */
export function checkReadable(parameter: StoredJobParameter, notation: JobArgumentNotation): void {
  if (notation === 'batch4') checkBatch4Type(parameter);
  else checkClassName(parameter);
  if (parameter.type === 'java.lang.Long' && parameter.value !== null) wholeNumber(parameter.value);
}

/** The name of the job parameter that an application makes of an argument; undefined for one that is none. */
export function parameterNameOf(argument: string, notation: JobArgumentNotation): string | undefined {
  const equals = argument.indexOf('=');
  if (argument.startsWith('--') || equals < 1) return undefined;
  const key = argument.slice(0, equals).trim();
  return notation === 'batch4' ? key.replace(/^[-+]/, '').replace(/\((string|long|double|date)\)$/, '') : key;
}

function batch4Argument({ name, type, value, identifying }: StoredJobParameter): string {
  const prefix = identifying ? '' : '-';
  switch (type) {
    case 'STRING':
      return `${prefix}${name}(string)=${plain(value ?? '')}`;
    case 'LONG':
      return `${prefix}${name}(long)=${wholeNumber(value)}`;
    case 'DOUBLE':
      return `${prefix}${name}(double)=${formatJavaDouble(number(value))}`;
    case 'DATE':
      return `${prefix}${name}(date)=${day(value)}`;
    default:
      throw foreignToBatch4(type);
  }
}

function checkBatch4Type({ type }: StoredJobParameter): void {
  if (!['STRING', 'LONG', 'DOUBLE', 'DATE'].includes(type)) throw foreignToBatch4(type);
}

function foreignToBatch4(type: string): UnwritableParameterError {
  return new UnwritableParameterError(`its type ${type.slice(0, 100)} is none of Spring Batch 4`);
}

function batch5Argument(parameter: StoredJobParameter): string {
  const text = plain(checkedText(parameter));
  if (text.includes(',')) {
    throw new UnwritableParameterError(
      'its value contains a comma, which separates value and type on the command line; an application with a ' +
        'JsonJobParametersConverter takes it with useJsonJobParameters=true',
    );
  }
  return `${parameter.name}=${text},${parameter.type}${parameter.identifying ? '' : ',false'}`;
}

function jsonArgument(parameter: StoredJobParameter): string {
  const { name, type, identifying } = parameter;
  return `${name}=${JSON.stringify({ value: checkedText(parameter), type, identifying: String(identifying) })}`;
}

/** The stored text of Spring Batch 5, which is also what its converters read. */
function checkedText(parameter: StoredJobParameter): string {
  checkClassName(parameter);
  const { type, value } = parameter;
  switch (type) {
    case 'java.lang.String':
      return value ?? '';
    case 'java.lang.Long':
      return wholeNumber(value);
    case 'java.lang.Double':
      number(value);
      return value ?? '';
    default:
      if (value === null) throw new UnwritableParameterError('it has no value');
      return value;
  }
}

function checkClassName({ type }: StoredJobParameter): void {
  if (!/^[\w$]+(\.[\w$]+)*$/.test(type)) {
    throw new UnwritableParameterError(`its type ${type.slice(0, 100)} is no name of a class`);
  }
}

/** Spring trims what follows the equals sign. */
function plain(text: string): string {
  if (text !== text.trim()) throw new UnwritableParameterError('its value begins or ends with a blank, which is lost');
  if (text.includes('\0')) throw new UnwritableParameterError('its value contains a NUL character');
  return text;
}

function wholeNumber(value: string | null): string {
  const text = value ?? '';
  if (parseJavaLong(text) === undefined) {
    throw new UnwritableParameterError(`its stored value is no whole number of 64 bits: ${shown(value)}`);
  }
  return text.replace('+', '');
}

function number(value: string | null): number {
  const text = value?.trim() ?? '';
  const parsed = text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(parsed))
    throw new UnwritableParameterError(`its stored value is no finite number: ${shown(value)}`);
  return parsed;
}

/**
 * Spring Batch 4 reads days only, and takes a time behind one for nothing, which would be another instance. Its milliseconds as a
 * `long` would be the same instance, but a parameter of another type, which applications that ask for a date do not take. Stored
 * times are in the time zone of the application, which reads them in the same.
 */
function day(value: string | null): string {
  const [, date] = /^(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?Z$/.exec(value ?? '') ?? [];
  if (date === undefined) {
    throw new UnwritableParameterError(
      `it is a date with a time of day (${shown(value)}), and Spring Batch 4 reads only days from a command line; if the application has a ` +
        "JobParametersConverter of its own that reads times, launch the task with the job's parameters as arguments instead, which restarts then repeat",
    );
  }
  return date.replaceAll('-', '/');
}

function shown(value: string | null): string {
  return value === null ? 'none' : value.slice(0, 60);
}
