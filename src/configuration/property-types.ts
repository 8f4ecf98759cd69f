import * as z from 'zod';

/** How the text of a property becomes a value, and the sentence that says what is allowed. */
export interface PropertyType<T> {
  /** For the documentation: `whole number`. */
  readonly label: string;
  /** `list`: the value is a comma-separated text or an indexed list; the schema takes the elements. */
  readonly shape: 'scalar' | 'list';
  readonly schema: z.ZodType<T, unknown>;
}

function scalar<T>(label: string, allowed: string, convert: (text: string) => T | undefined): PropertyType<T> {
  const schema = z.string().transform((text, context): T => {
    const value = convert(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: allowed });
    return z.NEVER;
  });
  return { label, shape: 'scalar', schema };
}

export const text: PropertyType<string> = scalar('text', 'text', (value) => value);

const TRUE = new Set(['true', 'on', 'yes', '1']);
const FALSE = new Set(['false', 'off', 'no', '0']);

/** Spring's spellings of a boolean, in any letter case. */
export const bool: PropertyType<boolean> = scalar('boolean', 'true or false (also on/off, yes/no, 1/0)', (value) => {
  const word = value.trim().toLowerCase();
  if (TRUE.has(word)) return true;
  return FALSE.has(word) ? false : undefined;
});

export function integer(minimum: number, maximum = Number.MAX_SAFE_INTEGER): PropertyType<number> {
  const bounds = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  return scalar('whole number', `a whole number ${bounds}`, (value) => {
    const number = /^[-+]?\d{1,16}$/.test(value.trim()) ? Number(value) : Number.NaN;
    return number >= minimum && number <= maximum ? number : undefined;
  });
}

/** One of some words, found without regard to letter case, dashes and underscores, as Spring finds an enum's constants. */
export function choice<const T extends string>(...words: readonly T[]): PropertyType<T> {
  const plain = (value: string) => value.trim().toLowerCase().replaceAll(/[-_]/g, '');
  return scalar(words.join(' \\| '), `one of ${words.join(', ')}`, (value) =>
    words.find((word) => plain(word) === plain(value)),
  );
}

/** Logback's level names; `off` in YAML is a boolean, so `false` means OFF (Spring). */
export const logLevel = {
  ...choice('TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'OFF'),
  schema: z.preprocess(
    (value) => (value === 'false' ? 'OFF' : value),
    choice('TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'OFF').schema,
  ),
};

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `30s`, `PT30S`, or a plain number in the unit given; the value is in milliseconds. */
export function duration(plainUnit: 'ms' | 's' = 'ms'): PropertyType<number> {
  return scalar(
    'duration',
    `a duration such as 500ms, 30s, 5m, 1h, PT30S, or a plain number of ${plainUnit}`,
    (value) => parseDuration(value.trim(), plainUnit),
  );
}

function parseDuration(value: string, plainUnit: string): number | undefined {
  const simple = /^\+?(\d{1,15})([a-z]{0,2})$/i.exec(value);
  if (simple !== null) {
    const unit = DURATION_UNITS[(simple[2] === '' ? plainUnit : (simple[2] ?? '')).toLowerCase()];
    return unit === undefined ? undefined : Math.trunc(Number(simple[1]) * unit);
  }
  const iso = /^P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/i.exec(value);
  if (iso === null || !/\d/.test(value) || /T$/i.test(value)) return undefined;
  const [days, hours, minutes, seconds] = iso.slice(1).map((part: string | undefined) => Number(part ?? '0'));
  return Math.trunc(
    (days ?? 0) * 86_400_000 + (hours ?? 0) * 3_600_000 + (minutes ?? 0) * 60_000 + (seconds ?? 0) * 1000,
  );
}

const SIZE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** `10MB`, `512KB`, or a plain number of bytes (a kilobyte is 1024 bytes, as in Spring); the value is in bytes. */
export const dataSize: PropertyType<number> = scalar(
  'size',
  'a size such as 512KB, 10MB, or a plain number of bytes',
  (value) => {
    const parts = /^(\d{1,12})([a-z]{0,2})$/i.exec(value.trim());
    const exponent = SIZE_UNITS.indexOf((parts?.[2] === '' ? 'B' : (parts?.[2] ?? '')).toUpperCase());
    return parts === null || exponent < 0 ? undefined : Number(parts[1]) * 1024 ** exponent;
  },
);

/** An http or https address; a trailing slash is dropped. */
export const httpUrl: PropertyType<string> = scalar(
  'URL',
  'an address that begins with http:// or https://',
  (value) => {
    const address = value.trim();
    return /^https?:\/\/\S+$/i.test(address) && URL.canParse(address) ? address.replace(/\/+$/, '') : undefined;
  },
);

/** A path of the server: begins with a slash, the trailing one dropped, so the root is the empty text. */
export const urlPath: PropertyType<string> = scalar('path', 'a path that begins with /, such as /dataflow', (value) => {
  const path = value.trim();
  return path === '' || /^\/[^\s?#]*$/.test(path) ? path.replace(/\/+$/, '') : undefined;
});

/** A list of texts: comma-separated, or one element per index; blanks around and empty elements are dropped. */
export const textList: PropertyType<readonly string[]> = {
  label: 'list',
  shape: 'list',
  schema: z
    .array(z.string())
    .transform((elements) => elements.map((element) => element.trim()).filter((element) => element !== '')),
};
