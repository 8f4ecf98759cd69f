import { HISTORY, INDEXES, LARGE_OBJECT_COLUMNS, SEQUENCES, TABLES, VIEWS, type Table } from './scdf-schema.js';

/** How SCDF's Flyway names the class of a step; its rows are compared with these when SCDF starts on the database again. */
const SCRIPT_PACKAGE = 'org.springframework.cloud.dataflow.server.db.migration.postgresql';

/**
 * The statements of one step of SCDF's history. Run on a database that stands at the step before, they bring it to this
 * step, as SCDF itself would. Indexes that exist are left alone: administrators often made them by hand earlier.
 *
 * @param version 1 to 13
 */
export function statementsOf(version: number): string[] {
  return [
    ...SEQUENCES.filter(([, since]) => since === version).map(([name]) => `create sequence ${name}`),
    ...TABLES.filter((table) => table.since === version).map((table) => createTable(table, version)),
    ...TABLES.filter((table) => table.since < version).flatMap((table) => addColumns(table, version)),
    ...indexStatements(version),
    ...(version === 8 ? VIEWS.map(createView) : []),
    ...(version === 10 ? LARGE_OBJECT_COLUMNS.map(([table, column]) => backToText(table, column)) : []),
    ...(version === 11
      ? ['alter table boot3_batch_job_execution drop column if exists job_configuration_location']
      : []),
  ];
}

/** `create index if not exists` for the indexes of one step. */
export function indexStatements(version: number): string[] {
  return INDEXES.filter(([, , , since]) => since === version).map(
    ([name, table, column]) => `create index if not exists ${name} on ${table} (${column})`,
  );
}

function createTable(table: Table, version: number): string {
  const columns = table.columns
    .filter(([, , since]) => (since ?? table.since) <= version)
    .map(([name, type]) => `${name} ${type}`);
  return `create table ${table.name} (${[...columns, ...table.constraints].join(', ')})`;
}

function addColumns(table: Table, version: number): string[] {
  return table.columns
    .filter(([, , since]) => since === version)
    .map(([name, type]) => `alter table ${table.name} add column ${name} ${type}`);
}

function createView(view: (typeof VIEWS)[number]): string {
  const columns = view.columns.join(', ');
  return (
    `create view ${view.name} as select ${columns}, 'boot2' as schema_target from ${view.table} ` +
    `union all select ${columns}, 'boot3' as schema_target from boot3_${view.table}`
  );
}

/** Only databases of pre-releases of 2.11.0 have another type here; the number stays, as text. */
function backToText(table: string, column: string): string {
  return `do $$ begin
    if exists (select from pg_attribute where attrelid = '${table}'::regclass and attname = '${column}'
               and atttypid in ('oid'::regtype, 'bigint'::regtype)) then
      alter table ${table} alter column ${column} type text using ${column}::text;
    end if;
  end $$`;
}

/** The history table as Flyway 8 makes it. @param table already quoted */
export function createHistoryTable(table: string, constraint: string, index: string): string[] {
  return [
    `create table ${table} (
       installed_rank integer not null, version varchar(50), description varchar(200) not null,
       type varchar(20) not null, script varchar(1000) not null, checksum integer,
       installed_by varchar(100) not null, installed_on timestamp not null default now(),
       execution_time integer not null, success boolean not null,
       constraint ${constraint} primary key (installed_rank))`,
    `create index ${index} on ${table} (success)`,
  ];
}

/**
 * The row that SCDF's Flyway would have written for a step.
 *
 * @param table the history table, already quoted
 */
export function recordStep(table: string, version: number): string {
  const description = HISTORY[version - 1]?.description ?? '';
  const script = `${SCRIPT_PACKAGE}.V${version}__${description.replaceAll(' ', '_')}`;
  return (
    `insert into ${table} (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) ` +
    `select coalesce(max(installed_rank), 0) + 1, '${version}', '${description}', 'JDBC', '${script}', null, current_user, 0, true ` +
    `from ${table}`
  );
}
