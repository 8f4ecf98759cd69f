import { Inject, Injectable } from '@nestjs/common';
import { type AuditEntry, AuditService } from '../audit/audit.service.js';
import { Batches } from '../background/batches.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database, type PreparingSqlRunner, type Transaction } from '../database/database.js';
import { DatabaseUnavailableError } from '../database/database-unavailable.js';
import type { SchemaTargetName, TaskPlatform } from '../platforms/platform.js';
import { insertLaunches, lockAccount, takeExecutionIds } from './launch-admission.sql.js';
import { LaunchAttempts } from './launch-attempts.service.js';
import { domainOf, type ExecutionKey, type LaunchRecord } from './launch-record.js';

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
  /** The execution that asked for it: a run of a composed task. */
  readonly parent?: ExecutionKey | undefined;
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
    const key = keyOf(candidate);
    let batches = this.accounts.get(key);
    if (batches === undefined) {
      batches = new Batches({
        size: BATCH,
        work: (candidates) =>
          this.database.statements((sql) => this.writeWithin(sql, candidates, this.configuration.millrace.launchQueue)),
        mayBeOneItem: (error) => !(error instanceof DatabaseUnavailableError),
      });
      this.accounts.set(key, batches);
    }
    return batches.add(candidate);
  }

  /**
   * Writes launches down in a transaction of the caller's, with all else that happens in it or not at all. They are accepted
   * in any case: those without room wait for it, also where launches are not queued otherwise. Accounts are locked in one
   * order for all callers, and to the transaction's end; nothing that others hold while they wait for an account may be
   * asked for after this.
   *
   * @returns the launches in the order of the candidates
   */
  async acceptWithin(
    transaction: Transaction,
    candidates: readonly LaunchCandidate[],
  ): Promise<readonly LaunchRecord[]> {
    const groups = new Map<string, LaunchCandidate[]>();
    for (const candidate of candidates) {
      const key = keyOf(candidate);
      groups.set(key, [...(groups.get(key) ?? []), candidate]);
    }
    const records = new Map<LaunchCandidate, LaunchRecord>();
    for (const [, group] of [...groups].sort(([one], [other]) => (one < other ? -1 : 1))) {
      const written = await this.writeWithin(transaction, group, true);
      for (const [index, candidate] of group.entries()) {
        const record = written[index];
        if (record !== undefined) records.set(candidate, record);
      }
    }
    return candidates.flatMap((candidate) => records.get(candidate) ?? []);
  }

  /**
   * Room is checked, the ids taken, and everything written down.
   * @param candidates of one account and generation
   * @param regardless accept those without room too
   */
  private async writeWithin(
    sql: PreparingSqlRunner,
    candidates: readonly LaunchCandidate[],
    regardless: boolean,
  ): Promise<readonly (LaunchRecord | undefined)[]> {
    const [first] = candidates;
    if (first === undefined) return [];
    const { platform, schemaTarget } = first;
    const place = domainOf(platform);
    const room = { place, maximum: platform.maximumConcurrentTasks, wanted: candidates.length };
    // Sent together, done one after the other: the second sees what was committed before the lock was had.
    const [, taken] = await Promise.all([
      lockAccount(sql, place),
      takeExecutionIds(sql, schemaTarget, room, regardless),
    ]);
    const written = taken.flatMap(({ id, full }, index) => {
      const state = full ? ('queued' as const) : ('accepted' as const);
      return candidates[index]?.compose(id, state) ?? [];
    });
    if (written.length > 0) {
      const entries = written.map(({ audit }) => audit);
      await Promise.all([
        insertLaunches(sql, schemaTarget, place, written, LaunchAttempts.LEASE),
        this.audit.recordAll(sql, entries),
      ]);
    }
    return candidates.map((_, index) => written[index]?.record);
  }
}

function keyOf({ platform, schemaTarget }: LaunchCandidate): string {
  const { account, domain } = domainOf(platform);
  return JSON.stringify([account, domain, schemaTarget]);
}
