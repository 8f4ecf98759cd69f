import type { PreparingSqlRunner } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { SCHEMA_TARGET_NAMES } from '../schema/schema-target.js';
import type { TaskExecutionStatus } from './task-execution.js';

/** Which executions, in which order, and which part of them. */
export interface ExecutionQuery {
  readonly targets: readonly SchemaTargetName[];
  readonly taskName: string | undefined;
  readonly statuses: readonly TaskExecutionStatus[] | undefined;
  readonly order: readonly { readonly column: SortColumn; readonly direction: 'asc' | 'desc' }[];
  readonly offset: number;
  readonly limit: number;
  /** How many there are; beyond the half it is quicker to read from the other end. */
  readonly total: number;
}

/** A row of an execution, with details where they were asked for. */
export interface ExecutionRow {
  readonly schema_target: SchemaTargetName;
  readonly task_execution_id: number;
  readonly task_name: string | null;
  readonly start_time: Date | null;
  readonly end_time: Date | null;
  readonly exit_code: number | null;
  readonly exit_message: string | null;
  readonly error_message: string | null;
  readonly external_execution_id: string | null;
  readonly parent_execution_id: number | null;
  readonly composition_exit_code: string | null;
  readonly arguments?: readonly string[] | null;
  readonly job_execution_ids?: readonly number[] | null;
  readonly manifest?: string | null;
  readonly platform_name?: string | null;
}

const TABLES = {
  boot2: {
    execution: 'task_execution',
    params: 'task_execution_params',
    batch: 'task_task_batch',
    metadata: 'task_execution_metadata',
    job: 'batch_job_execution',
  },
  boot3: {
    execution: 'boot3_task_execution',
    params: 'boot3_task_execution_params',
    batch: 'boot3_task_task_batch',
    metadata: 'boot3_task_execution_metadata',
    job: 'boot3_batch_job_execution',
  },
} as const;

/** What SCDF lets lists be sorted by, in its own upper-case words. */
export const SORT_COLUMNS = {
  TASK_EXECUTION_ID: 'task_execution_id',
  START_TIME: 'start_time',
  END_TIME: 'end_time',
  TASK_NAME: 'task_name',
  EXIT_CODE: 'exit_code',
  EXIT_MESSAGE: 'exit_message',
  ERROR_MESSAGE: 'error_message',
  LAST_UPDATED: 'last_updated',
  EXTERNAL_EXECUTION_ID: 'external_execution_id',
  PARENT_EXECUTION_ID: 'parent_execution_id',
  SCHEMA_TARGET: 'schema_target',
} as const;

export type SortColumn = (typeof SORT_COLUMNS)[keyof typeof SORT_COLUMNS];

/** Conditions on a row that give SCDF's status; written so that the partial indexes on them are used. */
const STATUS_CONDITIONS: Readonly<Record<TaskExecutionStatus, string>> = {
  UNKNOWN: 'start_time IS NULL',
  RUNNING: 'start_time IS NOT NULL AND (end_time IS NULL OR exit_code IS NULL)',
  COMPLETE: 'start_time IS NOT NULL AND end_time IS NOT NULL AND exit_code = 0',
  ERROR: 'start_time IS NOT NULL AND end_time IS NOT NULL AND exit_code <> 0',
};

const SUMMARY_COLUMNS = [
  'task_execution_id',
  'task_name',
  'start_time',
  'end_time',
  'exit_code',
  'exit_message',
  'error_message',
  'external_execution_id',
  'parent_execution_id',
]
  .map((column) => `e.${column}`)
  .join(', ');

/**
 * From this offset on two executions of different generations with the same id and the same time come in the order in which
 * their indexes are merged: to sort ten thousand rows once more for them takes longer than to read them.
 */
const MERGED_AS_READ = 1_000;

/** Reads one page of executions: ids by index first, then the rows of the page only. */
export async function findPage(
  sql: PreparingSqlRunner,
  query: ExecutionQuery,
  details: boolean,
): Promise<readonly ExecutionRow[]> {
  const reversed = query.offset > query.total / 2;
  const limit = reversed ? Math.max(Math.min(query.limit, query.total - query.offset), 0) : query.limit;
  const offset = reversed ? Math.max(query.total - query.offset - limit, 0) : query.offset;
  if (limit === 0) return [];
  const { where, parameters } = conditionsOf(query);
  const order = orderOf(query, reversed);
  const keys = query.targets
    .map((target) => keyBranch(target, query, where, order, offset + limit))
    .join(' UNION ALL ');
  const merged = offset < MERGED_AS_READ ? [...order, schemaTargetOrder(reversed)] : order;
  const rows = query.targets.map((target) => rowBranch(target, details ? ALL_DETAILS : [])).join(' UNION ALL ');
  const part = `SELECT * FROM (${keys}) AS candidates ORDER BY ${merged.join(', ')} LIMIT ${limit} OFFSET ${offset}`;
  const found = `SELECT * FROM (${rows}) AS found ORDER BY position ${reversed ? 'DESC' : 'ASC'}`;
  // First pages are asked for most; a plan for any name could not tell a rare one from a common one.
  if (offset === 0) {
    const run = parameters.length === 0 ? sql.queryPrepared.bind(sql) : sql.query.bind(sql);
    return run<ExecutionRow>(
      `WITH keys AS MATERIALIZED (SELECT *, row_number() OVER () AS position FROM (${part}) AS part) ${found}`,
      parameters,
    );
  }
  // Each further page is a statement of its own; that of the details, which is long to plan, is the same for all.
  const page = await sql.query<{ schema_target: string; task_execution_id: number }>(part, parameters);
  return sql.queryPrepared<ExecutionRow>(
    `WITH keys AS MATERIALIZED (
       SELECT * FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS key(schema_target, task_execution_id, position)
     ) ${found}`,
    [page.map((key) => key.schema_target), page.map((key) => key.task_execution_id)],
  );
}

/** Reads executions by id, with all details. */
export async function findByIds(
  sql: PreparingSqlRunner,
  target: SchemaTargetName,
  ids: readonly number[],
): Promise<readonly ExecutionRow[]> {
  return readByIds(sql, target, ids, ALL_DETAILS);
}

/** Reads of executions what lists without details show, by id. */
export async function findSummaries(
  sql: PreparingSqlRunner,
  target: SchemaTargetName,
  ids: readonly number[],
): Promise<readonly ExecutionRow[]> {
  return readByIds(sql, target, ids, []);
}

async function readByIds(
  sql: PreparingSqlRunner,
  target: SchemaTargetName,
  ids: readonly number[],
  details: readonly Detail[],
): Promise<readonly ExecutionRow[]> {
  return sql.queryPrepared<ExecutionRow>(
    `WITH keys AS MATERIALIZED (
       SELECT '${target}'::text AS schema_target, id AS task_execution_id, row_number() OVER () AS position FROM unnest($1::bigint[]) AS id
     ) ${rowBranch(target, details)}`,
    [ids],
  );
}

/** Finds the execution that bears an external id, in either generation. */
export async function findByExternalId(sql: PreparingSqlRunner, externalId: string): Promise<readonly ExecutionRow[]> {
  const keys = SCHEMA_TARGET_NAMES.map(
    (target) =>
      `SELECT '${target}'::text AS schema_target, task_execution_id FROM ${TABLES[target].execution} WHERE external_execution_id = $1`,
  ).join(' UNION ALL ');
  return sql.queryPrepared<ExecutionRow>(
    `WITH keys AS MATERIALIZED (SELECT *, row_number() OVER () AS position FROM (${keys}) AS found LIMIT 1)
     ${rowBranch('boot2', ALL_DETAILS)} UNION ALL ${rowBranch('boot3', ALL_DETAILS)}`,
    [externalId],
  );
}

/**
 * The latest execution of each task with its arguments: greatest start time, then greatest id. Executions that have not
 * reported a start do not count, as in SCDF.
 */
export async function findLatest(
  sql: PreparingSqlRunner,
  taskNames: readonly string[],
  withManifest: boolean,
): Promise<readonly ExecutionRow[]> {
  const details: readonly Detail[] = withManifest ? ['arguments', 'manifest'] : ['arguments'];
  const candidates = SCHEMA_TARGET_NAMES.map(
    (
      target,
    ) => `(SELECT '${target}'::text AS schema_target, task_execution_id, start_time FROM ${TABLES[target].execution}
        WHERE task_name = name AND start_time IS NOT NULL ORDER BY start_time DESC, task_execution_id DESC LIMIT 1)`,
  ).join(' UNION ALL ');
  return sql.queryPrepared<ExecutionRow>(
    `WITH keys AS MATERIALIZED (
       SELECT latest.schema_target, latest.task_execution_id, row_number() OVER () AS position FROM unnest($1::text[]) AS name,
         LATERAL (SELECT * FROM (${candidates}) AS both_targets ORDER BY start_time DESC, task_execution_id DESC LIMIT 1) AS latest
     ) ${rowBranch('boot2', details)} UNION ALL ${rowBranch('boot3', details)}`,
    [taskNames],
  );
}

/** Counts executions that ended before a time. */
export async function countEndedBefore(
  sql: PreparingSqlRunner,
  taskName: string | undefined,
  before: Date,
): Promise<number> {
  const branches = SCHEMA_TARGET_NAMES.map(
    (target) =>
      `(SELECT count(*) FROM ${TABLES[target].execution} WHERE end_time < $1 AND ($2::text IS NULL OR task_name = $2))`,
  );
  const [row] = await sql.query<{ n: number }>(`SELECT ${branches.join(' + ')} AS n`, [before, taskName ?? null]);
  return row?.n ?? 0;
}

function conditionsOf(query: ExecutionQuery): { where: string; parameters: unknown[] } {
  const conditions: string[] = [];
  const parameters: unknown[] = [];
  if (query.taskName !== undefined) {
    parameters.push(query.taskName);
    conditions.push(`task_name = $${parameters.length}`);
  }
  if (query.statuses !== undefined && query.statuses.length > 0) {
    conditions.push(`(${query.statuses.map((status) => `(${STATUS_CONDITIONS[status]})`).join(' OR ')})`);
  }
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, parameters };
}

/** As items of ORDER BY. Ids are unique within a generation, so that nothing is left open there. */
function orderOf(query: ExecutionQuery, reversed: boolean): readonly string[] {
  const columns = query.order.map(({ column, direction }) => [column, direction] as const);
  const complete = columns.some(([column]) => column === 'task_execution_id')
    ? columns
    : [...columns, ['task_execution_id', columns[0]?.[1] ?? 'desc'] as const];
  return complete.map(([column, direction]) => `${column} ${(direction === 'asc') === reversed ? 'DESC' : 'ASC'}`);
}

function schemaTargetOrder(reversed: boolean): string {
  return `schema_target ${reversed ? 'DESC' : 'ASC'}`;
}

function keyBranch(
  target: SchemaTargetName,
  query: ExecutionQuery,
  where: string,
  order: readonly string[],
  limit: number,
): string {
  const columns = new Set(['task_execution_id', ...query.order.map(({ column }) => column)]);
  columns.delete('schema_target');
  const inner = order.filter((part) => !part.startsWith('schema_target')).join(', ');
  return `(SELECT '${target}'::text AS schema_target, ${[...columns].join(', ')} FROM ${TABLES[target].execution}
    ${where} ORDER BY ${inner} LIMIT ${limit})`;
}

/** What is known of an execution beside its row, as columns of `e`; each costs a lookup for each row. */
const DETAILS = {
  arguments: ({ params }) =>
    `(SELECT array_agg(p.task_param) FROM ${params} AS p WHERE p.task_execution_id = e.task_execution_id)`,
  job_execution_ids: ({ batch }) =>
    `(SELECT array_agg(b.job_execution_id ORDER BY b.job_execution_id) FROM ${batch} AS b
      WHERE b.task_execution_id = e.task_execution_id)`,
  manifest: ({ metadata }) =>
    `(SELECT m.task_execution_manifest FROM ${metadata} AS m WHERE m.task_execution_id = e.task_execution_id
      ORDER BY m.id DESC LIMIT 1)`,
  platform_name: () =>
    '(SELECT d.platform_name FROM task_deployment AS d WHERE d.task_deployment_id = e.external_execution_id LIMIT 1)',
} satisfies Record<string, (tables: (typeof TABLES)[SchemaTargetName]) => string>;

type Detail = keyof typeof DETAILS;

const ALL_DETAILS = Object.keys(DETAILS) as readonly Detail[];

/** The rows of one generation that `keys` names. */
function rowBranch(target: SchemaTargetName, details: readonly Detail[]): string {
  const tables = TABLES[target];
  const composition = `(SELECT job.exit_code FROM ${tables.batch} AS batch JOIN ${tables.job} AS job USING (job_execution_id)
      WHERE batch.task_execution_id = e.task_execution_id AND EXISTS (
        SELECT 1 FROM ${tables.params} AS p WHERE p.task_execution_id = e.task_execution_id
          AND p.task_param = '--spring.cloud.data.flow.taskappname=composed-task-runner')
      ORDER BY batch.job_execution_id DESC LIMIT 1) AS composition_exit_code`;
  const detailed = details.map((detail) => `, ${DETAILS[detail](tables)} AS ${detail}`).join('');
  return `SELECT keys.position, '${target}'::text AS schema_target, ${SUMMARY_COLUMNS}, ${composition}${detailed}
    FROM keys JOIN ${tables.execution} AS e USING (task_execution_id) WHERE keys.schema_target = '${target}'`;
}
