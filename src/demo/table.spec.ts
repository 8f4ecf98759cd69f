import { describe, expect, it } from '@jest/globals';
import { durationBetween, tableLines } from './table.js';

describe('tableLines', () => {
  it('aligns columns by their widest cell', () => {
    expect(
      tableLines(
        [{ title: 'Id', align: 'right' }, { title: 'Task' }, { title: 'Exit', align: 'right' }],
        [
          ['7', 'import', '0'],
          ['1234', 'a', ''],
        ],
      ),
    ).toEqual(['  Id  Task    Exit', '   7  import     0', '1234  a']);
  });

  it('shows headings alone without rows', () => {
    expect(tableLines([{ title: 'Id' }, { title: 'Task' }], [])).toEqual(['Id  Task']);
  });
});

describe('durationBetween', () => {
  const start = '2026-11-20T10:00:00.000+0000';
  it.each<[string | null, string]>([
    ['2026-11-20T10:00:00.040+0000', '0.0 s'],
    ['2026-11-20T10:00:01.250+0000', '1.3 s'],
    ['2026-11-20T10:00:09.990+0000', '10 s'],
    ['2026-11-20T10:00:59.400+0000', '59 s'],
    ['2026-11-20T10:00:59.700+0000', '1 min 00 s'],
    ['2026-11-20T10:03:05.000+0000', '3 min 05 s'],
    ['2026-11-20T09:59:59.000+0000', '0.0 s'],
    [null, '-'],
  ])('to %s is %s', (end, expected) => {
    expect(durationBetween(start, end)).toBe(expected);
  });
});
