import type { Database } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import type { PageRequest } from '../representation/page.js';
import { SCHEMA_TARGET_NAMES, TABLE_PREFIXES } from '../schema/schema-target.js';
import {
  batchStatusOf,
  type JobExecution,
  type JobExecutionFilter,
  type JobInstance,
  type StoredJobParameter,
} from './job-history.js';

/**
 * Reads job executions and instances of both generations. Lists go by `millrace_job_execution`, which has each execution
 * once with what lists filter and order by: ids of the page first, then the rows of the page, then their parameters.
 */

/** A filter whose name pattern was resolved to the names that it matches; undefined for any name. */
export type ResolvedFilter = Omit<JobExecutionFilter, 'name'> & { readonly names: readonly string[] | undefined };

/** Names of an execution or instance in its schema target. */
export interface ExecutionKey {
  readonly schemaTarget: SchemaTargetName;
  readonly id: number;
}

const generationOf = (target: SchemaTargetName) => ({ name: target, ...TABLE_PREFIXES[target] });

const GENERATIONS = SCHEMA_TARGET_NAMES.map(generationOf);

type Generation = (typeof GENERATIONS)[number];

/**
 * One page of job executions, the newest first: by id, and of equal ids Boot 3 first, as SCDF lists them.
 *
 * @param total how many match the filter; a page in the second half is read from the other end
 * @param brief without exit descriptions, which can be long and which short lists do not show
 */
export async function selectJobExecutions(
  database: Database,
  filter: ResolvedFilter,
  { offset, size }: PageRequest,
  total: number,
  brief: boolean,
): Promise<JobExecution[]> {
  if (offset >= total) return [];
  const parameters: unknown[] = [];
  const condition = conditionOf(filter, parameters);
  const part = partOf(offset, size, total);
  const order = part.reversed ? 'asc' : 'desc';
  const matching = `select job_execution_id, schema_target from millrace_job_execution l ${condition}`;
  // OFFSET 0 keeps the planner from doing both in one.
  const source = isScattered(filter, total) ? `select * from (${matching} offset 0) as matching` : matching;
  const page = `${source}
    order by job_execution_id ${order}, schema_target ${order} limit ${part.limit} offset ${part.offset}`;
  // First pages are asked for most; a plan for any status could not tell a rare one from a common one.
  const prepared = part.offset === 0 && parameters.length === 0;
  const run = prepared ? database.queryPrepared.bind(database) : database.query.bind(database);
  const rows = await run<JobExecutionRow>(
    `with page as materialized (${page})
     ${GENERATIONS.map((generation) => executionsOf(generation, 'page', brief)).join(' union all ')}
     order by id desc, schema_target desc`,
    parameters,
  );
  return withParameters(database, rows);
}

/** Counts the job executions that match a filter by reading them; for filters that no count is kept of. */
export async function countJobExecutions(database: Database, filter: ResolvedFilter): Promise<number> {
  const parameters: unknown[] = [];
  const [row] = await database.query<{ total: number }>(
    `select count(*) as total from millrace_job_execution l ${conditionOf(filter, parameters)}`,
    parameters,
  );
  return row?.total ?? 0;
}

/** @returns undefined when there is none */
export async function selectJobExecution(database: Database, key: ExecutionKey): Promise<JobExecution | undefined> {
  const generation = generationOf(key.schemaTarget);
  const one = `(select $1::bigint as job_execution_id, '${key.schemaTarget}'::text as schema_target)`;
  const rows = await database.queryPrepared<JobExecutionRow>(executionsOf(generation, one, false), [key.id]);
  return (await withParameters(database, rows))[0];
}

/** One page of the instances of jobs, the oldest first: by id, and of equal ids Boot 2 first. */
export async function selectJobInstances(
  database: Database,
  names: readonly string[],
  { offset, size }: PageRequest,
  total: number,
): Promise<JobInstance[]> {
  if (offset >= total) return [];
  const part = partOf(offset, size, total);
  const order = part.reversed ? 'desc' : 'asc';
  const branches = GENERATIONS.map(
    ({ name, batch }) => `(select '${name}' as schema_target, job_instance_id as id, job_name
       from ${batch}job_instance where job_name ${names.length === 1 ? '= ($1::text[])[1]' : '= any ($1::text[])'}
       order by job_instance_id ${order} limit ${part.offset + part.limit})`,
  );
  const rows = await database.query<JobInstanceRow>(
    `select * from (${branches.join(' union all ')}) as instances
     order by id ${order}, schema_target ${order} limit ${part.limit} offset ${part.offset}`,
    [names],
  );
  const instances = rows.map((row) => ({ schemaTarget: row.schema_target, id: row.id, jobName: row.job_name }));
  return part.reversed ? instances.reverse() : instances;
}

/** @returns undefined when there is none */
export async function selectJobInstance(database: Database, key: ExecutionKey): Promise<JobInstance | undefined> {
  const rows = await database.queryPrepared<JobInstanceRow>(
    `select '${key.schemaTarget}' as schema_target, job_instance_id as id, job_name
       from ${generationOf(key.schemaTarget).batch}job_instance where job_instance_id = $1`,
    [key.id],
  );
  return rows.map((row) => ({ schemaTarget: row.schema_target, id: row.id, jobName: row.job_name }))[0];
}

/** All executions of some instances, the newest first. */
export async function selectExecutionsOfInstances(
  database: Database,
  instances: readonly JobInstance[],
): Promise<JobExecution[]> {
  if (instances.length === 0) return [];
  const branches = GENERATIONS.map((generation, index) => {
    const page = `(select job_execution_id, '${generation.name}'::text as schema_target
      from ${generation.batch}job_execution where job_instance_id = any ($${index + 1}::bigint[]))`;
    return executionsOf(generation, page, false);
  });
  const idsOf = ({ name }: Generation) => instances.filter((one) => one.schemaTarget === name).map(({ id }) => id);
  const rows = await database.queryPrepared<JobExecutionRow>(
    `${branches.join(' union all ')} order by id desc, schema_target desc`,
    GENERATIONS.map(idsOf),
  );
  return withParameters(database, rows);
}

/** The stored parameters of job executions, by name, under `schemaTarget:id`. */
export async function selectJobParameters(
  database: Database,
  executions: readonly ExecutionKey[],
): Promise<ReadonlyMap<string, readonly StoredJobParameter[]>> {
  const found = new Map<string, StoredJobParameter[]>();
  if (executions.length === 0) return found;
  const rows = await database.queryPrepared<JobParameterRow>(
    GENERATIONS.map(({ name, batch }, index) => parametersOf(name, batch, `$${index + 1}`)).join(' union all '),
    GENERATIONS.map(({ name }) => executions.filter((one) => one.schemaTarget === name).map(({ id }) => id)),
  );
  for (const { schema_target, job_execution_id, ...parameter } of rows) {
    const key = keyOf({ schemaTarget: schema_target, id: job_execution_id });
    const parameters = found.get(key);
    if (parameters === undefined) found.set(key, [parameter]);
    else parameters.push(parameter);
  }
  return found;
}

/** Where {@link selectJobParameters} keeps the parameters of an execution. */
export function keyOf({ schemaTarget, id }: ExecutionKey): string {
  return `${schemaTarget}:${id}`;
}

interface JobInstanceRow {
  readonly schema_target: SchemaTargetName;
  readonly id: number;
  readonly job_name: string;
}

interface JobExecutionRow {
  readonly schema_target: SchemaTargetName;
  readonly id: number;
  readonly version: number | null;
  readonly job_instance_id: number;
  readonly job_name: string;
  readonly status: string | null;
  readonly exit_code: string | null;
  readonly exit_message: string | null;
  readonly create_time: Date;
  readonly start_time: Date | null;
  readonly end_time: Date | null;
  readonly last_updated: Date | null;
  readonly step_count: number;
  readonly task_execution_id: number | null;
  readonly defined: boolean;
}

interface JobParameterRow extends StoredJobParameter {
  readonly schema_target: SchemaTargetName;
  readonly job_execution_id: number;
}

/**
 * The rows of one generation's executions in `page` (job_execution_id, schema_target). Whether their task is
 * defined is read here as well, since another statement for each list would cost more than this join; see
 * docs/decisions/0005-joins-across-features.md.
 */
function executionsOf({ name, task, batch }: Generation, page: string, brief: boolean): string {
  return `select '${name}'::text as schema_target, e.job_execution_id as id, e.version, e.job_instance_id, i.job_name, e.status,
      e.exit_code, ${brief ? 'null::text' : 'e.exit_message'} as exit_message,
      e.create_time, e.start_time, e.end_time, e.last_updated,
      (select count(*) from ${batch}step_execution s where s.job_execution_id = e.job_execution_id) as step_count,
      b.task_execution_id, d.definition_name is not null as defined
    from ${page} p
    join ${batch}job_execution e on e.job_execution_id = p.job_execution_id
    join ${batch}job_instance i on i.job_instance_id = e.job_instance_id
    left join lateral (select max(task_execution_id) as task_execution_id from ${task}task_batch
      where job_execution_id = p.job_execution_id) b on true
    left join ${task}execution t on t.task_execution_id = b.task_execution_id
    left join task_definitions d on d.definition_name = t.task_name
    where p.schema_target = '${name}'`;
}

function parametersOf(target: SchemaTargetName, batch: string, ids: string): string {
  const columns =
    target === 'boot2'
      ? `key_name as name, type_cd as type, case type_cd when 'STRING' then string_val when 'LONG' then long_val::text
           when 'DOUBLE' then double_val::text
           when 'DATE' then to_char(date_val, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end as value`
      : 'parameter_name as name, parameter_type as type, parameter_value as value';
  return `select '${target}'::text as schema_target, job_execution_id, ${columns}, identifying = 'Y' as identifying
    from ${batch}job_execution_params where job_execution_id = any (${ids}::bigint[])`;
}

async function withParameters(database: Database, rows: readonly JobExecutionRow[]): Promise<JobExecution[]> {
  const keys = rows.map((row) => ({ schemaTarget: row.schema_target, id: row.id }));
  const parameters = await selectJobParameters(database, keys);
  return rows.map((row) => ({
    schemaTarget: row.schema_target,
    id: row.id,
    version: row.version,
    instanceId: row.job_instance_id,
    jobName: row.job_name,
    status: batchStatusOf(row.status),
    exitStatus: { exitCode: row.exit_code ?? 'UNKNOWN', exitDescription: row.exit_message ?? '' },
    createTime: row.create_time,
    startTime: row.start_time,
    endTime: row.end_time,
    lastUpdated: row.last_updated,
    stepCount: row.step_count,
    taskExecutionId: row.task_execution_id ?? 0,
    defined: row.defined,
    parameters: parameters.get(keyOf({ schemaTarget: row.schema_target, id: row.id })) ?? [],
  }));
}

/** Executions of a range of dates that are few enough to be sorted. */
const MAXIMUM_SORTED = 100_000;

/**
 * Whether the executions of a list are to be found by their start first and ordered then. PostgreSQL would rather walk all
 * by id until it has a page: it takes dates and ids for unrelated, and passes all that is newer than the range.
 */
function isScattered({ from, to }: ResolvedFilter, total: number): boolean {
  return (from !== undefined || to !== undefined) && total <= MAXIMUM_SORTED;
}

/** Which rows to read, from which end: beyond the middle the way from the other end is shorter. */
function partOf(offset: number, size: number, total: number) {
  const limit = Math.min(size, total - offset);
  const reversed = offset > total / 2;
  return { limit, reversed, offset: reversed ? total - offset - limit : offset };
}

function conditionOf(filter: ResolvedFilter, parameters: unknown[]): string {
  const conditions: string[] = [];
  const place = (value: unknown) => `$${parameters.push(value)}`;
  const { names, status, from, to, instance, taskExecution } = filter;
  if (names?.length === 1) conditions.push(`l.job_name = ${place(names[0])}`);
  else if (names !== undefined) conditions.push(`l.job_name = any (${place(names)}::text[])`);
  if (status !== undefined) conditions.push(`l.status = ${place(status)}`);
  if (from !== undefined) conditions.push(`l.start_time >= ${place(from)}`);
  // The end is inclusive to the millisecond; Boot 3 stores microseconds.
  if (to !== undefined) conditions.push(`l.start_time < ${place(new Date(to.getTime() + 1))}`);
  if (instance !== undefined) {
    conditions.push(`l.schema_target = '${instance.schemaTarget}' and l.job_execution_id in (select job_execution_id
      from ${generationOf(instance.schemaTarget).batch}job_execution where job_instance_id = ${place(instance.id)})`);
  }
  if (taskExecution !== undefined) {
    conditions.push(`l.schema_target = '${taskExecution.schemaTarget}' and l.job_execution_id in (select job_execution_id
      from ${generationOf(taskExecution.schemaTarget).task}task_batch where task_execution_id = ${place(taskExecution.id)})`);
  }
  return conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
}
