import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followFiles } from './log-follower.js';

describe('followFiles', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-follow-'));
    file = join(directory, 'stdout.log');
  });
  afterEach(async () => rm(directory, { recursive: true, force: true }));

  it('gives whole lines as they are written, and the unfinished last one at the end', async () => {
    const steps = ['one\ntw', 'o\nthrée', ' more'];
    const isOver = async () => {
      const step = steps.shift();
      if (step !== undefined) await appendFile(file, step);
      return step === undefined;
    };
    const pieces: string[] = [];
    for await (const piece of followFiles([join(directory, 'none.log'), file], isOver, undefined)) pieces.push(piece);
    expect(pieces).toEqual(['one\n', 'two\n', 'thrée more\n']);
  });

  it('begins with the last lines', async () => {
    await writeFile(file, 'a\nb\nc\n');
    const isOver = async () => {
      await appendFile(file, 'd\n');
      return true;
    };
    const pieces: string[] = [];
    for await (const piece of followFiles([file], isOver, 2)) pieces.push(piece);
    expect(pieces.join('')).toBe('b\nc\nd\n');
  });

  it('loses no character that is cut in two, and no long line', async () => {
    const line = 'ü'.repeat(100_000);
    await writeFile(file, `${line}\n`);
    let text = '';
    for await (const piece of followFiles([file], async () => true, undefined)) text += piece;
    expect(text).toBe(`${line}\n`);
  });
});
