/** Looks at files that are to be run: jar or program, executable or script, and whether the command is there at all. */
import { access, constants, open, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { PlatformLaunchError } from '../platform.js';
import { errorCode } from '../../resources/system-error.js';

/** How a file is run: by Java, or as the command `argv`. */
export type RunnableFile =
  { readonly kind: 'jar' } | { readonly kind: 'program'; readonly argv: readonly [string, ...string[]] };

/** Linux reads no more of a `#!` line. */
const SHEBANG_LIMIT = 256;

/**
 * A `.jar` or `.war`, or a ZIP archive of another name, is for Java; everything else is a program, if it is executable or
 * says in a `#!` line what runs it.
 * @throws PlatformLaunchError saying what is the matter with the file
 */
export async function inspectFile(path: string): Promise<RunnableFile> {
  const head = await readHead(path);
  if (/\.[jw]ar$/i.test(path) || head.startsWith('PK\x03\x04')) return { kind: 'jar' };
  const interpreter = shebang(head);
  if (interpreter !== undefined && !(await isExecutable(interpreter[0]))) {
    throw new PlatformLaunchError(`The script ${path} asks for the interpreter ${interpreter[0]}, which is not there.`);
  }
  if (await isExecutable(path)) return { kind: 'program', argv: [path] };
  if (interpreter !== undefined) return { kind: 'program', argv: [...interpreter, path] };
  throw new PlatformLaunchError(
    `The file ${path} cannot be run: it is no jar, has no execute permission and does not begin with '#!' and an interpreter.`,
  );
}

async function readHead(path: string): Promise<string> {
  try {
    // Without O_NONBLOCK a named pipe without writer would hold us for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw new PlatformLaunchError(`${path} is no file.`);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(SHEBANG_LIMIT), 0, SHEBANG_LIMIT, 0);
      return buffer.subarray(0, bytesRead).toString('latin1');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof PlatformLaunchError) throw error;
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new PlatformLaunchError(`The file ${path} does not exist.`);
    if (code === 'EACCES') throw new PlatformLaunchError(`The file ${path} cannot be read: permission denied.`);
    throw error;
  }
}

/** The command of a `#!` line: an interpreter and at most one argument, as the kernel takes it (execve(2)). */
export function shebang(head: string): readonly [string, ...string[]] | undefined {
  const [, interpreter, argument] = /^#![ \t]*([^ \t\r\n]+)(?:[ \t]+([^\r\n]*[^ \t\r\n]))?/.exec(head) ?? [];
  if (interpreter === undefined) return undefined;
  return argument === undefined ? [interpreter] : [interpreter, argument];
}

/** Whether the path names a file that may be executed. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/**
 * Finds a command as a shell would.
 * @param searchPath a PATH; relative parts of it do not count
 * @returns its absolute path, or undefined
 */
export async function findCommand(command: string, searchPath: string | undefined): Promise<string | undefined> {
  if (isAbsolute(command)) return (await isExecutable(command)) ? command : undefined;
  for (const directory of (searchPath ?? '').split(delimiter)) {
    const candidate = join(directory, command);
    if (isAbsolute(directory) && (await isExecutable(candidate))) return candidate;
  }
  return undefined;
}
