import { describe, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { describeConfiguration } from './describe-configuration.js';
import { KNOWN_PROPERTIES } from './known-properties.js';
import { uniformName, parsePropertyName } from './property-names.js';

const PAGE = new URL('../../docs/configuration.md', import.meta.url);
const BEGIN = '<!-- prettier-ignore-start -->\n';
const END = '\n<!-- prettier-ignore-end -->';

describe('docs/configuration.md', () => {
  it('lists exactly the properties that the code declares (UPDATE_DOCS=1 writes the list anew)', async () => {
    const page = await readFile(PAGE, 'utf8');
    const begin = page.indexOf(BEGIN) + BEGIN.length;
    const end = page.indexOf(END);
    expect(end).toBeGreaterThanOrEqual(begin);
    const wanted = describeConfiguration();
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, page.slice(0, begin) + wanted + page.slice(end));
    else expect(page.slice(begin, end)).toBe(wanted);
  });
});

describe('the declared properties', () => {
  it('have one meaning for each name', () => {
    const names = KNOWN_PROPERTIES.flatMap((known) => [known.name, ...(known.kind === 'value' ? known.aliases : [])]);
    const uniform = names.map((name) => uniformName(parsePropertyName(name)));
    expect(uniform.filter((name, index) => uniform.indexOf(name) !== index)).toEqual([]);
  });

  it.each(KNOWN_PROPERTIES.map((known) => [known.name, known] as const))(
    '%s has a usable default and a meaning',
    (_name, known) => {
      expect(known.meaning).toMatch(/^[A-Z].*[.…]$/);
      if (known.kind === 'group' || known.default === undefined) return;
      const raw = known.type.shape === 'list' ? known.default.split(',') : known.default;
      expect(known.type.schema.safeParse(raw).success).toBe(true);
    },
  );
});
