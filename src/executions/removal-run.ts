/** `clean-up`: somebody asked for it; `retention`: the policy did. */
export const REMOVAL_KINDS = ['clean-up', 'retention'] as const;

export type RemovalKind = (typeof REMOVAL_KINDS)[number];

/**
 * `interrupted`: its server stopped, or died and nobody could carry it on; what it had removed by then is removed, each
 * execution whole.
 */
export const REMOVAL_STATES = ['running', 'ended', 'failed', 'interrupted'] as const;

export type RemovalState = (typeof REMOVAL_STATES)[number];

/** What was asked for, as JSON. */
export type RemovalSelection = Readonly<Record<string, unknown>>;

/** What a batch removed; of a dry run, what it would have. */
export interface RemovedCounts {
  readonly executions: number;
  readonly jobExecutions: number;
  /** Executions by the name of their task; the empty name has those without one. */
  readonly byTask: Readonly<Record<string, number>>;
}

/** A removal of many executions, under way or over. */
export interface RemovalRun extends RemovedCounts {
  readonly id: number;
  readonly kind: RemovalKind;
  readonly dryRun: boolean;
  /** Whether the server began it by itself. */
  readonly scheduled: boolean;
  readonly state: RemovalState;
  readonly selection: RemovalSelection;
  /** Host on which it runs, or ran last. */
  readonly server: string;
  /** Executions that fitted at the beginning, those that go with them not counted; null where nobody counted. */
  readonly expected: number | null;
  /** Tasks to go through, and how many are done; null where it does not go by tasks. */
  readonly tasks: number | null;
  readonly tasksDone: number;
  /** Transactions so far; another server's taking over is one. */
  readonly batches: number;
  /** The longest transaction, ms. */
  readonly longestBatch: number;
  /** Why it failed or was interrupted, or who carried it on. */
  readonly message: string | null;
  readonly startedAt: Date;
  readonly updatedAt: Date;
  readonly endedAt: Date | null;
}

/** Adds up. */
export function sumOf(one: RemovedCounts, other: RemovedCounts): RemovedCounts {
  // A task may bear any name, that of a property that every object has as well.
  const byTask = new Map(Object.entries(one.byTask));
  for (const [name, executions] of Object.entries(other.byTask)) byTask.set(name, (byTask.get(name) ?? 0) + executions);
  return {
    executions: one.executions + other.executions,
    jobExecutions: one.jobExecutions + other.jobExecutions,
    byTask: Object.fromEntries(byTask),
  };
}

/** The counts with which adding up begins. */
export const NOTHING_REMOVED: RemovedCounts = { executions: 0, jobExecutions: 0, byTask: {} };
