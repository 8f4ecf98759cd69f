import { compose } from './compose.js';

/** Runs a composed task as this process, and ends it with the exit code. */
export async function composeProgram(words: readonly string[]): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(130);
      stop.abort();
    });
  }
  process.exitCode = await compose({
    arguments: words,
    environment: process.env,
    workingDirectory: process.cwd(),
    signal: stop.signal,
    write: (text) => void process.stdout.write(text),
  });
  // What may still be open, a launch that nobody waits for any more, is no reason to stay.
  process.exit();
}
