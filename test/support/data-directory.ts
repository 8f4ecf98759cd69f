import { readdir, readlink, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Where the embedded PostgreSQL of a server that runs as root has its files if the data directory is closed to others. */
const SYSTEM_DIRECTORY = '/var/lib/millrace';

/**
 * Removes a directory that a server kept its data in, or one with such directories in it, together with the databases that
 * lie elsewhere. The servers have to be stopped first.
 */
export async function removeDataDirectory(directory: string): Promise<void> {
  const below = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const candidates = [directory, ...below.filter((one) => one.isDirectory()).map(({ name }) => join(directory, name))];
  for (const candidate of candidates) {
    const place = dirname(await readlink(join(candidate, 'postgres')).catch(() => ''));
    if (dirname(place) === SYSTEM_DIRECTORY) await removeAll(place);
  }
  await removeAll(directory);
}

/** Programs that have just been ended may still write their last words. */
function removeAll(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
