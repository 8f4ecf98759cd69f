import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { InvalidParameterError } from './domain-error.js';
import { parametersOf } from './request-frame.js';

/** What a request's parameters look like: one zod type a name, made with the builders below. */
export type ParameterSchema = z.ZodObject<Record<string, z.ZodType>>;

/**
 * Injects the parameters of a request (query, form and path alike) as one checked object.
 * @throws InvalidParameterError in SCDF's words for the first parameter that does not fit
 */
export function Parameters(schema: ParameterSchema): ParameterDecorator {
  // Wrapped, since Nest takes anything with a method `transform` for a pipe, and a `schema` for one of its own.
  return injectParameters({ expected: schema });
}

const injectParameters = createParamDecorator(
  ({ expected }: { readonly expected: ParameterSchema }, context: ExecutionContext): unknown =>
    parseParameters(expected, context.switchToHttp().getRequest<Request>()),
);

/** See {@link Parameters}. */
export function parseParameters<Schema extends ParameterSchema>(schema: Schema, request: Request): z.output<Schema> {
  const given = parametersOf(request);
  const raw: Record<string, readonly string[] | undefined> = {};
  for (const name of Object.keys(schema.shape)) raw[name] = given.get(name);
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = String(issue?.path[0] ?? '');
  if (raw[name] === undefined) {
    throw new InvalidParameterError(
      `Required request parameter '${name}' for method parameter type String is not present`,
      'MissingServletRequestParameterException',
    );
  }
  throw new InvalidParameterError(
    (issue?.message ?? '').replaceAll('{name}', name),
    issue?.code === 'custom' && typeof issue.params?.['logref'] === 'string' ? issue.params['logref'] : undefined,
  );
}

type Values = readonly string[];

const values = z.array(z.string());

/** Beyond any text that makes sense; bodies and headers are limited before. */
const MAXIMUM_TEXT = 1_000_000;

/** Required text; `maximum` characters at most where a column or rule limits it. */
export function text(description: string, maximum = MAXIMUM_TEXT) {
  return values
    .transform(joined)
    .pipe(bounded(maximum))
    .meta({ description, openapi: textShape(maximum) });
}

/** Text that may be missing. */
export function optionalText(description: string, maximum = MAXIMUM_TEXT) {
  return values
    .transform(joined)
    .pipe(bounded(maximum))
    .optional()
    .meta({ description, openapi: textShape(maximum) });
}

/** A flag in any of Spring's spellings; `fallback` when missing. */
export function flag(description: string, fallback: boolean) {
  return values
    .default([String(fallback)])
    .transform(flagOf)
    .meta({ description, openapi: { type: 'boolean', default: fallback } });
}

/** A flag that may be missing. */
export function optionalFlag(description: string) {
  return values
    .transform(flagOf)
    .optional()
    .meta({ description, openapi: { type: 'boolean' } });
}

function flagOf(given: Values, context: z.RefinementCtx): boolean {
  const word = joined(given);
  if (/^(true|on|yes|1)$/i.test(word)) return true;
  if (/^(false|off|no|0)$/i.test(word)) return false;
  context.addIssue({ code: 'custom', message: conversion('boolean', `Invalid boolean value [${word}]`) });
  return z.NEVER;
}

/** A flag that SCDF compares with `true` and never refuses. */
export function lenientFlag(description: string) {
  return values
    .default([])
    .transform((given: Values) => joined(given) === 'true')
    .meta({ description, openapi: { type: 'boolean' } });
}

/**
 * A whole number between `minimum` and the largest that PostgreSQL's bigint and a JSON number both hold.
 * @param javaType what SCDF's message calls the type
 */
export function integer(
  description: string,
  minimum = -Number.MAX_SAFE_INTEGER,
  maximum = Number.MAX_SAFE_INTEGER,
  javaType: 'java.lang.Long' | 'long' = 'java.lang.Long',
) {
  return values
    .transform((given: Values, context) => integerOf(joined(given), { minimum, maximum, javaType }, context))
    .meta({ description, openapi: { type: 'integer', format: 'int64', minimum, maximum } });
}

const ANY_INTEGER: IntegerRule = {
  minimum: -Number.MAX_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
  javaType: 'java.lang.Long',
};

/** Whole numbers, comma separated. */
export function integers(description: string) {
  return values
    .transform((given: Values, context) => {
      const words = given.flatMap((value) => value.split(',')).map((word) => word.trim());
      return words.map((word) => integerOf(word, ANY_INTEGER, context));
    })
    .meta({ description, openapi: { type: 'string', pattern: '^[0-9]{1,15}(,[0-9]{1,15})*$', example: '1,2' } });
}

/** One of a few words. */
export function choice<const Word extends string>(description: string, words: readonly Word[]) {
  return values
    .transform((given: Values, context) => wordOf(joined(given), words, context))
    .meta({ description, openapi: { type: 'string', enum: words } });
}

/** Some of a few words, comma separated or repeated. */
export function choices<const Word extends string>(description: string, words: readonly Word[]) {
  return values
    .transform((given: Values, context) => {
      const named = given.flatMap((value) => value.split(',')).filter((word) => word !== '');
      return named.map((word) => wordOf(word, words, context));
    })
    .meta({ description, openapi: { type: 'array', items: { type: 'string', enum: words } } });
}

/** A point in time: ISO 8601 with UTC where it names no zone, or so many seconds ago. */
export function instant(description: string) {
  return values
    .transform((given: Values, context) => {
      const moment = instantOf(joined(given).trim());
      if (moment !== undefined) return moment;
      const message =
        "The parameter '{name}' must be a date such as 2026-01-31T12:00:00Z, or a number of seconds before now.";
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .meta({ description, openapi: { type: 'string', pattern: '^[0-9]{1,9}$', example: '3600' } });
}

function instantOf(word: string): Date | undefined {
  if (/^\d{1,9}$/.test(word)) return new Date(Date.now() - Number(word) * 1_000);
  // A plus sign that nobody encoded has become a blank on its way.
  const parts = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+ -]\d\d:\d\d)?)?$/i.exec(word);
  if (parts === null) return undefined;
  const [, day = '', time = '00:00', zone = 'Z'] = parts;
  const moment = new Date(`${day}T${time}${zone.replace(' ', '+')}`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

/** A name as Kubernetes gives to containers: a DNS label. */
export function dnsLabel(description: string) {
  return values
    .transform((given: Values, context) => {
      const word = joined(given);
      if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(word)) return word;
      const message = "The parameter '{name}' must be at most 63 lower-case letters, digits and dashes.";
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .meta({ description, openapi: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$' } });
}

function textShape(maximum: number) {
  return { type: 'string', ...(maximum === MAXIMUM_TEXT ? {} : { maxLength: maximum }) };
}

/** Spring joins a repeated text parameter with commas. */
function joined(given: Values): string {
  return given.join(',');
}

function bounded(maximum: number) {
  return z.string().superRefine((value, context) => {
    if (value.length > maximum) {
      context.addIssue({
        code: 'custom',
        message: `The parameter '{name}' must not be longer than ${maximum} characters; it has ${value.length}.`,
        params: { logref: 'ConstraintViolationException' },
      });
    }
  });
}

function wordOf<Word extends string>(word: string, words: readonly Word[], context: z.RefinementCtx): Word {
  const found = words.find((candidate) => candidate === word);
  if (found !== undefined) return found;
  const message = `The parameter '{name}' must contain one of the following values: '${words.join(', ')}'.`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

interface IntegerRule {
  readonly minimum: number;
  readonly maximum: number;
  readonly javaType: string;
}

function integerOf(word: string, { minimum, maximum, javaType }: IntegerRule, context: z.RefinementCtx): number {
  const value = /^[+-]?\d{1,16}$/.test(word) ? Number(word) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return value;
  const message = Number.isSafeInteger(value)
    ? `The parameter '{name}' must be a whole number from ${minimum} to ${maximum}; it is ${value}.`
    : conversion(javaType, `java.lang.NumberFormatException: For input string: "${word.slice(0, 100)}"`);
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

function conversion(type: string, reason: string): string {
  return `Failed to convert value of type 'java.lang.String' to required type '${type}'; nested exception is ${reason}`;
}
