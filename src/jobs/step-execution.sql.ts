import type { Database } from '../database/database.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { MAXIMUM_LENGTH } from './execution-context.js';
import { SCHEMA_TARGETS } from '../schema/schema-target.js';
import { batchStatusOf, type StepExecution } from './job-history.js';

/** Reads step executions. */

/**
 * All step executions of job executions of one generation, by id; without contexts, which lists do not show.
 * @param limit at most that many after skipping `offset`
 */
export async function selectStepExecutions(
  database: Database,
  schemaTarget: SchemaTargetName,
  jobExecutionIds: readonly number[],
  part?: { readonly offset: number; readonly limit: number },
): Promise<StepExecution[]> {
  if (jobExecutionIds.length === 0) return [];
  const rows = await database.query<StepExecutionRow>(
    `select ${columns}, null as context ${tables(schemaTarget)}
      where s.job_execution_id = any ($1::bigint[]) order by s.step_execution_id
      ${part === undefined ? '' : `limit ${part.limit} offset ${part.offset}`}`,
    [jobExecutionIds],
  );
  return rows.map((row) => stepExecutionOf(schemaTarget, row));
}

/** One step execution with its context; undefined when that job execution has none with that id. */
export async function selectStepExecution(
  database: Database,
  schemaTarget: SchemaTargetName,
  jobExecutionId: number,
  id: number,
): Promise<StepExecution | undefined> {
  const rows = await database.queryPrepared<StepExecutionRow>(
    `select ${columns}, left(coalesce(nullif(c.serialized_context, ''), c.short_context), ${MAXIMUM_LENGTH + 1}) as context ${tables(schemaTarget)}
       left join ${prefixOf(schemaTarget)}step_execution_context c on c.step_execution_id = s.step_execution_id
      where s.step_execution_id = $1 and s.job_execution_id = $2`,
    [id, jobExecutionId],
  );
  return rows.map((row) => stepExecutionOf(schemaTarget, row))[0];
}

/** Number of steps of a job execution; undefined when there is no such job execution. */
export async function countStepExecutions(
  database: Database,
  schemaTarget: SchemaTargetName,
  jobExecutionId: number,
): Promise<number | undefined> {
  const prefix = prefixOf(schemaTarget);
  const [row] = await database.queryPrepared<{ total: number }>(
    `select (select count(*) from ${prefix}step_execution s where s.job_execution_id = e.job_execution_id) as total
       from ${prefix}job_execution e where e.job_execution_id = $1`,
    [jobExecutionId],
  );
  return row?.total;
}

interface StepExecutionRow {
  readonly step_execution_id: number;
  readonly version: number;
  readonly job_execution_id: number;
  readonly job_name: string;
  readonly step_name: string | null;
  readonly status: string | null;
  readonly exit_code: string | null;
  readonly exit_message: string | null;
  readonly start_time: Date | null;
  readonly end_time: Date | null;
  readonly last_updated: Date | null;
  readonly read_count: number | null;
  readonly write_count: number | null;
  readonly commit_count: number | null;
  readonly rollback_count: number | null;
  readonly filter_count: number | null;
  readonly read_skip_count: number | null;
  readonly process_skip_count: number | null;
  readonly write_skip_count: number | null;
  readonly context: string | null;
}

const columns = `s.step_execution_id, s.version, s.job_execution_id, i.job_name, s.step_name, s.status, s.exit_code,
  s.exit_message, s.start_time, s.end_time, s.last_updated, s.read_count, s.write_count, s.commit_count, s.rollback_count,
  s.filter_count, s.read_skip_count, s.process_skip_count, s.write_skip_count`;

function prefixOf(schemaTarget: SchemaTargetName): string {
  return SCHEMA_TARGETS[schemaTarget].batchPrefix.toLowerCase();
}

function tables(schemaTarget: SchemaTargetName): string {
  const prefix = prefixOf(schemaTarget);
  return `from ${prefix}step_execution s
    join ${prefix}job_execution e on e.job_execution_id = s.job_execution_id
    join ${prefix}job_instance i on i.job_instance_id = e.job_instance_id`;
}

function stepExecutionOf(schemaTarget: SchemaTargetName, row: StepExecutionRow): StepExecution {
  return {
    schemaTarget,
    id: row.step_execution_id,
    version: row.version,
    jobExecutionId: row.job_execution_id,
    jobName: row.job_name,
    stepName: row.step_name ?? '',
    status: batchStatusOf(row.status),
    exitStatus: { exitCode: row.exit_code ?? 'UNKNOWN', exitDescription: row.exit_message ?? '' },
    startTime: row.start_time,
    endTime: row.end_time,
    lastUpdated: row.last_updated,
    readCount: row.read_count ?? 0,
    writeCount: row.write_count ?? 0,
    commitCount: row.commit_count ?? 0,
    rollbackCount: row.rollback_count ?? 0,
    filterCount: row.filter_count ?? 0,
    readSkipCount: row.read_skip_count ?? 0,
    processSkipCount: row.process_skip_count ?? 0,
    writeSkipCount: row.write_skip_count ?? 0,
    context: row.context ?? undefined,
  };
}
