import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Drops indexes on job executions that an early state of migration 0007 made and that no list reads: lists of jobs go by
 * `millrace_job_execution` and its own indexes. Every start, step and end of a job had to keep them.
 */
export class SpareIndexes implements MigrationInterface {
  readonly name = 'SpareIndexes0000000000014';
  /** No lock on one table while another is waited for. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['batch_job_execution', 'boot3_batch_job_execution']) {
      for (const suffix of ['status_ix', 'create_ix', 'start_ix', 'end_ix']) {
        await runner.query(`drop index if exists millrace_${table}_${suffix}`);
      }
    }
  }

  /** Nothing needs them. */
  async down(): Promise<void> {
    return Promise.resolve();
  }
}
