import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Exact numbers of task and job executions without counting rows.
 *
 * `millrace_count` holds the numbers as they were at some moment, `millrace_count_delta` what came since: a count is the sum
 * of both, read in one statement. Writers only append to the second, so they never wait for each other; a background
 * job folds it into the first. Triggers append for every statement, whoever runs it: this server, SCDF or an application.
 */
export class RowCounts implements MigrationInterface {
  readonly name = 'RowCounts0000000000005';

  async up(runner: QueryRunner): Promise<void> {
    const [{ schema }] = (await runner.query('select quote_ident(current_schema()) as schema')) as [{ schema: string }];
    const functions = [JOB_NAME, PENDING, TASK_STATE, countTasks, ...GENERATIONS.map(countJobs), verify, COMPACT];
    for (const statement of TABLES) await runner.query(statement);
    for (const statement of functions) {
      await runner.query(typeof statement === 'string' ? statement : statement(pinned(schema)));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop function millrace_count_tasks, millrace_count_boot2_jobs, millrace_count_boot3_jobs, millrace_verify_counts,
         millrace_compact_counts, millrace_task_state cascade`,
    );
    await runner.query('drop view millrace_count_pending');
    await runner.query('drop function millrace_job_name');
    await runner.query('drop table millrace_count, millrace_count_delta');
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

/**
 * Functions that run inside other people's statements: with the rights of their owner, since an application's database
 * user may have none on our tables, and with a search path that this user cannot turn elsewhere.
 */
const pinned = (schema: string): string =>
  `language plpgsql volatile security definer set search_path = ${schema}, pg_temp`;

const TABLES = [
  `create table millrace_count (
     kind text not null, schema_target text not null, name text not null, state text not null, n bigint not null,
     primary key (kind, schema_target, name, state)) with (fillfactor = 50)`,
  `create table millrace_count_delta (
     kind text not null, schema_target text not null, name text, state text not null, n bigint not null,
     job_instance_id bigint)
   with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0)`,
  // A database that publishes all its tables could not delete from one without identity.
  'alter table millrace_count_delta replica identity full',
];

/**
 * The name of a job instance that was counted without its name: from the instance, or, when that has been deleted since,
 * from what was appended with the deletion.
 */
const JOB_NAME = `
create function millrace_job_name(target text, instance bigint) returns text language sql stable as $$
  select coalesce(
    case target when 'boot2' then (select job_name from batch_job_instance where job_instance_id = instance)
                when 'boot3' then (select job_name from boot3_batch_job_instance where job_instance_id = instance) end,
    (select max(name) from millrace_count_delta where schema_target = target and job_instance_id = instance),
    '')
$$`;

/** What was appended, every row with its name. */
const PENDING = `
create view millrace_count_pending as
  select kind, schema_target, coalesce(name, millrace_job_name(schema_target, job_instance_id)) as name, state, n
    from millrace_count_delta`;

/** The state that SCDF derives from a row. */
const TASK_STATE = `
create function millrace_task_state(start_time timestamp, end_time timestamp, exit_code integer) returns text
language sql immutable parallel safe as $$
  select case when start_time is null then 'UNKNOWN'
              when end_time is null or exit_code is null then 'RUNNING'
              when exit_code = 0 then 'COMPLETE'
              else 'ERROR' end
$$`;

/** The branch that a TRUNCATE runs: the opposite of all that was counted. */
const zero = (kind: string): string => `
    insert into millrace_count_delta
      select kind, schema_target, name, state, -sum(n)
        from (select * from millrace_count union all select * from millrace_count_pending) c
       where kind = '${kind}' and schema_target = tg_argv[0]
       group by 1, 2, 3, 4 having sum(n) <> 0;`;

/** Whoever drops our tables and forgets the triggers must not stop the applications. */
const UNLESS_DROPPED = `
  if to_regclass('millrace_count_delta') is null then
    return null;
  end if;`;

const countTasks = (header: string): string => {
  const key = `'task', tg_argv[0], coalesce(task_name, ''), millrace_task_state(start_time, end_time, exit_code)`;
  return `
create function millrace_count_tasks() returns trigger ${header} as $$
begin
  ${UNLESS_DROPPED}
  if tg_op = 'INSERT' then
    insert into millrace_count_delta select ${key}, count(*) from added group by 3, 4;
  elsif tg_op = 'DELETE' then
    insert into millrace_count_delta select ${key}, -count(*) from removed group by 3, 4;
  elsif tg_op = 'UPDATE' then
    insert into millrace_count_delta
      select 'task', tg_argv[0], name, state, sum(n)
        from (select coalesce(task_name, '') as name, millrace_task_state(start_time, end_time, exit_code) as state, 1 as n
                from added
              union all
              select coalesce(task_name, ''), millrace_task_state(start_time, end_time, exit_code), -1 from removed) c
       group by 3, 4 having sum(n) <> 0;
  else ${zero('task')}
  end if;
  return null;
end $$`;
};

/**
 * An insert appends the instance's number and does not look up its name: Spring Batch inserts in SERIALIZABLE transactions,
 * and one more read in them makes more of them fail (measured: the rate of serialization failures doubled). Updates and
 * deletions run in READ COMMITTED.
 */
const countJobs =
  ({ target, prefix }: Generation) =>
  (header: string): string => {
    const rows = (transition: string, n: number): string => `
      select i.job_name as name, coalesce(e.status, 'UNKNOWN') as state, ${n} as n, e.job_instance_id
        from ${transition} e left join ${prefix}batch_job_instance i on i.job_instance_id = e.job_instance_id`;
    const append = (from: string): string => `
    insert into millrace_count_delta
      select 'job', '${target}', name, state, sum(n), job_instance_id from (${from}) c
       group by 3, 4, 6 having sum(n) <> 0;`;
    return `
create function millrace_count_${target}_jobs() returns trigger ${header} as $$
begin
  ${UNLESS_DROPPED}
  if tg_op = 'INSERT' then
    insert into millrace_count_delta
      select 'job', '${target}', null, coalesce(status, 'UNKNOWN'), count(*), job_instance_id from added group by 4, 6;
  elsif tg_op = 'DELETE' then ${append(rows('removed', -1))}
  elsif tg_op = 'UPDATE' then ${append(`${rows('added', 1)} union all ${rows('removed', -1)}`)}
  else ${zero('job')}
  end if;
  return null;
end $$`;
  };

/**
 * Compares what is counted with the rows, all in one snapshot, and appends the differences. Returns how many numbers were
 * wrong. Arguments narrow it to one table; null means all.
 */
const verify = (header: string): string => {
  const tasks = ({ target, prefix }: Generation): string => `
      select 'task' as kind, '${target}' as schema_target, coalesce(task_name, '') as name,
             millrace_task_state(start_time, end_time, exit_code) as state, count(*) as n
        from ${prefix}task_execution group by 3, 4`;
  const jobs = ({ target, prefix }: Generation): string => `
      select 'job', '${target}', job_name, state, sum(n)
        from (select job_instance_id, coalesce(status, 'UNKNOWN') as state, count(*) as n
                from ${prefix}batch_job_execution group by 1, 2) e join ${prefix}batch_job_instance using (job_instance_id)
       group by 3, 4`;
  const truth = GENERATIONS.flatMap((generation) => [
    { kind: 'task', ...generation, sql: tasks(generation) },
    { kind: 'job', ...generation, sql: jobs(generation) },
  ]);
  // A literal condition on its arguments lets the executor skip the tables that are not asked for.
  const narrowed = truth.map(
    ({ kind, target, sql }) => `
      select * from (${sql}) t where coalesce(only_kind, '${kind}') = '${kind}' and coalesce(only_target, '${target}') = '${target}'`,
  );
  return `
create function millrace_verify_counts(only_kind text default null, only_target text default null) returns bigint
${header} as $$
declare
  corrected bigint;
begin
  perform pg_advisory_xact_lock(hashtext('millrace_verify_counts'));
  insert into millrace_count_delta
    select kind, schema_target, name, state, sum(n)
      from (${narrowed.join(' union all ')}
            union all
            select kind, schema_target, name, state, -n
              from (select * from millrace_count union all select * from millrace_count_pending) c
             where kind = coalesce(only_kind, kind) and schema_target = coalesce(only_target, schema_target)) d
     group by 1, 2, 3, 4 having sum(n) <> 0;
  get diagnostics corrected = row_count;
  return corrected;
end $$`;
};

/**
 * Folds what was appended into the numbers. One session does it at a time; others come back at once. Only rows of its own
 * snapshot are folded, so it waits for nobody, and nobody waits for it. Returns how many rows were folded.
 */
const COMPACT = `
create function millrace_compact_counts() returns bigint language plpgsql volatile as $$
declare
  folded bigint;
begin
  if not exists (select from millrace_count_delta)
     or not pg_try_advisory_xact_lock(hashtext('millrace_compact_counts')) then
    return 0;
  end if;
  with gone as (delete from millrace_count_delta returning *),
       sums as (select kind, schema_target, coalesce(name, millrace_job_name(schema_target, job_instance_id)) as name,
                       state, sum(n) as n
                  from gone group by 1, 2, 3, 4 having sum(n) <> 0),
       kept as (insert into millrace_count as c (kind, schema_target, name, state, n) select * from sums
                on conflict (kind, schema_target, name, state) do update set n = c.n + excluded.n)
  select count(*) into folded from gone;
  delete from millrace_count where n = 0;
  return folded;
end $$`;
