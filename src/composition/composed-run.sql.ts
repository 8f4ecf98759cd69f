import type { PreparingSqlRunner } from '../database/database.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import type { AskedOfRun } from './run-settings.js';

/** A run of a composed task, as its launch wrote it down. */
export interface ComposedRun extends AskedOfRun {
  /** The task execution that stands for the run. */
  readonly key: ExecutionKey;
  readonly jobExecutionId: number;
  /** The executable form of the definition at the launch. */
  readonly planText: string;
}

/** The execution of a composed task that is to be written down. */
export interface ParentExecution {
  readonly taskName: string;
  readonly platformAccount: string;
  readonly externalExecutionId: string;
  readonly manifest: string;
  readonly arguments: readonly string[];
}

/** Takes the next execution id of Boot 2; applications take theirs from the same sequence. */
export async function takeExecutionId(sql: PreparingSqlRunner): Promise<number> {
  const [row] = await sql.queryPrepared<{ id: number }>(`select nextval('task_seq') as id`);
  if (row === undefined) throw new Error('A sequence has no next value');
  return row.id;
}

/** Writes the execution down as one that has started: row, arguments, manifest and deployment. */
export async function insertParentExecution(
  sql: PreparingSqlRunner,
  id: number,
  parent: ParentExecution,
): Promise<void> {
  await sql.queryPrepared(
    `with execution as (
       insert into task_execution (task_execution_id, task_name, start_time, last_updated, external_execution_id)
       values ($1, $2, now() at time zone 'UTC', now() at time zone 'UTC', $3)
     ), argument as (
       insert into task_execution_params (task_execution_id, task_param)
       select $1, left(value, 2500) from unnest($4::text[]) with ordinality as one(value, position) order by position
     ), manifest as (
       insert into task_execution_metadata (id, task_execution_id, task_execution_manifest)
       values (nextval('task_execution_metadata_seq'), $1, $5)
     )
     insert into task_deployment (id, object_version, task_deployment_id, task_definition_name, platform_name, created_on)
     values (nextval('hibernate_sequence'), 0, $3, $2, $6, now() at time zone 'UTC')`,
    [id, parent.taskName, parent.externalExecutionId, parent.arguments, parent.manifest, parent.platformAccount],
  );
}

/** Writes a run down: from here on it will happen. */
export async function insertRun(sql: PreparingSqlRunner, run: ComposedRun): Promise<void> {
  await sql.queryPrepared(
    `insert into millrace_composed_run (schema_target, task_execution_id, task_name, job_execution_id, plan_text,
                                        properties, arguments, platform_account)
     values ($1, $2, $3, $4, $5, $6::text::jsonb, $7::text::jsonb, $8)`,
    [
      run.key.schemaTarget,
      run.key.id,
      run.taskName,
      run.jobExecutionId,
      run.planText,
      JSON.stringify(run.properties),
      JSON.stringify(run.arguments),
      run.platformAccount,
    ],
  );
}
