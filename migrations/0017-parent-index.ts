import { Logger } from '@nestjs/common';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds what an execution brought about — its stop, its removal and the screens of composed tasks ask for that —, and lists
 * executions in the order of their parents. Without it each such question reads all executions.
 */
export class ParentIndex implements MigrationInterface {
  readonly name = 'ParentIndex0000000000017';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      new Logger('Database').log(`Creating index ${indexOf(table)} …`);
      await runner.query(
        `create index if not exists ${indexOf(table)} on ${table} (parent_execution_id, task_execution_id)`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`drop index if exists ${indexOf(table)}`);
  }
}

const TABLES = ['task_execution', 'boot3_task_execution'];

function indexOf(table: string): string {
  return `millrace_${table}_parent_ix`;
}
