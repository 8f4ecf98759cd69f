import { describe, expect, it } from '@jest/globals';
import { maskDsl } from './mask.js';
import { parseTask } from './parse.js';
import { isSecretKey, maskArgument, maskValue } from './secrets.js';

describe('isSecretKey', () => {
  it.each(['password', 'spring.datasource.URL', 'apiKey', 'my.credentials.id', 'VCAP_SERVICES', 'monkey'])(
    '%s',
    (key) => {
      expect(isSecretKey(key)).toBe(true);
    },
  );

  it.each(['passwords', 'user', 'uri', 'keys', 'credential', ''])('not %s', (key) => {
    expect(isSecretKey(key)).toBe(false);
  });
});

describe('maskValue', () => {
  it('leaves blank values alone', () => {
    expect([maskValue('password', ''), maskValue('password', ' '), maskValue('password', 'x')]).toEqual([
      '',
      ' ',
      '******',
    ]);
  });
});

describe('maskArgument', () => {
  it('takes the key to end at the first equals sign', () => {
    expect(maskArgument('--a=password=b')).toBe('--a=password=b');
    expect(maskArgument('--my.secret=a=b')).toBe('--my.secret=******');
  });
});

describe('maskDsl', () => {
  it.each([
    ['a --z=1 --password=x --b=2', "a --z=1 --password='******' --b=2"],
    ["a --url='jdbc:x;y' && l: b 'X'->c --token=t", "a --url='******' && l: b 'X'->c --token='******'"],
    ['a --password=', 'a --password='],
    ["a --password=''", "a --password=''"],
    // Not definitions:
    ['a --password=x --', "a --password='******' --"],
    ["a --password='x y", "a --password='******'"],
    ['a --password = x @', "a --password = '******' @"],
    ["a --x='b --password=c", "a --x='b --password='******'"],
    ['foo--password=13', "foo--password='******'"],
    ['', ''],
  ])('%s', (dsl, masked) => {
    expect(maskDsl(dsl)).toBe(masked);
  });
});

describe('messages about a definition', () => {
  it('show stars for secret values and still point to the place', () => {
    expect(() => parseTask('task', 'a --password=hidden --x')).toThrow(
      '112E:(pos 23): Unexpectedly ran out of input\na --password=****** --x\n                   *   ^\n',
    );
    expect(() => parseTask('task', 'a --password=hidden && a')).toThrow(
      "Problems found when validating 'a --password=****** && a': [166E:(pos 23): duplicate app name. Use a label to ensure uniqueness]",
    );
  });
});
