import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { migrations } from '../../migrations/index.js';
import { Database } from '../../src/database/database.js';
import { CURRENT_VERSION } from '../../src/database/scdf/scdf-schema.js';
import { createHistoryTable, recordStep, statementsOf } from '../../src/database/scdf/scdf-steps.js';
import { createEmptyDatabase, restoreScdfDatabase, type TestDatabase } from '../support/database.js';

const HISTORY = 'flyway_schema_history_dataflow';

/** Everything in the schema, as text: unchanged means that nothing was touched. */
async function fingerprint(client: pg.Client): Promise<unknown[]> {
  const { rows } = await client.query(
    `select relname as name, relkind::text as kind, (select json_agg(attname || format_type(atttypid, atttypmod) order by attnum)
        from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns
       from pg_class c where relnamespace = 'public'::regnamespace
     union all select proname, 'function', null from pg_proc where pronamespace = 'public'::regnamespace order by 1, 2`,
  );
  return rows;
}

/** Builds the database that an SCDF of some step leaves, with or without Flyway. */
async function buildAtStep(client: pg.Client, version: number, recorded: boolean): Promise<void> {
  if (recorded)
    for (const sql of createHistoryTable(HISTORY, `${HISTORY}_pk`, `${HISTORY}_s_idx`)) await client.query(sql);
  for (let step = 1; step <= version; step += 1) {
    for (const sql of statementsOf(step)) await client.query(sql);
    if (recorded) await client.query(recordStep(HISTORY, step));
  }
}

describe('opening a database', () => {
  let holder: TestDatabase;
  let client: pg.Client;

  beforeEach(async () => {
    holder = await createEmptyDatabase();
    client = await holder.client();
  }, 60_000);
  afterEach(async () => holder?.close());

  const refusal = async (): Promise<string> => {
    const before = await fingerprint(client);
    const error = await holder.open().then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.name).toBe('SchemaRefusedError');
    expect(await fingerprint(client)).toEqual(before);
    return error!.message;
  };
  const history = async (): Promise<number[]> =>
    (await client.query(`select version from ${HISTORY} order by installed_rank`)).rows.map(({ version }) =>
      Number(version),
    );

  // Of 2.3, 2.4 to 2.6, 2.7 to 2.9, 2.10, pre-releases of 2.11.0, 2.11.0 and 2.11.1, 2.11.2.
  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'of SCDF at step %i applies the missing steps and records them',
    async (version) => {
      await buildAtStep(client, version, true);
      if (version >= 7 && version < 11) {
        await client.query('alter table boot3_batch_job_execution add column job_configuration_location varchar(2500)');
      }
      await client.query(`insert into task_execution (task_execution_id, task_name) values (1, 'old')`);
      const database = await holder.open();
      expect(await history()).toEqual(Array.from({ length: CURRENT_VERSION }, (_, index) => index + 1));
      expect(await database.query('select task_name, schema_target from aggregate_task_execution')).toEqual([
        { task_name: 'old', schema_target: 'boot2' },
      ]);
      const { rows } = await client.query(
        `select 1 from information_schema.columns where table_name = 'boot3_batch_job_execution' and column_name = 'job_configuration_location'`,
      );
      expect(rows).toEqual([]);
    },
  );

  it('of a pre-release of 2.11.0, where texts were of type oid, turns them back into text', async () => {
    await buildAtStep(client, 9, true);
    await client.query('alter table task_definitions alter column definition type oid using null');
    await client.query(`insert into task_definitions values ('t', lo_from_bytea(0, 'timestamp'), null)`);
    const database = await holder.open();
    expect(await database.query('select definition from millrace_task_definition')).toEqual([
      { definition: 'timestamp' },
    ]);
  });

  it.each([4, 5, 6, 7, 10, 11, 13])(
    'made by scripts at step %i completes it and writes no history',
    async (version) => {
      await buildAtStep(client, version, false);
      await client.query('drop index if exists step_name_idx');
      const database = await holder.open();
      expect(await database.query('select 1 as one from aggregate_step_execution')).toEqual([]);
      const { rows } = await client.query(
        `select to_regclass('${HISTORY}') as history, to_regclass('step_name_idx')::text as index,
              to_regclass('boot3_task_execution_parent_ix')::text as latest`,
      );
      expect(rows).toEqual([{ history: null, index: 'step_name_idx', latest: 'boot3_task_execution_parent_ix' }]);
    },
  );

  it('baselined by Flyway on a script-made database goes by its later entries', async () => {
    await buildAtStep(client, 12, true);
    await client.query(
      `update ${HISTORY} set type = 'BASELINE', description = '<< Flyway Baseline >>', script = '<< Flyway Baseline >>' where version = '1'`,
    );
    await holder.open();
    expect(await history()).toHaveLength(CURRENT_VERSION);
  });

  it('of a newer SCDF takes it as it is', async () => {
    await buildAtStep(client, CURRENT_VERSION, true);
    await client.query(
      `insert into ${HISTORY} select 14, '14', 'Later', type, 'org.springframework.cloud.dataflow.V14__Later', null, 'x', now(), 0, true
         from ${HISTORY} where version = '13'`,
    );
    await holder.open();
    expect(await history()).toContain(14);
  });

  it.each([true, false])('refuses one that is too old (with history: %s)', async (recorded) => {
    await buildAtStep(client, 1, recorded);
    expect(await refusal()).toMatch(/step 1 \(Initial Setup\).*SCDF 2\.3.*Start SCDF 2\.11\.5 on it once/);
  });

  it.each([
    ['column app_registration.boot_version', 'alter table app_registration add column boot_version varchar(16)'],
    ['table boot3_task_lock', 'create table boot3_task_lock (lock_key char(36))'],
    ['sequence boot3_task_seq', 'create sequence boot3_task_seq'],
    ['view aggregate_task_batch', 'create view aggregate_task_batch as select 1 as one'],
  ])('refuses a half-migrated one that has %s already', async (part, statement) => {
    await buildAtStep(client, 5, true);
    await client.query(statement);
    expect(await refusal()).toMatch(new RegExp(`at step 5 .*already holds parts of later steps: .*${part}`));
  });

  it('refuses a script-made one of which only some parts of a step are there', async () => {
    await buildAtStep(client, 7, false);
    await client.query('alter table app_registration drop column boot_version');
    expect(await refusal()).toMatch(/at step 5 .*already holds parts of later steps: .*table boot3_task_execution/);
  });

  it('refuses a history with a gap', async () => {
    await buildAtStep(client, 13, true);
    await client.query(`delete from ${HISTORY} where version = '7'`);
    expect(await refusal()).toMatch(/no entry for step 7/);
  });

  it('of a baseline takes what lies before it as done', async () => {
    await buildAtStep(client, 5, true);
    await client.query(`delete from ${HISTORY} where version in ('1', '2', '3', '4')`);
    await client.query(
      `update ${HISTORY} set type = 'BASELINE', description = '<< Flyway Baseline >>', script = '<< Flyway Baseline >>'`,
    );
    await holder.open();
    expect(await history()).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13]);
  });

  it('in which Flyway has only made its table is empty', async () => {
    for (const sql of createHistoryTable(HISTORY, `${HISTORY}_pk`, `${HISTORY}_s_idx`)) await client.query(sql);
    await holder.open();
    expect(await history()).toHaveLength(CURRENT_VERSION);
  });

  it('refuses one from which an SCDF 3 has dropped the tables of Boot 2', async () => {
    await buildAtStep(client, CURRENT_VERSION, true);
    await client.query(
      `insert into ${HISTORY} select 14, '14', 'Remove Task2', type, 'org.springframework.cloud.dataflow.V14__Remove', null,
              'x', now(), 0, true from ${HISTORY} where version = '13'`,
    );
    await client.query('drop table task_lock, batch_job_execution_context');
    expect(await refusal()).toMatch(/SCDF newer than 2\.11\.5 \(step 14 .*table task_lock/);
  });

  it('refuses a table of that name that is none of Flyway', async () => {
    await client.query(`create table ${HISTORY} (id bigint, version text)`);
    expect(await refusal()).toMatch(/not a history of Flyway: it lacks installed_rank, description/);
  });

  it('refuses one with a failed step', async () => {
    await buildAtStep(client, 9, true);
    await client.query(`update ${HISTORY} set success = false where version = '9'`);
    expect(await refusal()).toMatch(/Step 9 \(ChangeTextTypes\).*has failed/);
  });

  it("refuses a history that is another application's", async () => {
    await buildAtStep(client, 6, true);
    await client.query(`update ${HISTORY} set script = 'com.example.V6__Other' where version = '6'`);
    expect(await refusal()).toMatch(/not SCDF's: com\.example\.V6__Other/);
  });

  it('refuses one that lacks what its history promises, naming the parts', async () => {
    await buildAtStep(client, 13, true);
    await client.query('alter table audit_records drop column platform_name');
    await client.query('drop table boot3_task_lock');
    await client.query('alter table task_deployment alter column id type integer');
    const message = await refusal();
    expect(message).toContain('column audit_records.platform_name');
    expect(message).toContain('table boot3_task_lock');
    expect(message).toContain('column task_deployment.id of type bigint (it is integer)');
  });

  it('refuses a schema in which an application made its own task and batch tables', async () => {
    await client.query('create table task_execution (task_execution_id bigint)');
    await client.query('create sequence task_seq');
    const message = await refusal();
    expect(message).toMatch(/task_execution, task_seq.*not a database of SCDF/);
  });

  it('refuses a schema in which names of ours are taken', async () => {
    await client.query('create table millrace_launch (id bigint)');
    expect(await refusal()).toMatch(/millrace_launch/);
  });

  it('lives beside tables of something else', async () => {
    await client.query('create table orders (id bigint)');
    await client.query('create table flyway_schema_history (installed_rank int)');
    await holder.open();
    expect(await history()).toHaveLength(CURRENT_VERSION);
  });

  it('works in a schema of its own', async () => {
    await client.query('create schema "Own Schema"');
    const { configuration } = holder;
    const connection = { ...holder.connection, schema: '"Own Schema"' };
    const database = await Database.open({ ...configuration, datasource: { ...configuration.datasource, connection } });
    try {
      await database.query(`insert into task_execution (task_execution_id, task_name) values (1, 'a')`);
      await database.query(`insert into millrace_task_definition values ('t', 'a', null)`);
      expect(await database.query('select sum(n)::int as n from millrace_count_pending')).toEqual([{ n: 1 }]);
      expect(await fingerprint(client)).toEqual([]);
    } finally {
      await database.close();
    }
  });

  it('refuses a schema that does not exist', async () => {
    const { configuration } = holder;
    const connection = { ...holder.connection, schema: 'nowhere' };
    await expect(
      Database.open({ ...configuration, datasource: { ...configuration.datasource, connection } }),
    ).rejects.toThrow(/currentSchema.*does not exist/);
  });

  it('refuses a user who may not change it, saying whom to use', async () => {
    await buildAtStep(client, 13, true);
    const role = `${holder.name}_reader`;
    await client.query(`create role ${role} login password 'secret'`);
    await client.query(`grant usage on schema public to ${role}`);
    await client.query(`grant select, insert, update, delete on all tables in schema public to ${role}`);
    try {
      const { configuration } = holder;
      const connection = { ...holder.connection, user: role, password: 'secret' };
      const error = await Database.open({
        ...configuration,
        datasource: { ...configuration.datasource, connection },
      }).catch((reason: Error) => reason);
      expect(error).toMatchObject({
        name: 'SchemaRefusedError',
        message: expect.stringContaining('use the user that SCDF used'),
      });
      expect((error as Error).message).not.toContain('secret');
    } finally {
      await client.query(`drop owned by ${role}`);
      await client.query(`drop role ${role}`);
    }
  });

  it('at the same moment by several servers migrates it once', async () => {
    const databases = await Promise.all([holder.open(), holder.open(), holder.open()]);
    expect(new Set(databases.map(({ instanceId }) => instanceId)).size).toBe(1);
    expect(await history()).toHaveLength(CURRENT_VERSION);
    expect(await databases[0]?.query('select count(*) as n from millrace_migrations')).toEqual([
      { n: migrations({ historyTable: HISTORY }).length },
    ]);
  });

  describe('with spring.flyway.enabled=false', () => {
    const closed = () => ({
      ...holder.configuration,
      flyway: { enabled: false, baselineOnMigrate: true, table: HISTORY },
    });

    it('takes a migrated one', async () => {
      await (await holder.open()).close();
      const database = await Database.open(closed());
      await database.close();
    });

    it.each(['empty', 'of SCDF'])('refuses one that is %s, and says what is missing', async (kind) => {
      if (kind === 'of SCDF') {
        await buildAtStep(client, 13, true);
        await client.query('drop table task_lock');
      }
      const before = await fingerprint(client);
      const error = await Database.open(closed()).catch((reason: Error) => reason);
      expect(error).toMatchObject({ name: 'SchemaRefusedError' });
      const { message } = error as Error;
      expect(message).toContain('table task_lock');
      expect(message.includes('table app_registration')).toBe(kind === 'empty');
      expect(message).toContain('Launches0000000000004');
      expect(await fingerprint(client)).toEqual(before);
    });

    it('refuses one from which a table has been dropped since', async () => {
      await (await holder.open()).close();
      await client.query('drop table task_lock');
      await client.query('drop table millrace_launch');
      const message = await Database.open(closed()).then(String, (reason: Error) => reason.message);
      expect(message).toMatch(/table task_lock/);
      expect(message).toMatch(/table millrace_launch/);
    });
  });
});

it('a database that a real SCDF filled keeps every row', async () => {
  const theirs = await restoreScdfDatabase();
  try {
    const client = await theirs.client();
    const tables = (
      await client.query<{ name: string }>(
        `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
      )
    ).rows;
    const contents = async () => {
      const all: Record<string, unknown[]> = {};
      for (const { name } of tables) all[name] = (await client.query(`select * from ${name} order by 1, 2`)).rows;
      return all;
    };
    const before = await contents();
    const database = await theirs.open();
    expect(database.instanceId).toMatch(/^[0-9a-f]{10}$/);
    expect(await contents()).toEqual(before);
  } finally {
    await theirs.close();
  }
}, 60_000);
