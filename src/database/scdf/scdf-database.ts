import { INDEXES, SEQUENCES, TABLES, VIEWS } from './scdf-schema.js';

/** The database cannot be used as it is; the message says what was found and what to do. Nothing was changed. */
export class SchemaRefusedError extends Error {
  override readonly name = 'SchemaRefusedError';
}

/** Runs one statement in the session that looks at the database. */
export type RunQuery = (sql: string, parameters?: unknown[]) => Promise<Record<string, unknown>[]>;

/** What was found in a schema before anything was changed. */
export interface SchemaFindings {
  /** Names of tables, views and sequences. */
  readonly relations: ReadonlySet<string>;
  /** Columns with their types, by table: `{ task_definitions: { definition: 'text' } }`. */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly indexes: ReadonlySet<string>;
  /** The rows of SCDF's history, in their order; undefined when there is no such table. */
  readonly history: readonly HistoryRow[] | undefined;
}

/** A row of Flyway's history. */
export interface HistoryRow {
  readonly version: number | undefined;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly success: boolean;
}

/** Reads the current schema's catalog; changes nothing. @param historyTable name of SCDF's history table, unquoted */
export async function inspectSchema(query: RunQuery, historyTable: string): Promise<SchemaFindings> {
  const rows = await query(
    `select c.relname as name, c.relkind as kind,
            (select json_object_agg(a.attname, format_type(a.atttypid, null)) from pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v')) as columns
       from pg_class c
      where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
        and c.relkind in ('r', 'p', 'v', 'm', 'S', 'i', 'f')`,
  );
  const names = (index: boolean): Set<string> =>
    new Set(rows.filter(({ kind }) => (kind === 'i') === index).map(({ name }) => String(name)));
  const relations = names(false);
  const columns = new Map(
    rows.map(({ name, columns: found }) => [
      String(name),
      new Map(Object.entries((found ?? {}) as Record<string, string>)),
    ]),
  );
  return {
    relations,
    indexes: names(true),
    columns,
    history: relations.has(historyTable)
      ? await readHistory(query, historyTable, columns.get(historyTable)?.keys() ?? [])
      : undefined,
  };
}

/** @throws SchemaRefusedError when the table is none of Flyway's */
async function readHistory(query: RunQuery, table: string, columns: Iterable<string>): Promise<HistoryRow[]> {
  const found = new Set(columns);
  const absent = ['installed_rank', 'version', 'description', 'type', 'script', 'success'].filter((n) => !found.has(n));
  if (absent.length > 0) {
    throw new SchemaRefusedError(
      `The table ${table} (spring.flyway.table) is not a history of Flyway: it lacks ${absent.join(', ')}. If it belongs to ` +
        'another application, use an empty database or schema of its own for this server; nothing was changed.',
    );
  }
  const rows = await query(
    `select version, description, type, script, success from ${quoteIdentifier(table)} order by installed_rank`,
  );
  return rows.map(({ version, description, type, script, success }) => ({
    version: /^\d+$/.test(String(version)) ? Number(version) : undefined,
    description: String(description),
    type: String(type),
    script: String(script),
    success: success === true,
  }));
}

/** Quotes a name for use in a statement. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Everything of SCDF 2.11.5 whose name is taken in the schema. */
export function takenNames(findings: SchemaFindings): string[] {
  const names = [...TABLES, ...VIEWS].map(({ name }) => name).concat(SEQUENCES.map(([name]) => name));
  return names.filter((name) => findings.relations.has(name)).sort();
}

/**
 * What a schema lacks of SCDF 2.11.5, one short phrase each: `table task_lock`, `column audit_records.platform_name`,
 * `task_definitions.definition is oid, not text`. Indexes are left out: without them SCDF works, only slower.
 *
 * @param version look only at what SCDF's history had brought by this step
 */
export function missingParts(findings: SchemaFindings, version: number): string[] {
  const missing: string[] = [];
  for (const table of TABLES.filter(({ since }) => since <= version)) {
    const columns = findings.columns.get(table.name);
    if (columns === undefined || columns.size === 0) missing.push(`table ${table.name}`);
    else missing.push(...columnFaults(table.name, columns, table.columns, version));
  }
  for (const [name, since] of SEQUENCES) {
    if (since <= version && !findings.relations.has(name)) missing.push(`sequence ${name}`);
  }
  if (version >= 8)
    missing.push(...VIEWS.filter(({ name }) => !findings.relations.has(name)).map(({ name }) => `view ${name}`));
  return missing;
}

/**
 * What a schema holds although only a later step brings it: `table boot3_task_lock`, `column app_registration.boot_version`.
 * Such a database cannot be completed, neither here nor by SCDF. Indexes do not count: they are often made by hand.
 */
export function partsOfLaterSteps(findings: SchemaFindings, version: number): string[] {
  const has = (name: string): boolean => findings.relations.has(name);
  const columns = TABLES.filter(({ since }) => since <= version).flatMap((table) =>
    table.columns
      .filter(([name, , since]) => (since ?? 1) > version && findings.columns.get(table.name)?.has(name) === true)
      .map(([name]) => `column ${table.name}.${name}`),
  );
  return [
    ...columns,
    ...TABLES.filter(({ name, since }) => since > version && has(name)).map(({ name }) => `table ${name}`),
    ...SEQUENCES.filter(([name, since]) => since > version && has(name)).map(([name]) => `sequence ${name}`),
    ...(version < 8 ? VIEWS.filter(({ name }) => has(name)).map(({ name }) => `view ${name}`) : []),
  ];
}

function columnFaults(
  table: string,
  found: ReadonlyMap<string, string>,
  expected: (typeof TABLES)[number]['columns'],
  version: number,
): string[] {
  return expected
    .filter(([, , since]) => (since ?? 1) <= version)
    .flatMap(([name, declared]) => {
      const type = found.get(name);
      if (type === undefined) return [`column ${table}.${name}`];
      const wanted = catalogType(declared);
      // Pre-releases of 2.11.0 used other types for texts; step 10 mends them.
      const mended = version < 10 && wanted === 'text' && (type === 'oid' || type === 'bigint');
      return type === wanted || mended ? [] : [`column ${table}.${name} of type ${wanted} (it is ${type})`];
    });
}

/** The type as PostgreSQL's catalog names it, without length. */
function catalogType(declared: string): string {
  const type = declared.replace(' not null', '').replace(/\(\d+\)/, '');
  const long: Record<string, string> = {
    varchar: 'character varying',
    char: 'character',
    timestamp: 'timestamp without time zone',
  };
  return long[type] ?? type;
}

/**
 * The step that a schema without history stands at, judged by what it has. Such databases were made by SCDF's SQL scripts.
 */
export function detectVersion(findings: SchemaFindings): number {
  const has = (table: string, column: string): boolean => findings.columns.get(table)?.has(column) ?? false;
  if (!has('task_execution_metadata', 'id')) return 1;
  if (!has('audit_records', 'platform_name')) return 2;
  if (!has('app_registration', 'boot_version')) return OLDEST_BY_COLUMNS;
  if (!has('boot3_task_execution', 'task_execution_id')) return 6;
  if (!findings.relations.has('aggregate_task_execution')) return 7;
  if (has('boot3_batch_job_execution', 'job_configuration_location')) return 10;
  return INDEXES.every(([name]) => findings.indexes.has(name)) ? 13 : 11;
}

/** Steps 4 and 5 brought indexes only, and those are made where they are missing. */
const OLDEST_BY_COLUMNS = 5;
