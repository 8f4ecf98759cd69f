import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whose turn it is to launch at an account, and how full the account is then. A function, since one statement alone would
 * count what it saw before it had to wait for its turn: within a volatile function each statement looks anew.
 */
export class AccountTurns implements MigrationInterface {
  readonly name = 'AccountTurns0000000000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function millrace_take_turn(account text, place text, out unended bigint, out waited_for boolean)
      language plpgsql volatile as $$
      begin
        perform pg_advisory_xact_lock(hashtextextended('launch:' || account || ':' || place, 0));
        select count(*) into unended from millrace_launch
        where platform_account = account and (domain = place or domain is null) and state in ('accepted', 'launched');
        waited_for := exists (
          select 1 from millrace_launch where platform_account = account and domain = place and state = 'queued');
      end $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function millrace_take_turn');
  }
}
