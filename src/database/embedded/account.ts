import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The operating-system account that PostgreSQL runs under when this process is root, which PostgreSQL refuses. */
export interface ProcessAccount {
  readonly uid: number;
  readonly gid: number;
  /** For messages. */
  readonly name: string;
}

/** Accounts looked for when root starts a database of its own, best first. */
const PREFERRED_ACCOUNTS = ['postgres', 'nobody'];

/**
 * Chooses the account for PostgreSQL: this process's own unless it is root; then the owner of the data directory, so that
 * a database made by an ordinary user stays his; else `postgres`, else `nobody`.
 *
 * @param dataDirectory the data directory, which need not exist
 * @returns undefined when PostgreSQL can run as this process does
 * @throws Error when this process is root and no other account exists
 */
export async function accountForPostgres(dataDirectory: string): Promise<ProcessAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = parsePasswd(await readFile('/etc/passwd', 'utf8').catch(() => ''));
  const owner = await stat(dataDirectory).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) {
    const name = accounts.find((account) => account.uid === owner.uid)?.name ?? String(owner.uid);
    return { uid: owner.uid, gid: owner.gid, name };
  }
  for (const name of PREFERRED_ACCOUNTS) {
    const account = accounts.find((candidate) => candidate.name === name && candidate.uid !== 0);
    if (account !== undefined) return account;
  }
  throw new Error(
    'PostgreSQL does not run as root, and /etc/passwd names neither an account "postgres" nor "nobody" to run it as. ' +
      'Start the server as an ordinary user, or set spring.datasource.url to a PostgreSQL server.',
  );
}

function parsePasswd(text: string): ProcessAccount[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/**
 * Whether an account may go through every directory that leads to a path, judged by mode bits (access lists are not read).
 * A clone under root's home (mode 0700) is the usual place where the answer is no.
 *
 * @param path absolute; itself need not exist
 */
export async function canReach(path: string, account: ProcessAccount): Promise<boolean> {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const found = await stat(directory).catch(() => undefined);
    if (found !== undefined && !mayEnter(found, account)) return false;
    if (directory === dirname(directory)) return true;
  }
}

function mayEnter(directory: { mode: number; uid: number; gid: number }, account: ProcessAccount): boolean {
  if (directory.uid === account.uid) return (directory.mode & 0o100) !== 0;
  if (directory.gid === account.gid) return (directory.mode & 0o010) !== 0;
  return (directory.mode & 0o001) !== 0;
}
