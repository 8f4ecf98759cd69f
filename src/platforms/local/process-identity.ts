/**
 * Says whether a process is still the one that was started: a process id alone is given out again, so it is kept
 * together with the moment of the process's birth.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { errorCode } from '../../resources/system-error.js';

/** A process id and when that process began, in the words of the operating system (see {@link BIRTH_SCRIPT}). */
export interface ProcessIdentity {
  readonly pid: number;
  readonly birth: string;
}

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

/**
 * Shell lines that set `birth` to the birth of the shell itself. Linux: boot id and start time in clock ticks since boot
 * (field 22 of `/proc/<pid>/stat`, proc(5)), read by builtins alone; elsewhere: `ps`'s start time.
 */
export const BIRTH_SCRIPT = `
started() { shift 19; birth=$boot/$1; }
if [ -r /proc/$$/stat ]; then
  boot= line=
  [ -r ${BOOT_ID_FILE} ] && read -r boot < ${BOOT_ID_FILE}
  read -r line < /proc/$$/stat
  started \${line##*) }
else
  birth=$(LC_ALL=C /bin/ps -o lstart= -p $$)
fi
`;

/** @returns whether the process runs; a zombie, or another process that got the id meanwhile, does not. */
export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  return globalThis.process.platform === 'linux' ? isAliveOnLinux(process) : isAliveByPs(process);
}

function isAliveOnLinux({ pid, birth }: ProcessIdentity): boolean {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return false;
  }
  // The name in parentheses may itself hold blanks and parentheses, so fields are counted from the last one.
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  const [state] = fields;
  if (state === 'Z' || state === 'X') return false;
  return birth === `${bootId()}/${fields[19] ?? ''}`;
}

let knownBootId: string | undefined;
function bootId(): string {
  knownBootId ??= readBootId();
  return knownBootId;
}

function readBootId(): string {
  try {
    return readFileSync(BOOT_ID_FILE, 'utf8').trim();
  } catch {
    return '';
  }
}

async function isAliveByPs({ pid, birth }: ProcessIdentity): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)('/bin/ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      env: { LC_ALL: 'C' },
    });
    const [, state, started] = /^\s*(\S+)\s+(.*\S)\s*$/s.exec(stdout) ?? [];
    return state !== undefined && !state.startsWith('Z') && uniformBlanks(started ?? '') === uniformBlanks(birth);
  } catch {
    return false;
  }
}

function uniformBlanks(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

/** Signals a whole process group; one that has ended already is no error. @returns whether it was there */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    // macOS answers EPERM for a group of zombies.
    if (['ESRCH', 'EPERM'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}
