import { isUnderWay } from '../engine/batch-status.js';
import type { Plan } from '../engine/plan.js';
import type { RunnerStep } from './runner-task.sql.js';
import { ServerAwayError, ServerRefusalError, type TaskServer } from './task-server.js';

/**
 * Exit codes of children of earlier runs that are nowhere in the rows of their steps, by the ids of the steps: SCDF's runner
 * does not write them there. They are asked for only if a transition wants to know one; a child that took too long has none
 * that counts.
 */
export async function findPastCodes(
  plan: Plan,
  steps: readonly RunnerStep[],
  server: TaskServer,
): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  const wanted = plan.flows.some(({ elements }) =>
    elements.some((one) => one.kind === 'step' && one.transitions.some(({ exitCode }) => exitCode !== null)),
  );
  if (!wanted) return found;
  for (const { id, status, exitCode, context, timedOut } of steps) {
    if (isUnderWay(status) || exitCode !== null || timedOut || !context?.child) continue;
    const shown = await server.look(context.child).catch((error: unknown) => {
      if (error instanceof ServerAwayError || error instanceof ServerRefusalError) return undefined;
      throw error;
    });
    if (typeof shown?.exitCode === 'number') found.set(id, shown.exitCode);
  }
  return found;
}
