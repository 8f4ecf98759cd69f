import type { PreparingSqlRunner, Query } from '../../database/database.js';

/** What the names of Spring Cloud Task's and Spring Batch's tables begin with. */
export interface TablePrefixes {
  /** `spring.cloud.task.tablePrefix` */
  readonly task: string;
  /** `spring.batch.jdbc.table-prefix` */
  readonly batch: string;
}

/** Those of Boot 2 in SCDF's database. */
export const DEFAULT_PREFIXES: TablePrefixes = { task: 'TASK_', batch: 'BATCH_' };

/** The prefixes under which task servers keep what ran with Boot 3. */
const BOOT3 = /(?:^|\.)boot3_(?:task|batch)_$/i;

/** Whether a task execution of one generation would be linked with a job of the other one. */
export function areOfTwoGenerations({ task, batch }: TablePrefixes): boolean {
  return BOOT3.test(task) !== BOOT3.test(batch);
}

const BATCH_TABLES =
  /\bbatch_(?=(?:job_instance|job_execution|job_execution_params|job_execution_context|step_execution|step_execution_context|job_seq|job_execution_seq|step_execution_seq)\b)/g;
const TASK_TABLES = /\btask_(?=(?:execution|execution_params|task_batch|lock|seq)\b)/g;

/**
 * Runs statements that are written for SCDF's own tables on tables with other prefixes, as Spring does it: the prefix takes
 * the place of the first part of each name. The statements are the server's too, which knows no other tables.
 */
export function withTablePrefixes(sql: PreparingSqlRunner, prefixes: TablePrefixes): PreparingSqlRunner {
  const standard = (['task', 'batch'] as const).every(
    (part) => prefixes[part].toLowerCase() === DEFAULT_PREFIXES[part].toLowerCase(),
  );
  if (standard) return sql;
  const renamed = (text: string) =>
    text.replaceAll(BATCH_TABLES, () => prefixes.batch).replaceAll(TASK_TABLES, () => prefixes.task);
  const on =
    (query: Query): Query =>
    (text, parameters) =>
      query(renamed(text), parameters);
  return { query: on(sql.query.bind(sql)), queryPrepared: on(sql.queryPrepared.bind(sql)) };
}
