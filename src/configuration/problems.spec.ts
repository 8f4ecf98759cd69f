import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, isSecretName, shownValue } from './problems.js';
import { parsePropertyName } from './property-names.js';

describe('shownValue', () => {
  it.each([
    ['ninety', false, '"ninety"'],
    ['', false, 'nothing (empty)'],
    ['geheim', true, '******'],
    ['https://user:geheim@host/x', false, '"https://user:******@host/x"'],
    ['jdbc:postgresql://h/db?user=u&password=geheim&x=y', false, '"jdbc:postgresql://h/db?user=u&password=******&x=y"'],
    ['jdbc:postgresql://h/db?sslpassword=geheim', false, '"jdbc:postgresql://h/db?sslpassword=******"'],
    ['jdbc:oracle:thin:scott/geheim@db:1521/x', false, '"jdbc:oracle:thin:scott/******@db:1521/x"'],
    ['C:\\x', false, '"C:\\x"'],
    ['two\nlines', false, '"two\\nlines"'],
    ['x'.repeat(300), false, `"${'x'.repeat(200)}…"`],
  ])('%s', (value, secret, shown) => {
    expect(shownValue(value, secret)).toBe(shown);
  });
});

describe('isSecretName', () => {
  it.each([
    ['a.password', true],
    ['a.clientSecret.x', true],
    ['a.oauth-token', true],
    ['a[api-key]', true],
    ['a.user', false],
  ])('%s: %s', (name, expected) => {
    expect(isSecretName(parsePropertyName(name))).toBe(expected);
  });
});

describe('ConfigurationError', () => {
  it('tells of a source that cannot be read, and of a property without value', () => {
    const error = new ConfigurationError([
      { property: undefined, origin: 'file application.yaml', found: undefined, message: 'line 3: broken' },
      { property: 'a.b', origin: 'not set', found: undefined, message: 'a text' },
    ]);
    expect(error.message).toBe(
      'The configuration has 2 problems:\n\n  file application.yaml\n    line 3: broken\n\n' +
        '  a.b\n    source:  not set\n    allowed: a text',
    );
  });
});
