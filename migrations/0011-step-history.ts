import type { MigrationInterface, QueryRunner } from 'typeorm';
import { pinned, statementTriggers, unlessDropped } from './trigger-sql.js';

const GENERATIONS = [
  { target: 'boot2', prefix: 'batch_' },
  { target: 'boot3', prefix: 'boot3_batch_' },
] as const;

type Generation = (typeof GENERATIONS)[number];

/** What a finished step execution is measured by; durations in ms. */
const MEASURES = [
  'commit_count',
  'rollback_count',
  'read_count',
  'write_count',
  'filter_count',
  'read_skip_count',
  'write_skip_count',
  'process_skip_count',
  'duration',
  'duration_per_read',
];

/**
 * The history of each step over all its finished executions: how many, and for each measure sum, sum of squares, least and
 * greatest. The page of a step's progress compares with it; computing it there would read every execution ever made.
 *
 * A trigger adds a row when a step execution finishes; rows of one step add up, and a server folds them together from time
 * to time. What leaves the history (deleted or corrected executions) cannot be taken off a minimum, so it only leaves a
 * row that is `stale`: the next reader computes that step anew from the view.
 */
export class StepHistory implements MigrationInterface {
  readonly name = 'StepHistory0000000000011';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    const [{ schema }] = (await runner.query('select quote_ident(current_schema()) as schema')) as [{ schema: string }];
    for (const statement of [...table, computed]) await runner.query(statement);
    for (const generation of GENERATIONS) {
      for (const statement of triggers(generation, pinned(schema))) await runner.query(statement);
    }
    await runner.query(firstHistory);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { target } of GENERATIONS) {
      await runner.query(`drop function millrace_add_${target}_steps, millrace_finish_${target}_step cascade`);
    }
    await runner.query('drop view millrace_step_history_computed');
    await runner.query('drop table millrace_step_history');
  }
}

const table = [
  `create table millrace_step_history (
  schema_target varchar(5) collate "C" not null,
  job_name varchar(100) collate "C" not null,
  step_name varchar(100) collate "C" not null,
  stale boolean not null default false,
  executions bigint not null,
  executions_with_reads bigint not null,
  ${MEASURES.map(
    (measure) => `${measure}_sum numeric, ${measure}_squares numeric, ${measure}_min bigint, ${measure}_max bigint`,
  ).join(',\n  ')})
   with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`,
  'alter table millrace_step_history replica identity full',
  'create index millrace_step_history_ix on millrace_step_history (step_name, job_name, schema_target)',
];

const columns = [
  ...['schema_target', 'job_name', 'step_name', 'executions', 'executions_with_reads'],
  ...MEASURES.flatMap((measure) => ['sum', 'squares', 'min', 'max'].map((figure) => `${measure}_${figure}`)),
].join(', ');

/** Partitions of one step are compared with each other, as SCDF does. */
const comparedName = `case when s.step_name like '%:partition%'
  then left(s.step_name, strpos(s.step_name, ':partition') + 9) || '*' else s.step_name end`;

/**
 * The finished ones among step executions, measured. Times are cut to milliseconds first, as Java's are; durations per
 * read are whole milliseconds, as SCDF's are.
 * @param steps a table, or a set of its rows
 */
function finishedSteps({ target, prefix }: Generation, steps: string): string {
  const duration = `round(extract(epoch from
    date_trunc('milliseconds', s.end_time) - date_trunc('milliseconds', s.start_time)) * 1000)::bigint`;
  const counts = MEASURES.filter((measure) => measure.endsWith('_count'));
  return `select '${target}'::varchar(5) collate "C" as schema_target,
           i.job_name::varchar(100) collate "C" as job_name, (${comparedName})::varchar(100) collate "C" as step_name,
           ${counts.map((count) => `coalesce(s.${count}, 0) as ${count}`).join(', ')},
           ${duration} as duration, case when s.read_count > 0 then ${duration} / s.read_count end as duration_per_read
      from ${steps} s
      join ${prefix}job_execution e on e.job_execution_id = s.job_execution_id
      join ${prefix}job_instance i on i.job_instance_id = e.job_instance_id
     where isfinite(s.start_time) and isfinite(s.end_time)`;
}

const figures = [
  ...['schema_target', 'job_name', 'step_name', 'count(*)', 'count(duration_per_read)'],
  ...MEASURES.flatMap((measure) => [
    `sum(${measure})`,
    `sum(${measure}::numeric * ${measure})`,
    `min(${measure})`,
    `max(${measure})`,
  ]),
].join(', ');

function added(rows: string): string {
  return `select ${figures} from (${rows}) as s group by schema_target, job_name, step_name`;
}

/** Each generation on its own, so that a reader's restriction to one reaches its tables. */
const computed = `create view millrace_step_history_computed (${columns}) as
  ${GENERATIONS.map((generation) => added(finishedSteps(generation, `${generation.prefix}step_execution`))).join(' union all ')}`;

/**
 * The history of what there was before the triggers. No lock is needed: what this statement sees is computed, and what was
 * appended about it meanwhile replaced; what it does not see appends its own row.
 */
const firstHistory = `with replaced as (delete from millrace_step_history)
  insert into millrace_step_history (${columns}) select ${columns} from millrace_step_history_computed`;

function triggers(generation: Generation, header: string): string[] {
  const { target, prefix } = generation;
  const steps = `${prefix}step_execution`;
  const [add, finish] = [`millrace_add_${target}_steps`, `millrace_finish_${target}_step`];
  const append = (rows: string) =>
    `insert into millrace_step_history (${columns}) ${added(finishedSteps(generation, rows))};`;
  return [
    // A step begins unfinished: then nothing is planned or read.
    `create function ${add}() returns trigger ${header} as $$
     begin
       ${unlessDropped('millrace_step_history')}
       if tg_op = 'INSERT' then
         if exists (select from added where end_time is not null) then ${append('added')} end if;
       elsif tg_op = 'DELETE' then
         if exists (select from removed where end_time is not null) then
           ${markStale(generation, '(select * from removed where end_time is not null)')}
         end if;
       else
         delete from millrace_step_history where schema_target = '${target}';
       end if;
       return null;
     end $$`,
    ...statementTriggers('millrace_history', steps, add),
    `create function ${finish}() returns trigger ${header} as $$
     begin
       ${unlessDropped('millrace_step_history')}
       if old.end_time is null then ${append('(select new.*)')}
       else ${markStale(generation, '(select old.step_name, old.job_execution_id)')} end if;
       return null;
     end $$`,
    `create trigger millrace_history_update after update on ${steps} for each row
       when (${changedMeasures}) execute function ${finish}()`,
  ];
}

/** An update that adds to the history or corrects it; the updates of a running step, one a chunk, cost nothing. */
const changedMeasures = `(old.end_time is not null or new.end_time is not null) and
  (${['start_time', 'end_time', ...MEASURES.filter((measure) => measure.endsWith('_count'))]
    .map((column) => `old.${column} is distinct from new.${column}`)
    .join(' or ')})`;

/** The job may be deleted by the same statement; then every job's history of a step with that name is marked. */
function markStale({ target, prefix }: Generation, rows: string): string {
  const stepName = `(${comparedName})::varchar(100)`;
  return `insert into millrace_step_history (schema_target, job_name, step_name, stale, executions, executions_with_reads)
    select distinct '${target}', coalesce(i.job_name, h.job_name), ${stepName}, true, 0, 0
      from ${rows} as s
      left join ${prefix}job_execution e on e.job_execution_id = s.job_execution_id
      left join ${prefix}job_instance i on i.job_instance_id = e.job_instance_id
      left join millrace_step_history h
        on i.job_name is null and h.schema_target = '${target}' and h.step_name = ${stepName}
     where coalesce(i.job_name, h.job_name) is not null;`;
}
