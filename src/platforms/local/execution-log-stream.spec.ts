import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFile, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogQuery } from '../platform.js';
import { readLog } from './execution-log.js';
import { ExecutionLogStream } from './execution-log-stream.js';

let directory: string;
let stdoutFile: string;
let stderrFile: string;
let hasEnded: boolean;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-log-'));
  stdoutFile = join(directory, 'stdout.log');
  stderrFile = join(directory, 'stderr.log');
  hasEnded = false;
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const follow = (query: LogQuery = {}) =>
  new ExecutionLogStream({ stdoutFile, stderrFile, ended: async () => hasEnded }, query);

async function rest(stream: ExecutionLogStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

describe('the log of an execution that has ended', () => {
  it.each<[string, string, string]>([
    ['nothing', '', ''],
    ['both streams', 'a\nb\n', 'c\n'],
    ['an unfinished line', 'a\nb', 'c'],
    ['one endless line', '', 'x'.repeat(300_000)],
    ['an endless line of long characters', `x${'😀'.repeat(50_000)}`, `xx${'€'.repeat(50_000)}`],
    ['many lines', 'e\n'.repeat(100_000), 'a line of some length\n'.repeat(20_000)],
  ])('with %s is what is shown', async (_name, stderr, stdout) => {
    await Promise.all([writeFile(stderrFile, stderr), writeFile(stdoutFile, stdout)]);
    hasEnded = true;
    expect(await rest(follow())).toBe(await readLog(stdoutFile, stderrFile, {}));
    expect(await rest(follow({ tailLines: 1 }))).toBe(await readLog(stdoutFile, stderrFile, { tailLines: 1 }));
  });

  it('leaves out a stream that was written before', async () => {
    await Promise.all([writeFile(stderrFile, 'old\n'), writeFile(stdoutFile, 'new\n')]);
    await utimes(stderrFile, new Date(0), new Date(1_000));
    hasEnded = true;
    const since = new Date(2_000);
    expect(await rest(follow({ since }))).toBe('stdout:\nnew\n');
    expect(await readLog(stdoutFile, stderrFile, { since })).toBe('stdout:\nnew\n');
  });
});

describe('the log of an execution that runs', () => {
  it('comes in whole lines, with a heading where the stream changes', async () => {
    const stream = follow();
    const next = async () => (await stream.next()).value;
    const first = next();
    await writeFile(stdoutFile, 'one\ntw');
    expect(await first).toBe('stdout:\none\n');
    await appendFile(stdoutFile, 'o\n');
    expect(await next()).toBe('two\n');
    await writeFile(stderrFile, 'oops\n');
    expect(await next()).toBe('stderr:\noops\n');
    await appendFile(stdoutFile, 'three');
    hasEnded = true;
    expect(await next()).toBe('stdout:\nthree');
    expect(await next()).toBeUndefined();
  });

  it('goes on from every position', async () => {
    await Promise.all([writeFile(stderrFile, 'e1\ne2'), writeFile(stdoutFile, 'o1\n')]);
    hasEnded = true;
    const stream = follow();
    const seen: { readonly text: string; readonly position: string }[] = [{ text: '', position: stream.position }];
    for await (const text of stream) seen.push({ text, position: stream.position });
    expect(seen.map(({ text }) => text)).toEqual(['', 'stderr:\ne1\ne2', '\nstdout:\no1\n']);
    for (const [number, { position }] of seen.entries()) {
      const expected = seen.slice(number + 1).map(({ text }) => text);
      expect(await rest(follow({ after: position }))).toBe(expected.join(''));
    }
  });

  it('is let go of while nothing comes', async () => {
    const stream = follow();
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});
