/**
 * The small POSIX shell process that stands between server and program: it claims the execution, runs the program and
 * writes down its exit code, whether the server lives or not.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { errorCode, messageOf } from '../../resources/system-error.js';
import { PlatformLaunchError } from '../platform.js';
import type { ExecutionDirectory } from './execution-directory.js';
import { BIRTH_SCRIPT } from './process-identity.js';

/** What to run: resolved, checked, ready for `execve`. */
export interface ExecutionCommand {
  /** Program with an absolute path, and its arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute; exists. */
  readonly workingDirectory: string;
  /** true: the program writes to the server's own output and no log is kept. */
  readonly inheritOutput: boolean;
}

/**
 * `$1` is the directory of the execution, the rest is the program with its arguments.
 *
 * - Nothing of a request is ever part of this text: values arrive as arguments, so there is nothing to quote.
 * - `set -C` opens the claim with O_EXCL: of all wrappers that were ever started for this execution one gets it.
 * - Signals to the group must not end the wrapper before it wrote the exit code. They are caught, not ignored, because an
 *   ignored signal would stay ignored in the program.
 * - Only builtins: no fork but the program's own, and nothing is looked up in the task's PATH.
 * - A record is complete when its line is; readers take an unfinished line for «not yet there».
 */
const WRAPPER_SCRIPT = `
directory=$1
shift
trap : HUP INT QUIT TERM PIPE
${BIRTH_SCRIPT}
set -C
if ! { printf 'process %s %s\\n' "$$" "$birth" > "$directory/claim"; } 2>/dev/null; then
  if [ -e "$directory/claim" ]; then printf 'claimed\\n'; else printf 'unwritable\\n'; fi
  exit 0
fi
set +C
printf 'started\\n'
exec > /dev/null
if [ -e "$directory/cancel" ]; then
  code=143
else
  "$@" >&3 2>&4 3>&- 4>&-
  code=$?
fi
printf '%s\\n' "$code" > "$directory/exit-code"
`;

/** `started`: this call's program runs; `claimed`: an earlier call's program does, or did. */
export type WrapperOutcome = 'started' | 'claimed';

/**
 * Starts the program in a session of its own, and resolves as soon as the claim on the execution is decided.
 * @param onExit called when the wrapper has ended, whatever the outcome
 * @throws PlatformLaunchError when the operating system can never start it so (arguments too long);
 *   any other error is passing (no process to be had, disk full)
 */
export async function startWrapped(
  directory: ExecutionDirectory,
  command: ExecutionCommand,
  onExit: () => void,
): Promise<WrapperOutcome> {
  const child = spawnWrapper(directory, command);
  child.once('exit', onExit);
  // What runs does not keep the server from ending.
  child.unref();
  return claimOutcome(child, directory);
}

function spawnWrapper(directory: ExecutionDirectory, command: ExecutionCommand): ChildProcess {
  const logs = command.inheritOutput ? [] : [directory.stdoutFile, directory.stderrFile];
  const opened: number[] = [];
  try {
    for (const log of logs) opened.push(openSync(log, 'a', 0o640));
    return spawn('/bin/sh', ['-c', WRAPPER_SCRIPT, 'millrace-task', directory.path, ...command.argv], {
      cwd: command.workingDirectory,
      env: command.environment,
      // A session of its own: signals to the server's group do not reach it, and the whole group can be ended.
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore', ...(command.inheritOutput ? [1, 2] : opened)],
    });
  } catch (error) {
    if (errorCode(error) === 'E2BIG') {
      throw new PlatformLaunchError(
        'The arguments and environment variables of this task are longer than the operating system allows for a process.',
      );
    }
    throw error;
  } finally {
    for (const log of opened) closeSync(log);
  }
}

function claimOutcome(child: ChildProcess, directory: ExecutionDirectory): Promise<WrapperOutcome> {
  return new Promise((resolve, reject) => {
    let said = '';
    const decide = () => {
      if (said === 'started\n') resolve('started');
      else if (said === 'claimed\n') resolve('claimed');
      else reject(new Error(`The task could not be started: ${directory.path} cannot be written.`));
      child.stdout?.destroy();
    };
    child.once('error', (error) => reject(new Error(`The task could not be started: ${messageOf(error)}`)));
    child.stdout?.setEncoding('latin1');
    child.stdout?.on('data', (text: string) => {
      said += text;
      if (said.endsWith('\n')) decide();
    });
    child.stdout?.once('end', decide);
  });
}
