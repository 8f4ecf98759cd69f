import { RemovalRuns } from '../../src/executions/removal-runs.service.js';
import type { ApiServer } from './api-server.js';
import type { TestDatabase } from './database.js';
import { ServerClient } from './server-client.js';
import { eventually } from './workbench.js';

/** What the tests read of a removal of many executions. */
export interface Removal {
  readonly id: number;
  readonly kind: string;
  readonly dryRun: boolean;
  readonly scheduled: boolean;
  readonly state: string;
  readonly expected: number | null;
  readonly executions: number;
  readonly jobExecutions: number;
  readonly batches: number;
  readonly tasksDone: number;
  readonly startTime: string;
  readonly selection: Record<string, unknown>;
  readonly longestBatchMilliseconds: number;
  readonly message: string | null;
}

/** Removals of a server, the latest first. */
export function removalsOf(baseUrl: string, query = ''): Promise<Removal[]> {
  return new ServerClient(baseUrl).list<Removal>(`/millrace/removals${query}`);
}

/** Waits until somebody in the database waits for a row that another holds. */
export async function someoneWaits(database: TestDatabase): Promise<void> {
  // Not the one who holds it: what a transaction has seen of others' activity stays so until its end.
  const client = await database.client();
  const waiting = `select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and wait_event in ('transactionid', 'tuple')`;
  await eventually(
    async () => (await client.query(waiting)).rows.length,
    (found) => found > 0,
  );
}

/**
 * Begins to stop a server that is in the middle of a removal.
 * @returns once the removal has been told to end; `closed` resolves when the server has stopped
 */
export async function beginToClose(server: ApiServer): Promise<{ readonly closed: Promise<void> }> {
  const runs = server.application.get(RemovalRuns);
  const interrupt = runs.interrupt.bind(runs);
  const told = new Promise<void>((resolve) => {
    runs.interrupt = () => {
      const interrupted = interrupt();
      resolve();
      return interrupted;
    };
  });
  const closed = server.close();
  await Promise.race([told, closed]);
  return { closed };
}
