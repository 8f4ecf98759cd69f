import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The logs of ended executions. `content` is gzip: compressing it again would be in vain, so it is stored as it is, beside
 * the row. A log in an object store has its name in `object_key`; such a row outlives its execution, marked by `removed_at`,
 * until the object is removed. `log_settled_at` of a launch says that its log was kept, or that there was none; the index
 * finds the ended ones where that is still to be done.
 */
export class Logs implements MigrationInterface {
  readonly name = 'Logs0000000000015';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table millrace_log (
        schema_target text not null check (schema_target in ('boot2', 'boot3')),
        task_execution_id bigint not null,
        external_execution_id varchar(255) not null,
        content bytea,
        object_key text,
        original_length bigint not null,
        truncated boolean not null,
        archived_at timestamptz not null default now(),
        removed_at timestamptz,
        primary key (schema_target, task_execution_id),
        check ((content is null) <> (object_key is null))
      )`);
    await runner.query('alter table millrace_log alter column content set storage external');
    await runner.query('create index millrace_log_external_ix on millrace_log (external_execution_id)');
    await runner.query(
      'create index millrace_log_removed_ix on millrace_log (removed_at) where removed_at is not null',
    );
    await runner.query('alter table millrace_launch add column log_settled_at timestamptz');
    await runner.query(`
      create index millrace_launch_unsettled_ix on millrace_launch (ended_at, schema_target, task_execution_id)
      where state = 'ended' and log_settled_at is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table millrace_launch drop column log_settled_at');
    await runner.query('drop table millrace_log');
  }
}
