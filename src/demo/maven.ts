import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Why nothing can be built here, in words that complete «because …». */
export interface NoMaven {
  readonly available: false;
  readonly reason: string;
}

/** Whether this machine can build and run Java applications: a JDK 17 or newer and Maven on the PATH. */
export async function mavenHere(): Promise<{ readonly available: true } | NoMaven> {
  const java = await firstOutput('javac', ['-version']);
  if (java === undefined) {
    return { available: false, reason: 'there is no JDK on the PATH (javac)' };
  }
  const major = Number(/javac (\d+)/.exec(java)?.[1] ?? 0);
  if (major < 17) {
    return { available: false, reason: `the JDK on the PATH is ${java}, the applications need 17 or newer` };
  }
  if ((await firstOutput('mvn', ['-v'])) === undefined) {
    return { available: false, reason: 'there is no Maven on the PATH (mvn)' };
  }
  return { available: true };
}

/**
 * Builds a Maven project outside of the work tree, once for each state of its sources, and answers the directory of the
 * built project (sources and `target/` directories).
 *
 * The cache is `<cacheDirectory>/<name>/<hash of the sources>`. A build that fails leaves nothing there; of two builds at
 * once one wins, both are good.
 *
 * @throws Error with Maven's output if the build fails
 */
export async function buildWithMaven(name: string, sources: string, cacheDirectory: string): Promise<string> {
  const cache = join(cacheDirectory, name);
  const built = join(cache, await hashOf(sources));
  if (await exists(built)) {
    return built;
  }
  await mkdir(cache, { recursive: true });
  const workshop = await mkdtemp(join(cache, 'building-'));
  try {
    await cp(sources, workshop, { recursive: true, filter: (path) => isForMaven(relative(sources, path)) });
    await run('mvn', ['-q', '-B', 'package'], { cwd: workshop, timeout: 30 * 60_000, maxBuffer: 64 << 20 });
    await rename(workshop, built).catch(async (failure: unknown) => {
      if (!(await exists(built))) {
        throw failure;
      }
    });
  } catch (failure) {
    const output = failure as { stdout?: string; stderr?: string };
    throw new Error(`Maven could not build ${name}:\n${output.stdout ?? ''}${output.stderr ?? ''}`, { cause: failure });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return built;
}

async function firstOutput(command: string, words: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(command, words);
    return `${stdout}${stderr}`.split('\n')[0]?.trim();
  } catch {
    return undefined;
  }
}

async function hashOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter(isForMaven)
    .sort();
  for (const path of files) {
    hash.update(`${path}\0`).update(await readFile(join(directory, path)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Not what Maven made, nor programs of this project that use it: a change of theirs is no reason to build again. */
function isForMaven(path: string): boolean {
  return !path.split('/').includes('target') && !path.endsWith('.ts');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
