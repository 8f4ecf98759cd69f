import { CURRENT_VERSION, HISTORY, OLDEST_VERSION } from './scdf-schema.js';
import { createHistoryTable, indexStatements, recordStep, statementsOf } from './scdf-steps.js';
import {
  detectVersion,
  inspectSchema,
  missingParts,
  quoteIdentifier,
  takenNames,
  type HistoryRow,
  type RunQuery,
  type SchemaFindings,
} from './scdf-database.js';

/** The database cannot be used as it is; the message says what was found and what to do. Nothing was changed. */
export class SchemaRefusedError extends Error {
  override readonly name = 'SchemaRefusedError';
}

/** How a database comes to SCDF 2.11.5's schema. */
export interface AdoptionPlan {
  /** The step of SCDF's history that it stands at; 0 for a database without SCDF's tables. */
  readonly from: number;
  /** Whether steps are recorded in SCDF's history: not in a database that SCDF's scripts made, which has none. */
  readonly recorded: boolean;
}

/**
 * Decides how a schema is adopted, from what is in it.
 *
 * @param historyTable `spring.flyway.table`
 * @throws SchemaRefusedError when it is not SCDF's, too old, half migrated, or lacks parts
 */
export function planAdoption(findings: SchemaFindings, historyTable: string): AdoptionPlan {
  const taken = takenNames(findings);
  if (findings.history === undefined && !findings.relations.has('app_registration')) {
    if (taken.length > 0) throw conflictingNames(taken);
    return { from: 0, recorded: true };
  }
  const recorded = findings.history !== undefined && findings.history.length > 0;
  const from = recorded ? recordedVersion(findings.history, historyTable) : detectVersion(findings);
  if (from < OLDEST_VERSION) throw tooOld(from);
  const missing = missingParts(findings, Math.min(from, CURRENT_VERSION));
  if (missing.length > 0) {
    throw new SchemaRefusedError(
      `This database is at step ${from} of SCDF's schema${recorded ? ` by its table ${historyTable}` : ''}, but it lacks: ` +
        `${missing.join(', ')}. Restore it from a backup, or let SCDF 2.11.5 repair it, and start again.`,
    );
  }
  return { from, recorded };
}

function conflictingNames(taken: readonly string[]): SchemaRefusedError {
  return new SchemaRefusedError(
    `The schema holds ${taken.slice(0, 10).join(', ')}${taken.length > 10 ? ` and ${taken.length - 10} more` : ''}, ` +
      'names that SCDF uses, but it is not a database of SCDF: app_registration is missing. (Applications that make their ' +
      'own task and batch tables leave such a schema.) Point spring.datasource.url to an empty database or schema, or to ' +
      "SCDF's; nothing was changed.",
  );
}

function recordedVersion(history: readonly HistoryRow[], historyTable: string): number {
  const failed = history.find(({ success }) => !success);
  if (failed !== undefined) {
    throw new SchemaRefusedError(
      `Step ${failed.version ?? '?'} (${failed.description}) of SCDF's schema has failed in this database, as its table ` +
        `${historyTable} says. Repair it with the SCDF that made it, or restore a backup, and start again; nothing was changed.`,
    );
  }
  const foreign = history.find((row) => row.type !== 'BASELINE' && row.type !== 'SCHEMA' && !isStepOfScdf(row));
  if (foreign !== undefined) {
    throw new SchemaRefusedError(
      `The table ${historyTable} has an entry that is not SCDF's: ${foreign.script}. If it belongs to another application, ` +
        'use an empty database or schema of its own for this server; nothing was changed.',
    );
  }
  return Math.max(0, ...history.map(({ version }) => version ?? 0));
}

/** Steps of SCDF releases after 2.11.5 have other numbers, but come from the same package. */
function isStepOfScdf({ script }: HistoryRow): boolean {
  return script.startsWith('org.springframework.cloud.dataflow.');
}

function tooOld(version: number): SchemaRefusedError {
  const step = HISTORY[version - 1];
  const found = step === undefined ? 'before the first step' : `step ${version} (${step.description})`;
  return new SchemaRefusedError(
    `This database stands at ${found} of SCDF's schema; at least step ${OLDEST_VERSION} (SCDF 2.10) is needed. Start SCDF ` +
      '2.11.5 on it once, so that it is brought up to date, and start again; nothing was changed.',
  );
}

/** Brings a database from where it stands to SCDF 2.11.5's schema; to be run in a transaction. */
export async function adopt(query: RunQuery, historyTable: string): Promise<AdoptionPlan> {
  const plan = planAdoption(await inspectSchema(query, historyTable), historyTable);
  const table = quoteIdentifier(historyTable);
  if (plan.from === 0) {
    const statements = createHistoryTable(
      table,
      quoteIdentifier(`${historyTable}_pk`),
      quoteIdentifier(`${historyTable}_s_idx`),
    );
    for (const statement of statements) await query(statement.replace('create table', 'create table if not exists'));
  }
  for (let version = plan.from + 1; version <= CURRENT_VERSION; version += 1) {
    for (const statement of statementsOf(version)) await query(statement);
    if (plan.recorded) await query(recordStep(table, version));
  }
  if (!plan.recorded) {
    // Scripts were applied by hand: an index of an earlier step may be missing.
    for (const { version } of HISTORY) for (const statement of indexStatements(version)) await query(statement);
  }
  const missing = missingParts(await inspectSchema(query, historyTable), CURRENT_VERSION);
  if (missing.length > 0) {
    throw new SchemaRefusedError(
      `After the missing steps of SCDF's schema were applied, the database still lacks: ${missing.join(', ')}. ` +
        'All was undone. Let SCDF 2.11.5 bring it up to date, and start again.',
    );
  }
  return plan;
}
