import { Inject, Injectable } from '@nestjs/common';
import { type AuditEntry, AuditService } from '../audit/audit.service.js';
import { Batches } from '../background/batches.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database } from '../database/database.js';
import { DatabaseUnavailableError } from '../database/database-unavailable.js';
import type { SchemaTargetName, TaskPlatform } from '../platforms/platform.js';
import { insertLaunches, lockAccount, takeExecutionIds } from './launch-admission.sql.js';
import { LaunchAttempts } from './launch-attempts.service.js';
import { type AccountDomain, domainOf, type LaunchRecord } from './launch-record.js';

/** Launches written down in one transaction, at most. */
const BATCH = 64;

/** A launch that was checked and is to be written down. */
export interface LaunchCandidate {
  readonly platform: TaskPlatform;
  readonly schemaTarget: SchemaTargetName;
  /** What is written, once the execution's id is known, and whether there is room. */
  compose(id: number, state: 'queued' | 'accepted'): WrittenLaunch;
}

/** Everything that is written of one launch. */
export interface WrittenLaunch {
  readonly record: LaunchRecord;
  readonly manifest: string;
  readonly audit: AuditEntry;
}

/**
 * Writes launches down: step 1 of the launch protocol. Launches of one account take turns under its lock, and each turn
 * costs a flush to disk. So those that arrive while a turn is under way share the next one.
 */
@Injectable()
export class LaunchIntake {
  private readonly accounts = new Map<string, Batches<LaunchCandidate, LaunchRecord | undefined>>();

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly audit: AuditService,
  ) {}

  /** @returns undefined when the account is full and launches are not queued; nothing is written then */
  async accept(candidate: LaunchCandidate): Promise<LaunchRecord | undefined> {
    const place = domainOf(candidate.platform);
    const { schemaTarget, platform } = candidate;
    const key = JSON.stringify([place.account, place.domain, schemaTarget]);
    let batches = this.accounts.get(key);
    if (batches === undefined) {
      batches = new Batches({
        size: BATCH,
        work: (candidates) => this.write(candidates, schemaTarget, place, platform.maximumConcurrentTasks),
        mayBeOneItem: (error) => !(error instanceof DatabaseUnavailableError),
      });
      this.accounts.set(key, batches);
    }
    return batches.add(candidate);
  }

  /** One transaction: room is checked, the ids taken, and everything written down. */
  private async write(
    candidates: readonly LaunchCandidate[],
    schemaTarget: SchemaTargetName,
    place: AccountDomain,
    maximum: number,
  ): Promise<readonly (LaunchRecord | undefined)[]> {
    const { launchQueue } = this.configuration.millrace;
    return this.database.transaction(async (transaction) => {
      await lockAccount(transaction, place);
      const wanted = candidates.length;
      const taken = await takeExecutionIds(transaction, schemaTarget, { place, maximum, wanted }, launchQueue);
      const written = taken.flatMap(({ id, full }, index) => {
        const state = full ? ('queued' as const) : ('accepted' as const);
        return candidates[index]?.compose(id, state) ?? [];
      });
      if (written.length > 0) {
        await insertLaunches(transaction, schemaTarget, place, written, LaunchAttempts.LEASE);
        const entries = written.map(({ audit }) => audit);
        await this.audit.recordAll(transaction, entries);
      }
      return candidates.map((_, index) => written[index]?.record);
    });
  }
}
