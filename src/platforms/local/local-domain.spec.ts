import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { LocalDomain } from './local-domain.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'local-domain-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

function printed(program: string, ...words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('error', reject);
    child.once('close', () => resolve(text.trim()));
  });
}

describe('the domain of a directory', () => {
  it('is the same for all who read it, and another elsewhere', async () => {
    const tasks = join(root, 'tasks', 'default');
    const { id } = new LocalDomain(tasks);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(new LocalDomain(tasks).id).toBe(id);
    expect(new LocalDomain(join(root, 'tasks', 'other')).id).not.toBe(id);
    expect(await readdir(tasks)).toEqual(['.domain']);
  });

  it('is one for processes that come at the same time', async () => {
    const program = join(root, 'domain.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'local-domain.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    const reader = join(root, 'reader.mjs');
    await writeFile(
      reader,
      `import { LocalDomain } from './domain.mjs';
       await new Promise((resolve) => setTimeout(resolve, Number(process.argv[3]) - Date.now()));
       console.log(new LocalDomain(process.argv[2]).id);`,
    );
    const tasks = join(root, 'tasks');
    const together = String(Date.now() + 500);
    const ids = await Promise.all(Array.from({ length: 8 }, () => printed(reader, tasks, together)));
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(await readdir(tasks)).toEqual(['.domain']);
  });

  it('is given as soon as the directory can be written, and stays what was said before', async () => {
    const tasks = join(root, 'file', 'tasks');
    await writeFile(join(root, 'file'), 'in the way');
    const domain = new LocalDomain(tasks);
    const { id } = domain;
    await rm(join(root, 'file'));
    expect(domain.id).toBe(id);
    expect(new LocalDomain(tasks).id).toBe(id);
  });
});
