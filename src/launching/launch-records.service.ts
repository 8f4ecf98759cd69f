import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { SchemaTargetName, TaskPlatform } from '../platforms/platform.js';
import { ExecutionEnds } from './execution-ends.js';
import { domainOf, type ExecutionKey, type LaunchRecord } from './launch-record.js';
import { maskReason, secretsOf } from './reason-mask.js';
import { markLaunched } from './launch-attempt.sql.js';
import * as outcome from './launch-outcome.sql.js';
import * as reading from './launch-reading.sql.js';
import { FreeRoom } from './free-room.js';

/** More than any account runs at once; what is beyond is followed up in the next round. */
const MOST_LAUNCHED = 20_000;

/** What is known of launches, and what becomes of them. */
@Injectable()
export class LaunchRecordsService {
  constructor(
    private readonly database: Database,
    private readonly room: FreeRoom,
    private readonly ends: ExecutionEnds,
  ) {}

  /** The launches of an account that have not ended and can be seen from here, oldest first. */
  async launchedOn(platform: TaskPlatform): Promise<readonly reading.FollowedLaunch[]> {
    return reading.findLaunched(this.database, domainOf(platform), MOST_LAUNCHED);
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

  /** See {@link outcome.recordStart}. */
  async recordStart(key: ExecutionKey, startedAt: Date): Promise<void> {
    await outcome.recordStart(this.database, key, startedAt);
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

  /** Ends launches that have not reached their platform, so that they never will. @returns whether there was one to end */
  async withdraw(key: ExecutionKey, reason: string): Promise<boolean> {
    const end = { state: 'ended', startedAt: undefined, endedAt: new Date(), exitCode: 1, reason } as const;
    return this.end(key, end);
  }

  private async end(key: ExecutionKey, end: outcome.PlatformEnd): Promise<boolean> {
    const ended = await outcome.recordEnd(this.database, key, end);
    if (ended === undefined) return false;
    this.room.announce();
    this.ends.announce(ended);
    return true;
  }
}
