import { CURRENT_VERSION, HISTORY, OLDEST_VERSION } from './scdf-schema.js';
import { createHistoryTable, indexStatements, recordStep, statementsOf } from './scdf-steps.js';
import {
  detectVersion,
  inspectSchema,
  missingParts,
  partsOfLaterSteps,
  quoteIdentifier,
  SchemaRefusedError,
  takenNames,
  type HistoryRow,
  type RunQuery,
  type SchemaFindings,
} from './scdf-database.js';

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
  const recorded = findings.history !== undefined && findings.history.length > 0;
  const stated = recorded ? recordedVersion(findings.history, historyTable) : undefined;
  if (!findings.relations.has('app_registration') && (stated ?? 0) === 0) {
    const taken = takenNames(findings);
    if (taken.length > 0) throw conflictingNames(taken);
    return { from: 0, recorded: true };
  }
  const from = stated ?? detectVersion(findings);
  if (from < OLDEST_VERSION) throw tooOld(from);
  const missing = missingParts(findings, Math.min(from, CURRENT_VERSION));
  if (missing.length > 0) throw lacking(from, missing, recorded ? ` by its table ${historyTable}` : '');
  const early = partsOfLaterSteps(findings, from);
  if (early.length > 0) throw halfMigrated(from, early, recorded ? ` by its table ${historyTable}` : '');
  return { from, recorded };
}

function lacking(version: number, missing: readonly string[], source: string): SchemaRefusedError {
  const parts = missing.join(', ');
  if (version > CURRENT_VERSION) {
    return new SchemaRefusedError(
      `This database was changed by an SCDF newer than 2.11.5 (step ${version} of its schema${source}), which took away ` +
        `what tasks of Spring Boot 2 need: ${parts}. Use a backup from before that change; nothing was changed.`,
    );
  }
  return new SchemaRefusedError(
    `This database is at step ${version} of SCDF's schema${source}, but it lacks: ${parts}. ` +
      'Restore it from a backup, or let SCDF 2.11.5 repair it, and start again; nothing was changed.',
  );
}

function halfMigrated(version: number, early: readonly string[], source: string): SchemaRefusedError {
  return new SchemaRefusedError(
    `This database is at step ${version} of SCDF's schema${source}, but it already holds parts of later steps: ` +
      `${early.join(', ')}. A migration ended half-way, or was done by hand. Restore a backup from before it, or drop ` +
      'those parts if they are empty, and start again; nothing was changed.',
  );
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
  const gap = missingStep(history);
  if (gap !== undefined) {
    throw new SchemaRefusedError(
      `The table ${historyTable} has no entry for step ${gap} of SCDF's schema, but it has later ones. Restore the database ` +
        'from a backup, or have SCDF repair its history, and start again; nothing was changed.',
    );
  }
  return Math.max(0, ...history.map(({ version }) => version ?? 0));
}

/** The first step that was left out. What lies before a baseline was done without Flyway. */
function missingStep(history: readonly HistoryRow[]): number | undefined {
  const baseline = history.find(({ type }) => type === 'BASELINE')?.version ?? 0;
  const steps = new Set(history.map(({ version }) => version));
  const last = Math.min(CURRENT_VERSION, Math.max(0, ...history.map(({ version }) => version ?? 0)));
  for (let step = baseline + 1; step <= last; step += 1) if (!steps.has(step)) return step;
  return undefined;
}

/** Steps of SCDF releases after 2.11.5 have other numbers, but come from the same package. */
function isStepOfScdf({ script }: HistoryRow): boolean {
  return script.startsWith('org.springframework.cloud.dataflow.');
}

function tooOld(version: number): SchemaRefusedError {
  const step = HISTORY[version - 1];
  const found = step === undefined ? 'before the first step' : `step ${version} (${step.description})`;
  return new SchemaRefusedError(
    `This database stands at ${found} of SCDF's schema; at least step ${OLDEST_VERSION} (SCDF 2.3) is needed. Start SCDF ` +
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
    for (const statement of statements)
      await query(statement.replace(/^create (table|index)/, 'create $1 if not exists'));
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
