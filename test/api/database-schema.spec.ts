import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { OWN_RELATIONS } from '../../migrations/index.js';
import { createTestDatabase, restoreScdfDatabase, type TestDatabase } from '../support/database.js';

/** Catalog contents that must be the same in our fresh database and in one that SCDF made. */
const CATALOG: Record<string, string> = {
  columns: `select table_name, column_name, ordinal_position, data_type, character_maximum_length, is_nullable, column_default
    from information_schema.columns where table_schema = 'public' order by 1, 3`,
  constraints: `select conrelid::regclass::text as table, conname, contype::text, pg_get_constraintdef(oid) as definition
    from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2`,
  indexes: `select tablename, indexname, indexdef from pg_indexes where schemaname = 'public' order by 1, 2`,
  sequences: `select sequencename, data_type::text, start_value, min_value, max_value, increment_by, cycle, cache_size
    from pg_sequences where schemaname = 'public' order by 1`,
  views: `select viewname, definition from pg_views where schemaname = 'public' order by 1`,
  history: `select installed_rank, version, description, type, script, checksum, success
    from flyway_schema_history_dataflow order by 1`,
};

async function catalogOf(client: pg.Client): Promise<Record<string, unknown[]>> {
  const catalog: Record<string, unknown[]> = {};
  for (const [name, sql] of Object.entries(CATALOG)) {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    catalog[name] = rows.filter((row) => !/"(public\.)?millrace_/.test(JSON.stringify(row)));
  }
  return catalog;
}

describe('the schema', () => {
  let ours: TestDatabase;
  let theirs: TestDatabase;

  beforeAll(async () => {
    [ours, theirs] = [await createTestDatabase(), await restoreScdfDatabase()];
  }, 60_000);
  afterAll(async () => {
    await ours?.close();
    await theirs?.close();
  });

  it('of a fresh database is the one that SCDF 2.11.5 makes, but for our additions', async () => {
    const [made, scdf] = [await catalogOf(await ours.client()), await catalogOf(await theirs.client())];
    for (const part of Object.keys(CATALOG)) expect({ [part]: made[part] }).toEqual({ [part]: scdf[part] });
    expect(scdf['columns']!.length).toBeGreaterThan(200);
  });

  it('has the additions that are listed', async () => {
    const { rows } = await (
      await ours.client()
    ).query<{ relname: string }>(
      `select relname from pg_class where relname like 'millrace\\_%' and relkind in ('r', 'v') order by 1`,
    );
    expect(rows.map(({ relname }) => relname)).toEqual([...OWN_RELATIONS, 'millrace_migrations'].sort());
  });

  it('of an adopted database stays as SCDF made it, and its rows too', async () => {
    const client = await theirs.client();
    const before = await catalogOf(client);
    const database = await theirs.open();
    expect(await catalogOf(client)).toEqual(before);
    expect(await database.query('select count(*) as n from aggregate_task_execution')).toEqual([{ n: 11 }]);
  });
});
