import { describe, expect, it } from '@jest/globals';
import { linesOf } from './line-stream.js';

async function* stream(...pieces: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield await Promise.resolve(Buffer.from(piece));
}

async function collect(whole: boolean, ...pieces: readonly (string | Buffer)[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(stream(...pieces), { whole })) lines.push(line);
  return lines;
}

describe('linesOf', () => {
  const umlaut = Buffer.from('ü');
  it.each<[string, (string | Buffer)[], string[], string[]]>([
    ['nothing', [], [], []],
    ['whole lines', ['a\nb\n'], ['a', 'b'], ['a', 'b']],
    ['a line in pieces', ['a', 'b', 'c\nd', '\n'], ['abc', 'd'], ['abc', 'd']],
    ['empty lines', ['\n\na\n'], ['', '', 'a'], ['', '', 'a']],
    ['an unfinished line', ['a\nb'], ['a'], ['a', 'b']],
    ['a character in pieces', [umlaut.subarray(0, 1), umlaut.subarray(1), '\n'], ['ü'], ['ü']],
  ])('%s', async (_, pieces, whole, all) => {
    await expect(collect(true, ...pieces)).resolves.toEqual(whole);
    await expect(collect(false, ...pieces)).resolves.toEqual(all);
  });

  it('refuses an endless line', async () => {
    const piece = 'x'.repeat(1024 * 1024);
    await expect(collect(true, ...Array.from({ length: 17 }, () => piece))).rejects.toThrow('a line of more than');
  });
});
