import { ServerClient } from './server-client.js';

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
}

/** Removals of a server, the latest first. */
export function removalsOf(baseUrl: string, query = ''): Promise<Removal[]> {
  return new ServerClient(baseUrl).list<Removal>(`/millrace/removals${query}`);
}
