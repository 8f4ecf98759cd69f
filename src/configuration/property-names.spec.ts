import { describe, expect, it } from '@jest/globals';
import {
  environmentVariableName,
  formatPropertyName,
  isBelow,
  parseMapKey,
  parsePropertyName,
  toCamelCase,
  toKebabCase,
  uniformName,
} from './property-names.js';

describe('parsePropertyName', () => {
  it.each([
    ['server.port', ['server', 'port']],
    ['a[0].b', ['a', 0, 'b']],
    ['a[0][1]', ['a', 0, 1]],
    ['a[registry.example:5000].user', ['a', 'registry.example:5000', 'user']],
    ['[x.y]', ['x.y']],
    ['.dockerconfigjson', ['dockerconfigjson']],
    ['a..b', ['a', 'b']],
    ['a[b', ['a[b']],
    ['', []],
  ])('%s', (text, segments) => {
    expect(parsePropertyName(text)).toEqual(segments);
  });
});

describe('parseMapKey', () => {
  it.each([
    ['a.b', ['a', 'b']],
    ['app.kubernetes.io/name', ['app.kubernetes.io/name']],
    ['[app.kubernetes.io/name]', ['app.kubernetes.io/name']],
    ['list[1]', ['list', 1]],
  ])('%s', (key, segments) => {
    expect(parseMapKey(key)).toEqual(segments);
  });
});

describe('uniformName', () => {
  it.each([
    ['a.schedulesEnabled', 'a.schedules-enabled'],
    ['a.SCHEDULES_ENABLED', 'A.schedulesenabled'],
    ['a[0]', 'a.0'],
  ])('takes %s and %s for one name', (one, other) => {
    expect(uniformName(parsePropertyName(one))).toBe(uniformName(parsePropertyName(other)));
  });

  it.each([
    ['a.b', 'a.c'],
    ['a.b', 'ab'],
    ['a._', 'a.-'],
  ])('takes %s and %s for two', (one, other) => {
    expect(uniformName(parsePropertyName(one))).not.toBe(uniformName(parsePropertyName(other)));
  });
});

describe('formatPropertyName', () => {
  it.each(['server.port', 'a[0].b', 'a[x.y:1].b', 'a.<id>.b'])('%s', (text) => {
    expect(formatPropertyName(parsePropertyName(text))).toBe(text);
  });
});

describe('isBelow', () => {
  it.each([
    ['a.b.c', 'a.B', true],
    ['a.b', 'a.b', true],
    ['a', 'a.b', false],
    ['a.bc', 'a.b', false],
  ])('%s below %s: %s', (name, prefix, expected) => {
    expect(isBelow(parsePropertyName(name), parsePropertyName(prefix))).toBe(expected);
  });
});

describe('letter cases', () => {
  it.each([
    ['image-pull-policy', 'imagePullPolicy', 'image-pull-policy'],
    ['imagePullPolicy', 'imagePullPolicy', 'image-pull-policy'],
    ['image_pull_policy', 'imagePullPolicy', 'image-pull-policy'],
    ['fabric8', 'fabric8', 'fabric8'],
  ])('%s', (text, camel, kebab) => {
    expect(toCamelCase(text)).toBe(camel);
    expect(toKebabCase(text)).toBe(kebab);
  });

  it('names the environment variable', () => {
    expect(environmentVariableName(['a', 'b-c', 0])).toBe('A_B_C_0');
  });
});
