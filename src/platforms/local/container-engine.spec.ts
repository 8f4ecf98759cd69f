import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContainerEngine } from './container-engine.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-engines-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A command that answers, or one whose daemon does not run. */
async function command(name: 'docker' | 'podman', works: boolean): Promise<void> {
  const script = `#!/bin/sh\necho "$@" >> ${join(directory, `${name}.calls`)}\nexit ${works ? 0 : 1}\n`;
  await writeFile(join(directory, name), script, { mode: 0o755 });
}

describe('the engine of a machine', () => {
  it.each<[string, Readonly<Partial<Record<'docker' | 'podman', boolean>>>, string]>([
    ['is docker where there is docker', { docker: true }, 'docker'],
    ['is podman where there is no docker', { podman: true }, 'podman'],
    ['is docker where both answer', { docker: true, podman: true }, 'docker'],
    ['is podman where no docker daemon runs', { docker: false, podman: true }, 'podman'],
    ['is docker where none answers, so that its word is told', { docker: false, podman: false }, 'docker'],
  ])('%s', async (_, commands, expected) => {
    for (const name of ['docker', 'podman'] as const) {
      const works = commands[name];
      if (works !== undefined) await command(name, works);
    }
    await expect(new ContainerEngine({ PATH: directory }).find()).resolves.toBe(join(directory, expected));
  });

  it('is asked for once', async () => {
    await command('docker', false);
    await command('podman', true);
    const engine = new ContainerEngine({ PATH: directory });
    for (let launch = 0; launch < 3; launch++) await engine.find();
    expect(await readFile(join(directory, 'podman.calls'), 'utf8')).toBe('info\n');
  });

  it('is missed in words', async () => {
    await expect(new ContainerEngine({ PATH: directory }).find()).rejects.toThrow(
      "neither 'docker' nor 'podman' is in the server's PATH",
    );
  });
});
