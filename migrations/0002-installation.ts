import { randomBytes } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row: the identity of this installation, which its replicas share. */
export class Installation implements MigrationInterface {
  readonly name = 'Installation0000000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table millrace_installation (
         id varchar(63) not null,
         only_one boolean primary key default true check (only_one),
         created_at timestamptz not null default now())`,
    );
    await runner.query('insert into millrace_installation (id) values ($1)', [randomBytes(5).toString('hex')]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table millrace_installation');
  }
}
