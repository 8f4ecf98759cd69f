import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether this machine can build Go programs. */
export async function goHere(): Promise<boolean> {
  return run('go', ['version']).then(
    () => true,
    () => false,
  );
}

/**
 * Builds a program of a public Go module, once for each version, and answers the path of the program. It comes through the
 * Go module proxy and is kept in `$XDG_CACHE_HOME/millrace/go-tools`, under `~/.cache` without the variable.
 *
 * @param program path of the program's package; its last part is the program's name
 * @param version of its module, `v3.1.2`
 * @throws Error with Go's output if the build fails
 */
export async function buildGoTool(program: string, version: string): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'millrace', 'go-tools');
  const name = program.slice(program.lastIndexOf('/') + 1);
  const built = join(cache, `${name}-${version}`);
  const exists = () =>
    stat(built).then(
      () => true,
      () => false,
    );
  if (await exists()) return built;
  await mkdir(cache, { recursive: true });
  const workshop = await mkdtemp(join(cache, 'building-'));
  try {
    const environment = { ...process.env, GOBIN: workshop, GOFLAGS: '-buildvcs=false' };
    await run('go', ['install', `${program}@${version}`], {
      env: environment,
      timeout: 1_800_000,
      maxBuffer: 64 << 20,
    });
    await rename(join(workshop, name), built);
  } catch (failure) {
    const output = failure as { stderr?: string };
    throw new Error(`Go could not build ${program}@${version}:\n${output.stderr ?? ''}`, { cause: failure });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return built;
}
