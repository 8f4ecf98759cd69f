/**
 * A made-up history of any size, as SQL that PostgreSQL carries out by itself: task executions of 200 tasks over two
 * years, a job execution with three steps for each, parameters, contexts and manifests, in both generations of tables.
 *
 * Everything follows from the number of the row, so that a history of one size is always the same. Two thirds of all
 * executions belong to a third of the tasks; the first task has one in six, the last one in six hundred.
 */

const DOMAINS =
  'billing ledger orders stock payroll claims rates mail audit search report crm tax risk fraud card loan fund web geo';
const ACTIONS = 'import export settle reconcile archive notify index purge score sync';

/** Names of the tasks; the first is the most frequent. */
export const TASK_NAMES: readonly string[] = DOMAINS.split(' ').flatMap((domain) =>
  ACTIONS.split(' ').map((action) => `${domain}-${action}`),
);

/** A task that ran 25 times, two years ago. */
export const RARE_TASK = 'year-end-closing';

/** The days that the history spans; it ends with 2026-11-01. */
const SPAN = 730;

/** Ids of made-up rows are greater; the rows of the database that it is added to keep theirs. */
export const FIRST_ID = 1_000;

interface Generation {
  readonly prefix: '' | 'boot3_';
  /** How many task executions. */
  readonly executions: number;
}

/** How many task executions of each generation a history has: two of five are of the first. */
export function shares(executions: number): { readonly boot2: number; readonly boot3: number } {
  const boot2 = Math.round(executions * 0.4);
  return { boot2, boot3: executions - boot2 };
}

/** The statements, each with a word for the log. They need a superuser, and a database with SCDF's tables. */
export function historyStatements(executions: number): readonly { readonly what: string; readonly sql: string }[] {
  const { boot2, boot3 } = shares(executions);
  return [
    // Foreign keys hold by construction; checking them row by row would take most of the time.
    {
      what: 'settings',
      sql: `set session_replication_role = replica; set synchronous_commit = off; set work_mem = '256MB'`,
    },
    { what: 'definitions', sql: definitions() },
    ...generationStatements({ prefix: '', executions: boot2 }),
    ...generationStatements({ prefix: 'boot3_', executions: boot3 }),
    { what: 'settings', sql: 'reset all' },
    { what: 'statistics', sql: 'vacuum analyze' },
  ];
}

/** SCDF keeps these texts in large objects. */
function definitions(): string {
  const text = (value: string) => `lo_from_bytea(0, convert_to(${value}, 'UTF8'))::text`;
  return `
    insert into app_registration (id, object_version, default_version, metadata_uri, name, type, uri, version, boot_version)
    values (nextval('hibernate_sequence'), 0, true, null, 'bench-app', 4, ${text(`'file:///opt/bench-app.jar'`)}, '1.0', 'BOOT3');
    insert into task_definitions (definition_name, definition, description)
    select name, ${text(`'bench-app'`)}, 'Made-up task ' || name
      from unnest(array[${[...TASK_NAMES, RARE_TASK].map((name) => `'${name}'`).join(', ')}]) as name`;
}

function generationStatements({ prefix, executions }: Generation): { what: string; sql: string }[] {
  const task = `${prefix}task`;
  const batch = `${prefix}batch`;
  const named = (what: string) => `${what} of ${prefix === '' ? 'boot2' : 'boot3'}`;
  return [
    { what: named('plan'), sql: plan(prefix, executions) },
    {
      what: named('task executions'),
      sql: `insert into ${task}_execution (task_execution_id, start_time, end_time, task_name, exit_code, exit_message,
              error_message, last_updated, external_execution_id, parent_execution_id)
            select id, started, ended, name, exit_code, null, error, coalesce(ended, started), external, null from run order by id`,
    },
    {
      what: named('arguments'),
      sql: `insert into ${task}_execution_params (task_execution_id, task_param)
            select id, param from run, lateral (values ('--spring.cloud.task.executionid=' || id), ('day=' || day)) as p (param)
             where started is not null order by id`,
    },
    { what: named('manifests'), sql: manifests(task) },
    {
      what: named('deployments'),
      sql: `insert into task_deployment (id, object_version, task_deployment_id, task_definition_name, platform_name, created_on)
            select nextval('hibernate_sequence'), 0, external, name, 'default', coalesce(started, now()::timestamp) from run order by id`,
    },
    {
      what: named('job instances'),
      sql: `insert into ${batch}_job_instance (job_instance_id, version, job_name, job_key)
            select id, 0, job_name, md5(id::text) from run where id = instance order by id`,
    },
    { what: named('job executions'), sql: jobExecutions(batch) },
    {
      what: named('links of tasks and jobs'),
      sql: `insert into ${task}_task_batch (task_execution_id, job_execution_id) select id, id from run order by id`,
    },
    { what: named('job parameters'), sql: jobParameters(prefix) },
    { what: named('steps'), sql: steps(prefix) },
    { what: named('step contexts'), sql: contexts(`${batch}_step_execution`, 'step_execution_id', prefix) },
    { what: named('job contexts'), sql: contexts(`${batch}_job_execution`, 'job_execution_id', prefix) },
    {
      what: named('sequences'),
      sql: `select setval('${task}_seq', ${FIRST_ID + executions}), setval('${task}_execution_metadata_seq', ${FIRST_ID + executions}),
              setval('${batch}_job_seq', ${FIRST_ID + executions}), setval('${batch}_job_execution_seq', ${FIRST_ID + executions}),
              setval('${batch}_step_execution_seq', ${FIRST_ID + 3 * executions}); drop table run`,
    },
  ];
}

/** A number from 0 to below 1 that follows from a row's number. */
const chance = (salt: number) => `((hashint8extended(instance, ${salt}) & 1073741823) / 1073741824.0)`;

/**
 * One row for each execution, with what all tables draw from. One job execution in 25 repeats the instance before it;
 * one in 25 fails; the last twenty run, and the five before have not started.
 */
function plan(prefix: string, executions: number): string {
  const names = `array[${TASK_NAMES.map((name) => `'${name}'`).join(', ')}]`;
  const last = FIRST_ID + executions;
  return `
    create temporary table run as
    select *, name || '-job' as job_name, name || '-${prefix === '' ? '' : '3'}' || md5(id::text) as external,
           case when ended is null then 'STARTED' when exit_code = 0 then 'COMPLETED' else 'FAILED' end as status,
           case when exit_code > 0 then 'java.lang.IllegalStateException: ' || repeat('it could not be read, ', 30) end as error
      from (select id, instance, day, name, case when id between ${last - 24} and ${last - 20} then null else started end as started,
                   case when id > ${last - 25} then null else started + make_interval(secs => 5 + 300 * ${chance(2)}) end as ended,
                   case when id > ${last - 25} then null when ${chance(3)} < 0.04 then 1 else 0 end as exit_code
              from (select id, instance, timestamp '2026-11-01' - make_interval(secs => ${SPAN * 86_400} * (${last} - id) / ${executions}.0) as started,
                           (date '2026-11-01' - ((${last} - id) * ${SPAN}::bigint / ${executions})::int)::text as day,
                           case when id - ${FIRST_ID} <= ${prefix === '' ? 10 : 15} then '${RARE_TASK}'
                                else (${names})[1 + floor(${TASK_NAMES.length} * power(${chance(1)}, 3))::int] end as name
                      from (select n + ${FIRST_ID} as id, n + ${FIRST_ID} - (n % 25 = 0)::int as instance
                              from generate_series(1::bigint, ${executions}) as n) numbered) placed) timed`;
}

function manifests(task: string): string {
  return `
    insert into ${task}_execution_metadata (id, task_execution_id, task_execution_manifest)
    select id, id, json_build_object('taskDeploymentRequest', json_build_object(
             'definition', json_build_object('name', name, 'properties', json_build_object('spring.cloud.task.name', name,
               'management.metrics.tags.service', 'task-application', 'spring.datasource.username', 'dataflow')),
             'resource', 'file:///opt/bench-app.jar',
             'deploymentProperties', json_build_object('deployer.bench-app.local.java-opts', '-Xmx128m'),
             'commandlineArguments', json_build_array('day=' || day, '--spring.cloud.task.executionid=' || id)),
           'platformName', 'default')::text
      from run order by id`;
}

function jobExecutions(batch: string): string {
  return `
    insert into ${batch}_job_execution (job_execution_id, version, job_instance_id, create_time, start_time, end_time, status,
      exit_code, exit_message, last_updated)
    select id, 2, instance, coalesce(started, timestamp '2026-11-01'), started, ended, status,
           case status when 'STARTED' then 'UNKNOWN' else status end, coalesce(error, ''), coalesce(ended, started)
      from run order by id`;
}

function jobParameters(prefix: string): string {
  if (prefix === '') {
    return `
      insert into batch_job_execution_params
        (job_execution_id, type_cd, key_name, string_val, date_val, long_val, double_val, identifying)
      select id, type, key, text, timestamp '1970-01-01', number, 0, 'Y'
        from run, lateral (values ('LONG', 'run.id', '', id), ('STRING', 'day', day, 0)) as p (type, key, text, number) order by id`;
  }
  return `
    insert into boot3_batch_job_execution_params (job_execution_id, parameter_name, parameter_type, parameter_value, identifying)
    select id, key, type, value, 'Y'
      from run, lateral (values ('run.id', 'java.lang.Long', id::text), ('day', 'java.lang.String', day)) as p (key, type, value)
     order by id`;
}

/** Three steps that share the time of their job; those of a failed job fail with the third. */
function steps(prefix: string): string {
  const created = prefix === '' ? '' : 'create_time, ';
  const begin = `coalesce(started, timestamp '2026-11-01') + part * coalesce(ended - started, interval '3 s') / 3`;
  const failed = `(exit_code > 0 and part = 2)`;
  const open = `(ended is null and part = 2)`;
  const status = `case when ${open} then 'STARTED' when ${failed} then 'FAILED' else 'COMPLETED' end`;
  return `
    insert into ${prefix}batch_step_execution (step_execution_id, version, step_name, job_execution_id, ${created}start_time,
      end_time, status, commit_count, read_count, filter_count, write_count, read_skip_count, write_skip_count,
      process_skip_count, rollback_count, exit_code, exit_message, last_updated)
    select ${FIRST_ID} + 3 * (id - ${FIRST_ID}) + part - 2, 4, name || '-' || (array['fetch', 'convert', 'store'])[part + 1], id,
           ${created === '' ? '' : `${begin},`} ${begin},
           case when ${open} then null else ${begin} + coalesce(ended - started, interval '3 s') / 3 end,
           ${status}, 1 + reads / 100, reads, reads / 50, reads - reads / 50, 0, 0, 0, ${failed}::int,
           case when ${open} then 'EXECUTING' else ${status} end,
           case when ${failed} then error else '' end, coalesce(ended, started, timestamp '2026-11-01')
      from run, generate_series(0, 2) as part, lateral (select (10 + 5000 * ${chance(4)})::bigint as reads) as r
     order by id, part`;
}

/** Spring Batch writes a context for each job and step execution: JSON up to version 4, Java's serialization since. */
function contexts(owner: string, key: string, prefix: string): string {
  const context =
    prefix === ''
      ? `'{"@class":"java.util.HashMap","batch.stepType":"org.springframework.batch.core.step.tasklet.TaskletStep"}'`
      : `(select short_context from boot3_batch_step_execution_context where step_execution_id = 2)`;
  return `
    insert into ${owner}_context (${key}, short_context, serialized_context)
    select ${key}, ${context}, null from ${owner} where ${key} > ${FIRST_ID} order by 1`;
}
