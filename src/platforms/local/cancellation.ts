/** Ends running executions: SIGTERM to the process group, SIGKILL when the grace period is over. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionDirectory, ExecutionRecord } from './execution-directory.js';
import { isAlive, signalGroup, type ProcessIdentity } from './process-identity.js';

/** ms between looks at whether a group has ended. */
const LOOK_INTERVAL = 100;
/**
 * ms. A program may not have replaced its wrapper's signal handlers yet when it is younger; the signal would be lost.
 */
const YOUTH = 250;

/**
 * Sends SIGTERM, then waits for the end and sends SIGKILL when the grace period, counted from the request, is over.
 * Picks up where a server that died left off: a second SIGTERM tells a program nothing new.
 * @param signal stops waiting; a later call continues
 */
export async function endProcess(
  directory: ExecutionDirectory,
  record: ExecutionRecord,
  claim: { readonly process: ProcessIdentity; readonly at: Date },
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { process } = claim;
  const youth = YOUTH - (Date.now() - claim.at.getTime());
  if (youth > 0) await delay(youth, undefined, { signal });
  if (!(await isAlive(process)) || !signalGroup(process.pid, 'SIGTERM')) return;
  const requestedAt = directory.cancelRequestedAt() ?? new Date();
  const deadline = record.shutdownTimeout === 0 ? Infinity : requestedAt.getTime() + record.shutdownTimeout;
  // While the group has members its number is not given out again, so looking often keeps us from a stranger's group.
  while (Date.now() < deadline) {
    await delay(LOOK_INTERVAL, undefined, { signal });
    if (!signalGroup(process.pid, 0)) return;
  }
  // Before the signal: it ends the wrapper too, and the status must know why there is no exit code.
  if (await isAlive(process)) directory.markKilled();
  signalGroup(process.pid, 'SIGKILL');
}
