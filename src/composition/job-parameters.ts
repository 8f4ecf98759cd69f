import { createHash } from 'node:crypto';
import { formatJavaDouble, parseJavaLong } from '../representation/java-numbers.js';
import { InvalidJobParameterError } from './composed-launch.errors.js';

/** A parameter of a job in the types that Spring Batch 4 knows. */
export type JobParameter = {
  readonly name: string;
  /** Whether it is a part of what tells one instance of the job from another. */
  readonly identifying: boolean;
} & (
  | { readonly type: 'STRING'; readonly value: string }
  | { readonly type: 'LONG'; readonly value: bigint }
  | { readonly type: 'DOUBLE'; readonly value: number }
  | { readonly type: 'DATE'; readonly value: Date }
);

/** Parameters by their names. */
export type JobParameters = ReadonlyMap<string, JobParameter>;

/** What makes each launch of a composed task an instance of its own. */
export interface InstanceRule {
  /** `run.id`, one higher than the last time. */
  readonly incrementInstanceEnabled: boolean;
  /** `ctr.id`, random, instead. */
  readonly uuidInstanceEnabled: boolean;
}

const RUN_ID = 'run.id';
const UUID = 'ctr.id';

/** Columns of `batch_job_execution_params`. */
const LONGEST_NAME = 100;
const LONGEST_TEXT = 250;

/**
 * Reads the parameters of a job from the arguments of a launch, as Spring Boot 2 and Spring Batch 4 do: arguments without
 * leading dashes, `name=value`, `name(long)=1`, `name(double)=1.5`, `name(date)=2026/01/31`; a `-` before the name says
 * that it does not identify the instance, a `+` that it does. Dates may also be milliseconds since 1970: SCDF writes them
 * so when it restarts a job.
 *
 * @throws InvalidJobParameterError
 */
export function jobParametersOf(launchArguments: readonly string[]): JobParameters {
  const parameters = new Map<string, JobParameter>();
  for (const argument of launchArguments) {
    const equals = argument.indexOf('=');
    if (argument.startsWith('--') || equals < 0) continue;
    const parameter = parse(argument.slice(0, equals).trim(), argument.slice(equals + 1).trim());
    parameters.set(parameter.name, parameter);
  }
  return parameters;
}

/**
 * The parameters of the next instance: those of the last one with `run.id` or `ctr.id` anew, and what was asked for over
 * them. That the last one's parameters stay is Spring Batch's rule.
 *
 * @param last those of the last instance's last execution; null for the first instance
 * @param uuid used for `ctr.id`
 * @throws InvalidJobParameterError when the last `run.id` is no number
 */
export function nextParameters(
  rule: InstanceRule,
  last: JobParameters | null,
  asked: JobParameters,
  uuid: string,
): JobParameters {
  if (rule.uuidInstanceEnabled) {
    const id: JobParameter = { name: UUID, identifying: true, type: 'STRING', value: uuid };
    return new Map([...(last ?? []), [UUID, id], ...asked]);
  }
  if (!rule.incrementInstanceEnabled) return asked;
  const value = runIdAfter(last?.get(RUN_ID));
  return new Map([...(last ?? []), [RUN_ID, { name: RUN_ID, identifying: true, type: 'LONG', value }], ...asked]);
}

/** JOB_KEY of an instance: Spring Batch 4 finds the instance that a restart goes on with by it. */
export function jobKeyOf(parameters: JobParameters): string {
  const text = [...parameters.values()]
    .filter(({ identifying }) => identifying)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((parameter) => `${parameter.name}=${keyText(parameter)};`)
    .join('');
  return createHash('md5').update(text, 'utf8').digest('hex');
}

/** Parameters in a sentence. */
export function describeParameters(parameters: JobParameters): string {
  if (parameters.size === 0) return 'none';
  return [...parameters.values()].map((parameter) => `${parameter.name}=${keyText(parameter)}`).join(', ');
}

function keyText(parameter: JobParameter): string {
  switch (parameter.type) {
    case 'STRING':
      return parameter.value;
    case 'LONG':
      return parameter.value.toString();
    case 'DOUBLE':
      return formatJavaDouble(parameter.value);
    case 'DATE':
      return String(parameter.value.getTime());
  }
}

function runIdAfter(last: JobParameter | undefined): bigint {
  if (last === undefined) return 1n;
  const text = keyText(last);
  if (!/^[+-]?\d{1,19}$/.test(text)) {
    throw new InvalidJobParameterError(
      `The last ${RUN_ID} of this task, '${text.slice(0, 50)}', is no whole number: give ${RUN_ID}(long)=<number> as an argument.`,
    );
  }
  return BigInt(text) + 1n;
}

function parse(written: string, value: string): JobParameter {
  const [, sign = '', typed = ''] = /^([-+]?)(.*)$/s.exec(written) ?? [];
  const [, name = '', type = ''] = /^(.*?)(\((?:long|double|date|string)\))?$/is.exec(typed) ?? [];
  const identifying = sign !== '-';
  if (name === '' || name.length > LONGEST_NAME) {
    refuse(written, `the name of a parameter has 1 to ${LONGEST_NAME} characters`);
  }
  // Spring Batch takes `(string)` in any case, and the others in lower case only.
  switch (type) {
    case '(long)':
      return { name, identifying, type: 'LONG', value: readLong(written, value) };
    case '(double)':
      return { name, identifying, type: 'DOUBLE', value: readDouble(written, value) };
    case '(date)':
      return { name, identifying, type: 'DATE', value: readDate(written, value) };
    default: {
      const plain = type.toLowerCase() === '(string)' ? name : name + type;
      if (value.length > LONGEST_TEXT) {
        refuse(written, `the text of a parameter has ${LONGEST_TEXT} characters at most, this one ${value.length}`);
      }
      return { name: plain, identifying, type: 'STRING', value };
    }
  }
}

function readLong(written: string, value: string): bigint {
  return parseJavaLong(value) ?? refuse(written, 'its value must be a whole number of 64 bits');
}

function readDouble(written: string, value: string): number {
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(E[+-]?\d+)?$/i.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : refuse(written, 'its value must be a number');
}

function readDate(written: string, value: string): Date {
  const [, year, month, day] = /^(\d{4})\/(\d{1,2})\/(\d{1,2})$/.exec(value) ?? [];
  const date = new Date(
    year === undefined
      ? /^-?\d{1,14}$/.test(value)
        ? Number(value)
        : Number.NaN
      : Date.UTC(Number(year), Number(month) - 1, Number(day)),
  );
  const exists = year === undefined || date.getUTCMonth() === Number(month) - 1;
  if (!Number.isNaN(date.getTime()) && exists) return date;
  return refuse(written, 'its value must be a date such as 2026/01/31, or milliseconds since 1970');
}

/** The value is left out: it may be a secret. */
function refuse(written: string, rule: string): never {
  throw new InvalidJobParameterError(
    `The argument '${written.slice(0, 120)}=…' is a parameter of the job, and ${rule}.`,
  );
}
