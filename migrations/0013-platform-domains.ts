import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which place sees an execution. Servers with data directories of their own are platforms of their own, even where they share
 * a database and the name of an account: only the server that keeps the files of an execution can say how it is.
 *
 * `millrace_launch.domain`: null in rows from before; empty for a platform that is the same from everywhere; else the id
 * that a platform keeps. `millrace_platform_domain`: who serves which domain, and when it was last heard of.
 * `millrace_platform_request`: what a server is asked to do with an execution that only it can reach.
 */
export class PlatformDomains implements MigrationInterface {
  readonly name = 'PlatformDomains0000000000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table millrace_launch add column domain text, add column failing_since timestamptz');
    await runner.query('drop index millrace_launch_open_ix');
    await runner.query(`
      create index millrace_launch_open_ix on millrace_launch (platform_account, state, priority desc, accepted_at)
      include (domain) where state in ('queued', 'accepted', 'launched')`);
    await runner.query(`
      create table millrace_platform_domain (
        platform_account varchar(255) not null,
        domain text not null,
        host text,
        seen_at timestamptz not null,
        primary key (platform_account, domain)
      )`);
    // Executions from before are nobody's until a server finds their files; from now on that may take its time.
    await runner.query(`
      insert into millrace_platform_domain (platform_account, domain, seen_at)
      select distinct platform_account, '', now() from millrace_launch where state in ('queued', 'accepted', 'launched')`);
    await runner.query(`
      create table millrace_platform_request (
        platform_account varchar(255) not null,
        domain text not null,
        external_execution_id varchar(255) not null,
        action text not null check (action in ('cancel', 'clean-up')),
        requested_at timestamptz not null default now(),
        primary key (platform_account, domain, external_execution_id, action)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table millrace_platform_request');
    await runner.query('drop table millrace_platform_domain');
    await runner.query('drop index millrace_launch_open_ix');
    await runner.query('alter table millrace_launch drop column domain, drop column failing_since');
    await runner.query(`
      create index millrace_launch_open_ix on millrace_launch (platform_account, state, priority desc, accepted_at)
      where state in ('queued', 'accepted', 'launched')`);
  }
}
