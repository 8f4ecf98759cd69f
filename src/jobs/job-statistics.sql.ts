import type { Database } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { MEASURES, type Cumulated, type StepFigures } from './step-history.js';

/**
 * Reads what triggers keep: the instances of each job, and the history of each step. Several rows of one job or step add
 * up; {@link foldInstanceCounts} and {@link foldStepHistory} make one of them.
 */

/** The jobs whose name matches a pattern. */
export interface MatchingJobs {
  readonly names: readonly string[];
  /** How many instances they have together. */
  readonly instances: number;
  /** Whether lists by name are complete; see {@link nameListedExecutions}. */
  readonly named: boolean;
}

/** @param pattern as of SQL's LIKE */
export async function selectMatchingJobs(database: Database, pattern: string): Promise<MatchingJobs> {
  const [row] = await database.queryPrepared<{ names: string[] | null; instances: number | null; named: boolean }>(
    `select array_agg(job_name) as names, sum(instances)::bigint as instances,
            not exists (select from millrace_job_execution where job_name is null) as named
       from (select job_name, sum(instances) as instances from millrace_job_instance_count where job_name like $1
              group by job_name having sum(instances) > 0) as jobs`,
    [pattern],
  );
  return { names: row?.names ?? [], instances: row?.instances ?? 0, named: row?.named ?? true };
}

/** A pattern that ends in an escape character is an error to PostgreSQL; here it means that character. */
export function likePattern(pattern: string): string {
  const escapes = /\\*$/.exec(pattern)?.[0].length ?? 0;
  return escapes % 2 === 0 ? pattern : `${pattern}\\`;
}

/** Gives executions that were inserted a moment ago, and not updated since, their job's name for lists. */
export async function nameListedExecutions(database: Database): Promise<void> {
  await database.query(
    `update millrace_job_execution l
        set job_name = case l.schema_target
              when 'boot2' then (select job_name from batch_job_instance i where i.job_instance_id = l.job_instance_id)
              else (select job_name from boot3_batch_job_instance i where i.job_instance_id = l.job_instance_id) end
      where job_name is null`,
  );
}

/** Makes one row of several that a job has. Readers and writers notice nothing, whenever it runs. */
export async function foldInstanceCounts(database: Database): Promise<void> {
  await database.query(
    `with several as (select job_name from millrace_job_instance_count group by job_name having count(*) > 1),
     folded as (delete from millrace_job_instance_count c using several s where c.job_name = s.job_name returning c.*)
     insert into millrace_job_instance_count
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
}

/** Reads the history of a step. */
export async function selectStepHistory(database: Database, key: StepKey): Promise<StepHistoryRows> {
  const [row] = await database.queryPrepared<HistoryRow>(
    `select coalesce(bool_or(stale), false) as stale, ${sums.map(({ name, sql }) => `${sql} as ${name}`).join(', ')}
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
  return { figures, stale: row?.stale === true };
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
    await query(`select pg_advisory_xact_lock(${HISTORY_LOCK})`);
    await query(
      `with replaced as (delete from millrace_step_history where ${ofStep})
       insert into millrace_step_history (schema_target, job_name, step_name, ${columns.join(', ')})
       select schema_target, job_name, step_name, ${columns.join(', ')} from millrace_step_history_computed where ${ofStep}`,
      stepParameters(key),
    );
  });
}

/** Makes one row of several that a step has; marks of what is stale stay. Leaves it to whoever else is at it. */
export async function foldStepHistory(database: Database): Promise<void> {
  await database.transaction(async ({ query }) => {
    const [lock] = await query<{ free: boolean }>(`select pg_try_advisory_xact_lock(${HISTORY_LOCK}) as free`);
    if (lock?.free !== true) return;
    await query(
      `with several as (select step_name, job_name, schema_target from millrace_step_history
                         group by step_name, job_name, schema_target having count(*) > 1),
       folded as (delete from millrace_step_history h using several s
                   where h.step_name = s.step_name and h.job_name = s.job_name and h.schema_target = s.schema_target
                  returning h.*)
       insert into millrace_step_history (schema_target, job_name, step_name, stale, ${columns.join(', ')})
       select schema_target, job_name, step_name, bool_or(stale), ${sums.map(({ sql }) => sql).join(', ')}
         from folded group by schema_target, job_name, step_name`,
    );
  });
}

const HISTORY_LOCK = `hashtextextended('millrace step history', 0)`;
