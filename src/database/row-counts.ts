import { Injectable } from '@nestjs/common';
import { Database } from './database.js';

/** Which generation of tables. */
export type SchemaTarget = 'boot2' | 'boot3';

/** The state that SCDF derives from an execution's row. */
export type TaskExecutionState = 'UNKNOWN' | 'RUNNING' | 'COMPLETE' | 'ERROR';

/** Which task executions are counted; what is left out does not narrow, an empty list of states matches nothing. */
export interface TaskExecutionFilter {
  readonly schemaTarget?: SchemaTarget | undefined;
  readonly name?: string | undefined;
  readonly states?: readonly TaskExecutionState[] | undefined;
}

/** Which job executions are counted. */
export interface JobExecutionFilter {
  readonly schemaTarget?: SchemaTarget | undefined;
  readonly name?: string | undefined;
  /** SQL pattern with `%` and `_`, as SCDF's job lists take it. */
  readonly nameLike?: string | undefined;
  /** Batch status as stored: `COMPLETED`, `FAILED` … */
  readonly statuses?: readonly string[] | undefined;
}

/**
 * Exact numbers of executions for the totals of lists, without reading the executions: triggers count as applications,
 * SCDF and this server write (migration 0005).
 */
@Injectable()
export class RowCounts {
  constructor(private readonly database: Database) {}

  /** Number of task executions at this moment. */
  async countTaskExecutions(filter: TaskExecutionFilter = {}): Promise<number> {
    return this.sum('task', filter.schemaTarget, filter.name, undefined, filter.states);
  }

  /** Number of job executions at this moment, those without a task execution included. */
  async countJobExecutions(filter: JobExecutionFilter = {}): Promise<number> {
    return this.sum('job', filter.schemaTarget, filter.name, filter.nameLike, filter.statuses);
  }

  /** Names of the tasks that have executions, in order; the empty name stands for executions without one. */
  async taskNames(): Promise<readonly string[]> {
    const rows = await this.database.query<{ name: string }>(
      `select name from (select name, n from millrace_count where kind = 'task'
                         union all select name, n from millrace_count_pending where kind = 'task') c
        group by name having sum(n) > 0 order by name`,
    );
    return rows.map(({ name }) => name);
  }

  private async sum(
    kind: 'task' | 'job',
    target: SchemaTarget | undefined,
    name: string | undefined,
    nameLike: string | undefined,
    states: readonly string[] | undefined,
  ): Promise<number> {
    const parameters: unknown[] = [kind];
    const conditions = ['kind = $1'];
    const narrow = (condition: string, value: unknown): void => {
      if (value !== undefined) conditions.push(`${condition.replace('?', `$${parameters.push(value)}`)}`);
    };
    narrow('schema_target = ?', target);
    narrow('name = ?', name);
    narrow('name like ?', nameLike);
    narrow('state = any(?)', states);
    const where = conditions.join(' and ');
    const [row] = await this.database.queryPrepared<{ n: number }>(
      `select coalesce(sum(n), 0)::bigint as n
         from (select n from millrace_count where ${where}
               union all select n from millrace_count_pending where ${where}) c`,
      parameters,
    );
    return row?.n ?? 0;
  }
}
