import { z } from 'zod';

const LOCAL = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?Z?$/;

/**
 * A date and time without zone, read as UTC: `2019-02-03T00:00:30`, as the dashboard sends it.
 * @throws InvalidParameterError (through `Parameters`) for other forms and for days that no calendar has
 */
export function localDateTime(description: string) {
  return parsedDate(description, LOCAL, "yyyy-MM-dd'T'HH:mm:ss", '2019-02-03T00:00:30');
}

/** The form that SCDF's thin job lists want: `yyyy-MM-dd'T'HH:mm:ss,SSS`, with a comma before the milliseconds. */
export function commaDateTime(description: string) {
  return parsedDate(
    description,
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d),(\d{3})$/,
    "yyyy-MM-dd'T'HH:mm:ss,SSS",
    '2019-02-03T00:00:30,000',
  );
}

function parsedDate(description: string, form: RegExp, pattern: string, example: string) {
  return z
    .array(z.string())
    .transform((given, context) => {
      const word = given.join(',');
      const date = dateOf(form.exec(word));
      if (date !== undefined) return date;
      context.addIssue({
        code: 'custom',
        message: `The parameter '{name}' must be a date and time like ${example} (${pattern}); it is '${word.slice(0, 60)}'.`,
      });
      return z.NEVER;
    })
    .meta({ description, openapi: { type: 'string', pattern: form.source, example } });
}

function dateOf(match: RegExpExecArray | null): Date | undefined {
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '00', fraction = '0'] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  const date = new Date(iso);
  // JavaScript rolls 31 February over into March; a day that comes back changed is none.
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== iso.slice(0, 10) ? undefined : date;
}
