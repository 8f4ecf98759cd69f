import { FlowNode } from '../../dsl/ast.js';
import { PlanProblem } from './plan-error.js';

/** What SCDF refuses before it runs a composed task. A limit that is not given is not checked. */
export interface PlanLimits {
  /**
   * The runner's `split-thread-core-pool-size`: at least as many as there are splits within one outermost split, itself
   * counted. (SCDF's threads would wait for each other otherwise; here it is checked for the same outcome only.)
   */
  readonly splitThreadCorePoolSize?: number;
  /** The platform's limit of tasks at once, which no split may have more apps than (SCDF's server at launch). */
  readonly maximumConcurrentTasks?: number;
}

/** Compares the splits of a task with the limits. */
export function problemsOfSplits(sequences: readonly FlowNode[], limits: PlanLimits): PlanProblem[] {
  const { splitThreadCorePoolSize: size, maximumConcurrentTasks: maximum } = limits;
  const problems: PlanProblem[] = [];
  if (size !== undefined) {
    for (const { splits, position } of outermostSplits(sequences)) {
      if (splits <= size) continue;
      problems.push({
        message: `Split thread core pool size ${size} should be equal or greater than the depth of split flows ${splits}. Try setting the composed task property \`splitThreadCorePoolSize\``,
        position,
      });
    }
  }
  if (maximum !== undefined && widestSplit(sequences) > maximum) {
    problems.push({
      message: `One or more of the splits in the composed task contains a task count that exceeds the maximumConcurrentTasks count of ${maximum}`,
      position: null,
    });
  }
  return problems;
}

function outermostSplits(sequences: readonly FlowNode[]): { readonly splits: number; readonly position: number }[] {
  return sequences
    .flatMap(({ elements }) => elements)
    .flatMap((element) =>
      element.kind === 'split' ? [{ splits: 1 + splitsIn(element.branches), position: element.range.start }] : [],
    );
}

function splitsIn(flows: readonly FlowNode[]): number {
  let splits = 0;
  for (const { elements } of flows) {
    for (const element of elements) if (element.kind === 'split') splits += 1 + splitsIn(element.branches);
  }
  return splits;
}

/**
 * SCDF's measure of width: apps are counted in text order within each outermost split, from 0 again wherever a split
 * begins; targets of transitions are apps too. The highest count is the width.
 */
export function widestSplit(sequences: readonly FlowNode[]): number {
  let widest = 0;
  let counted = 0;
  const countApps = (flow: FlowNode): void => {
    for (const element of flow.elements) {
      if (element.kind === 'split') {
        counted = 0;
        element.branches.forEach(countApps);
      } else {
        counted += 1 + element.transitions.filter(({ target }) => target.kind === 'app').length;
        widest = Math.max(widest, counted);
      }
    }
  };
  for (const { elements } of sequences) {
    for (const element of elements) {
      if (element.kind === 'app') continue;
      counted = 0;
      element.branches.forEach(countApps);
    }
  }
  return widest;
}
