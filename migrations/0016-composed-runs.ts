import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Composed tasks that the server runs. What has happened in a run stands in Spring Batch's tables, a step for each child;
 * here is what they have no column for.
 *
 * `plan_text`: the executable form of the definition at the launch, in which children go by their full names; later changes of
 * the definition do not matter to a run. `properties` and `arguments`: what the launch asked for, merged. `version`: counts
 * the decisions that were written down, so that of two servers that decide at once only one can write. `retries`: by the
 * step's name, children that failed and will be launched again. `wake_at`: when to look again although no child has ended.
 *
 * `parent_schema_target` and `parent_execution_id` of a launch: the execution that asked for it. Ids count separately in each
 * generation, and PARENT_EXECUTION_ID does not say of which one it is.
 */
export class ComposedRuns implements MigrationInterface {
  readonly name = 'ComposedRuns0000000000016';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table millrace_composed_run (
        schema_target text not null check (schema_target in ('boot2', 'boot3')),
        task_execution_id bigint not null,
        task_name varchar(255) not null,
        job_execution_id bigint not null,
        plan_text text not null,
        properties jsonb not null,
        arguments jsonb not null,
        platform_account varchar(255) not null,
        state text not null default 'running' check (state in ('running', 'ended')),
        version integer not null default 0,
        retries jsonb not null default '{}',
        stop_requested_at timestamptz,
        wake_at timestamptz,
        started_at timestamptz not null default now(),
        ended_at timestamptz,
        primary key (schema_target, task_execution_id)
      )`);
    await runner.query(`
      create index millrace_composed_run_open_ix on millrace_composed_run (wake_at) where state = 'running'`);
    await runner.query(`
      create index millrace_composed_run_job_ix on millrace_composed_run (job_execution_id)`);
    await runner.query(`
      alter table millrace_launch add column parent_schema_target text, add column parent_execution_id bigint`);
    await runner.query(`
      create index millrace_launch_parent_ix on millrace_launch (parent_execution_id, parent_schema_target)
      where parent_execution_id is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index millrace_launch_parent_ix');
    await runner.query('alter table millrace_launch drop column parent_schema_target, drop column parent_execution_id');
    await runner.query('drop table millrace_composed_run');
  }
}
