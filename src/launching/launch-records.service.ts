import { Injectable } from '@nestjs/common';
import { Batches } from '../background/batches.js';
import { Database } from '../database/database.js';
import { mayBeTheStatement } from '../database/database-unavailable.js';
import type { SchemaTargetName, TaskPlatform } from '../platforms/platform.js';
import { ExecutionEnds } from './execution-ends.js';
import { domainOf, type ExecutionKey, idsByTarget, type LaunchRecord } from './launch-record.js';
import { maskReason, secretsOf } from './reason-mask.js';
import { markLaunched } from './launch-attempt.sql.js';
import * as outcome from './launch-outcome.sql.js';
import * as reading from './launch-reading.sql.js';
import { FreeRoom } from './free-room.js';

/** More than any account runs at once; what is beyond is followed up in the next round. */
const MOST_LAUNCHED = 20_000;

/** How long a launch that was withdrawn is suspected of having reached its platform, ms. */
const WITHDRAWN_FOR = 86_400_000;

/** Starts that are written down together, at most. */
const STARTS = 256;

/** How long a start is kept for others, ms: nobody waits for it to be written. */
const LINGER = 20;

/** What is known of launches, and what becomes of them. */
@Injectable()
export class LaunchRecordsService {
  private readonly starts = { boot2: this.startsOf('boot2'), boot3: this.startsOf('boot3') };

  constructor(
    private readonly database: Database,
    private readonly room: FreeRoom,
    private readonly ends: ExecutionEnds,
  ) {}

  /** The launches of an account that have not ended and can be seen from here, oldest first. */
  async launchedOn(platform: TaskPlatform): Promise<readonly reading.FollowedLaunch[]> {
    return reading.findLaunched(this.database, domainOf(platform), MOST_LAUNCHED);
  }

  /** Launches of an account that were ended before their platform was known to have them, by their external ids, newest first. */
  async withdrawnOn(platform: TaskPlatform): Promise<readonly string[]> {
    return reading.findWithdrawn(this.database, domainOf(platform), WITHDRAWN_FOR, MOST_LAUNCHED);
  }

  /** @returns undefined when no launch of this installation bears that external id */
  async findByExternalId(externalId: string): Promise<LaunchRecord | undefined> {
    return reading.findLaunchByExternalId(this.database, externalId);
  }

  /** By execution id; executions that this server did not launch are missing. */
  async find(target: SchemaTargetName, ids: readonly number[]): Promise<ReadonlyMap<number, LaunchRecord>> {
    const found = await reading.findLaunches(this.database, target, ids);
    return new Map(found.map((record) => [record.executionId, record]));
  }

  /** The same for executions of both generations, by the keys as given. */
  async findEach<Key extends ExecutionKey>(keys: readonly Key[]): Promise<ReadonlyMap<Key, LaunchRecord>> {
    const found = new Map<SchemaTargetName, ReadonlyMap<number, LaunchRecord>>();
    for (const [target, ids] of idsByTarget(keys)) found.set(target, await this.find(target, ids));
    const launches = keys.map((key) => [key, found.get(key.schemaTarget)?.get(key.id)] as const);
    return new Map(launches.flatMap(([key, launch]) => (launch === undefined ? [] : [[key, launch]])));
  }

  /** Writes what the platform saw of a start, with others that it saw within a moment. */
  async recordStart({ schemaTarget, id }: ExecutionKey, startedAt: Date): Promise<void> {
    await this.starts[schemaTarget].add({ id, startedAt });
  }

  /** What a platform says of an execution may hold words of its program; secrets that it was given are masked in them. */
  async withoutSecrets(key: ExecutionKey, reason: string): Promise<string> {
    const [launch] = await reading.findLaunches(this.database, key.schemaTarget, [key.id]);
    return maskReason(reason, [
      this.database.jdbc.password,
      ...(launch === undefined ? [] : secretsOf(launch.request)),
    ]);
  }

  /**
   * Writes the end of an execution. That the platform had it is written first: an end may be heard of before the attempt that
   * brought it about has come back.
   * @returns false when it was written already
   */
  async recordEnd(key: ExecutionKey, end: outcome.PlatformEnd): Promise<boolean> {
    await markLaunched(this.database, { schemaTarget: key.schemaTarget, executionId: key.id });
    return this.end(key, end);
  }

  /**
   * Writes that the platform would not have it. The row says which platform was asked, as if it had been launched.
   * @returns false when its end was written already
   */
  async recordRefusal(key: ExecutionKey, reason: string): Promise<boolean> {
    return this.recordEnd(key, endNow('refused', reason));
  }

  /**
   * Ends a launch of which its platform says nothing: it was withdrawn before it got there and never will, attempts are given
   * up, or no server can see it any more.
   * @returns whether there was one to end
   */
  async withdraw(key: ExecutionKey, reason: string, state: outcome.PlatformEnd['state'] = 'ended'): Promise<boolean> {
    return this.end(key, endNow(state, reason));
  }

  private startsOf(target: SchemaTargetName): Batches<outcome.PlatformStart, undefined> {
    return new Batches({
      size: STARTS,
      linger: LINGER,
      work: async (starts) => {
        await outcome.recordStarts(this.database, target, starts);
        return starts.map(() => undefined);
      },
      mayBeOneItem: mayBeTheStatement,
    });
  }

  /** Every end of a launch is written here, and nowhere else. */
  private async end(key: ExecutionKey, end: outcome.PlatformEnd): Promise<boolean> {
    const ended = await outcome.recordEnd(this.database, key, end);
    if (ended === undefined) return false;
    this.room.announce();
    this.ends.announce(ended);
    return true;
  }
}

/** The end of what never ran, as far as is known. */
function endNow(state: outcome.PlatformEnd['state'], reason: string): outcome.PlatformEnd {
  return { state, startedAt: undefined, endedAt: new Date(), exitCode: 1, reason };
}
