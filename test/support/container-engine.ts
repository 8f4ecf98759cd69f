import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Made here where no registry can be reached; the name does not lead to one. */
const OWN_IMAGE = 'localhost/millrace-test-busybox:1';
const PUBLIC_IMAGE = 'docker.io/library/busybox:1.35';

/** The engine's own settings first, then limits that no process has to raise. */
const ENVIRONMENTS: readonly Readonly<Record<string, string>>[] = [
  {},
  { CONTAINERS_CONF: fileURLToPath(new URL('containers.conf', import.meta.url)) },
];

/** A container engine that runs containers on this machine, or why there is none, in words that complete «because …». */
export type ContainerEngineHere =
  | {
      readonly available: true;
      /** Calls it. */
      readonly call: (...words: string[]) => Promise<string>;
      /** An image with a shell, which the engine has. */
      readonly image: string;
      /** Variables that whoever calls the engine needs beside its own. */
      readonly environment: Readonly<Record<string, string>>;
    }
  | { readonly available: false; readonly reason: string };

/** Finds docker or podman, gets it an image, and runs a first container. */
export async function containerEngineHere(): Promise<ContainerEngineHere> {
  const engine = await firstThatWorks(['docker', 'podman']);
  if (engine === undefined) return { available: false, reason: 'neither docker nor podman works here' };
  let reason = '';
  for (const environment of ENVIRONMENTS) {
    const call = async (...words: string[]) =>
      (await run(engine, words, { env: { ...process.env, ...environment }, timeout: 120_000 })).stdout;
    try {
      const image = await provideImage(call);
      await call('run', '--rm', image, 'sh', '-c', 'true');
      return { available: true, call, image, environment };
    } catch (error) {
      reason = `${engine} does not run containers here (${(error as Error).message.trim().split('\n').at(-1)})`;
    }
  }
  return { available: false, reason };
}

async function firstThatWorks(commands: readonly string[]): Promise<string | undefined> {
  for (const command of commands) {
    const works = await run(command, ['info'], { timeout: 60_000 }).then(
      () => true,
      () => false,
    );
    if (works) return command;
  }
  return undefined;
}

async function provideImage(call: (...words: string[]) => Promise<string>): Promise<string> {
  for (const image of [PUBLIC_IMAGE, OWN_IMAGE]) {
    if (await succeeds(call('image', 'inspect', image))) return image;
  }
  if (await succeeds(call('pull', PUBLIC_IMAGE))) return PUBLIC_IMAGE;
  await importBusybox(call);
  return OWN_IMAGE;
}

/** An image of nothing but this machine's busybox, which must be a static one. */
async function importBusybox(call: (...words: string[]) => Promise<string>): Promise<void> {
  const { stdout } = await run('sh', ['-c', 'command -v busybox']);
  const root = await mkdtemp(join(tmpdir(), 'millrace-image-'));
  try {
    await mkdir(join(root, 'bin'));
    await copyFile(stdout.trim(), join(root, 'bin', 'busybox'));
    for (const applet of ['sh', 'sleep', 'cat', 'true']) await symlink('busybox', join(root, 'bin', applet));
    const archive = `${root}.tar`;
    await run('tar', ['-C', root, '-cf', archive, 'bin']);
    await call('import', archive, OWN_IMAGE);
    await rm(archive);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
