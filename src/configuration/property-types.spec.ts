import { describe, expect, it } from '@jest/globals';
import {
  bool,
  choice,
  dataSize,
  duration,
  httpUrl,
  integer,
  type PropertyType,
  textList,
  urlPath,
} from './property-types.js';

const cases: readonly [string, PropertyType<unknown>, unknown, unknown][] = [
  ...['true', 'ON', ' yes ', '1'].map(
    (text) => ['boolean', bool, text, true] as [string, typeof bool, string, unknown],
  ),
  ...['false', 'Off', 'no', '0'].map(
    (text) => ['boolean', bool, text, false] as [string, typeof bool, string, unknown],
  ),
  ['boolean', bool, 'maybe', undefined],
  ['integer', integer(0, 10), '+7', 7],
  ['integer', integer(0, 10), '11', undefined],
  ['integer', integer(0, 10), '-1', undefined],
  ['integer', integer(0), '1.5', undefined],
  ['integer', integer(0), '0x10', undefined],
  ['integer', integer(0), '99999999999999999999', undefined],
  ['choice', choice('when-authorized', 'never'), 'WHEN_AUTHORIZED', 'when-authorized'],
  ['choice', choice('NONE', 'GRAFANA'), 'grafana', 'GRAFANA'],
  ['choice', choice('NONE'), 'some', undefined],
  ['duration', duration(), '30s', 30_000],
  ['duration', duration(), '500', 500],
  ['duration in seconds', duration('s'), '30', 30_000],
  ['duration', duration(), '1500us', 1],
  ['duration', duration(), '2H', 7_200_000],
  ['duration', duration(), 'PT30S', 30_000],
  ['duration', duration(), 'pt1m0.5s', 60_500],
  ['duration', duration(), 'P1DT2H', 93_600_000],
  ['duration', duration(), 'P', undefined],
  ['duration', duration(), 'P1DT', undefined],
  ['duration', duration(), '5 s', undefined],
  ['duration', duration(), '5w', undefined],
  ['duration', duration(), '-5s', undefined],
  ['size', dataSize, '10MB', 10_485_760],
  ['size', dataSize, '1kb', 1024],
  ['size', dataSize, '77', 77],
  ['size', dataSize, '5MiB', undefined],
  ['URL', httpUrl, 'https://x.example/y/', 'https://x.example/y'],
  ['URL', httpUrl, 'ftp://x', undefined],
  ['URL', httpUrl, 'http://x y', undefined],
  ['path', urlPath, '/', ''],
  ['path', urlPath, '/a/b/', '/a/b'],
  ['path', urlPath, 'a', undefined],
  ['path', urlPath, '/a?b', undefined],
  ['list', textList, [' a', 'b ', ''], ['a', 'b']],
];

describe('property types', () => {
  it.each(cases)('%s', (_name, type, text, expected) => {
    const result = type.schema.safeParse(text);
    expect(result.success ? result.data : undefined).toEqual(expected);
    if (!result.success) expect(result.error.issues[0]?.message).toMatch(/^(a|an|one|true) /);
  });
});
