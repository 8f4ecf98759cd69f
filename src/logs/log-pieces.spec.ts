import { describe, expect, it } from '@jest/globals';
import type { LogQuery } from '../platforms/platform.js';
import { followPieces, type LogPiece, type LogSource, partOf } from './log-pieces.js';

const ARCHIVED_AT = new Date('2026-01-01T00:00:00Z');

async function follow(text: string, after?: string, query: LogQuery = {}, truncated = false): Promise<LogPiece[]> {
  const source: LogSource = { kind: 'archive', log: { text, truncated, archivedAt: ARCHIVED_AT } };
  const all: LogPiece[] = [];
  const pieces = followPieces('x', query, after, async () => source, new AbortController().signal);
  for await (const piece of pieces) all.push(piece);
  return all;
}

describe('a kept log that is followed', () => {
  it('comes with positions from which it goes on', async () => {
    const text = `${'a line\n'.repeat(30_000)}unfinished`;
    const pieces = await follow(text);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    expect(pieces.length).toBeGreaterThan(3);
    for (const [number, piece] of pieces.entries()) {
      const rest = await follow(text, piece.position);
      expect(rest.map((other) => other.text).join('')).toBe(
        pieces
          .slice(number + 1)
          .map((other) => other.text)
          .join(''),
      );
      expect(rest.some(({ again }) => again)).toBe(false);
    }
  });

  it.each<[string, LogQuery, boolean]>([
    ['p:1.2.stdout', {}, false],
    ['c:x', {}, false],
    ['nonsense', {}, false],
    ['c:2', {}, true],
    ['c:2', { tailLines: 5 }, false],
    ['anew', { tailLines: 5 }, false],
  ])('begins anew after %s with %j, cut: %s', async (after, query, truncated) => {
    const [first, second] = await follow('a\nb\n', after, query, truncated);
    expect([first?.again, first?.text, second?.text]).toEqual([true, '', 'a\nb\n']);
  });

  it('ends at once when there is none', async () => {
    const pieces = followPieces('x', {}, undefined, async () => ({ kind: 'none' }), new AbortController().signal);
    expect(await pieces.next()).toEqual({ done: true, value: undefined });
  });

  it('is no longer waited for when nobody wants it', async () => {
    const stopping = new AbortController();
    let looks = 0;
    const find = async (): Promise<LogSource> => {
      if (++looks === 1) setImmediate(() => stopping.abort());
      return { kind: 'waiting' };
    };
    expect(await followPieces('x', {}, undefined, find, stopping.signal).next()).toMatchObject({ done: true });
  });
});

describe('partOf', () => {
  it.each<[LogQuery, string]>([
    [{}, 'a\nb\n'],
    [{ tailLines: 1 }, 'b\n'],
    [{ since: ARCHIVED_AT }, 'a\nb\n'],
    [{ since: new Date(ARCHIVED_AT.getTime() + 1) }, ''],
  ])('%j', (query, expected) => {
    expect(partOf({ text: 'a\nb\n', truncated: false, archivedAt: ARCHIVED_AT }, query)).toBe(expected);
  });
});
