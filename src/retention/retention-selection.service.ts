import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type MillraceConfiguration, type RetentionRules } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { RowCounts } from '../database/row-counts.js';
import { ExecutionHistoryService } from '../executions/execution-history.service.js';
import { type ExecutionKey, executionName } from '../launching/launch-record.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { SCHEMA_TARGET_NAMES } from '../schema/schema-target.js';
import { type Candidate, earliestSpared, hasLimit, rulesOf, TaskJudge } from './retention-policy.js';
import * as retention from './retention.sql.js';

/** Executions read in one go. */
const PAGE = 1_000;

/** Some executions that are due, of as many tasks as it takes; what they brought about goes with them and is not among them. */
export interface DueBatch {
  readonly target: SchemaTargetName;
  readonly ids: readonly number[];
  /** How many tasks have been gone through. */
  readonly tasksPassed: number;
}

/** Finds the executions that the policy no longer keeps. */
@Injectable()
export class RetentionSelection {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly counts: RowCounts,
    private readonly history: ExecutionHistoryService,
  ) {}

  /** The tasks that have executions which can become due. */
  async tasks(): Promise<readonly string[]> {
    const names = await this.counts.taskNames();
    return names.filter((name) => hasLimit(rulesOf(this.configuration.retention, name)));
  }

  /**
   * What is due of all tasks, in batches that are full but for the last of each generation: with a thousand tasks of which each
   * has a few executions due, a batch of each would be a thousand transactions.
   * @param size executions in a batch
   */
  async *batches(tasks: readonly string[], size: number): AsyncGenerator<DueBatch, void> {
    const waiting: Readonly<Record<SchemaTargetName, number[]>> = { boot2: [], boot3: [] };
    for (const [tasksPassed, taskName] of tasks.entries()) {
      for await (const { schemaTarget, id } of this.dueOf(taskName)) {
        const ids = waiting[schemaTarget];
        ids.push(id);
        if (ids.length === size) yield { target: schemaTarget, ids: ids.splice(0), tasksPassed };
      }
    }
    for (const target of SCHEMA_TARGET_NAMES) {
      const ids = waiting[target];
      if (ids.length > 0) yield { target, ids, tasksPassed: tasks.length };
    }
  }

  /** What is due of a task, the latest first. */
  private async *dueOf(taskName: string): AsyncGenerator<ExecutionKey, void> {
    const rules = rulesOf(this.configuration.retention, taskName);
    if (!hasLimit(rules)) return;
    const now = await retention.databaseTime(this.database);
    const from = earliestSpared(rules, now);
    const judge = new TaskJudge(rules, await this.factsOf(taskName, rules, from), now);
    for (let after: retention.Cursor | undefined = retention.cursorAt(from); after !== undefined;) {
      const page = await retention.findPassed(this.database, taskName, after, PAGE);
      for (const candidate of await this.candidatesOf(page.passed)) if (judge.isDue(candidate)) yield candidate;
      after = page.next;
    }
  }

  private async factsOf(taskName: string, rules: RetentionRules, from: Date | undefined) {
    const last = rules.keepLast ? await retention.findLast(this.database, taskName) : [];
    const failedLater =
      rules.keepLastFailed && from !== undefined && (await retention.hasFailedSince(this.database, taskName, from));
    return { last: new Set(last.map(executionName)), failedLater };
  }

  /** In the order of what was passed; what was removed meanwhile is missing. */
  private async candidatesOf(passed: readonly retention.Passed[]): Promise<readonly Candidate[]> {
    const found = new Map<string, Omit<Candidate, 'isChild'>>();
    for (const target of SCHEMA_TARGET_NAMES) {
      const ids = passed.filter(({ schemaTarget, isChild }) => schemaTarget === target && !isChild).map(({ id }) => id);
      for (const summary of await this.history.summariesOf(target, ids)) found.set(executionName(summary), summary);
    }
    return passed.flatMap((one) => {
      const summary = found.get(executionName(one));
      return summary === undefined ? [] : [{ ...summary, isChild: one.isChild }];
    });
  }
}
