import type { RetentionConfiguration, RetentionRules } from '../configuration/configuration.js';
import type { TaskExecutionStatus } from '../executions/task-execution.js';
import { type ExecutionKey, executionName } from '../launching/launch-record.js';

/** What the policy has to know of an execution. */
export interface Candidate extends ExecutionKey {
  readonly endTime: Date | null;
  readonly status: TaskExecutionStatus;
  /** A child of an execution that is still there goes with its parent only. */
  readonly isChild: boolean;
}

/** What holds for the executions of a task. */
export function rulesOf({ rules, tasks }: RetentionConfiguration, taskName: string): RetentionRules {
  return Object.hasOwn(tasks, taskName) ? (tasks[taskName] ?? rules) : rules;
}

/** Whether executions of a task can ever be due. */
export function hasLimit(rules: RetentionRules): boolean {
  return rules.removes && [rules.maxAge, rules.maxPerTask, rules.failedMaxAge].some((limit) => limit !== undefined);
}

/** Whether any executions can ever be due. */
export function hasAnyLimit({ rules, tasks }: RetentionConfiguration): boolean {
  return [rules, ...Object.values(tasks)].some(hasLimit);
}

/**
 * What started at this time or later cannot be due; undefined: anything can be. An execution has not ended before it started, so
 * that a walk over starts may begin there.
 */
export function earliestSpared(rules: RetentionRules, now: Date): Date | undefined {
  if (rules.maxPerTask !== undefined) return undefined;
  const ages = [rules.maxAge, rules.failedMaxAge].filter((age) => age !== undefined);
  return new Date(now.getTime() - Math.min(...ages));
}

/** What a walk over a task's executions finds only beside its way. */
export interface TaskFacts {
  /** Executions that stay as the last ones of their task, by {@link executionName}. */
  readonly last: ReadonlySet<string>;
  /** Whether an execution failed that is later than where the walk begins. */
  readonly failedLater: boolean;
}

/** Says which executions of one task are due; it has to see them from the latest to the first. */
export class TaskJudge {
  private ended = 0;
  private failed: boolean;

  constructor(
    private readonly rules: RetentionRules,
    private readonly facts: TaskFacts,
    private readonly now: Date,
  ) {
    this.failed = facts.failedLater;
  }

  /** Whether the next execution is due. */
  isDue(candidate: Candidate): boolean {
    const { endTime, status, isChild } = candidate;
    if (isChild || endTime === null || (status !== 'COMPLETE' && status !== 'ERROR')) return false;
    this.ended += 1;
    const isLastFailed = status === 'ERROR' && !this.failed;
    this.failed ||= status === 'ERROR';
    const { rules, facts } = this;
    if (!rules.removes || !rules.statuses.includes(status)) return false;
    if (rules.keepLastFailed && isLastFailed) return false;
    if (rules.keepLast && facts.last.has(executionName(candidate))) return false;
    const age = this.now.getTime() - endTime.getTime();
    if (status === 'ERROR' && rules.failedMaxAge !== undefined) return age > rules.failedMaxAge;
    return age > (rules.maxAge ?? Infinity) || this.ended > (rules.maxPerTask ?? Infinity);
  }
}
