import type { SchemaTargetName } from '../platforms/platform.js';
import type { AccountDomain, LaunchFacts, LaunchRecord, LaunchState, StoredRequest } from './launch-record.js';

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

/** What {@link factsOf} reads of a row of `millrace_launch`. */
export interface FactsRow {
  readonly schema_target: SchemaTargetName;
  readonly task_execution_id: number;
  readonly task_name: string;
  readonly platform_account: string;
  readonly domain: string | null;
  readonly external_execution_id: string;
  readonly state: LaunchState;
  readonly priority: number;
  readonly attempts: number;
}

/** What {@link recordOf} reads. */
export interface LaunchRow extends FactsRow {
  readonly request: StoredRequest;
}

const FACTS = [
  'schema_target',
  'task_execution_id',
  'task_name',
  'platform_account',
  'domain',
  'external_execution_id',
  'state',
  'priority',
  'attempts',
] satisfies readonly (keyof FactsRow)[];

/** The columns of a {@link FactsRow}, of a table that a statement calls `launch`. */
export const FACTS_COLUMNS = FACTS.map((name) => `launch.${name}`).join(', ');

/** The columns of a {@link LaunchRow}. */
export const COLUMNS = [...FACTS, 'request'].join(', ');

/** The same of a table that a statement calls `launch`. */
export const LAUNCH_COLUMNS = `${FACTS_COLUMNS}, launch.request`;

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

/** Reads a row without its request. */
export function factsOf(row: FactsRow): LaunchFacts {
  return {
    schemaTarget: row.schema_target,
    executionId: row.task_execution_id,
    taskName: row.task_name,
    platformAccount: row.platform_account,
    domain: row.domain,
    externalExecutionId: row.external_execution_id,
    state: row.state,
    priority: row.priority,
    attempts: row.attempts,
  };
}

/** Reads a row. */
export function recordOf(row: LaunchRow): LaunchRecord {
  return { request: row.request, ...factsOf(row) };
}

/**
 * An item of FROM that lets this transaction commit without waiting for the disk: for what is found out again, if PostgreSQL
 * itself crashes within the next moments. What was committed before it and after it stays in order.
 */
export const WITHOUT_FLUSH = `(SELECT set_config('synchronous_commit', 'off', true)) AS without_flush`;
