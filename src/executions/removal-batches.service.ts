import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { Database, type Transaction } from '../database/database.js';
import { LaunchRecordsService } from '../launching/launch-records.service.js';
import { PlatformDomains } from '../launching/platform-domains.service.js';
import { LogArchive } from '../logs/log-archive.service.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { ExecutionHistoryService } from './execution-history.service.js';
import * as removal from './execution-removal.sql.js';
import type { RemovedCounts } from './removal-run.js';
import type { TaskExecution } from './task-execution.js';

/** `CLEANUP` removes what is left on the platform, `REMOVE_DATA` the rows. */
export const REMOVAL_ACTIONS = ['CLEANUP', 'REMOVE_DATA'] as const;

export type RemovalAction = (typeof REMOVAL_ACTIONS)[number];

/** Executions removed in one transaction when no `execution-delete-chunk-size` is set: short enough to block nobody. */
export const BATCH = 500;

/** Executions removed in one transaction at most, unless those that belong together are more; and in one statement. */
export const LARGEST_BATCH = 1_000;

/** Executions that are removed together: some, and all that they brought about. */
export interface Family {
  readonly target: SchemaTargetName;
  readonly ids: readonly number[];
}

/** What is removed of executions, and which are left alone. */
export interface FamilyOptions {
  readonly actions: readonly RemovalAction[];
  /** Leaves out families in which something is not over. */
  readonly finishedOnly: boolean;
}

/** Removes executions one batch at a time: whole families, each in one transaction. */
@Injectable()
export class RemovalBatches {
  constructor(
    private readonly database: Database,
    private readonly history: ExecutionHistoryService,
    private readonly launches: LaunchRecordsService,
    private readonly domains: PlatformDomains,
    private readonly platforms: PlatformRegistry,
    private readonly audit: AuditService,
    private readonly logs: LogArchive,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {}

  /**
   * Divides executions, with what goes with them when their data is removed, into batches of bearable size: halves them until
   * each is small enough, or one execution with its own descendants alone.
   */
  async *families(
    target: SchemaTargetName,
    ids: readonly number[],
    options: FamilyOptions,
  ): AsyncGenerator<Family, void> {
    const children = options.actions.includes('REMOVE_DATA') ? await this.history.descendantsOf(target, ids) : [];
    const all = [...new Set([...ids, ...children])];
    const unfinished = options.finishedOnly ? await removal.findUnfinished(this.database, target, all) : [];
    if (ids.length > 1 && (all.length > LARGEST_BATCH || unfinished.length > 0)) {
      const middle = Math.ceil(ids.length / 2);
      yield* this.families(target, ids.slice(0, middle), options);
      yield* this.families(target, ids.slice(middle), options);
    } else if (unfinished.length === 0) yield { target, ids: all };
  }

  /** Removes from the platforms what is left there, if that is asked for. */
  async cleanUp({ target, ids }: Family, actions: readonly RemovalAction[]): Promise<void> {
    if (!actions.includes('CLEANUP')) return;
    const launches = await this.launches.find(target, ids);
    for (const execution of await this.history.findAll(target, ids)) {
      const launch = launches.get(execution.id);
      if (launch !== undefined && this.domains.isElsewhere(launch)) await this.domains.request(launch, 'clean-up');
      else await this.cleanUpOne(execution, !actions.includes('REMOVE_DATA'));
    }
  }

  /**
   * Removes the rows of a family; what is gone already does not count.
   * @param finishedOnly removes nothing if something of it is not over
   * @returns undefined when nothing was removed
   */
  async removeRows(
    transaction: Transaction,
    { target, ids }: Family,
    { audited, finishedOnly }: { readonly audited: boolean; readonly finishedOnly: boolean },
  ): Promise<RemovedCounts | undefined> {
    const locked = await removal.lockExecutions(transaction, target, ids);
    if (locked.length === 0) return undefined;
    const there = locked.map(({ id }) => id);
    if (finishedOnly && (await removal.findUnfinished(transaction, target, there)).length > 0) return undefined;
    const parts: removal.RemovedRows[] = [];
    for (let start = 0; start < there.length; start += LARGEST_BATCH) {
      parts.push(await this.removePart(transaction, target, there.slice(start, start + LARGEST_BATCH)));
    }
    if (audited) {
      await this.audit.record(transaction.manager, {
        operation: 'TASK',
        action: 'DELETE',
        correlationId: `${there.length} Task Execution Delete(s)`,
        data: auditData(parts),
      });
    }
    return {
      executions: there.length,
      jobExecutions: parts.reduce((sum, { jobExecutionIds }) => sum + jobExecutionIds.length, 0),
      byTask: countsByName(locked.map(({ taskName }) => taskName)),
    };
  }

  /** What {@link removeRows} would remove now. */
  async countRows({ target, ids }: Family): Promise<RemovedCounts> {
    const { taskNames, jobExecutions } = await removal.countExecutions(this.database, target, ids);
    return { executions: taskNames.length, jobExecutions, byTask: countsByName(taskNames) };
  }

  private async removePart(
    transaction: Transaction,
    target: SchemaTargetName,
    ids: readonly number[],
  ): Promise<removal.RemovedRows> {
    const rows = await removal.removeExecutions(transaction, target, ids);
    await this.logs.remove(transaction, target, ids);
    return rows;
  }

  /** What a platform cannot remove (any more) is no obstacle: rows must not stay because a pod is gone already. */
  private async cleanUpOne(execution: TaskExecution, keepLog: boolean): Promise<void> {
    const { externalExecutionId, platformName, id, schemaTarget } = execution;
    const platform = platformName === null ? undefined : this.platforms.find(platformName);
    if (externalExecutionId === null || platform === undefined) return;
    try {
      const logged = { schemaTarget, executionId: id, externalExecutionId, platformAccount: platform.accountName };
      if (keepLog && !(await this.logs.keepBeforeRemoval(logged))) return;
      await platform.cleanUp(externalExecutionId);
    } catch (error) {
      this.logger.warn(
        { executionId: id, schemaTarget, externalExecutionId, err: error },
        'clean-up on the platform failed',
      );
    }
  }
}

/** How often each name occurs; the empty name stands for none. */
function countsByName(names: readonly (string | null)[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name ?? '', (counts.get(name ?? '') ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** SCDF's words. */
function auditData(parts: readonly removal.RemovedRows[]): Record<string, unknown> {
  const executionIds = parts.flatMap((part) => part.executionIds);
  const jobExecutionIds = parts.flatMap((part) => part.jobExecutionIds);
  const sum = (key: 'stepContexts' | 'steps' | 'jobContexts' | 'jobParameters' | 'jobExecutions' | 'jobInstances') =>
    parts.reduce((total, part) => total + part[key], 0);
  return {
    'Deleted Task Executions': executionIds.length,
    'Deleted # of Task Executions': executionIds.length,
    'Deleted Task Execution IDs': executionIds.join(', '),
    'Deleted # of Job Executions': jobExecutionIds.length,
    'Deleted Job Execution IDs': jobExecutionIds.join(', '),
    ...(jobExecutionIds.length === 0
      ? {}
      : {
          'Batch Step Execution Context': sum('stepContexts'),
          'Batch Step Executions': sum('steps'),
          'Batch Job Execution Context Rows': sum('jobContexts'),
          'Batch Job Execution Params': sum('jobParameters'),
          'Batch Job Executions': sum('jobExecutions'),
          'Batch Job Instance Rows': sum('jobInstances'),
        }),
  };
}
