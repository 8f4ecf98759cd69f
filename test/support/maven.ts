import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildWithMaven as build } from '../../src/demo/maven.js';

export { mavenHere } from '../../src/demo/maven.js';

/** Builds into `$XDG_CACHE_HOME/millrace`, under `~/.cache` without the variable; the demo uses the same builds. */
export function buildWithMaven(name: string, sources: string): Promise<string> {
  return build(name, sources, join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'millrace'));
}
