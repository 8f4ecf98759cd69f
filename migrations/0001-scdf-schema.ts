import type { MigrationInterface, QueryRunner } from 'typeorm';
import { adopt } from '../src/database/scdf/adoption.js';

/**
 * The schema of SCDF 2.11.5: made where there is none, completed where an older SCDF left its own.
 *
 * @param historyTable `spring.flyway.table`, the name of SCDF's history table
 */
export function scdfSchema(historyTable: string): new () => MigrationInterface {
  return class implements MigrationInterface {
    readonly name = 'ScdfSchema0000000000001';

    async up(runner: QueryRunner): Promise<void> {
      await adopt(
        (sql, parameters) => runner.query(sql, parameters) as Promise<Record<string, unknown>[]>,
        historyTable,
      );
    }

    /** SCDF's tables are not ours to drop. */
    async down(): Promise<void> {}
  };
}
