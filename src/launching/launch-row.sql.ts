import type { SchemaTargetName } from '../platforms/platform.js';
import type { AccountDomain, LaunchRecord, LaunchState, StoredRequest } from './launch-record.js';

/** Spring Cloud Task's tables that a launch writes, by generation. */
export const TABLES = {
  boot2: {
    execution: 'task_execution',
    sequence: 'task_seq',
    params: 'task_execution_params',
    metadata: 'task_execution_metadata',
  },
  boot3: {
    execution: 'boot3_task_execution',
    sequence: 'boot3_task_seq',
    params: 'boot3_task_execution_params',
    metadata: 'boot3_task_execution_metadata',
  },
} as const;

/** What {@link recordOf} reads of a row of `millrace_launch`. */
export interface LaunchRow {
  readonly schema_target: SchemaTargetName;
  readonly task_execution_id: number;
  readonly task_name: string;
  readonly platform_account: string;
  readonly domain: string | null;
  readonly external_execution_id: string;
  readonly state: LaunchState;
  readonly request: StoredRequest;
  readonly priority: number;
  readonly attempts: number;
}

const COLUMN_NAMES = [
  'schema_target',
  'task_execution_id',
  'task_name',
  'platform_account',
  'domain',
  'external_execution_id',
  'state',
  'request',
  'priority',
  'attempts',
] satisfies readonly (keyof LaunchRow)[];

/** The columns of a {@link LaunchRow}. */
export const COLUMNS = COLUMN_NAMES.join(', ');

/** The same of a table that a statement calls `launch`. */
export const LAUNCH_COLUMNS = COLUMN_NAMES.map((name) => `launch.${name}`).join(', ');

/**
 * Condition for the launches of a domain. Launches from before domains were written down count everywhere until a server adopts
 * them.
 */
export const IN_DOMAIN = (parameter: string) => `(domain = ${parameter} OR domain IS NULL)`;

/**
 * Who gets room first: the highest priority, then who was accepted first. Ids count separately in each generation; they
 * only settle what is left.
 */
export const QUEUE_ORDER = 'priority DESC, accepted_at, task_execution_id, schema_target';

/** As parameters of `unnest`. */
export function columnsOf(places: readonly AccountDomain[]): [string[], string[]] {
  return [places.map(({ account }) => account), places.map(({ domain }) => domain)];
}

/** Reads a row. */
export function recordOf(row: LaunchRow): LaunchRecord {
  return {
    schemaTarget: row.schema_target,
    executionId: row.task_execution_id,
    taskName: row.task_name,
    platformAccount: row.platform_account,
    domain: row.domain,
    externalExecutionId: row.external_execution_id,
    state: row.state,
    request: row.request,
    priority: row.priority,
    attempts: row.attempts,
  };
}

/**
 * An item of FROM that lets this transaction commit without waiting for the disk: for what is found out again, if PostgreSQL
 * itself crashes within the next moments. What was committed before it and after it stays in order.
 */
export const WITHOUT_FLUSH = `(SELECT set_config('synchronous_commit', 'off', true)) AS without_flush`;
