import type { Database } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import type { BatchStatus } from './job-history.js';
import { MEASURES, type Cumulated, type StepFigures } from './step-history.js';

/**
 * Reads what triggers count: executions and instances per job, and the history of each step. Several rows of one job or
 * step add up; {@link foldJobCounts} and {@link foldStepHistory} make one of them.
 */

/** How many executions and instances jobs have whose name matches a pattern. */
export interface JobCounts {
  /** The names that match and have instances. */
  readonly names: readonly string[];
  /** Executions of these jobs in the asked status. */
  readonly executions: number;
  readonly instances: number;
  /** Rows that were added up; many of them call for folding. */
  readonly rows: number;
}

/**
 * Counts by job name and status.
 * @param pattern as of SQL's LIKE; undefined for all jobs, whose names are then not listed
 */
export async function selectJobCounts(
  database: Database,
  pattern: string | undefined,
  status: BatchStatus | undefined,
): Promise<JobCounts> {
  const matching = pattern === undefined ? 'true' : 'job_name like $2';
  const [row] = await database.query<{ names: string[] | null; executions: number; instances: number; rows: number }>(
    `with instance as (
       select job_name, sum(instances)::bigint as instances, count(*) as rows from millrace_job_instance_count
        where ${matching} group by job_name),
     execution as (
       select coalesce(sum(executions) filter (where $1::text is null or status = $1), 0)::bigint as executions, count(*) as rows
         from millrace_job_execution_count where ${matching})
     select execution.executions, (select array_agg(job_name) from instance where instances > 0 and ${pattern !== undefined}) as names,
            (select coalesce(sum(instances), 0)::bigint from instance) as instances,
            execution.rows + (select coalesce(sum(rows), 0)::bigint from instance) as rows
       from execution`,
    [status ?? null, ...(pattern === undefined ? [] : [likePattern(pattern)])],
  );
  return {
    names: row?.names ?? [],
    executions: row?.executions ?? 0,
    instances: row?.instances ?? 0,
    rows: row?.rows ?? 0,
  };
}

/** A pattern that ends in an escape character is an error to PostgreSQL; here it means that character. */
function likePattern(pattern: string): string {
  const escapes = /\\*$/.exec(pattern)?.[0].length ?? 0;
  return escapes % 2 === 0 ? pattern : `${pattern}\\`;
}

/** Makes one row of the several that a job has. Readers and writers notice nothing, whenever it runs. */
export async function foldJobCounts(database: Database): Promise<void> {
  await database.query(
    `with folded as (delete from millrace_job_execution_count returning *)
     insert into millrace_job_execution_count (job_name, status, executions)
     select job_name, status, sum(executions) from folded group by job_name, status having sum(executions) <> 0`,
  );
  await database.query(
    `with folded as (delete from millrace_job_instance_count returning *)
     insert into millrace_job_instance_count (job_name, instances)
     select job_name, sum(instances) from folded group by job_name having sum(instances) <> 0`,
  );
}

/** Which step's history: the step's name as compared, with all partitions as one. */
export interface StepKey {
  readonly schemaTarget: SchemaTargetName;
  readonly jobName: string;
  readonly stepName: string;
}

/** The history of a step as its rows add up. */
export interface StepHistoryRows {
  readonly figures: StepFigures;
  /** Executions were deleted or corrected: the figures do not hold, see {@link recomputeStepHistory}. */
  readonly stale: boolean;
  readonly rows: number;
}

/** Reads the history of a step. */
export async function selectStepHistory(database: Database, key: StepKey): Promise<StepHistoryRows> {
  const [row] = await database.query<HistoryRow>(
    `select coalesce(bool_or(stale), false) as stale, count(*) as rows,
            ${sums.map(({ name, sql }) => `${sql} as ${name}`).join(', ')}
       from millrace_step_history where ${ofStep}`,
    stepParameters(key),
  );
  const figure = (name: string): number => Number(row?.[name] ?? 0);
  const executions = figure('executions');
  const figures = Object.fromEntries(
    MEASURES.map(({ name, column }): [string, Cumulated] => [
      name,
      {
        count: name === 'durationPerRead' ? figure('executions_with_reads') : executions,
        sum: figure(`${column}_sum`),
        squares: figure(`${column}_squares`),
        min: figure(`${column}_min`),
        max: figure(`${column}_max`),
      },
    ]),
  ) as StepFigures;
  return { figures, stale: row?.stale === true, rows: figure('rows') };
}

type HistoryRow = Readonly<Record<string, string | number | boolean | null>>;

const ofStep = 'schema_target = $1 and job_name = $2 and step_name = $3';

function stepParameters({ schemaTarget, jobName, stepName }: StepKey): unknown[] {
  return [schemaTarget, jobName, stepName];
}

const columns = ['executions', 'executions_with_reads', ...MEASURES.flatMap(({ column }) => figuresOf(column))];

function figuresOf(column: string): string[] {
  return ['sum', 'squares', 'min', 'max'].map((figure) => `${column}_${figure}`);
}

const sums = columns.map((name) => {
  if (name.endsWith('_min')) return { name, sql: `min(${name})` };
  if (name.endsWith('_max')) return { name, sql: `max(${name})` };
  return { name, sql: `sum(${name})` };
});

/**
 * Writes a step's history anew from its executions. Those that change the same history take turns: what one of them
 * adds up must not be added to what another computes.
 */
export async function recomputeStepHistory(database: Database, key: StepKey): Promise<void> {
  await database.transaction(async ({ query }) => {
    await query(HISTORY_LOCK);
    await query(
      `with replaced as (delete from millrace_step_history where ${ofStep})
       insert into millrace_step_history (schema_target, job_name, step_name, ${columns.join(', ')})
       select schema_target, job_name, step_name, ${columns.join(', ')} from millrace_step_history_computed where ${ofStep}`,
      stepParameters(key),
    );
  });
}

/** Makes one row of the several that each step has; marks of what is stale stay. */
export async function foldStepHistory(database: Database): Promise<void> {
  await database.transaction(async ({ query }) => {
    await query(HISTORY_LOCK);
    await query(
      `with folded as (delete from millrace_step_history returning *)
       insert into millrace_step_history (schema_target, job_name, step_name, stale, ${columns.join(', ')})
       select schema_target, job_name, step_name, bool_or(stale), ${sums.map(({ sql }) => sql).join(', ')}
         from folded group by schema_target, job_name, step_name`,
    );
  });
}

const HISTORY_LOCK = `select pg_advisory_xact_lock(hashtextextended('millrace step history', 0))`;
