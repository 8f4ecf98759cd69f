import { Inject, Injectable } from '@nestjs/common';
import { Batches } from '../background/batches.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database, type PreparingSqlRunner, type Transaction } from '../database/database.js';
import { mayBeTheStatement } from '../database/database-unavailable.js';
import type { SchemaTargetName, TaskPlatform } from '../platforms/platform.js';
import { insertLaunches, type LaunchToInsert, takeExecutionIds } from './launch-admission.sql.js';
import { LaunchAttempts } from './launch-attempts.service.js';
import { domainOf, type LaunchRecord } from './launch-record.js';

/** Launches written down in one statement, at most. */
const BATCH = 64;

/** A launch that was checked and is to be written down. */
export interface LaunchCandidate {
  readonly platform: TaskPlatform;
  readonly schemaTarget: SchemaTargetName;
  /** What is written, once the execution's id is known. */
  compose(id: number): LaunchToInsert;
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
  ) {}

  /** @returns undefined when the account is full and launches are not queued; nothing is written then */
  async accept(candidate: LaunchCandidate): Promise<LaunchRecord | undefined> {
    const key = keyOf(candidate);
    let batches = this.accounts.get(key);
    if (batches === undefined) {
      batches = new Batches({
        size: BATCH,
        work: (candidates) => this.write(this.database, candidates, this.configuration.millrace.launchQueue),
        mayBeOneItem: mayBeTheStatement,
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
      const written = await this.write(transaction, group, true);
      for (const [index, candidate] of group.entries()) {
        const record = written[index];
        if (record !== undefined) records.set(candidate, record);
      }
    }
    return candidates.flatMap((candidate) => records.get(candidate) ?? []);
  }

  /**
   * Writes one launch down in a transaction of the caller's, under the rules of {@link acceptWithin}, unless there is no room.
   * @returns undefined when the account is full and launches are not queued; nothing is written then
   */
  async acceptIfRoom(transaction: Transaction, candidate: LaunchCandidate): Promise<LaunchRecord | undefined> {
    const [record] = await this.write(transaction, [candidate], this.configuration.millrace.launchQueue);
    return record;
  }

  /**
   * Ids are taken, and everything is written down that has room.
   * @param candidates of one account and generation
   * @param regardless accept those without room too
   */
  private async write(
    sql: PreparingSqlRunner,
    candidates: readonly LaunchCandidate[],
    regardless: boolean,
  ): Promise<readonly (LaunchRecord | undefined)[]> {
    const [first] = candidates;
    if (first === undefined) return [];
    const { platform, schemaTarget: target } = first;
    const ids = await takeExecutionIds(sql, target, candidates.length);
    const launches = candidates.flatMap((candidate, index) => {
      const id = ids[index];
      return id === undefined ? [] : [candidate.compose(id)];
    });
    const place = { target, place: domainOf(platform), maximum: platform.maximumConcurrentTasks };
    const states = await insertLaunches(sql, place, launches, LaunchAttempts.LEASE, regardless);
    return launches.map(({ record }) => {
      const state = states.get(record.executionId);
      return state === undefined ? undefined : { ...record, state };
    });
  }
}

function keyOf({ platform, schemaTarget }: LaunchCandidate): string {
  const { account, domain } = domainOf(platform);
  return JSON.stringify([account, domain, schemaTarget]);
}
