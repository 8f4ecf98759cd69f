import { describe, expect, it } from '@jest/globals';
import { PlaceholderError, resolvePlaceholders } from './placeholders.js';

const VALUES: Readonly<Record<string, string>> = {
  host: 'db',
  url: 'http://${host}:${port:80}',
  which: 'host',
  'with:colon': 'whole',
  empty: '',
  circle: '${circle2}',
  circle2: 'x${circle}',
  double0: 'x'.repeat(1000),
  empty0: '',
  ...Object.fromEntries(
    ['double', 'empty'].flatMap((name) =>
      Array.from({ length: 40 }, (_, index) => [`${name}${index + 1}`, `\${${name}${index}}\${${name}${index}}`]),
    ),
  ),
};
const resolve = (text: string) => resolvePlaceholders(text, (name) => VALUES[name]);

describe('resolvePlaceholders', () => {
  it.each([
    ['plain', 'plain'],
    ['a ${host} b ${host}', 'a db b db'],
    ['${url}/x', 'http://db:80/x'],
    ['${none:default}', 'default'],
    ['${none:}', ''],
    ['${none:${host}}', 'db'],
    ['${none:${neither:deep}}', 'deep'],
    ['${none:http://x:1}', 'http://x:1'],
    ['${${which}}', 'db'],
    ['${with:colon}', 'whole'],
    ['${empty}', ''],
    ['${none:{json}}', '{json}'],
    ['${unclosed', '${unclosed'],
    ['$host {host}', '$host {host}'],
  ])('%s', (text, expected) => {
    expect(resolve(text)).toBe(expected);
  });

  it.each([
    ['${none}', 'the placeholder ${none} has no value and no default'],
    ['${none:${neither}}', 'the placeholder ${neither} has no value and no default'],
    ['${circle}', 'the placeholder ${circle} refers to itself: circle → circle2 → circle'],
    ['${double40}', 'placeholders make the value longer than 1000000 characters'],
    ['${empty40}', 'more than 10000 placeholders in one value'],
    [`${'${a:'.repeat(60)}x${'}'.repeat(60)}`, 'refers to itself|nested too deeply'],
  ])('%s fails', (text, message) => {
    expect(() => resolve(text)).toThrow(PlaceholderError);
    expect(() => resolve(text)).toThrow(message.includes('|') ? new RegExp(message) : message);
  });
});
