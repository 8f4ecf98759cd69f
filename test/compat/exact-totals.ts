import { expect } from '@jest/globals';
import type { ServerClient } from '../support/server-client.js';
import type { SharedDatabase } from './shared-database.js';

/** The totals of the lists against the rows themselves. */
export async function expectExactTotals(shared: SharedDatabase, client: ServerClient): Promise<void> {
  const lists: Readonly<Record<string, string>> = {
    '/apps': 'app_registration',
    '/tasks/definitions': 'task_definitions',
    '/tasks/executions': 'aggregate_task_execution',
    '/tasks/thinexecutions': 'aggregate_task_execution',
    '/jobs/executions': 'aggregate_job_execution',
    '/jobs/thinexecutions': 'aggregate_job_execution',
    '/audit-records': 'audit_records',
  };
  const [totals, counts]: [Record<string, number>, Record<string, number>] = [{}, {}];
  for (const [target, table] of Object.entries(lists)) {
    totals[target] = ((await client.get(target)) as { page: { totalElements: number } }).page.totalElements;
    counts[target] = Number((await shared.query<{ n: string }>(`select count(*) as n from ${table}`))[0]?.n);
  }
  expect(totals).toEqual(counts);
}
