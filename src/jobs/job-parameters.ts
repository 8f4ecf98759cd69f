import { z } from 'zod';
import { maskValue } from '../dsl/secrets.js';
import { double, long } from '../representation/hal-adapter.js';
import { formatJavaDouble } from '../representation/java-numbers.js';
import { formatTimestamp } from '../representation/timestamp.js';
import type { StoredJobParameter } from './job-history.js';

/** The kinds of parameters that clients know; any other makes SCDF's Java client fail. */
const PARAMETER_TYPES = ['STRING', 'LONG', 'DOUBLE', 'DATE'] as const;

/** A typed parameter on the wire. */
export const JobParameterSchema = z
  .object({
    identifying: z.boolean(),
    value: z.union([z.string(), z.number()]).describe('A string; a number for LONG and DOUBLE; a timestamp for DATE'),
    type: z.enum(PARAMETER_TYPES),
  })
  .meta({ id: 'JobParameter' });

/** The typed parameters of a job on the wire. */
export const JobParametersSchema = z
  .object({ parameters: z.record(z.string(), JobParameterSchema) })
  .meta({ id: 'JobParameters' });

type JobParameterResource = z.infer<typeof JobParameterSchema>;

/** The parameters of a job in the three forms that clients read. */
export interface JobParametersResource {
  /** Typed, by name. */
  readonly typed: { readonly parameters: Readonly<Record<string, JobParameterResource>> };
  /** As text; the name bears the type, `run.id(long)`, and a leading `-` when not identifying. */
  readonly texts: Readonly<Record<string, string>>;
  /** The same in one line, secret texts masked. */
  readonly line: string;
}

type Typed =
  | { readonly type: 'STRING'; readonly value: string }
  | { readonly type: 'LONG'; readonly value: bigint }
  | { readonly type: 'DOUBLE'; readonly value: number }
  | { readonly type: 'DATE'; readonly value: Date };

const TYPES: Readonly<Record<string, Typed['type']>> = {
  STRING: 'STRING',
  LONG: 'LONG',
  DOUBLE: 'DOUBLE',
  DATE: 'DATE',
  'java.lang.String': 'STRING',
  'java.lang.Long': 'LONG',
  'java.lang.Double': 'DOUBLE',
  'java.util.Date': 'DATE',
};

/**
 * Writes the parameters of a job execution, ordered by name. Types that clients do not know, and values that are not what
 * their type says, are shown as the stored text; SCDF answers 500 for some of them.
 */
export function jobParametersResource(stored: readonly StoredJobParameter[]): JobParametersResource {
  const ordered = [...stored].sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  const parameters = ordered.map((parameter) => ({ ...parameter, typed: typedValue(parameter) }));
  return {
    typed: {
      parameters: Object.fromEntries(
        parameters.map(({ name, identifying, typed }) => [
          name,
          { identifying, value: wireValue(typed), type: typed.type },
        ]),
      ),
    },
    texts: Object.fromEntries(
      parameters.map(({ name, identifying, typed }) => [textKey(name, identifying, typed), textValue(typed)]),
    ),
    line: parameters
      .map(({ name, identifying, typed }) => {
        // SCDF writes a second dash before the names of non-identifying parameters that are no strings.
        const dash = !identifying && typed.type !== 'STRING' ? '-' : '';
        const value = typed.type === 'STRING' ? maskValue(name, typed.value) : textValue(typed);
        return `${dash}${textKey(name, identifying, typed)}=${value}`;
      })
      .join(','),
  };
}

function typedValue({ type, value }: StoredJobParameter): Typed {
  const text = value ?? '';
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  switch (known) {
    case 'LONG':
      return /^[+-]?\d{1,19}$/.test(text) ? { type: known, value: BigInt(text.replace('+', '')) } : stringOf(text);
    case 'DOUBLE': {
      const number = text.trim() === '' ? Number.NaN : Number(text);
      return !Number.isNaN(number) || text === 'NaN' ? { type: known, value: number } : stringOf(text);
    }
    case 'DATE': {
      const date = new Date(/^\d{4}-\d\d-\d\dT/.test(text) ? text : Number.NaN);
      return Number.isNaN(date.getTime()) ? stringOf(text) : { type: known, value: date };
    }
    case 'STRING':
    case undefined:
      return stringOf(text);
  }
}

function stringOf(value: string): Typed {
  return { type: 'STRING', value };
}

function wireValue(typed: Typed): string | number {
  switch (typed.type) {
    case 'STRING':
      return typed.value;
    case 'LONG':
      return long(typed.value);
    case 'DOUBLE':
      return double(typed.value);
    case 'DATE':
      return formatTimestamp(typed.value);
  }
}

function textKey(name: string, identifying: boolean, { type }: Typed): string {
  return `${identifying ? '' : '-'}${name}${type === 'STRING' ? '' : `(${type.toLowerCase()})`}`;
}

function textValue(typed: Typed): string {
  switch (typed.type) {
    case 'STRING':
      return typed.value;
    case 'LONG':
      return typed.value.toString();
    case 'DOUBLE':
      return formatJavaDouble(typed.value);
    case 'DATE':
      return typed.value.toISOString().slice(0, 10).replaceAll('-', '/');
  }
}
