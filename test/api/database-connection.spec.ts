import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type pg from 'pg';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { CONFIGURATION } from '../../src/configuration/configuration.js';
import { AdvisoryLockLostError } from '../../src/database/advisory-locks.js';
import { DatabaseUnavailableError } from '../../src/database/database-unavailable.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { Database } from '../../src/database/database.js';
import { RowCounts } from '../../src/database/row-counts.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

@Entity('sample')
class Sample {
  @PrimaryColumn({ type: 'bigint' })
  id!: number;

  @Column({ type: 'timestamp', name: 'happened_at' })
  happenedAt!: Date;
}

describe('the database', () => {
  let holder: TestDatabase;
  let database: Database;
  let other: Database;
  let administrator: pg.Client;

  /** Ends every session of the server but the administrator's, as a restart of PostgreSQL does. */
  const endSessions = () =>
    administrator.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );

  /** Until every dead connection of the pool is noticed, a statement may fail, and only as unavailability. */
  const recover = async (): Promise<void> => {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const answer = await database.query<{ one: number }>('select 1 as one').catch((error: unknown) => error);
      if (Array.isArray(answer)) return;
      expect(answer).toBeInstanceOf(DatabaseUnavailableError);
    }
    throw new Error('the pool did not recover');
  };

  beforeAll(async () => {
    holder = await createTestDatabase();
    [database, other] = [await holder.open(), await holder.open()];
    administrator = await holder.client();
    await database.query('create table sample (id bigint primary key, happened_at timestamp)');
  }, 60_000);
  afterAll(async () => holder?.close());
  beforeEach(async () => {
    await administrator.query('delete from sample');
  });

  describe('values', () => {
    it('come as numbers and UTC dates', async () => {
      const [row] = await database.query(
        `select 9007199254740991::bigint as big, timestamp '2026-11-20 18:26:58.176161' as micros,
                timestamptz '2026-11-20 18:26:58+02' as zoned, count(*) as n, current_setting('TimeZone') as zone
           from sample`,
      );
      expect(row).toEqual({
        big: 9007199254740991,
        micros: new Date('2026-11-20T18:26:58.176Z'),
        zoned: new Date('2026-11-20T16:26:58Z'),
        n: 0,
        zone: 'UTC',
      });
    });

    it('of dates are written in UTC, by statements and by repositories', async () => {
      const date = new Date('2026-07-01T12:34:56.789Z');
      await database.query('insert into sample values ($1, $2)', [1, date]);
      await database.dataSource.getRepository(Sample).insert({ id: 2, happenedAt: date });
      expect(await database.query('select happened_at::text as text from sample')).toEqual([
        { text: '2026-07-01 12:34:56.789' },
        { text: '2026-07-01 12:34:56.789' },
      ]);
      expect(await database.dataSource.getRepository(Sample).findOneByOrFail({ id: 2 })).toEqual({
        id: 2,
        happenedAt: date,
      });
    });
  });

  describe('statements and transactions', () => {
    it('give the rows of changes', async () => {
      expect(await database.query('insert into sample values (1, now()), (2, now()) returning id')).toHaveLength(2);
      expect(await database.query('update sample set id = id + 10 where id = 1 returning id')).toEqual([{ id: 11 }]);
      expect(await database.query('delete from sample where id = $1', [99])).toEqual([]);
      await database.transaction(async ({ query }) => {
        expect(await query('update sample set id = id + 10 where id = 2 returning id')).toEqual([{ id: 12 }]);
      });
    });

    it('commit together, and leave nothing when the work fails', async () => {
      const failing = database.transaction(async ({ query, manager }) => {
        await query('insert into sample values (1, now())');
        await manager.insert(Sample, { id: 2, happenedAt: new Date() });
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await database.query('select id from sample')).toEqual([]);
    });

    it('begin again without prepared statements once these turn out not to work', async () => {
      let begun = 0;
      await other.transaction(async ({ query, queryPrepared }) => {
        begun += 1;
        await query('insert into sample values (1, now())');
        await queryPrepared('select id from sample where id = $1', [1]);
        // What a connection pooler does that hands out another session.
        await query('deallocate all');
        expect(await queryPrepared('select id from sample where id = $1', [1])).toEqual([{ id: 1 }]);
      });
      expect(begun).toBe(2);
      expect(await database.query('select id from sample')).toEqual([{ id: 1 }]);
    });

    it('keep their errors', async () => {
      await expect(database.query('select * from nowhere')).rejects.toMatchObject({ code: '42P01' });
      await expect(database.transaction(({ query }) => query('select * from nowhere'))).rejects.toMatchObject({
        code: '42P01',
      });
    });
  });

  describe('when PostgreSQL ends its sessions', () => {
    it('goes on with new ones', async () => {
      await Promise.all([database.query('select 1'), database.query('select 2')]);
      await endSessions();
      await recover();
    });

    it('says so in the middle of a transaction, and keeps nothing of it', async () => {
      const work = database.transaction(async ({ query }) => {
        await query('insert into sample values (1, now())');
        await endSessions();
        await new Promise((resolve) => setTimeout(resolve, 50));
        await query('insert into sample values (2, now())');
      });
      await expect(work).rejects.toBeInstanceOf(DatabaseUnavailableError);
      expect(await administrator.query('select id from sample')).toMatchObject({ rows: [] });
    });
  });

  it('that nobody serves is reported with its address, without its password', async () => {
    const { configuration } = holder;
    const connection = { ...holder.connection, hosts: [{ host: '127.0.0.1', port: 1 }], password: 'secret' };
    const error = await Database.open({
      ...configuration,
      datasource: { ...configuration.datasource, connection, connectionTimeout: 100 },
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatabaseUnavailableError);
    expect((error as Error).message).toContain('127.0.0.1:1/');
    expect((error as Error).message).not.toContain('secret');
  });

  it('is found behind the first host that accepts', async () => {
    const { configuration } = holder;
    const connection = {
      ...holder.connection,
      hosts: [{ host: '127.0.0.1', port: 1 }, ...holder.connection.hosts],
    };
    const opened = await Database.open({ ...configuration, datasource: { ...configuration.datasource, connection } });
    try {
      expect(await opened.query('select 1 as one')).toEqual([{ one: 1 }]);
    } finally {
      await opened.close();
    }
  });

  describe('locks', () => {
    it('exclude servers and callers from each other', async () => {
      let inside = 0;
      const work = async (): Promise<void> => {
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 10));
        inside -= 1;
      };
      const all = [database, other, database, other, database].map((server) => server.withAdvisoryLock('l', work));
      await Promise.all(all);
    });

    it('are waited for as long as it takes: a migration of a large database may be under way', async () => {
      const held = database.withAdvisoryLock('l', () => new Promise((resolve) => setTimeout(resolve, 13_000)));
      await new Promise((resolve) => setTimeout(resolve, 100));
      await expect(other.withAdvisoryLock('l', () => Promise.resolve('had'))).resolves.toBe('had');
      await held;
    });

    it('are free again after work that failed', async () => {
      await expect(database.withAdvisoryLock('l', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
      expect(await other.withAdvisoryLock('l', () => Promise.resolve(1))).toBe(1);
    });

    it('as leases come back at once when somebody else holds them', async () => {
      const outcome = await database.tryWithLease('l', async () => ({
        other: await other.tryWithLease('l', () => Promise.resolve(1)),
        again: await database.tryWithLease('l', () => Promise.resolve(1)),
        different: await other.tryWithLease('m', () => Promise.resolve(1)),
      }));
      expect(outcome).toEqual({
        held: true,
        result: { other: { held: false }, again: { held: false }, different: { held: true, result: 1 } },
      });
      expect(await other.tryWithLease('l', () => Promise.resolve(2))).toEqual({ held: true, result: 2 });
    });

    it('as leases share one connection, also when several are the first at once', async () => {
      const names = ['l', 'm', 'n'];
      let open = () => {};
      const all = new Promise<void>((resolve) => (open = resolve));
      let holders = 0;
      const work = async () => {
        if (++holders === names.length) open();
        await all;
        const rows = await database.query<{ n: number }>(
          `select count(distinct pid)::int as n from pg_locks
           where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
        );
        return rows[0]?.n;
      };
      const outcomes = await Promise.all(names.map((name) => database.tryWithLease(name, work)));
      expect(outcomes).toEqual(names.map(() => ({ held: true, result: 1 })));
    });

    it.each(['withAdvisoryLock', 'tryWithLease'] as const)(
      'tell their holder when they are lost (%s)',
      async (method) => {
        const work = database[method]('l', async (lease) => {
          lease.assertHeld();
          await endSessions();
          while (!lease.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
          expect(() => lease.assertHeld()).toThrow(AdvisoryLockLostError);
        });
        await expect(work).rejects.toBeInstanceOf(AdvisoryLockLostError);
        expect(await database.tryWithLease('l', () => Promise.resolve(1))).toEqual({ held: true, result: 1 });
      },
    );
  });

  it('is there for every room of a Nest application, and closes with it', async () => {
    @Module({ imports: [DatabaseModule], providers: [{ provide: CONFIGURATION, useValue: holder.configuration }] })
    class Application {}
    // CONFIGURATION comes from a global module in the server.
    Reflect.defineMetadata('__module:global__', true, Application);
    Reflect.defineMetadata('exports', [CONFIGURATION], Application);
    const application = await NestFactory.createApplicationContext(Application, { logger: false });
    const opened = application.get(Database);
    expect(await application.get(RowCounts).countTaskExecutions()).toBe(0);
    await application.close();
    await expect(opened.query('select 1')).rejects.toThrow();
  });
});
