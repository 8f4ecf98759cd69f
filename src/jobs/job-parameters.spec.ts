import { describe, expect, it } from '@jest/globals';
import { serialize } from '../representation/hal-adapter.js';
import { jobParametersResource } from './job-parameters.js';

const resourceOf = (name: string, type: string, value: string | null, identifying = true) =>
  jobParametersResource([{ name, type, value, identifying }]);

describe('job parameters', () => {
  it.each([
    ['STRING', 'hello', '{"identifying":true,"value":"hello","type":"STRING"}', 'p', 'hello'],
    ['LONG', '42', '{"identifying":true,"value":42,"type":"LONG"}', 'p(long)', '42'],
    ['DOUBLE', '1', '{"identifying":true,"value":1.0,"type":"DOUBLE"}', 'p(double)', '1.0'],
    ['DOUBLE', '1e+20', '{"identifying":true,"value":100000000000000000000.0,"type":"DOUBLE"}', 'p(double)', '1.0E20'],
    [
      'DATE',
      '2024-01-02T03:04:05.000Z',
      '{"identifying":true,"value":"2024-01-02T03:04:05.000+0000","type":"DATE"}',
      'p(date)',
      '2024/01/02',
    ],
    ['java.lang.String', 'hello', '{"identifying":true,"value":"hello","type":"STRING"}', 'p', 'hello'],
    ['java.lang.Long', '-7', '{"identifying":true,"value":-7,"type":"LONG"}', 'p(long)', '-7'],
    ['java.lang.Double', '2.5', '{"identifying":true,"value":2.5,"type":"DOUBLE"}', 'p(double)', '2.5'],
    [
      'java.util.Date',
      '2024-01-02T03:04:05Z',
      '{"identifying":true,"value":"2024-01-02T03:04:05.000+0000","type":"DATE"}',
      'p(date)',
      '2024/01/02',
    ],
    // Types that clients do not know, and values that contradict their type.
    [
      'java.time.LocalDate',
      '2024-01-02',
      '{"identifying":true,"value":"2024-01-02","type":"STRING"}',
      'p',
      '2024-01-02',
    ],
    ['java.lang.Integer', '5', '{"identifying":true,"value":"5","type":"STRING"}', 'p', '5'],
    ['com.example.Colour', 'RED', '{"identifying":true,"value":"RED","type":"STRING"}', 'p', 'RED'],
    ['constructor', 'x', '{"identifying":true,"value":"x","type":"STRING"}', 'p', 'x'],
    ['java.lang.Long', 'seven', '{"identifying":true,"value":"seven","type":"STRING"}', 'p', 'seven'],
    ['java.util.Date', 'Tue', '{"identifying":true,"value":"Tue","type":"STRING"}', 'p', 'Tue'],
    ['DOUBLE', '', '{"identifying":true,"value":"","type":"STRING"}', 'p', ''],
    ['DATE', null, '{"identifying":true,"value":"","type":"STRING"}', 'p', ''],
  ])('of type %s with value %s', (type, value, typed, key, text) => {
    const resource = resourceOf('p', type, value);
    expect(serialize(resource.typed.parameters['p'])).toBe(typed);
    expect(resource.texts).toEqual({ [key]: text });
    expect(resource.line).toBe(`${key}=${text}`);
  });

  it.each(['9223372036854775807', '-9223372036854775808', '9007199254740993'])('keeps all digits of %s', (value) => {
    const resource = resourceOf('p', 'LONG', value);
    expect(serialize(resource.typed)).toBe(`{"parameters":{"p":{"identifying":true,"value":${value},"type":"LONG"}}}`);
    expect(resource.texts).toEqual({ 'p(long)': value });
  });

  it.each([
    ['STRING', 'x', '-p', '-p=x'],
    ['LONG', '1', '-p(long)', '--p(long)=1'],
    ['DATE', '2024-01-02T00:00:00Z', '-p(date)', '--p(date)=2024/01/02'],
  ])('marks a non-identifying %s with dashes, as SCDF does', (type, value, key, line) => {
    const resource = resourceOf('p', type, value, false);
    expect(resource.typed.parameters['p']).toMatchObject({ identifying: false });
    expect(Object.keys(resource.texts)).toEqual([key]);
    expect(resource.line).toBe(line);
  });

  it('masks secret strings in the line, and only there', () => {
    const resource = resourceOf('db.password', 'STRING', 'tiger');
    expect(resource.line).toBe('db.password=******');
    expect(resource.texts).toEqual({ 'db.password': 'tiger' });
  });

  it('orders by name and joins with commas', () => {
    const resource = jobParametersResource([
      { name: 'run.id', type: 'LONG', value: '1', identifying: true },
      { name: 'note', type: 'STRING', value: 'hello', identifying: true },
    ]);
    expect(resource.line).toBe('note=hello,run.id(long)=1');
    expect(Object.keys(resource.typed.parameters)).toEqual(['note', 'run.id']);
  });

  it('takes names that mean something to JavaScript', () => {
    const resource = resourceOf('__proto__', 'STRING', 'x');
    expect(JSON.stringify(resource.texts)).toBe('{"__proto__":"x"}');
    expect(Object.keys(resource.typed.parameters)).toEqual(['__proto__']);
  });
});
