import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The two generations of Spring Batch tables: schema target, and prefix of the tables' names. */
const GENERATIONS = [
  { target: 'boot2', prefix: 'batch_' },
  { target: 'boot3', prefix: 'boot3_batch_' },
] as const;

/**
 * What lists of job executions need to be quick at any size: every execution once, over both generations, with what lists
 * filter and order by; and the number of executions and instances of each job.
 *
 * Triggers keep them. They write on the application's connection, so they take care of two things: they only ever insert
 * counts (several rows of one job add up; a server folds them together from time to time), because applications that
 * start at once must not wait for each other or fail at their serializable isolation; and they run with the rights of
 * the owner, because applications may use another database user.
 */
export class JobLists implements MigrationInterface {
  readonly name = 'JobLists0000000000010';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables) await runner.query(statement);
    const owner = await ownerRights(runner);
    // A trigger locks its table until the end of the transaction: nothing slips between it and the fill.
    for (const generation of GENERATIONS) {
      for (const statement of [...executionTriggers(generation, owner), ...instanceTriggers(generation, owner)]) {
        await runner.query(statement);
      }
    }
    for (const generation of GENERATIONS) await runner.query(fill(generation));
    for (const statement of [...firstCounts, ...indexes]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { target } of GENERATIONS) {
      for (const part of [
        'job_execution_added',
        'job_execution_changed',
        'job_execution_removed',
        'job_execution_emptied',
      ]) {
        await runner.query(`drop function millrace_${target}_${part}() cascade`);
      }
      for (const part of ['job_instance_added', 'job_instance_removed', 'job_instance_emptied']) {
        await runner.query(`drop function millrace_${target}_${part}() cascade`);
      }
      await runner.query(`drop index millrace_${target}_job_instance_name_ix`);
      await runner.query(`drop index millrace_${target}_job_execution_instance_ix`);
      await runner.query(`drop index millrace_${target}_job_params_ix`);
      await runner.query(`drop index millrace_${target}_task_batch_task_ix`);
    }
    for (const table of ['job_execution', 'job_execution_count', 'job_instance_count']) {
      await runner.query(`drop table millrace_${table}`);
    }
  }
}

type Generation = (typeof GENERATIONS)[number];

const tables = [
  `create table millrace_job_execution (
     job_execution_id bigint not null,
     schema_target varchar(5) collate "C" not null,
     job_name varchar(100) collate "C" not null,
     status varchar(10) collate "C" not null,
     start_time timestamp)`,
  `create table millrace_job_execution_count (
     job_name varchar(100) collate "C" not null,
     status varchar(10) collate "C" not null,
     executions bigint not null)`,
  `create table millrace_job_instance_count (
     job_name varchar(100) collate "C" not null,
     instances bigint not null)`,
];

const indexes = [
  'alter table millrace_job_execution add primary key (job_execution_id, schema_target)',
  'create index millrace_job_execution_name_ix on millrace_job_execution (job_name, job_execution_id, schema_target)',
  'create index millrace_job_execution_status_ix on millrace_job_execution (status, job_execution_id, schema_target)',
  `create index millrace_job_execution_name_status_ix
     on millrace_job_execution (job_name, status, job_execution_id, schema_target)`,
  'create index millrace_job_execution_start_ix on millrace_job_execution (start_time, job_execution_id, schema_target)',
  'create index millrace_job_execution_count_ix on millrace_job_execution_count (job_name)',
  'create index millrace_job_instance_count_ix on millrace_job_instance_count (job_name)',
  ...GENERATIONS.flatMap(({ target, prefix }) => [
    `create index millrace_${target}_job_instance_name_ix on ${prefix}job_instance (job_name, job_instance_id)`,
    `create index millrace_${target}_job_execution_instance_ix on ${prefix}job_execution (job_instance_id)`,
    `create index millrace_${target}_job_params_ix on ${prefix}job_execution_params (job_execution_id)`,
    `create index millrace_${target}_task_batch_task_ix
       on ${target === 'boot2' ? 'task_task_batch' : 'boot3_task_task_batch'} (task_execution_id)`,
  ]),
];

/** Rights and name resolution of a trigger function: the owner's, whatever the application's session says. */
async function ownerRights(runner: QueryRunner): Promise<string> {
  const [row] = (await runner.query('select quote_ident(current_schema()) as schema')) as { schema: string }[];
  return `security definer set search_path = ${row?.schema ?? 'public'}, pg_temp`;
}

function triggerFunction(name: string, owner: string, body: string): string {
  return `create function ${name}() returns trigger language plpgsql ${owner} as
          $function$ begin ${body} return null; end $function$`;
}

function executionTriggers({ target, prefix }: Generation, owner: string): string[] {
  const table = `${prefix}job_execution`;
  const name = `millrace_${target}_job_execution`;
  return [
    triggerFunction(
      `${name}_added`,
      owner,
      `with listed as (
         insert into millrace_job_execution (job_execution_id, schema_target, job_name, status, start_time)
         select a.job_execution_id, '${target}', i.job_name, coalesce(a.status, 'UNKNOWN'), a.start_time
           from added a join ${prefix}job_instance i on i.job_instance_id = a.job_instance_id
         on conflict do nothing
         returning job_name, status)
       insert into millrace_job_execution_count (job_name, status, executions)
       select job_name, status, count(*) from listed group by job_name, status;`,
    ),
    `create trigger ${name}_added after insert on ${table}
       referencing new table as added for each statement execute function ${name}_added()`,
    triggerFunction(
      `${name}_changed`,
      owner,
      `with listed as (
         update millrace_job_execution
            set status = coalesce(new.status, 'UNKNOWN'), start_time = new.start_time
          where job_execution_id = new.job_execution_id and schema_target = '${target}'
         returning job_name)
       insert into millrace_job_execution_count (job_name, status, executions)
       select job_name, change.status, change.executions
         from listed, (values (coalesce(old.status, 'UNKNOWN'), -1), (coalesce(new.status, 'UNKNOWN'), 1))
              as change (status, executions)
        where old.status is distinct from new.status;`,
    ),
    `create trigger ${name}_changed after update on ${table} for each row
       when (old.status is distinct from new.status or old.start_time is distinct from new.start_time)
       execute function ${name}_changed()`,
    triggerFunction(
      `${name}_removed`,
      owner,
      `${unlist(`using removed r where l.job_execution_id = r.job_execution_id and l.schema_target = '${target}'`)}`,
    ),
    `create trigger ${name}_removed after delete on ${table}
       referencing old table as removed for each statement execute function ${name}_removed()`,
    triggerFunction(`${name}_emptied`, owner, unlist(`where l.schema_target = '${target}'`)),
    `create trigger ${name}_emptied after truncate on ${table}
       for each statement execute function ${name}_emptied()`,
  ];
}

/** Takes executions off the list, and off the counts exactly what was on the list. */
function unlist(which: string): string {
  return `with unlisted as (delete from millrace_job_execution l ${which} returning l.job_name, l.status)
          insert into millrace_job_execution_count (job_name, status, executions)
          select job_name, status, -count(*) from unlisted group by job_name, status;`;
}

function instanceTriggers({ target, prefix }: Generation, owner: string): string[] {
  const table = `${prefix}job_instance`;
  const name = `millrace_${target}_job_instance`;
  const count = (sign: string, rows: string) =>
    `insert into millrace_job_instance_count (job_name, instances)
     select job_name, ${sign}count(*) from ${rows} group by job_name;`;
  const others = GENERATIONS.filter((other) => other.target !== target).map((other) => `${other.prefix}job_instance`);
  return [
    triggerFunction(`${name}_added`, owner, count('', 'added')),
    `create trigger ${name}_added after insert on ${table}
       referencing new table as added for each statement execute function ${name}_added()`,
    triggerFunction(`${name}_removed`, owner, count('-', 'removed')),
    `create trigger ${name}_removed after delete on ${table}
       referencing old table as removed for each statement execute function ${name}_removed()`,
    triggerFunction(`${name}_emptied`, owner, `delete from millrace_job_instance_count; ${count('', others.join(''))}`),
    `create trigger ${name}_emptied after truncate on ${table}
       for each statement execute function ${name}_emptied()`,
  ];
}

function fill({ target, prefix }: Generation): string {
  return `insert into millrace_job_execution (job_execution_id, schema_target, job_name, status, start_time)
          select e.job_execution_id, '${target}', i.job_name, coalesce(e.status, 'UNKNOWN'), e.start_time
            from ${prefix}job_execution e join ${prefix}job_instance i on i.job_instance_id = e.job_instance_id`;
}

const firstCounts = [
  `insert into millrace_job_execution_count (job_name, status, executions)
   select job_name, status, count(*) from millrace_job_execution group by job_name, status`,
  ...GENERATIONS.map(
    ({ prefix }) => `insert into millrace_job_instance_count (job_name, instances)
                     select job_name, count(*) from ${prefix}job_instance group by job_name`,
  ),
];
