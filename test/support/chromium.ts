import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A browser of this machine, or why there is none, in words that complete «because …». */
export type ChromiumHere =
  { readonly available: true; readonly executable: string } | { readonly available: false; readonly reason: string };

/** The Chromium or Chrome that `CHROME_BIN` names by its path, or else one on the PATH; it has to start. */
export async function chromiumHere(): Promise<ChromiumHere> {
  const named = process.env['CHROME_BIN'];
  if (named !== undefined && named !== '') {
    if (await starts(named)) return { available: true, executable: named };
    return { available: false, reason: `CHROME_BIN (${named}) does not start` };
  }
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  for (const executable of NAMES.flatMap((name) => directories.map((directory) => join(directory, name)))) {
    if (await starts(executable)) return { available: true, executable };
  }
  return { available: false, reason: `there is no Chromium on the PATH (${NAMES.join(', ')}), and no CHROME_BIN` };
}

function starts(executable: string): Promise<boolean> {
  return run(executable, ['--version']).then(
    () => true,
    () => false,
  );
}
