import type { SqlRunner } from '../database/database.js';
import type { RemovalKind, RemovalRun, RemovalSelection, RemovalState, RemovedCounts } from './removal-run.js';

/** Runs that are remembered of each kind. */
const REMEMBERED = 100;

interface RunRow {
  readonly id: number;
  readonly kind: RemovalKind;
  readonly dry_run: boolean;
  readonly scheduled: boolean;
  readonly shown_state: RemovalState;
  readonly selection: RemovalSelection;
  readonly server: string;
  readonly expected: number | null;
  readonly tasks: number | null;
  readonly tasks_done: number;
  readonly executions: number;
  readonly job_executions: number;
  readonly batches: number;
  readonly longest_batch: number;
  readonly by_task: Readonly<Record<string, number>>;
  readonly message: string | null;
  readonly started_at: Date;
  readonly updated_at: Date;
  readonly ended_at: Date | null;
}

/** Whether whoever does a run has not been heard of for so long that it is dead. */
const SILENT = `state = 'running' AND updated_at < now() - interval '15 seconds'`;

/** Whether nobody carries a run on that is left: one of a dry run, or of servers that are all gone. */
const ABANDONED = `state = 'running' AND updated_at < now() - interval '90 seconds'`;

const COLUMNS = `*, CASE WHEN ${ABANDONED} THEN 'interrupted' ELSE state END AS shown_state`;

/** What is known of a run when it begins. */
export interface NewRun {
  readonly kind: RemovalKind;
  readonly dryRun: boolean;
  readonly scheduled: boolean;
  readonly selection: RemovalSelection;
  readonly server: string;
  readonly expected: number | null;
  readonly tasks: number | null;
}

/** Writes down that a run begins, and forgets those of long ago. */
export async function beginRun(sql: SqlRunner, run: NewRun): Promise<RemovalRun> {
  const [row] = await sql.query<RunRow>(
    `WITH forgotten AS (
       DELETE FROM millrace_removal WHERE kind = $1 AND state <> 'running' AND id NOT IN (
         SELECT id FROM millrace_removal WHERE kind = $1 ORDER BY id DESC LIMIT ${REMEMBERED - 1})
     )
     INSERT INTO millrace_removal (kind, dry_run, scheduled, selection, server, expected, tasks)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
    [run.kind, run.dryRun, run.scheduled, JSON.stringify(run.selection), run.server, run.expected, run.tasks],
  );
  if (row === undefined) throw new Error('a removal could not be written down');
  return runOf(row);
}

/** How far a run is: all that it has removed, and the duration of its longest batch so far, ms. */
export interface RunProgress extends RemovedCounts {
  readonly batches: number;
  readonly longestBatch: number;
}

/**
 * Writes down how far a run is.
 * @param known batches that the run had when it was written last
 * @returns false when it is somebody else's by now: it was taken for dead and carried on
 */
export async function writeProgress(
  sql: SqlRunner,
  id: number,
  known: number,
  progress: RunProgress,
): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE millrace_removal SET executions = $2, job_executions = $3, by_task = $4, batches = $5, longest_batch = $6,
       updated_at = now() WHERE id = $1 AND state = 'running' AND batches = $7 RETURNING id`,
    [
      id,
      progress.executions,
      progress.jobExecutions,
      JSON.stringify(progress.byTask),
      progress.batches,
      Math.round(progress.longestBatch),
      known,
    ],
  );
  return rows.length > 0;
}

/**
 * Says that whoever does it is alive, and how many tasks are done.
 * @param known as for {@link writeProgress}
 */
export async function touch(sql: SqlRunner, id: number, known: number, tasksDone: number): Promise<void> {
  await sql.query(
    `UPDATE millrace_removal SET updated_at = now(), tasks_done = $3 WHERE id = $1 AND state = 'running' AND batches = $2`,
    [id, known, tasksDone],
  );
}

/** Writes down that a run is over. */
export async function endRun(
  sql: SqlRunner,
  id: number,
  end: { readonly state: RemovalState; readonly message: string | null; readonly tasksDone: number },
): Promise<void> {
  await sql.query(
    `UPDATE millrace_removal SET state = $2, message = coalesce($3, message), tasks_done = $4, updated_at = now(),
       ended_at = now() WHERE id = $1`,
    [id, end.state, end.message, end.tasksDone],
  );
}

/** Runs whose server was not heard of for a while, the first ones first; dry ones are none. */
export async function findSilent(sql: SqlRunner, kind: RemovalKind): Promise<readonly RemovalRun[]> {
  const rows = await sql.query<RunRow>(
    `SELECT ${COLUMNS} FROM millrace_removal WHERE ${SILENT} AND kind = $1 AND NOT dry_run ORDER BY id`,
    [kind],
  );
  return rows.map(runOf);
}

/**
 * Takes a run over from a server that was not heard of for a while; of several who try, one gets it. It counts as a batch, by
 * which the other notices, should it come back.
 * @param afresh whether it is counted from the beginning: it goes through all again
 * @returns the run as it is now; undefined when somebody has it
 */
export async function takeOver(
  sql: SqlRunner,
  id: number,
  { server, afresh }: { readonly server: string; readonly afresh: boolean },
): Promise<RemovalRun | undefined> {
  const counts = afresh ? `, executions = 0, job_executions = 0, by_task = '{}'` : '';
  const [row] = await sql.query<RunRow>(
    `UPDATE millrace_removal SET server = $2, updated_at = now(), batches = batches + 1,
       message = 'Carried on by ' || $2 || ': the server ' || server || ' was gone.' ${counts}
     WHERE ${SILENT} AND id = $1 RETURNING ${COLUMNS}`,
    [id, server],
  );
  return row && runOf(row);
}

/**
 * Closes a run whose server died, and which is not to be carried on.
 * @param id only that one
 * @returns those that were closed, as they are now
 */
export async function closeAbandoned(sql: SqlRunner, id?: number): Promise<readonly RemovalRun[]> {
  const rows = await sql.query<RunRow>(
    `UPDATE millrace_removal SET state = 'interrupted', ended_at = updated_at, message = 'The server ' || server || ' is gone.'
     WHERE ${id === undefined ? `${ABANDONED} AND dry_run` : `${SILENT} AND id = $1`} RETURNING *, state AS shown_state`,
    id === undefined ? [] : [id],
  );
  return rows.map(runOf);
}

/** Which runs are asked for. */
export interface RunFilter {
  readonly kind: RemovalKind | undefined;
  readonly running: boolean | undefined;
}

const FITS = `($1::text IS NULL OR kind = $1)
  AND ($2::boolean IS NULL OR (state = 'running' AND NOT (${ABANDONED})) = $2)`;

/** Runs, the latest first. */
export async function findRuns(
  sql: SqlRunner,
  filter: RunFilter,
  offset: number,
  limit: number,
): Promise<readonly RemovalRun[]> {
  const rows = await sql.query<RunRow>(
    `SELECT ${COLUMNS} FROM millrace_removal WHERE ${FITS} ORDER BY id DESC OFFSET $3 LIMIT $4`,
    [filter.kind ?? null, filter.running ?? null, offset, limit],
  );
  return rows.map(runOf);
}

/** How many there are. */
export async function countRuns(sql: SqlRunner, filter: RunFilter): Promise<number> {
  const [row] = await sql.query<{ n: number }>(`SELECT count(*) AS n FROM millrace_removal WHERE ${FITS}`, [
    filter.kind ?? null,
    filter.running ?? null,
  ]);
  return row?.n ?? 0;
}

/** One run. */
export async function findRun(sql: SqlRunner, id: number): Promise<RemovalRun | undefined> {
  const [row] = await sql.query<RunRow>(`SELECT ${COLUMNS} FROM millrace_removal WHERE id = $1`, [id]);
  return row && runOf(row);
}

/** Whether no scheduled run of that kind began within so many ms, by the clock of the database. */
export async function isDue(sql: SqlRunner, kind: RemovalKind, interval: number): Promise<boolean> {
  const [row] = await sql.query<{ due: boolean }>(
    `SELECT NOT EXISTS (SELECT 1 FROM millrace_removal WHERE kind = $1 AND scheduled
       AND started_at > now() - $2 * interval '1 millisecond') AS due`,
    [kind, interval],
  );
  return row?.due ?? false;
}

function runOf(row: RunRow): RemovalRun {
  return {
    id: row.id,
    kind: row.kind,
    dryRun: row.dry_run,
    scheduled: row.scheduled,
    state: row.shown_state,
    selection: row.selection,
    server: row.server,
    expected: row.expected,
    tasks: row.tasks,
    tasksDone: row.tasks_done,
    executions: row.executions,
    jobExecutions: row.job_executions,
    byTask: row.by_task,
    batches: row.batches,
    longestBatch: row.longest_batch,
    message: row.message,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    endedAt: row.ended_at,
  };
}
