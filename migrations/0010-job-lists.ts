import type { MigrationInterface, QueryRunner } from 'typeorm';
import { pinned, statementTriggers, unlessDropped } from './trigger-sql.js';

/**
 * What lists of jobs need to be quick at any size: every job execution once, over both generations, with what lists filter
 * and order by; and the number of instances of each job.
 *
 * Triggers keep both. An execution is inserted without its job's name, and instances are counted by appending rows that
 * add up: Spring Batch makes both in SERIALIZABLE transactions, where a read, or a row that others write too, makes
 * applications fail that start at once. The name follows with the execution's first update, or when a list asks for it.
 */
export class JobLists implements MigrationInterface {
  readonly name = 'JobLists0000000000010';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    const [{ schema }] = (await runner.query('select quote_ident(current_schema()) as schema')) as [{ schema: string }];
    await inTransaction(runner, TABLES);
    // The triggers lock their table until the end of the transaction: nothing slips between them and the fill.
    for (const generation of GENERATIONS) {
      await inTransaction(runner, [...executionTriggers(generation, pinned(schema)), fillExecutions(generation)]);
      await inTransaction(runner, [...instanceTriggers(generation, pinned(schema)), fillInstances(generation)]);
    }
    for (const statement of INDEXES) await runner.query(statement);
    await runner.query('analyze millrace_job_execution');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { target } of GENERATIONS) {
      await runner.query(`drop function millrace_list_${target}_jobs, millrace_relist_${target}_job cascade`);
      await runner.query(`drop function millrace_count_${target}_instances cascade`);
    }
    await runner.query('drop table millrace_job_execution, millrace_job_instance_count');
  }
}

interface Generation {
  readonly target: 'boot2' | 'boot3';
  readonly prefix: '' | 'boot3_';
}

const GENERATIONS: readonly Generation[] = [
  { target: 'boot2', prefix: '' },
  { target: 'boot3', prefix: 'boot3_' },
];

const TABLES = [
  `create table millrace_job_execution (
     job_execution_id bigint not null,
     schema_target varchar(5) collate "C" not null,
     job_instance_id bigint not null,
     job_name varchar(100) collate "C",
     status varchar(10) collate "C" not null,
     start_time timestamp,
     primary key (job_execution_id, schema_target))`,
  `create table millrace_job_instance_count (job_name varchar(100) collate "C" not null, instances bigint not null)
   with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`,
  // A database that publishes all its tables could not delete from one without identity.
  'alter table millrace_job_instance_count replica identity full',
];

const INDEXES = [
  ...['job_name', 'status', 'job_name, status', 'start_time'].map(
    (columns) =>
      `create index millrace_job_execution_${columns.replace(', ', '_')}_ix
         on millrace_job_execution (${columns}, job_execution_id, schema_target)`,
  ),
  'create index millrace_job_execution_nameless_ix on millrace_job_execution (job_execution_id) where job_name is null',
];

async function inTransaction(runner: QueryRunner, statements: readonly string[]): Promise<void> {
  await runner.startTransaction();
  try {
    for (const statement of statements) await runner.query(statement);
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  }
}

function executionTriggers({ target, prefix }: Generation, header: string): string[] {
  const table = `${prefix}batch_job_execution`;
  const list = `millrace_list_${target}_jobs`;
  return [
    `create function ${list}() returns trigger ${header} as $$
     begin
       ${unlessDropped('millrace_job_execution')}
       if tg_op = 'INSERT' then
         insert into millrace_job_execution (job_execution_id, schema_target, job_instance_id, status, start_time)
         select job_execution_id, '${target}', job_instance_id, coalesce(status, 'UNKNOWN'), start_time from added
         on conflict do nothing;
       elsif tg_op = 'DELETE' then
         delete from millrace_job_execution l using removed r
          where l.job_execution_id = r.job_execution_id and l.schema_target = '${target}';
       else
         delete from millrace_job_execution where schema_target = '${target}';
       end if;
       return null;
     end $$`,
    ...statementTriggers('millrace_list', table, list),
    `create function millrace_relist_${target}_job() returns trigger ${header} as $$
     begin
       ${unlessDropped('millrace_job_execution')}
       update millrace_job_execution l
          set status = coalesce(new.status, 'UNKNOWN'), start_time = new.start_time, job_instance_id = new.job_instance_id,
              job_name = coalesce(l.job_name, (select i.job_name from ${prefix}batch_job_instance i
                                                where i.job_instance_id = new.job_instance_id))
        where l.job_execution_id = new.job_execution_id and l.schema_target = '${target}';
       return null;
     end $$`,
    `create trigger millrace_list_update after update on ${table} for each row
       when (old.status is distinct from new.status or old.start_time is distinct from new.start_time
             or old.job_instance_id <> new.job_instance_id)
       execute function millrace_relist_${target}_job()`,
  ];
}

function fillExecutions({ target, prefix }: Generation): string {
  return `insert into millrace_job_execution (job_execution_id, schema_target, job_instance_id, job_name, status, start_time)
    select e.job_execution_id, '${target}', e.job_instance_id, i.job_name, coalesce(e.status, 'UNKNOWN'), e.start_time
      from ${prefix}batch_job_execution e
      join ${prefix}batch_job_instance i on i.job_instance_id = e.job_instance_id
     order by e.job_execution_id`;
}

function instanceTriggers({ target, prefix }: Generation, header: string): string[] {
  const table = `${prefix}batch_job_instance`;
  const others = GENERATIONS.filter((other) => other.target !== target).map(
    (other) => `${other.prefix}batch_job_instance`,
  );
  const count = `millrace_count_${target}_instances`;
  return [
    `create function ${count}() returns trigger ${header} as $$
     begin
       ${unlessDropped('millrace_job_instance_count')}
       if tg_op = 'INSERT' then
         insert into millrace_job_instance_count select job_name, count(*) from added group by job_name;
       elsif tg_op = 'DELETE' then
         insert into millrace_job_instance_count select job_name, -count(*) from removed group by job_name;
       else
         delete from millrace_job_instance_count;
         insert into millrace_job_instance_count select job_name, count(*) from ${others.join()} group by job_name;
       end if;
       return null;
     end $$`,
    ...statementTriggers('millrace_count', table, count),
  ];
}

function fillInstances({ prefix }: Generation): string {
  return `insert into millrace_job_instance_count select job_name, count(*) from ${prefix}batch_job_instance group by job_name`;
}
