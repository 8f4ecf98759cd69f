import { describe, expect, it } from '@jest/globals';
import { InvalidJobParameterError } from './composed-launch.errors.js';
import { jobKeyOf, jobParametersOf, nextParameters } from './job-parameters.js';

const parametersOf = (...given: readonly string[]) => jobParametersOf(given);

/** As the arguments that would bring them about. */
const written = (parameters: ReturnType<typeof jobParametersOf>) =>
  [...parameters.values()].map(
    ({ name, identifying, type, value }) =>
      `${identifying ? '' : '-'}${name}(${type})=${value instanceof Date ? value.toISOString() : String(value)}`,
  );

describe('jobParametersOf', () => {
  it.each([
    [['run.id(long)=1'], ['run.id(LONG)=1']],
    [
      ['day=monday', ' key = a=b '],
      ['day(STRING)=monday', 'key(STRING)=a=b'],
    ],
    [
      ['-note=x', '+day=y'],
      ['-note(STRING)=x', 'day(STRING)=y'],
    ],
    [
      ['-n(long)=-5', 'p(long)=+5'],
      ['-n(LONG)=-5', 'p(LONG)=5'],
    ],
    [
      ['d(double)=1.5', 'e(double)=1E3'],
      ['d(DOUBLE)=1.5', 'e(DOUBLE)=1000'],
    ],
    [['d(date)=2026/01/31'], ['d(DATE)=2026-01-31T00:00:00.000Z']],
    [['d(date)=1704164645000'], ['d(DATE)=2024-01-02T03:04:05.000Z']],
    [
      ['s(STRING)=a', 't(Long)=1'],
      ['s(STRING)=a', 't(Long)(STRING)=1'],
    ],
    [['a=1', 'a=2'], ['a(STRING)=2']],
    [['empty='], ['empty(STRING)=']],
    [['--option=1', 'word', '--', '-x'], []],
  ])('%j', (given, expected) => {
    expect(written(parametersOf(...given))).toEqual(expected);
  });

  it.each([
    'run.id(long)=one',
    'run.id(long)=1.0',
    'run.id(long)=9223372036854775808',
    'd(double)=much',
    'd(double)=1e999',
    'd(date)=2026/02/31',
    'd(date)=31.01.2026',
    '=x',
    '(long)=1',
    `${'n'.repeat(101)}=x`,
    `text=${'x'.repeat(251)}`,
  ])('refuses %s', (argument) => {
    expect(() => parametersOf(argument)).toThrow(InvalidJobParameterError);
  });

  it('says what is wrong, but not with which value', () => {
    expect(() => parametersOf('password(long)=geheim')).toThrow(
      "The argument 'password(long)=…' is a parameter of the job, and its value must be a whole number of 64 bits.",
    );
  });
});

describe('jobKeyOf', () => {
  it.each([
    // Instances that applications and SCDF's runner wrote, in test/compat/database-2.11.5.sql.gz.
    [['run.id(long)=1'], '853d3449e311f40366811cbefb3d93d7'],
    [['run.id(long)=1', 'day=monday'], '8ae232a450b5d0d79575e1f87344371e'],
    [['run.id(long)=2'], 'e070bff4379694c0210a51d9f6c6a564'],
    [['run.id(long)=2', '-day=monday'], 'e070bff4379694c0210a51d9f6c6a564'],
    // The digest of nothing.
    [[], 'd41d8cd98f00b204e9800998ecf8427e'],
  ])('%j', (given, key) => {
    expect(jobKeyOf(parametersOf(...given))).toBe(key);
  });

  it('does not go by the order of parameters, and tells a date by its milliseconds', () => {
    expect(jobKeyOf(parametersOf('b=2', 'a=1'))).toBe(jobKeyOf(parametersOf('a=1', 'b=2')));
    expect(jobKeyOf(parametersOf('d(date)=2024/01/02'))).toBe(jobKeyOf(parametersOf('d(long)=1704153600000')));
    expect(jobKeyOf(parametersOf('d(double)=2'))).toBe(jobKeyOf(parametersOf('d=2.0')));
  });
});

describe('nextParameters', () => {
  const counting = { incrementInstanceEnabled: true, uuidInstanceEnabled: false };
  const random = { incrementInstanceEnabled: true, uuidInstanceEnabled: true };
  const none = { incrementInstanceEnabled: false, uuidInstanceEnabled: false };

  it.each([
    ['the first', counting, null, [], ['run.id(LONG)=1']],
    ['the next', counting, ['run.id(long)=7'], [], ['run.id(LONG)=8']],
    ['the next after one without a number', counting, ['day=monday'], [], ['day(STRING)=monday', 'run.id(LONG)=1']],
    ['the next after a text', counting, ['run.id=7'], [], ['run.id(LONG)=8']],
    ['one asked for', counting, ['run.id(long)=7'], ['run.id(long)=3'], ['run.id(LONG)=3']],
    [
      'one with parameters',
      counting,
      ['run.id(long)=7', 'a=1'],
      ['b=2'],
      ['run.id(LONG)=8', 'a(STRING)=1', 'b(STRING)=2'],
    ],
    ['a random one', random, ['run.id(long)=7'], [], ['run.id(LONG)=7', 'ctr.id(STRING)=a-uuid']],
    ['none of its own', none, ['run.id(long)=7'], ['a=1'], ['a(STRING)=1']],
  ])('%s', (_, rule, last, asked, expected) => {
    const next = nextParameters(rule, last === null ? null : parametersOf(...last), parametersOf(...asked), 'a-uuid');
    expect(written(next)).toEqual(expected);
  });

  it('refuses to count up from what is no number', () => {
    expect(() => nextParameters(counting, parametersOf('run.id=seven'), new Map(), '')).toThrow(
      InvalidJobParameterError,
    );
  });
});
