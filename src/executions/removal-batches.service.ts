import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { Database, type SqlRunner, type Transaction } from '../database/database.js';
import { idsByTarget } from '../launching/launch-record.js';
import { LaunchRecordsService } from '../launching/launch-records.service.js';
import { PlatformDomains } from '../launching/platform-domains.service.js';
import { LogArchive } from '../logs/log-archive.service.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { SCHEMA_TARGET_NAMES } from '../schema/schema-target.js';
import { ExecutionHistoryService } from './execution-history.service.js';
import * as removal from './execution-removal.sql.js';
import type { RemovedCounts } from './removal-run.js';
import type { TaskExecution } from './task-execution.js';

/** `CLEANUP` removes what is left on the platform, `REMOVE_DATA` the rows. */
export const REMOVAL_ACTIONS = ['CLEANUP', 'REMOVE_DATA'] as const;

export type RemovalAction = (typeof REMOVAL_ACTIONS)[number];

/** Executions removed in one transaction when no `execution-delete-chunk-size` is set: short enough to block nobody. */
export const USUAL_BATCH = 500;

/** Executions removed in one transaction at most, unless those that belong together are more; and in one statement. */
export const LARGEST_BATCH = 1_000;

/** Executions that are removed together, by generation: some, and all that they brought about. */
export type Family = ReadonlyMap<SchemaTargetName, readonly number[]>;

/** How many executions are in a family. */
export function sizeOf(family: Family): number {
  return [...family.values()].reduce((sum, ids) => sum + ids.length, 0);
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
    const below = options.actions.includes('REMOVE_DATA') ? await this.history.descendantsOf(target, ids) : [];
    const known = new Set(ids);
    const others = below.filter(({ schemaTarget, id }) => schemaTarget !== target || !known.has(id));
    const family = idsByTarget([...ids.map((id) => ({ schemaTarget: target, id })), ...others]);
    const unfinished = options.finishedOnly && (await this.isUnfinished(this.database, family));
    if (ids.length > 1 && (ids.length + others.length > LARGEST_BATCH || unfinished)) {
      const middle = Math.ceil(ids.length / 2);
      yield* this.families(target, ids.slice(0, middle), options);
      yield* this.families(target, ids.slice(middle), options);
    } else if (!unfinished) yield family;
  }

  /** Removes from the platforms what is left there, if that is asked for. */
  async cleanUp(family: Family, actions: readonly RemovalAction[]): Promise<void> {
    if (!actions.includes('CLEANUP')) return;
    for (const [target, ids] of family) {
      const launches = await this.launches.find(target, ids);
      for (const execution of await this.history.findAll(target, ids)) {
        const launch = launches.get(execution.id);
        if (launch !== undefined && this.domains.isElsewhere(launch)) await this.domains.request(launch, 'clean-up');
        else await this.cleanUpOne(execution, !actions.includes('REMOVE_DATA'));
      }
    }
  }

  /**
   * Removes the rows of a family; what is gone already does not count.
   * @param finishedOnly removes nothing if something of it is not over
   * @returns undefined when nothing was removed
   */
  async removeRows(
    transaction: Transaction,
    family: Family,
    { audited, finishedOnly }: { readonly audited: boolean; readonly finishedOnly: boolean },
  ): Promise<RemovedCounts | undefined> {
    const there: removal.LockedExecution[] = [];
    for (const target of SCHEMA_TARGET_NAMES) {
      const ids = family.get(target);
      if (ids !== undefined) there.push(...(await removal.lockExecutions(transaction, target, ids)));
    }
    if (there.length === 0) return undefined;
    const locked = idsByTarget(there);
    if (finishedOnly && (await this.isUnfinished(transaction, locked))) return undefined;
    const parts: removal.RemovedRows[] = [];
    for (const [target, ids] of locked) {
      for (let start = 0; start < ids.length; start += LARGEST_BATCH) {
        parts.push(await this.removePart(transaction, target, ids.slice(start, start + LARGEST_BATCH)));
      }
    }
    const rows = removal.sumOf(parts);
    if (audited) {
      await this.audit.record(transaction.manager, {
        operation: 'TASK',
        action: 'DELETE',
        correlationId: `${there.length} Task Execution Delete(s)`,
        data: auditData(rows),
      });
    }
    return {
      executions: there.length,
      jobExecutions: rows.jobExecutionIds.length,
      byTask: countsByName(there.map(({ taskName }) => taskName)),
    };
  }

  /** What {@link removeRows} would remove now. */
  async countRows(family: Family): Promise<RemovedCounts> {
    const names: (string | null)[] = [];
    let jobs = 0;
    for (const [target, ids] of family) {
      const { taskNames, jobExecutions } = await removal.countExecutions(this.database, target, ids);
      names.push(...taskNames);
      jobs += jobExecutions;
    }
    return { executions: names.length, jobExecutions: jobs, byTask: countsByName(names) };
  }

  private async isUnfinished(sql: SqlRunner, family: Family): Promise<boolean> {
    for (const [target, ids] of family) {
      if ((await removal.findUnfinished(sql, target, ids)).length > 0) return true;
    }
    return false;
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
function auditData(rows: removal.RemovedRows): Record<string, unknown> {
  return {
    'Deleted Task Executions': rows.executionIds.length,
    'Deleted # of Task Executions': rows.executionIds.length,
    'Deleted Task Execution IDs': rows.executionIds.join(', '),
    'Deleted # of Job Executions': rows.jobExecutionIds.length,
    'Deleted Job Execution IDs': rows.jobExecutionIds.join(', '),
    ...(rows.jobExecutionIds.length === 0
      ? {}
      : {
          'Batch Step Execution Context': rows.stepContexts,
          'Batch Step Executions': rows.steps,
          'Batch Job Execution Context Rows': rows.jobContexts,
          'Batch Job Execution Params': rows.jobParameters,
          'Batch Job Executions': rows.jobExecutions,
          'Batch Job Instance Rows': rows.jobInstances,
        }),
  };
}
