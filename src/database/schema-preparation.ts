import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migrations, OWN_RELATIONS } from '../../migrations/index.js';
import { planAdoption } from './scdf/adoption.js';
import { inspectSchema, missingParts, type RunQuery, SchemaRefusedError } from './scdf/scdf-database.js';
import { CURRENT_VERSION } from './scdf/scdf-schema.js';
import { sqlStateOf } from './sql-state.js';

/** Name of the table in which TypeORM keeps what was migrated. */
export const MIGRATIONS_TABLE = 'millrace_migrations';

/** The oldest version in which everything used here exists; PostgreSQL's own support ended with it. */
const OLDEST_POSTGRES = 12;

/** What {@link prepareSchema} needs to know. */
export interface SchemaSettings {
  /** `spring.flyway.enabled`: false only checks. */
  readonly migrate: boolean;
  /** `spring.flyway.table` */
  readonly historyTable: string;
  /** Runs work while no other server migrates. */
  readonly exclusively: (work: () => Promise<void>) => Promise<void>;
}

/**
 * Makes sure that the database has the schema that this server needs. A database that is up to date costs one query.
 *
 * @param query runs a statement outside of any transaction
 * @returns the id of the installation, made when the database was
 * @throws SchemaRefusedError when the database cannot be used; nothing was changed then
 */
export async function prepareSchema(
  dataSource: DataSource,
  query: RunQuery,
  settings: SchemaSettings,
): Promise<string> {
  const names = migrations({ historyTable: settings.historyTable }).map((Migration) => new Migration().name ?? '');
  const ready = await readState(query, names);
  if (!settings.migrate) return checkOnly(query, settings, ready, names);
  if (ready !== undefined && ready.pending.length === 0) return ready.installation;
  await settings.exclusively(async () => {
    const now = await readState(query, names);
    if (now !== undefined && now.pending.length === 0) return;
    if (now === undefined) await checkBeforehand(query, settings.historyTable);
    await migrate(dataSource);
  });
  const after = await readState(query, names);
  if (after === undefined) throw new Error('The migrations ended without error but left no record of themselves.');
  return after.installation;
}

interface SchemaState {
  readonly installation: string;
  /** Migrations not yet applied. */
  readonly pending: readonly string[];
}

/** @returns undefined when this server has never migrated the database */
async function readState(query: RunQuery, names: readonly string[]): Promise<SchemaState | undefined> {
  try {
    const [row] = await query(
      `select (select array_agg(name) from ${MIGRATIONS_TABLE}) as names, (select id from millrace_installation) as id`,
    );
    const applied = new Set((row?.['names'] ?? []) as string[]);
    const newer = [...applied].filter((name) => !names.includes(name));
    if (newer.length > 0) {
      new Logger('Database').warn(
        `The database was used by a newer version of this server (${newer.join(', ')}). Its additions are left alone.`,
      );
    }
    return { installation: String(row?.['id']), pending: names.filter((name) => !applied.has(name)) };
  } catch (error) {
    if (sqlStateOf(error) !== '42P01') throw error;
    return undefined;
  }
}

/** Everything that speaks against migrating, found out before anything is written. */
async function checkBeforehand(query: RunQuery, historyTable: string): Promise<void> {
  await checkServerVersion(query);
  const findings = await inspectSchema(query, historyTable);
  const taken = [MIGRATIONS_TABLE, ...OWN_RELATIONS].filter((name) => findings.relations.has(name));
  if (taken.length > 0) {
    throw new SchemaRefusedError(
      `The schema holds ${taken.join(', ')}, but this server's record of what it made (${MIGRATIONS_TABLE}, ` +
        'millrace_installation) is not complete. Restore the database from a backup, or drop everything whose name begins ' +
        'with millrace_ to have it made anew; nothing was changed.',
    );
  }
  const plan = planAdoption(findings, historyTable);
  const log = new Logger('Database');
  if (plan.from === 0) log.log('The database is empty: creating the schema.');
  else log.log(`Found a database of SCDF at step ${plan.from} of its schema: adopting it.`);
  if (plan.from > CURRENT_VERSION) {
    log.warn(`Step ${plan.from} is newer than SCDF 2.11.5 (step ${CURRENT_VERSION}); its additions are left alone.`);
  }
}

async function checkServerVersion(query: RunQuery): Promise<void> {
  const [row] = await query(
    "select current_setting('server_version_num')::int / 10000 as major, current_schema() as schema",
  );
  if (Number(row?.['major']) < OLDEST_POSTGRES) {
    throw new SchemaRefusedError(
      `PostgreSQL ${String(row?.['major'])} is too old: version ${OLDEST_POSTGRES} or newer is needed.`,
    );
  }
  if (row?.['schema'] === null) {
    throw new SchemaRefusedError(
      'The schema named by currentSchema in spring.datasource.url does not exist. Create it, or leave currentSchema out.',
    );
  }
}

async function migrate(dataSource: DataSource): Promise<void> {
  const log = new Logger('Database');
  try {
    const done = await dataSource.runMigrations({ transaction: 'each' });
    log.log(`Migrated: ${done.map(({ name }) => name).join(', ')}.`);
  } catch (error) {
    if (sqlStateOf(error) !== '42501' && sqlStateOf((error as { driverError?: unknown }).driverError) !== '42501')
      throw error;
    throw new SchemaRefusedError(
      `The database user may not change the schema (${(error as Error).message}). It must own the tables of SCDF: use the ` +
        'user that SCDF used, or grant it that role.',
      { cause: error },
    );
  }
}

/** `spring.flyway.enabled=false`: an administrator looks after the schema, so it is looked at closely at every start. */
async function checkOnly(
  query: RunQuery,
  settings: SchemaSettings,
  state: SchemaState | undefined,
  names: readonly string[],
): Promise<string> {
  const findings = await inspectSchema(query, settings.historyTable);
  const scdf = missingParts(findings, CURRENT_VERSION);
  const own = OWN_RELATIONS.filter((name) => !findings.relations.has(name)).map((name) => `table ${name}`);
  const pending = state?.pending ?? names;
  const parts = [
    ...(scdf.length > 0 ? [`of SCDF 2.11.5: ${scdf.join(', ')}`] : []),
    ...(own.length > 0 ? [`of this server: ${own.join(', ')}`] : []),
    ...(pending.length > 0 ? [`migrations of this server: ${pending.join(', ')}`] : []),
  ];
  if (state !== undefined && parts.length === 0) return state.installation;
  throw new SchemaRefusedError(
    `spring.flyway.enabled is false and the database lacks ${parts.join('; ')}. Start the server once with ` +
      'spring.flyway.enabled=true, as a user that may create tables, or restore what was dropped; nothing was changed.',
  );
}
