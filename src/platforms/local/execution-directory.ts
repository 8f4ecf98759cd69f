/**
 * What this machine knows of one execution, as files in a directory that bears the execution's name. The files are the
 * only truth: any server process, now or after a restart, reads the same from them.
 *
 * | file             | written by, when                                                                                |
 * | ---------------- | ----------------------------------------------------------------------------------------------- |
 * | `execution.json` | server, before anything is started; without it the execution is unknown                          |
 * | `claim`          | wrapper: `process <pid> <birth>`, or server: `never <reason>`; made once, by whoever comes first |
 * | `cancel`         | server, before it signals: `<grace in ms>`                                                       |
 * | `killed`         | server, before it sends SIGKILL                                                                  |
 * | `vanished`       | server, when it found neither process nor exit code                                              |
 * | `exit-code`      | wrapper, at the end                                                                              |
 * | `stdout.log`, `stderr.log`, `work/` | the program                                                                   |
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../resources/system-error.js';
import type { SchemaTargetName } from '../platform.js';
import type { ProcessIdentity } from './process-identity.js';

/** `execution.json`: identity and what clean-up and stop need to know later; no secrets. */
export interface ExecutionRecord {
  readonly externalExecutionId: string;
  readonly accountName: string;
  readonly executionId: number;
  readonly schemaTarget: SchemaTargetName;
  readonly instanceId: string;
  readonly taskName: string;
  readonly workingDirectory: string;
  /** ms between SIGTERM and SIGKILL; 0: no SIGKILL. */
  readonly shutdownTimeout: number;
  readonly deleteFiles: boolean;
  /** Set when the program is a container: the engine's command, which knows more than the wrapper. */
  readonly container?: { readonly engine: string; readonly deleteOnExit: boolean };
}

/** The claim: which process took the execution, or why none ever will. */
export type Claim =
  | { readonly kind: 'process'; readonly process: ProcessIdentity; readonly at: Date }
  | { readonly kind: 'never'; readonly reason: string; readonly at: Date }
  /** Its line is not finished yet. */
  | { readonly kind: 'unfinished'; readonly at: Date };

/**
 * The files of one execution. All but the removal works synchronously inside: files of a few bytes on this machine take
 * microseconds, the way over the thread pool ten times as long, and a server reads them for thousands of executions.
 */
export class ExecutionDirectory {
  readonly path: string;
  readonly stdoutFile: string;
  readonly stderrFile: string;

  constructor(root: string, externalExecutionId: string) {
    this.path = join(root, externalExecutionId);
    this.stdoutFile = join(this.path, 'stdout.log');
    this.stderrFile = join(this.path, 'stderr.log');
  }

  /** Where the program runs unless a working directory was asked for. */
  get ownWorkingDirectory(): string {
    return join(this.path, 'work');
  }

  /** Makes the directory and its record; again is no error. */
  create(record: ExecutionRecord): void {
    mkdirSync(this.path, { recursive: true, mode: 0o750 });
    mkdirSync(record.workingDirectory, { recursive: true, mode: 0o750 });
    const unfinished = join(this.path, `execution.json.${randomUUID()}`);
    writeFileSync(unfinished, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o640 });
    renameSync(unfinished, this.#file('execution.json'));
  }

  /** @returns undefined when this machine knows nothing of the execution */
  record(): ExecutionRecord | undefined {
    const text = readIfThere(this.#file('execution.json'));
    return text === undefined ? undefined : (JSON.parse(text) as ExecutionRecord);
  }

  /** @returns undefined while nobody has claimed the execution */
  claim(): Claim | undefined {
    const file = this.#file('claim');
    const text = readIfThere(file);
    const at = text === undefined ? undefined : modifiedAt(file);
    if (text === undefined || at === undefined) return undefined;
    const [, kind, rest] = /^(process|never) (.*)\n$/s.exec(text) ?? [];
    if (kind === 'never') return { kind, reason: rest ?? '', at };
    const [, pid, birth] = /^(\d+) (.*)$/.exec(rest ?? '') ?? [];
    if (pid === undefined || birth === undefined) return { kind: 'unfinished', at };
    return { kind: 'process', process: { pid: Number(pid), birth }, at };
  }

  /** Makes sure that nothing will ever be started for this execution. @returns false when it was claimed before */
  claimNever(reason: string): boolean {
    return this.#makeOnce('claim', `never ${reason.replace(/\s*\n\s*/g, ' ')}\n`);
  }

  /** @returns undefined until the exit code is written */
  exit(): { readonly code: number; readonly at: Date } | undefined {
    const file = this.#file('exit-code');
    const text = readIfThere(file);
    const at = text !== undefined && /^\d+\n$/.test(text) ? modifiedAt(file) : undefined;
    return text === undefined || at === undefined ? undefined : { code: Number(text), at };
  }

  /** Leaves word that the execution is being stopped. @returns false when that was asked before */
  requestCancel(grace: number): boolean {
    return this.#makeOnce('cancel', `${grace}\n`);
  }

  cancelRequestedAt(): Date | undefined {
    return modifiedAt(this.#file('cancel'));
  }

  markKilled(): void {
    this.#makeOnce('killed', '');
  }

  killedAt(): Date | undefined {
    return modifiedAt(this.#file('killed'));
  }

  /** Writes down that the process is gone without exit code. @returns when that was first noticed */
  markVanished(): Date {
    this.#makeOnce('vanished', '');
    return modifiedAt(this.#file('vanished')) ?? new Date();
  }

  /**
   * Removes what is known of the execution.
   * @param filesToo also the program's files and logs
   */
  async remove(workingDirectory: string, filesToo: boolean): Promise<void> {
    // First of all the record: from here on the execution is unknown, also if the rest does not come to its end.
    await rm(this.#file('execution.json'), { force: true });
    if (filesToo) {
      await rm(workingDirectory, { recursive: true, force: true });
      await rm(this.path, { recursive: true, force: true });
      return;
    }
    for (const name of ['claim', 'cancel', 'killed', 'vanished', 'exit-code']) {
      await rm(this.#file(name), { force: true });
    }
  }

  #file(name: string): string {
    return join(this.path, name);
  }

  #makeOnce(name: string, content: string): boolean {
    try {
      writeFileSync(this.#file(name), content, { flag: 'wx', mode: 0o640 });
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    }
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function modifiedAt(file: string): Date | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false })?.mtime;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(errorCode(error) ?? '');
}
