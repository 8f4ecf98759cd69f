import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { SchemaTargetName, TaskPlatform } from '../platforms/platform.js';
import { domainOf, type ExecutionKey, type LaunchRecord } from './launch-record.js';
import { maskReason, secretsOf } from './reason-mask.js';
import * as launches from './launch.sql.js';

/** More than any account runs at once; what is beyond is followed up in the next round. */
const MOST_LAUNCHED = 20_000;

/** What is known of launches, and what becomes of them. */
@Injectable()
export class LaunchRecordsService {
  constructor(private readonly database: Database) {}

  /** The launches of an account that have not ended and can be seen from here, oldest first. */
  async launchedOn(platform: TaskPlatform): Promise<readonly LaunchRecord[]> {
    return launches.findLaunched(this.database, domainOf(platform), MOST_LAUNCHED);
  }

  /** How many executions each account has under way in the place that is seen from here, by account name. */
  async countRunning(platforms: readonly TaskPlatform[]): Promise<ReadonlyMap<string, number>> {
    return launches.countUnendedByAccount(this.database, platforms.map(domainOf));
  }

  /** @returns undefined when no launch of this installation bears that external id */
  async findByExternalId(externalId: string): Promise<LaunchRecord | undefined> {
    return launches.findLaunchByExternalId(this.database, externalId);
  }

  /** By execution id; executions that this server did not launch are missing. */
  async find(target: SchemaTargetName, ids: readonly number[]): Promise<ReadonlyMap<number, LaunchRecord>> {
    const found = await launches.findLaunches(this.database, target, ids);
    return new Map(found.map((record) => [record.executionId, record]));
  }

  /** See {@link launches.recordStart}. */
  async recordStart(key: ExecutionKey, startedAt: Date): Promise<void> {
    await launches.recordStart(this.database, key, startedAt);
  }

  /** What a platform says of an execution may hold words of its program; secrets that it was given are masked in them. */
  async withoutSecrets(key: ExecutionKey, reason: string): Promise<string> {
    const [launch] = await launches.findLaunches(this.database, key.schemaTarget, [key.id]);
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
  async recordEnd(key: ExecutionKey, end: launches.PlatformEnd): Promise<boolean> {
    await launches.markLaunched(this.database, { schemaTarget: key.schemaTarget, executionId: key.id });
    return launches.recordEnd(this.database, key, end);
  }

  /** Ends launches that have not reached their platform, so that they never will. @returns whether there was one to end */
  async withdraw(key: ExecutionKey, reason: string): Promise<boolean> {
    const end = { state: 'ended', startedAt: undefined, endedAt: new Date(), exitCode: 1, reason } as const;
    return launches.recordEnd(this.database, key, end);
  }
}
