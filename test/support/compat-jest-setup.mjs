import { mkdtemp, writeFile } from 'node:fs/promises';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Half of the processor time of a JVM that lives for seconds is compiling for a long life. */
const FOR_A_SHORT_LIFE = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto';

/**
 * Puts a `java` first on the path that passes these options on: for the real SCDF, its clients and the applications that
 * servers launch alike, without a trace in what any of them is asked to run.
 */
export default async function globalSetup() {
  const java = onPath('java');
  if (java === undefined || process.platform === 'win32') return;
  const directory = await mkdtemp(join(tmpdir(), 'millrace-quick-java-'));
  await writeFile(join(directory, 'java'), `#!/bin/sh\nexec '${java}' ${FOR_A_SHORT_LIFE} "$@"\n`, { mode: 0o755 });
  process.env.PATH = `${directory}${delimiter}${process.env.PATH}`;
  Object.assign(globalThis, { millraceQuickJava: directory });
}

function onPath(command) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((directory) => join(directory, command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
