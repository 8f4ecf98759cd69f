import { describe, expect, it } from '@jest/globals';
import { lastLines } from './log-text.js';

describe('lastLines', () => {
  it.each([
    ['a\nb\nc\n', 2, 'b\nc\n'],
    ['a\nb\nc', 2, 'b\nc'],
    ['a\nb', 5, 'a\nb'],
    ['a\n\n\n', 2, '\n\n'],
    ['\n', 1, '\n'],
    ['\na', 1, 'a'],
    ['', 3, ''],
    ['a\nb', 0, ''],
  ])('%j, %d', (text, count, expected) => expect(lastLines(text, count)).toBe(expected));
});
