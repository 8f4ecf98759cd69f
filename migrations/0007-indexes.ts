import { Logger } from '@nestjs/common';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Indexes that SCDF lacks, for lists, lookups and clean-up over millions of rows. Each is made in a transaction of its own; on
 * a large adopted database that takes time, and the log says which one is being made.
 *
 * Never index exit_message or error_message: 2,500 characters can exceed what an index row holds, and the application's
 * write would fail.
 */
export class Indexes implements MigrationInterface {
  readonly name = 'Indexes0000000000007';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    const log = new Logger('Database');
    const large = await largeTables(runner);
    for (const { name, on, table } of INDEXES) {
      if (large.has(table)) log.log(`Creating index ${name} on ${table} …`);
      await runner.query(`create index if not exists ${name} on ${on}`);
    }
    for (const table of new Set(INDEXES.map((index) => index.table))) {
      if (large.has(table)) await runner.query(`analyze ${table}`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of INDEXES) await runner.query(`drop index if exists ${name}`);
  }
}

/** Tables for which making an index takes a noticeable time. */
async function largeTables(runner: QueryRunner): Promise<Set<string>> {
  const rows = (await runner.query(
    `select relname from pg_class where relnamespace = (select oid from pg_namespace where nspname = current_schema())
        and relkind = 'r' and pg_relation_size(oid) > 50000000`,
  )) as { relname: string }[];
  return new Set(rows.map(({ relname }) => relname));
}

interface Index {
  readonly name: string;
  readonly table: string;
  /** Table, columns and condition. */
  readonly on: string;
}

/** `[table, suffix of the name, columns, condition]` for both generations. */
const BOTH_GENERATIONS: readonly (readonly [table: string, suffix: string, columns: string, where?: string])[] = [
  // Lists of executions: latest first (read backwards: never started ones, which have no start time, come first).
  ['task_execution', 'start_ix', 'start_time, task_execution_id'],
  ['task_execution', 'name_ix', 'task_name, start_time, task_execution_id'],
  ['task_execution', 'end_ix', 'end_time, task_execution_id'],
  ['task_execution', 'exit_code_ix', 'exit_code, task_execution_id'],
  ['task_execution', 'updated_ix', 'last_updated, task_execution_id'],
  ['task_execution', 'external_ix', 'external_execution_id'],
  // Few rows among many: what runs, and what failed.
  ['task_execution', 'open_ix', 'start_time, task_execution_id', 'end_time is null or exit_code is null'],
  ['task_execution', 'failed_ix', 'start_time, task_execution_id', 'exit_code <> 0'],
  ['task_task_batch', 'task_ix', 'task_execution_id'],
  ['task_execution_metadata', 'task_ix', 'task_execution_id, id'],
  ['batch_job_instance', 'name_ix', 'job_name, job_instance_id'],
  ['batch_job_execution', 'instance_ix', 'job_instance_id, job_execution_id'],
  ['batch_job_execution_params', 'job_ix', 'job_execution_id'],
];

/** What SCDF has for one generation only, and its own tables. */
const SINGLE: readonly (readonly [table: string, suffix: string, columns: string])[] = [
  ['boot3_task_execution_params', 'task_ix', 'task_execution_id'],
  ['boot3_batch_step_execution', 'name_ix', 'step_name'],
  ['task_deployment', 'external_ix', 'task_deployment_id'],
  ['task_deployment', 'definition_ix', 'task_definition_name, created_on, id'],
  ['audit_records', 'created_ix', 'created_on, id'],
  ['audit_records', 'kind_ix', 'audit_operation, audit_action, id'],
];

const INDEXES: readonly Index[] = [
  ...BOTH_GENERATIONS.flatMap(([table, suffix, columns, where]) => [
    index(table, suffix, columns, where),
    index(`boot3_${table}`, suffix, columns, where),
  ]),
  ...SINGLE.map(([table, suffix, columns]) => index(table, suffix, columns)),
];

function index(table: string, suffix: string, columns: string, where?: string): Index {
  const condition = where === undefined ? '' : ` where ${where}`;
  return { name: `millrace_${table}_${suffix}`, table, on: `${table} (${columns})${condition}` };
}
