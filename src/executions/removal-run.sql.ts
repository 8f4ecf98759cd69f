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

/** Whether whoever began a run has not been heard of for so long that it is dead. */
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

/** Writes down how far a run is. */
export async function writeProgress(sql: SqlRunner, id: number, progress: RunProgress): Promise<void> {
  await sql.query(
    `UPDATE millrace_removal SET executions = $2, job_executions = $3, by_task = $4, batches = $5, longest_batch = $6,
       updated_at = now() WHERE id = $1`,
    [
      id,
      progress.executions,
      progress.jobExecutions,
      JSON.stringify(progress.byTask),
      progress.batches,
      Math.round(progress.longestBatch),
    ],
  );
}

/** Says that whoever does it is alive, and how many tasks are done. */
export async function touch(sql: SqlRunner, id: number, tasksDone: number): Promise<void> {
  await sql.query(`UPDATE millrace_removal SET updated_at = now(), tasks_done = $2 WHERE id = $1`, [id, tasksDone]);
}

/** Writes down that a run is over. */
export async function endRun(
  sql: SqlRunner,
  id: number,
  end: { readonly state: RemovalState; readonly message: string | null; readonly tasksDone: number },
): Promise<void> {
  await sql.query(
    `UPDATE millrace_removal SET state = $2, message = $3, tasks_done = $4, updated_at = now(), ended_at = now()
     WHERE id = $1`,
    [id, end.state, end.message, end.tasksDone],
  );
}

/** Closes runs whose server died. @returns them as they are now */
export async function closeAbandoned(sql: SqlRunner): Promise<readonly RemovalRun[]> {
  const rows = await sql.query<RunRow>(
    `UPDATE millrace_removal SET state = 'interrupted', ended_at = updated_at, message = 'The server ' || server || ' is gone.'
     WHERE ${ABANDONED} RETURNING *, state AS shown_state`,
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
