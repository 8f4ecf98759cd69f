import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Launches that were accepted, until they have ended. `request` holds what is needed to launch again after a crash, without
 * the credentials of the database. `owner`, `lease_until` and `epoch` belong to whoever works on the row: an owner's
 * write names the epoch that it took the row with, and does nothing if somebody else has taken it since.
 */
export class Launches implements MigrationInterface {
  readonly name = 'Launches0000000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table millrace_launch (
        schema_target text not null check (schema_target in ('boot2', 'boot3')),
        task_execution_id bigint not null,
        task_name varchar(255) not null,
        platform_account varchar(255) not null,
        external_execution_id varchar(255) unique,
        state text not null default 'accepted'
          check (state in ('queued', 'accepted', 'launched', 'ended', 'refused')),
        request jsonb not null,
        priority integer not null default 0,
        attempts integer not null default 0,
        next_attempt_at timestamptz not null default now(),
        owner text,
        lease_until timestamptz,
        epoch integer not null default 0,
        accepted_at timestamptz not null default now(),
        launched_at timestamptz,
        ended_at timestamptz,
        reason text,
        primary key (schema_target, task_execution_id)
      )`);
    await runner.query(`
      create index millrace_launch_open_ix on millrace_launch (platform_account, state, priority desc, accepted_at)
      where state in ('queued', 'accepted', 'launched')`);
    await runner.query(`
      create index millrace_launch_due_ix on millrace_launch (next_attempt_at) where state in ('queued', 'accepted')`);
    await runner.query('create index millrace_launch_account_ix on millrace_launch (platform_account)');
    await runner.query('create index millrace_launch_task_ix on millrace_launch (task_name, accepted_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table millrace_launch');
  }
}
