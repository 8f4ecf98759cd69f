import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Counts what is there and has every later change counted, one table after the other, each in a transaction of its own: an
 * application that writes to two of these tables must not meet a migration that holds one and waits for the other.
 */
export class RowCountTriggers implements MigrationInterface {
  readonly name = 'RowCountTriggers0000000000006';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const table of COUNTED_TABLES) {
      await runner.startTransaction();
      try {
        await dropTriggers(runner, table);
        for (const statement of triggersOf(table)) await runner.query(statement);
        await runner.query('select millrace_verify_counts($1, $2)', [table.kind, table.target]);
        await runner.commitTransaction();
      } catch (error) {
        await runner.rollbackTransaction();
        throw error;
      }
    }
    await runner.query('select millrace_compact_counts()');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of COUNTED_TABLES) await dropTriggers(runner, table);
  }
}

interface CountedTable {
  readonly name: string;
  readonly kind: 'task' | 'job';
  readonly target: 'boot2' | 'boot3';
}

const COUNTED_TABLES: readonly CountedTable[] = [
  { name: 'task_execution', kind: 'task', target: 'boot2' },
  { name: 'boot3_task_execution', kind: 'task', target: 'boot3' },
  { name: 'batch_job_execution', kind: 'job', target: 'boot2' },
  { name: 'boot3_batch_job_execution', kind: 'job', target: 'boot3' },
];

/** Event and the names under which its rows are seen. */
const EVENTS: readonly (readonly [event: string, rows: string])[] = [
  ['insert', 'referencing new table as added'],
  ['update', 'referencing old table as removed new table as added'],
  ['delete', 'referencing old table as removed'],
  ['truncate', ''],
];

function triggersOf({ name, kind, target }: CountedTable): string[] {
  const call = kind === 'task' ? `millrace_count_tasks('${target}')` : `millrace_count_${target}_jobs('${target}')`;
  return EVENTS.map(
    ([event, rows]) =>
      `create trigger millrace_count_${event} after ${event} on ${name} ${rows} for each statement execute function ${call}`,
  );
}

async function dropTriggers(runner: QueryRunner, { name }: CountedTable): Promise<void> {
  for (const [event] of EVENTS) await runner.query(`drop trigger if exists millrace_count_${event} on ${name}`);
}
