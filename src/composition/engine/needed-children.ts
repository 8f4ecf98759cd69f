import type { Plan } from './plan.js';

/**
 * The children without which no run of a plan can succeed: those on its way from the start up to the first element with
 * transitions, which may lead elsewhere. In a split the same holds for each branch.
 */
export function neededChildren(plan: Plan): ReadonlySet<string> {
  const needed = new Set<string>();
  const pending = [0];
  for (let flow = pending.pop(); flow !== undefined; flow = pending.pop()) {
    for (const element of plan.flows[flow]?.elements ?? []) {
      if (element.kind === 'split') {
        pending.push(...element.branches);
        continue;
      }
      needed.add(element.step.child);
      if (element.transitions.length > 0) break;
    }
  }
  return needed;
}
