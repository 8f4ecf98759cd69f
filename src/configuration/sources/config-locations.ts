import { readdir, stat } from 'node:fs/promises';
import { extname, isAbsolute, join, resolve } from 'node:path';

/** Lowest rank first; of one name `.properties` wins over YAML (Spring Boot). */
export const CONFIG_EXTENSIONS = ['.yaml', '.yml', '.properties'] as const;

/** Where Spring Boot looks, and `/config`, where an image's configuration is mounted; lowest rank first. */
export const DEFAULT_LOCATIONS = [
  'optional:file:./;optional:file:/config/;optional:file:./config/;optional:file:./config/*/',
];

/** One element of `spring.config.location` or `spring.config.import`. */
export type ConfigLocation =
  | { readonly kind: 'configtree'; readonly optional: boolean; readonly path: string; readonly text: string }
  | {
      readonly kind: 'file';
      readonly optional: boolean;
      readonly path: string;
      readonly text: string;
      readonly extension: string | undefined;
    }
  | { readonly kind: 'ignored'; readonly text: string };

/** @param directory what a relative path is relative to */
export function parseLocation(text: string, directory: string, workingDirectory: string): ConfigLocation {
  const location = text.trim();
  const optional = location.startsWith('optional:');
  const rest = optional ? location.slice('optional:'.length) : location;
  const scheme = /^([a-z][\w-]+):/i.exec(rest)?.[1]?.toLowerCase();
  if (scheme === 'configtree') {
    return { kind: 'configtree', optional, path: absolutePath(rest.slice(11), workingDirectory), text: location };
  }
  if (scheme !== undefined && scheme !== 'file') return { kind: 'ignored', text: location };
  const hint = /\[(\.\w+)\]$/.exec(rest)?.[1];
  const bare = hint === undefined ? rest : rest.slice(0, -hint.length - 2);
  const base = scheme === 'file' ? workingDirectory : directory;
  const path = absolutePath(scheme === 'file' ? bare.slice(5).replace(/^\/\/(?=\/)/, '') : bare, base);
  return { kind: 'file', optional, path, text: location, extension: hint };
}

/** `resolve`, but a slash at the end, which marks a directory, stays. */
function absolutePath(path: string, base: string): string {
  const absolute = isAbsolute(path) ? path : resolve(base, path);
  return path.endsWith('/') || path === '.' || path === '' ? `${absolute.replace(/\/+$/, '')}/` : absolute;
}

/** `config/*\/` stands for each directory directly below, in alphabetical order. A path without wildcard is itself. */
export async function expandWildcard(path: string): Promise<readonly string[]> {
  if (!path.endsWith('/*/')) return [path];
  const parent = path.slice(0, -2);
  const names = await readdir(parent).catch((): string[] => []);
  const directories: string[] = [];
  for (const name of names.sort()) {
    if (name.startsWith('..')) continue;
    const found = await stat(join(parent, name)).catch(() => undefined);
    if (found?.isDirectory() === true) directories.push(`${join(parent, name)}/`);
  }
  return directories;
}

export interface CandidateFile {
  /** The file to read. */
  readonly path: string;
  /** Its form: as the location states, else as the file's name says. */
  readonly extension: string;
}

/**
 * The files that may hold a location's values, for one profile or for none, lowest rank first.
 * @param path a directory (with slash at its end) or a file
 */
export function candidateFiles(
  path: string,
  names: readonly string[],
  profile: string | undefined,
  hint: string | undefined,
): readonly CandidateFile[] {
  const suffix = profile === undefined ? '' : `-${profile}`;
  if (path.endsWith('/')) {
    return names.flatMap((name) =>
      CONFIG_EXTENSIONS.map((extension) => ({ path: join(path, `${name}${suffix}${extension}`), extension })),
    );
  }
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  return [{ path: `${stem}${suffix}${extension}`, extension: hint ?? extension }];
}
