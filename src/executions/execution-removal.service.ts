import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { type ExecutionKey, idsByTarget } from '../launching/launch-record.js';
import { LaunchRecordsService } from '../launching/launch-records.service.js';
import { PlatformDomains } from '../launching/platform-domains.service.js';
import { LogArchive } from '../logs/log-archive.service.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { ExecutionHistoryService } from './execution-history.service.js';
import * as removal from './execution-removal.sql.js';
import { NoSuchTaskExecutionError } from './executions.errors.js';
import type { TaskExecution } from './task-execution.js';

/** `CLEANUP` removes what is left on the platform, `REMOVE_DATA` the rows. */
export const REMOVAL_ACTIONS = ['CLEANUP', 'REMOVE_DATA'] as const;

export type RemovalAction = (typeof REMOVAL_ACTIONS)[number];

/** Executions removed in one transaction when no `execution-delete-chunk-size` is set: short enough to block nobody. */
const CHUNK = 500;

/** Removes executions: from platforms, from the tables, or both. */
@Injectable()
export class ExecutionRemovalService {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
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
   * Removes executions by id; the data of a composed task's children goes with their parent's.
   * @throws NoSuchTaskExecutionError when any of them is unknown; then nothing is removed
   */
  async remove(target: SchemaTargetName, ids: readonly number[], actions: readonly RemovalAction[]): Promise<void> {
    const unique = [...new Set(ids)];
    const found = await this.history.findAll(target, unique);
    const known = new Set(found.map((execution) => execution.id));
    const missing = unique.filter((id) => !known.has(id));
    if (missing.length > 0) throw NoSuchTaskExecutionError.some(missing, target);
    await this.removeFound(target, unique, actions);
  }

  /**
   * Removes all executions that fit, a few at a time. With `spring.cloud.dataflow.async.enabled` it goes on in the background.
   * An empty selection is no error.
   */
  async removeAll(
    filter: { taskName?: string | undefined; completedOnly: boolean; endedBefore?: Date | undefined },
    actions: readonly RemovalAction[],
  ): Promise<void> {
    const work = this.removeInChunks(
      { taskName: filter.taskName, completedOnly: filter.completedOnly, endedBefore: filter.endedBefore },
      actions,
    );
    if (!this.configuration.task.asyncDelete) return work;
    void work.catch((error: unknown) =>
      this.logger.error({ err: error }, 'removing executions in the background failed'),
    );
  }

  private async removeInChunks(filter: removal.RemovalFilter, actions: readonly RemovalAction[]): Promise<void> {
    const size = this.configuration.task.executionDeleteChunkSize || CHUNK;
    for (const target of ['boot2', 'boot3'] as const) {
      let beyond = 0;
      for (;;) {
        const ids = await removal.findRemovable(this.database, target, filter, beyond, size);
        if (ids.length === 0) break;
        beyond = ids.at(-1) ?? beyond;
        await this.removeFound(target, ids, actions);
      }
    }
  }

  private async removeFound(
    target: SchemaTargetName,
    ids: readonly number[],
    actions: readonly RemovalAction[],
  ): Promise<void> {
    const below = actions.includes('REMOVE_DATA') ? await this.history.descendantsOf(target, ids) : [];
    const all: readonly ExecutionKey[] = [...ids.map((id) => ({ schemaTarget: target, id })), ...below];
    if (actions.includes('CLEANUP')) {
      const executions = await this.history.findEach(all);
      const launches = await this.launches.findEach(executions);
      for (const execution of executions) {
        const launch = launches.get(execution);
        if (launch !== undefined && this.domains.isElsewhere(launch)) await this.domains.request(launch, 'clean-up');
        else await this.cleanUp(execution, !actions.includes('REMOVE_DATA'));
      }
    }
    if (!actions.includes('REMOVE_DATA')) return;
    await this.database.transaction(async (transaction) => {
      const removed: removal.RemovedRows[] = [];
      for (const [generation, found] of idsByTarget(all)) {
        removed.push(await removal.removeExecutions(transaction, generation, found));
        await this.logs.remove(transaction, generation, found);
      }
      const rows = removal.sumOf(removed);
      await this.audit.record(transaction.manager, {
        operation: 'TASK',
        action: 'DELETE',
        correlationId: `${rows.executionIds.length} Task Execution Delete(s)`,
        data: auditData(rows),
      });
    });
  }

  /** What a platform cannot remove (any more) is no obstacle: rows must not stay because a pod is gone already. */
  private async cleanUp(execution: TaskExecution, keepLog: boolean): Promise<void> {
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
