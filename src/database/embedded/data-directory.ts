import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canReach, type ProcessAccount } from './account.js';
import type { PostgresBinaries } from './binaries.js';

/** What the server must remember about its database; kept inside the data directory, readable by the owner only. */
export interface ClusterNotes {
  readonly user: string;
  readonly password: string;
  /** The port of the last start: kept if free, since applications that still run were given it. */
  readonly port: number | undefined;
}

const NOTES_FILE = 'millrace.json';

/** Where databases of a root-owned, closed data directory go instead. */
const SYSTEM_DIRECTORY = '/var/lib/millrace';

/** Where PostgreSQL's files lie. */
export interface ClusterPlace {
  /** PostgreSQL's data directory. */
  readonly directory: string;
  /** Where copies of the programs go if they are needed. */
  readonly cacheDirectory: string;
  /** Set when the data could not lie in the server's data directory; says where it is. */
  readonly movedFrom: string | undefined;
}

/**
 * Decides where the database lies: `<data-dir>/postgres`, or, where the account of PostgreSQL cannot get there, a
 * directory under /var/lib/millrace that `<data-dir>/postgres` is a link to.
 */
export async function choosePlace(dataDir: string, account: ProcessAccount | undefined): Promise<ClusterPlace> {
  await mkdir(dataDir, { recursive: true });
  const wanted = join(dataDir, 'postgres');
  const inPlace = { directory: wanted, cacheDirectory: dataDir, movedFrom: undefined };
  const found = await lstat(wanted).catch(() => undefined);
  if (found?.isSymbolicLink() === true) {
    const directory = await readlink(wanted);
    return { directory, cacheDirectory: dirname(directory), movedFrom: wanted };
  }
  if (account === undefined || found !== undefined || (await canReach(wanted, account))) return inPlace;
  const base = join(SYSTEM_DIRECTORY, createHash('sha256').update(dataDir).digest('hex').slice(0, 12));
  const directory = join(base, 'postgres');
  await mkdir(base, { recursive: true, mode: 0o755 });
  await symlink(directory, wanted).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return { directory, cacheDirectory: base, movedFrom: wanted };
}

/**
 * Makes a database cluster unless there is one. It is built beside its place and moved there whole, so that neither a
 * kill in the middle nor a second server that does the same leaves half a database.
 *
 * @param durable false skips flushing to disk, for tests
 * @throws Error with initdb's own words when it fails
 */
export async function createCluster(
  place: ClusterPlace,
  binaries: PostgresBinaries,
  account: ProcessAccount | undefined,
  durable: boolean,
): Promise<void> {
  if ((await lstat(join(place.directory, NOTES_FILE)).catch(() => undefined)) !== undefined) return;
  await refuseForeignDirectory(place.directory);
  await mkdir(dirname(place.directory), { recursive: true });
  await removeDraftsOfTheDead(place.directory);
  const draft = `${place.directory}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  const passwordFile = `${draft}.password`;
  const notes: ClusterNotes = { user: 'millrace', password: randomBytes(24).toString('base64url'), port: undefined };
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, notes.password, { mode: 0o600 });
    if (account !== undefined) for (const path of [draft, passwordFile]) await chown(path, account.uid, account.gid);
    await runInitdb(binaries, draft, notes.user, passwordFile, account, durable);
    await writeNotes(draft, notes, account);
    await rename(draft, place.directory).catch((error: NodeJS.ErrnoException) => {
      // Another server was faster: its database is the one.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'EPERM') throw error;
    });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

async function refuseForeignDirectory(directory: string): Promise<void> {
  const files = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Error(
      `The directory ${directory} of the embedded PostgreSQL cannot be read (${error.code ?? error.message}). ` +
        'Start the server as the user who made it, or give it another millrace.data-dir.',
      { cause: error },
    );
  });
  if (files.length === 0) return;
  throw new Error(
    `The directory ${directory} is not empty and was not made by this server (${NOTES_FILE} is missing). ` +
      'Move it away or set another millrace.data-dir.',
  );
}

/** Drafts `postgres.new-<pid>-…` of servers that were killed while they made a database. */
async function removeDraftsOfTheDead(directory: string): Promise<void> {
  const prefix = `${directory.slice(dirname(directory).length + 1)}.new-`;
  for (const name of await readdir(dirname(directory))) {
    const pid = name.startsWith(prefix) ? Number(/^\d+/.exec(name.slice(prefix.length))?.[0]) : NaN;
    if (Number.isInteger(pid) && !isAlive(pid))
      await rm(join(dirname(directory), name), { recursive: true, force: true });
  }
}

/** Whether a process exists, be it ours or another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function runInitdb(
  binaries: PostgresBinaries,
  directory: string,
  user: string,
  passwordFile: string,
  account: ProcessAccount | undefined,
  durable: boolean,
): Promise<void> {
  const options = [
    `--pgdata=${directory}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Unicode case mapping without the operating system's locale data: the same order on every machine.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ];
  const child = spawn(binaries.initdb, options, {
    cwd: '/',
    env: postgresEnvironment,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  const words = output.trim().split('\n').slice(-5).join('; ');
  const hint = words.includes('could not look up effective user ID')
    ? ' This process runs under a user id that /etc/passwd does not name, which PostgreSQL needs to make a database: ' +
      'use another user, or set spring.datasource.url to a PostgreSQL server.'
    : '';
  throw new Error(`initdb failed for ${directory}: ${words}${hint}`);
}

/** All that PostgreSQL's programs need of an environment: nothing of ours leaks into them. */
export const postgresEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** @throws Error when the notes are missing or damaged */
export async function readNotes(directory: string): Promise<ClusterNotes> {
  const notes = JSON.parse(await readFile(join(directory, NOTES_FILE), 'utf8')) as Partial<ClusterNotes>;
  if (typeof notes.user !== 'string' || typeof notes.password !== 'string') {
    throw new Error(`${join(directory, NOTES_FILE)} is damaged: user or password is missing.`);
  }
  return { user: notes.user, password: notes.password, port: notes.port };
}

/** Replaces the notes as a whole. */
export async function writeNotes(
  directory: string,
  notes: ClusterNotes,
  account: ProcessAccount | undefined,
): Promise<void> {
  const draft = join(directory, `${NOTES_FILE}.${randomBytes(4).toString('hex')}`);
  await writeFile(draft, `${JSON.stringify(notes)}\n`, { mode: 0o600 });
  await chmod(draft, 0o600);
  if (account !== undefined) await chown(draft, account.uid, account.gid);
  await rename(draft, join(directory, NOTES_FILE));
}
