import type { TaskPlatform } from '../platforms/platform.js';
import { type LogExcerpt, LogExcerptor } from './log-excerpt.js';

/**
 * Reads the whole log of an ended execution and keeps what may be kept of it.
 * @param limit bytes that are kept
 * @param until ends the reading
 * @returns undefined when the platform has no log of that execution (any more)
 * @throws Error when the platform cannot say, or takes too long
 */
export async function readExcerpt(
  platform: TaskPlatform,
  externalExecutionId: string,
  limit: number,
  until: AbortSignal,
): Promise<LogExcerpt | undefined> {
  const excerptor = new LogExcerptor(limit);
  const chunks = platform.followLog(externalExecutionId, {})[Symbol.asyncIterator]();
  let giveUp: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    giveUp = () => reject(new Error(`the log of ${externalExecutionId} could not be read in time`));
    until.addEventListener('abort', giveUp);
  });
  let empty = true;
  try {
    for (;;) {
      const step = await Promise.race([chunks.next(), late]);
      if (step.done === true) break;
      empty = false;
      excerptor.add(step.value);
    }
  } finally {
    until.removeEventListener('abort', giveUp);
    // Not waited for: a platform that hangs would hang here too.
    void chunks.return?.().catch(() => undefined);
  }
  if (empty && (await platform.log(externalExecutionId, { tailLines: 1 })) === undefined) return undefined;
  return excerptor.result();
}
