import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How full an account is at most, so that a launch need not count what runs there: with thousands under way, counting was most
 * of what it cost to write a launch down.
 *
 * `unended_at_most` is what was counted last and what was accepted since; ends do not lower it. So there is room for certain as
 * long as it says so, and else it is counted anew. Whoever accepts a launch raises it, under the lock of the account's turn.
 */
export class AccountLoads implements MigrationInterface {
  readonly name = 'AccountLoads0000000000021';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table millrace_account_load (
        platform_account text not null,
        domain text not null,
        unended_at_most bigint not null,
        primary key (platform_account, domain)
      )`);
    await runner.query(`
      create function millrace_take_room(account text, place text, maximum bigint, wanted bigint,
                                         out unended bigint, out waited_for boolean)
      language plpgsql volatile as $$
      begin
        -- The lock of millrace_take_turn, which counts where that is needed.
        perform pg_advisory_xact_lock(hashtextextended('launch:' || account || ':' || place, 0));
        select unended_at_most into unended from millrace_account_load where platform_account = account and domain = place;
        if unended is null or unended + wanted > maximum then
          select turn.unended, turn.waited_for into unended, waited_for from millrace_take_turn(account, place) as turn;
        else
          waited_for := exists (
            select 1 from millrace_launch where platform_account = account and domain = place and state = 'queued');
        end if;
        insert into millrace_account_load
        values (account, place, unended + case when waited_for then 0 else greatest(least(wanted, maximum - unended), 0) end)
        on conflict (platform_account, domain) do update set unended_at_most = excluded.unended_at_most;
      end $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function millrace_take_room');
    await runner.query('drop table millrace_account_load');
  }
}
