import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { RowCounts } from '../database/row-counts.js';
import { sqlStateOf } from '../database/sql-state.js';
import { LaunchQueueService } from '../launching/launch-queue.service.js';
import { type ExecutionKey, idsByTarget } from '../launching/launch-record.js';
import { parseManifest } from '../launching/manifest.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { InvalidSortError } from '../representation/domain-error.js';
import type { Page, PageRequest } from '../representation/page.js';
import { SCHEMA_TARGET_NAMES } from '../schema/schema-target.js';
import { findDescendants } from './execution-descent.sql.js';
import * as history from './execution-history.sql.js';
import { StartHindrances } from './start-hindrances.service.js';
import { NoSuchTaskExecutionError } from './executions.errors.js';
import {
  type LatestExecution,
  statusOf,
  type TaskExecution,
  type TaskExecutionStatus,
  type TaskExecutionSummary,
} from './task-execution.js';

/** Which executions are asked for. */
export interface ExecutionFilter {
  readonly taskName?: string | undefined;
  readonly statuses?: readonly TaskExecutionStatus[] | undefined;
}

/** How long it may take to count what is only good to know, ms. */
const COUNT_PATIENCE = 900;

/** SQLSTATE of a statement that took too long. */
const QUERY_CANCELED = '57014';

/** Reads what ran: both generations of tables as one history. */
@Injectable()
export class ExecutionHistoryService {
  constructor(
    private readonly database: Database,
    private readonly counts: RowCounts,
    private readonly queue: LaunchQueueService,
    private readonly hindrances: StartHindrances,
  ) {}

  /** One page with all details. @throws InvalidSortError */
  async list(filter: ExecutionFilter, request: PageRequest): Promise<Page<TaskExecution>> {
    const { rows, totalElements } = await this.page(filter, request, true);
    return { elements: await this.withLaunches(rows.map(executionOf)), totalElements };
  }

  /** One page without arguments, jobs and manifests. @throws InvalidSortError */
  async listThin(filter: ExecutionFilter, request: PageRequest): Promise<Page<TaskExecutionSummary>> {
    const { rows, totalElements } = await this.page(filter, request, false);
    return { elements: rows.map(summaryOf), totalElements };
  }

  /** @throws NoSuchTaskExecutionError */
  async find(target: SchemaTargetName, id: number): Promise<TaskExecution> {
    const [row] = await history.findByIds(this.database, target, [id]);
    if (row === undefined) throw NoSuchTaskExecutionError.one(id, target);
    const [execution = executionOf(row)] = await this.withLaunches([executionOf(row)]);
    return execution;
  }

  /** Those of the ids that exist. */
  async findAll(target: SchemaTargetName, ids: readonly number[]): Promise<readonly TaskExecution[]> {
    return (await history.findByIds(this.database, target, ids)).map(executionOf);
  }

  /** The same without details, in any order. */
  async summariesOf(target: SchemaTargetName, ids: readonly number[]): Promise<readonly TaskExecutionSummary[]> {
    return ids.length === 0 ? [] : (await history.findSummaries(this.database, target, ids)).map(summaryOf);
  }

  /** @returns undefined when no execution bears that external id */
  async findByExternalId(externalId: string): Promise<TaskExecution | undefined> {
    const [row] = await history.findByExternalId(this.database, externalId);
    return row === undefined ? undefined : this.hindrances.tell(executionOf(row));
  }

  /** The latest started execution of each task; tasks that never started are missing. */
  async latestOf(taskNames: readonly string[], withManifest: boolean): Promise<ReadonlyMap<string, LatestExecution>> {
    if (taskNames.length === 0) return new Map();
    const rows = await history.findLatest(this.database, [...new Set(taskNames)], withManifest);
    return new Map(rows.map((row) => [row.task_name ?? '', latestOf(row)]));
  }

  /** Those of these executions that exist, of either generation. */
  async findEach(keys: readonly ExecutionKey[]): Promise<readonly TaskExecution[]> {
    const found: TaskExecution[] = [];
    for (const [target, ids] of idsByTarget(keys)) found.push(...(await this.findAll(target, ids)));
    return found;
  }

  /** All executions that these brought about; a composed task may have children of the other generation. */
  async descendantsOf(target: SchemaTargetName, ids: readonly number[]): Promise<readonly ExecutionKey[]> {
    return findDescendants(this.database, target, ids);
  }

  /** How many executions there are; `endedBefore` implies completed. */
  async count(filter: {
    taskName?: string | undefined;
    completed: boolean;
    endedBefore?: Date | undefined;
  }): Promise<number> {
    if (filter.endedBefore !== undefined) {
      return history.countEndedBefore(this.database, filter.taskName, filter.endedBefore);
    }
    return this.counts.countTaskExecutions({
      name: filter.taskName,
      states: filter.completed ? ['COMPLETE', 'ERROR'] : undefined,
    });
  }

  /**
   * How many executions ended before a time, if that is found out within {@link COUNT_PATIENCE}: of a large history that is
   * not in memory it may take longer.
   */
  async countEndedSoon(before: Date): Promise<number | null> {
    try {
      return await this.database.transaction(async (transaction) => {
        await transaction.query(`SET LOCAL statement_timeout = ${COUNT_PATIENCE}`);
        return history.countEndedBefore(transaction, undefined, before);
      });
    } catch (error) {
      if (sqlStateOf(error) === QUERY_CANCELED) return null;
      throw error;
    }
  }

  /** Says of those that have not started what they wait for: a launch for its platform, or the platform for something. */
  private async withLaunches(found: readonly TaskExecution[]): Promise<readonly TaskExecution[]> {
    const executions = found.map((execution) => this.hindrances.tell(execution));
    const candidates = executions.filter(
      ({ externalExecutionId, endTime }) => externalExecutionId === null && endTime === null,
    );
    const waiting = await this.queue.findWaiting(candidates);
    if (waiting.length === 0) return executions;
    return executions.map((execution) => {
      const launch = waiting.find(
        ({ schemaTarget, executionId }) => executionId === execution.id && schemaTarget === execution.schemaTarget,
      );
      return launch === undefined ? execution : { ...execution, launch };
    });
  }

  private async page(filter: ExecutionFilter, request: PageRequest, details: boolean) {
    const order = orderOf(request);
    const totalElements = await this.counts.countTaskExecutions({ name: filter.taskName, states: filter.statuses });
    const rows = await history.findPage(
      this.database,
      {
        targets: SCHEMA_TARGET_NAMES,
        taskName: filter.taskName,
        statuses: filter.statuses,
        order,
        offset: request.offset,
        limit: request.size,
        total: totalElements,
      },
      details,
    );
    return { rows, totalElements };
  }
}

/** What lists can be sorted by, in SCDF's words; any case will do. */
export const EXECUTION_SORT_WORDS: readonly string[] = Object.keys(history.SORT_COLUMNS);

/** SCDF's order: what started last comes first, and what has not started before all. */
const DEFAULT_ORDER: history.ExecutionQuery['order'] = [
  { column: 'start_time', direction: 'desc' },
  { column: 'task_execution_id', direction: 'desc' },
];

function orderOf(request: PageRequest): history.ExecutionQuery['order'] {
  if (request.sort.length === 0) return DEFAULT_ORDER;
  return request.sort.map(({ property, direction }) => {
    const word = property.toUpperCase();
    const column = Object.hasOwn(history.SORT_COLUMNS, word)
      ? history.SORT_COLUMNS[word as keyof typeof history.SORT_COLUMNS]
      : undefined;
    if (column === undefined) {
      throw new InvalidSortError(
        `Sorting column ${property.slice(0, 100)} not allowed; allowed: ${Object.keys(history.SORT_COLUMNS).join(', ')}`,
        'IllegalArgumentException',
      );
    }
    return { column, direction };
  });
}

function summaryOf(row: history.ExecutionRow): TaskExecutionSummary {
  const times = { startTime: row.start_time, endTime: row.end_time, exitCode: row.exit_code };
  return {
    schemaTarget: row.schema_target,
    id: row.task_execution_id,
    taskName: row.task_name,
    ...times,
    exitMessage: row.exit_message,
    errorMessage: row.error_message,
    externalExecutionId: row.external_execution_id,
    parentExecutionId: row.parent_execution_id,
    status: statusOf(times, row.composition_exit_code),
  };
}

function latestOf(row: history.ExecutionRow): LatestExecution {
  return {
    arguments: row.arguments ?? [],
    manifest: parseManifest(row.manifest ?? null),
    ...summaryOf(row),
  };
}

function executionOf(row: history.ExecutionRow): TaskExecution {
  const latest = latestOf(row);
  return {
    jobExecutionIds: row.job_execution_ids ?? [],
    platformName: latest.manifest?.platformName ?? row.platform_name ?? null,
    ...latest,
  };
}
