import { describe, expect, it } from '@jest/globals';
import { PreparedStatements } from './prepared-statements.js';

describe('prepared statements', () => {
  it('bear one name for one text, on every server', () => {
    const name = new PreparedStatements().nameOf('select 1');
    expect(name).toMatch(/^millrace_[0-9a-f]{16}$/);
    expect(new PreparedStatements().nameOf('select 1')).toBe(name);
    expect(new PreparedStatements().nameOf('select 2')).not.toBe(name);
  });

  it('are not more than connections can hold', () => {
    const statements = new PreparedStatements();
    const names = Array.from({ length: 150 }, (_, index) => statements.nameOf(`select ${index}`));
    expect(names.filter((name) => name !== undefined)).toHaveLength(100);
    expect(statements.nameOf('select 7')).toBe(names[7]);
  });

  it.each([
    ['26000', true],
    ['42P05', true],
    ['0A000', true],
    ['23505', false],
    ['57P01', false],
    [undefined, false],
  ])('are given up after SQLSTATE %s: %s', (code, given) => {
    const statements = new PreparedStatements();
    expect(statements.giveUpAfter(Object.assign(new Error('refused'), { code }))).toBe(given);
    expect(statements.nameOf('select 1') === undefined).toBe(given);
  });
});
