import type { PreparingSqlRunner, SqlRunner } from '../database/database.js';
import type { TaskDefinition } from '../definitions/definitions.service.js';
import type { SchemaTargetName } from '../platforms/platform.js';
import { appOf, type AppRow, selectDefaultTaskApp } from '../registry/app-row.js';
import type { AppRegistration } from '../registry/registry.service.js';
import type { AccountDomain, ExecutionKey, LaunchRecord } from './launch-record.js';
import { COLUMNS, type LaunchRow, recordOf, TABLES } from './launch-row.sql.js';

/** A launch that is with its platform, as far as follow-up needs to know it: there may be ten thousand of them. */
export interface FollowedLaunch {
  readonly key: ExecutionKey;
  readonly externalExecutionId: string;
  /** Whether the execution's row has a start. */
  readonly started: boolean;
}

/** The launches that a platform account has in a domain: what follow-up compares with what the platform says. */
export async function findLaunched(
  sql: PreparingSqlRunner,
  place: AccountDomain,
  limit: number,
): Promise<readonly FollowedLaunch[]> {
  const rows = await sql.queryPrepared<{ schema_target: SchemaTargetName; id: number; name: string; started: boolean }>(
    `SELECT schema_target, task_execution_id AS id, launch.external_execution_id AS name,
            CASE schema_target WHEN 'boot2' THEN boot2.start_time ELSE boot3.start_time END IS NOT NULL AS started
     FROM (SELECT schema_target, task_execution_id, external_execution_id FROM millrace_launch
           WHERE platform_account = $1 AND domain = $3 AND state = 'launched' ORDER BY launched_at LIMIT $2) AS launch
     LEFT JOIN ${TABLES.boot2.execution} AS boot2 USING (task_execution_id)
     LEFT JOIN ${TABLES.boot3.execution} AS boot3 USING (task_execution_id)`,
    [place.account, limit, place.domain],
  );
  return rows.map(({ schema_target: schemaTarget, id, name, started }) => {
    return { key: { schemaTarget, id }, externalExecutionId: name, started };
  });
}

/**
 * The external ids of launches that were ended before it was written down that their platform had them: it may have got them all the
 * same, if the server died between two words. An index has these few.
 * @param age ms for which it makes sense to ask
 */
export async function findWithdrawn(
  sql: PreparingSqlRunner,
  place: AccountDomain,
  age: number,
  limit: number,
): Promise<readonly string[]> {
  const rows = await sql.queryPrepared<{ name: string }>(
    `SELECT external_execution_id AS name FROM millrace_launch
     WHERE state = 'ended' AND launched_at IS NULL AND ended_at > now() - $3 * interval '1 millisecond'
       AND platform_account = $1 AND domain = $2
     ORDER BY ended_at DESC LIMIT $4`,
    [place.account, place.domain, age, limit],
  );
  return rows.map(({ name }) => name);
}

/** Finds launches by execution; executions that this server did not launch are missing. */
export async function findLaunches(
  sql: SqlRunner,
  target: SchemaTargetName,
  ids: readonly number[],
): Promise<readonly LaunchRecord[]> {
  const rows = await sql.query<LaunchRow>(
    `SELECT ${COLUMNS} FROM millrace_launch WHERE schema_target = $1 AND task_execution_id = ANY($2::bigint[])`,
    [target, ids],
  );
  return rows.map(recordOf);
}

/** Finds the launch that bears an external id. */
export async function findLaunchByExternalId(sql: SqlRunner, externalId: string): Promise<LaunchRecord | undefined> {
  const rows = await sql.query<LaunchRow>(`SELECT ${COLUMNS} FROM millrace_launch WHERE external_execution_id = $1`, [
    externalId,
  ]);
  return rows.map(recordOf)[0];
}

/** What the database knows of a task that is to be launched. */
export interface FoundTask {
  /** Null when it is not defined. */
  readonly definition: TaskDefinition | null;
  /** The manifest of its last launch, over both generations; null when there is none. */
  readonly lastManifest: string | null;
  /**
   * The default version of the app that bears the first word of the definition, which nearly always is the task's only app;
   * null if there is none. Saves nearly every launch a statement.
   */
  readonly firstApp: AppRegistration | null;
}

interface TaskRow extends Omit<TaskDefinition, 'name'> {
  readonly name: string | null;
  readonly manifest: string | null;
  readonly app: AppRow | null;
}

/** Finds a task with all that nearly every launch of it needs. */
export async function findTask(sql: PreparingSqlRunner, taskName: string): Promise<FoundTask> {
  const branches = (['boot2', 'boot3'] as const).map(
    (target) => `(SELECT metadata.task_execution_manifest AS manifest,
              COALESCE(launch.accepted_at, run.started_at) AS accepted_at, execution.task_execution_id
       FROM ${TABLES[target].execution} AS execution
       JOIN ${TABLES[target].metadata} AS metadata USING (task_execution_id)
       LEFT JOIN millrace_launch AS launch
         ON launch.schema_target = '${target}' AND launch.task_execution_id = execution.task_execution_id
       LEFT JOIN millrace_composed_run AS run
         ON run.schema_target = '${target}' AND run.task_execution_id = execution.task_execution_id
       WHERE execution.task_name = $1
         AND (execution.external_execution_id IS NOT NULL OR launch.state IN ('queued', 'accepted'))
       ORDER BY execution.task_execution_id DESC LIMIT 1)`,
  );
  const [row] = await sql.queryPrepared<TaskRow>(
    `SELECT definition.definition_name AS name, definition.definition AS "dslText", definition.description,
            (SELECT manifest FROM (${branches.join(' UNION ALL ')}) AS last
             ORDER BY accepted_at DESC NULLS LAST, task_execution_id DESC LIMIT 1) AS manifest,
            to_json(app) AS app
     FROM (SELECT) AS nothing
     LEFT JOIN (SELECT * FROM millrace_task_definition WHERE definition_name = $1 OFFSET 0) AS definition ON true
     LEFT JOIN LATERAL (
       ${selectDefaultTaskApp("substring(definition.definition FROM '^\\s*([A-Za-z0-9_$-]+)')")}
     ) AS app ON true`,
    [taskName],
  );
  if (row === undefined || row.name === null) {
    return { definition: null, lastManifest: row?.manifest ?? null, firstApp: null };
  }
  const { name, dslText, description, manifest, app } = row;
  return {
    definition: { name, dslText, description },
    lastManifest: manifest,
    firstApp: app === null ? null : appOf(app, 'task'),
  };
}
