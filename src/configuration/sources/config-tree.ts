import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePropertyName } from '../property-names.js';
import type { PropertyEntry } from '../property-source.js';

/** No Kubernetes Secret or ConfigMap is larger. */
const MAXIMUM_FILE_SIZE = 1024 * 1024;
const MAXIMUM_DEPTH = 20;

/**
 * Reads a directory in which each file is a property, as Kubernetes mounts Secrets and ConfigMaps: the file's name is the key, its
 * content the value, one newline at its end stripped. Entries whose name begins with `..` are the mount's own (`..data`).
 * @param naming `path`: directories below the root are joined to the key by dots (`configtree:`); `file`: the file's name alone is
 * the key (Spring Cloud Kubernetes secrets paths)
 * @returns undefined if there is no such directory
 */
export async function readConfigTree(
  root: string,
  naming: 'path' | 'file',
): Promise<readonly PropertyEntry[] | undefined> {
  const kind = await stat(root).catch(() => undefined);
  if (kind?.isFile() === true && naming === 'file') return readEntry(root, root.split(/[\\/]/).at(-1) ?? root);
  if (kind?.isDirectory() !== true) return undefined;
  return readDirectory(root, [], naming);
}

async function readDirectory(
  directory: string,
  above: readonly string[],
  naming: 'path' | 'file',
): Promise<PropertyEntry[]> {
  if (above.length > MAXIMUM_DEPTH) return [];
  const names = (await readdir(directory)).filter((name) => !name.startsWith('..')).sort();
  const entries: PropertyEntry[] = [];
  for (const name of names) {
    const path = join(directory, name);
    // `stat` follows the links that Kubernetes mounts are made of; a dangling one is an entry just being replaced.
    const kind = await stat(path).catch(() => undefined);
    if (kind?.isDirectory() === true) entries.push(...(await readDirectory(path, [...above, name], naming)));
    else if (kind?.isFile() === true && kind.size <= MAXIMUM_FILE_SIZE) {
      entries.push(...(await readEntry(path, naming === 'file' ? name : [...above, name].join('.'))));
    }
  }
  return entries;
}

async function readEntry(path: string, key: string): Promise<PropertyEntry[]> {
  const name = parsePropertyName(key);
  if (name.length === 0) return [];
  const content = await readFile(path, 'utf8');
  return [{ name, value: content.replace(/\r?\n$/, ''), origin: `file ${path}` }];
}
