import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Clean-ups and runs of the retention, one row each, so that any server can say how far one is, and what the last ones did.
 *
 * What a batch removes is added in the batch's own transaction, so a row is right also when its server dies halfway.
 * `updated_at` is a sign of life: a row that says `running` and has none for a while belongs to nobody.
 * `expected`: executions that fitted at the beginning, where that could be told. `tasks` and `tasks_done`: names of tasks that a
 * run goes through, of which so many are done. `by_task`: executions removed, by task; of a dry run those that would be.
 */
export class RemovalRuns implements MigrationInterface {
  readonly name = 'RemovalRuns0000000000018';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table millrace_removal (
        id bigint generated always as identity primary key,
        kind text not null check (kind in ('clean-up', 'retention')),
        dry_run boolean not null,
        scheduled boolean not null default false,
        state text not null default 'running' check (state in ('running', 'ended', 'failed', 'interrupted')),
        selection jsonb not null,
        server text not null,
        expected bigint,
        tasks integer,
        tasks_done integer not null default 0,
        executions bigint not null default 0,
        job_executions bigint not null default 0,
        batches integer not null default 0,
        longest_batch integer not null default 0,
        by_task jsonb not null default '{}',
        message text,
        started_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        ended_at timestamptz
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table millrace_removal');
  }
}
