import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the few launches that were ended before their platform was known to have them. */
export class WithdrawnIndex implements MigrationInterface {
  readonly name = 'WithdrawnIndex0000000000019';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index millrace_launch_withdrawn_ix on millrace_launch (ended_at)
      where state = 'ended' and launched_at is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index millrace_launch_withdrawn_ix');
  }
}
