import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { Database } from '../../src/database/database.js';
import { createTestDatabase, restoreScdfDatabase, type TestDatabase } from '../support/database.js';

describe('texts that SCDF keeps in large objects', () => {
  let holder: TestDatabase;
  let database: Database;
  let raw: pg.Client;

  const objects = async (): Promise<number> =>
    Number((await raw.query('select count(*) as n from pg_largeobject_metadata')).rows[0].n);
  const stored = async (name: string): Promise<string> =>
    (await raw.query('select definition from task_definitions where definition_name = $1', [name])).rows[0]?.definition;

  beforeAll(async () => {
    holder = await createTestDatabase();
    database = await holder.open();
    raw = await holder.client();
  }, 60_000);
  afterAll(async () => holder?.close());
  beforeEach(async () => {
    await database.query('delete from millrace_task_definition');
    await database.query('delete from millrace_app_registration');
    await raw.query('select lo_unlink(oid) from pg_largeobject_metadata');
  });

  it('are read from a database that SCDF filled', async () => {
    const theirs = await restoreScdfDatabase();
    try {
      const adopted = await theirs.open();
      const apps = await adopted.query('select name, version, uri from millrace_app_registration order by id');
      expect(apps).toContainEqual({
        name: 'container',
        version: '3.0.0',
        uri: 'docker:springcloudtask/timestamp-task:3.0.0',
      });
      expect(apps).toHaveLength(7);
      expect(
        await adopted.query('select definition from millrace_task_definition where definition_name = $1', ['chain']),
      ).toEqual([{ definition: 'one: hello && two: hello3' }]);
      expect(await adopted.query('select * from millrace_lost_text')).toEqual([]);
    } finally {
      await theirs.close();
    }
  }, 60_000);

  it('are written as SCDF writes them: the column holds the number of a large object', async () => {
    await database.query(`insert into millrace_task_definition values ('däily', 'timestamp --text=größe', 'd')`);
    expect(await stored('däily')).toMatch(/^\d+$/);
    const { rows } = await raw.query(
      `select convert_from(lo_get(definition::oid), 'UTF8') as text from task_definitions where definition_name = 'däily'`,
    );
    expect(rows).toEqual([{ text: 'timestamp --text=größe' }]);
    expect(await database.query('select * from millrace_task_definition')).toEqual([
      { definition_name: 'däily', definition: 'timestamp --text=größe', description: 'd' },
    ]);
  });

  it('may also be plain text in the column', async () => {
    await raw.query(`insert into task_definitions values ('plain', 'a && b', null), ('huge', '99999999999', null)`);
    expect(await database.query('select definition from millrace_task_definition order by definition_name')).toEqual([
      { definition: '99999999999' },
      { definition: 'a && b' },
    ]);
    await database.query(`update millrace_task_definition set definition = 'c' where definition_name = 'plain'`);
    expect(await stored('plain')).toMatch(/^\d+$/);
  });

  it('get an id and a version when none is given, and the row comes back', async () => {
    const rows = await database.query<{ id: number; object_version: number; uri: string }>(
      `insert into millrace_app_registration (name, type, version, uri, default_version)
       values ('hello', 4, '1', 'docker:hello:1', true) returning id, object_version, uri`,
    );
    expect(rows).toEqual([{ id: expect.any(Number), object_version: 0, uri: 'docker:hello:1' }]);
    const { rows: sequence } = await raw.query('select last_value::int as id from hibernate_sequence');
    expect(rows[0]?.id).toBe(sequence[0].id);
  });

  it('leave no large object behind when they change or their row goes', async () => {
    await database.query(
      `insert into millrace_app_registration (name, type, uri, metadata_uri) values ('a', 4, 'docker:a:1', 'maven:m')`,
    );
    expect(await objects()).toBe(2);
    await database.query(`update millrace_app_registration set uri = 'docker:a:2', default_version = true`);
    expect(await objects()).toBe(2);
    await database.query('update millrace_app_registration set metadata_uri = null');
    expect(await objects()).toBe(1);
    expect(await database.query('select uri, metadata_uri, default_version from millrace_app_registration')).toEqual([
      { uri: 'docker:a:2', metadata_uri: null, default_version: true },
    ]);
    await database.query('delete from millrace_app_registration');
    expect(await objects()).toBe(0);
  });

  it('keep their object when another column changes', async () => {
    await database.query(`insert into millrace_task_definition values ('t', 'a', null)`);
    const before = await stored('t');
    await database.query(`update millrace_task_definition set description = 'x'`);
    expect(await stored('t')).toBe(before);
  });

  it('read as null and are reported when their object is lost; the number stays until the text is set anew', async () => {
    await database.query(`insert into millrace_task_definition values ('t', 'a', null)`);
    const number = await stored('t');
    await raw.query('select lo_unlink(definition::oid) from task_definitions');
    expect(await database.query('select definition from millrace_task_definition')).toEqual([{ definition: null }]);
    expect(await database.query('select * from millrace_lost_text')).toEqual([
      { table_name: 'task_definitions', row_key: 't', column_name: 'definition', large_object: number },
    ]);
    await database.query(`update millrace_task_definition set description = 'x'`);
    expect(await stored('t')).toBe(number);
    await database.query(`update millrace_task_definition set definition = 'b'`);
    expect(await database.query('select * from millrace_lost_text')).toEqual([]);
  });

  it('are undone together with their row', async () => {
    await expect(
      database.transaction(async ({ query }) => {
        await query(`insert into millrace_task_definition values ('t', 'a', null)`);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await objects()).toBe(0);
    await database.query(`insert into millrace_task_definition values ('t', 'a', null)`);
    await expect(database.query(`insert into millrace_task_definition values ('t', 'b', null)`)).rejects.toMatchObject({
      code: '23505',
    });
    expect(await objects()).toBe(1);
  });

  it('are protected by the version: of two updates from the same version one does nothing', async () => {
    await database.query(`insert into millrace_app_registration (name, type, uri) values ('a', 4, 'docker:a:1')`);
    const update = (client: Pick<pg.Client, 'query'>, uri: string) =>
      client.query(
        `update millrace_app_registration set uri = '${uri}', object_version = object_version + 1 where object_version = 0`,
      );
    const other = await holder.client();
    await raw.query('begin');
    expect((await update(raw, 'docker:a:2')).rowCount).toBe(1);
    const waiting = update(other, 'docker:a:3');
    await waitForLock(raw);
    await raw.query('commit');
    expect((await waiting).rowCount).toBe(0);
    expect(await database.query('select uri, object_version from millrace_app_registration')).toEqual([
      { uri: 'docker:a:2', object_version: 1 },
    ]);
    expect(await objects()).toBe(1);
  });

  it('survive two updates of different columns at the same time', async () => {
    await database.query(`insert into millrace_app_registration (name, type, uri) values ('a', 4, 'docker:a:1')`);
    const other = await holder.client();
    await raw.query('begin');
    await raw.query(`update millrace_app_registration set uri = 'docker:a:2'`);
    const waiting = other.query('update millrace_app_registration set default_version = true');
    await waitForLock(raw);
    await raw.query('commit');
    await waiting;
    expect(await database.query('select uri, default_version from millrace_app_registration')).toEqual([
      { uri: 'docker:a:2', default_version: true },
    ]);
  });
});

/** Waits until some session waits for a lock. */
async function waitForLock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
