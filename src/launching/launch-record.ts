import type { SchemaTargetName, TaskPlatform } from '../platforms/platform.js';

/**
 * Where a launch stands. `accepted`: written down, not yet with the platform; `queued`: waiting for room; `launched`: with the
 * platform; `ended`: the platform is done with it; `refused`: the platform would not have it.
 */
export type LaunchState = 'queued' | 'accepted' | 'launched' | 'ended' | 'refused';

/** What is needed to ask the platform again after a crash; database credentials are added when asking, never stored. */
export interface StoredRequest {
  readonly resourceUri: string;
  readonly bootVersion: '2' | '3';
  readonly appProperties: Readonly<Record<string, string>>;
  readonly deploymentProperties: Readonly<Record<string, string>>;
  readonly arguments: readonly string[];
  readonly springArguments: readonly string[];
  /** The job instance that is to be run again, of the launch's generation; launches of anything else have none. */
  readonly jobInstance?: number;
}

/** What is known of one launch, from the moment it was answered with 201. */
export interface LaunchFacts {
  readonly schemaTarget: SchemaTargetName;
  readonly executionId: number;
  readonly taskName: string;
  readonly platformAccount: string;
  /** Which servers can reach it, see {@link domainOf}; null in launches from before this was written down. */
  readonly domain: string | null;
  readonly externalExecutionId: string;
  readonly state: LaunchState;
  /** Who waits for room goes by it, see {@link import('./launch-priority.js')}. */
  readonly priority: number;
  readonly attempts: number;
}

/** A row of `millrace_launch`: with what its platform is asked for. */
export interface LaunchRecord extends LaunchFacts {
  readonly request: StoredRequest;
}

/** Identity of an execution: ids count separately in each generation. */
export interface ExecutionKey {
  readonly schemaTarget: SchemaTargetName;
  readonly id: number;
}

/** An execution in one word, by which maps and sets find it. */
export function executionName({ schemaTarget, id }: ExecutionKey): string {
  return `${schemaTarget}:${id}`;
}

/** The ids of executions by their generations; generations without any are missing. */
export function idsByTarget(keys: readonly ExecutionKey[]): ReadonlyMap<SchemaTargetName, readonly number[]> {
  const ids = new Map<SchemaTargetName, number[]>();
  for (const { schemaTarget, id } of keys) {
    const known = ids.get(schemaTarget);
    if (known === undefined) ids.set(schemaTarget, [id]);
    else known.push(id);
  }
  return ids;
}

/** A platform account as seen from one place. */
export interface AccountDomain {
  readonly account: string;
  readonly domain: string;
}

/** The place that an account's executions belong to; the empty domain is everywhere. */
export function domainOf(platform: Pick<TaskPlatform, 'accountName' | 'domain'>): AccountDomain {
  return { account: platform.accountName, domain: platform.domain ?? '' };
}
