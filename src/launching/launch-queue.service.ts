import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { Database } from '../database/database.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import type { Page, PageRequest } from '../representation/page.js';
import { FreeRoom } from './free-room.js';
import { takeTurn } from './launch-admission.sql.js';
import * as queue from './launch-queue.sql.js';
import { domainOf, type ExecutionKey } from './launch-record.js';
import { LaunchNotQueuedError, NoSuchLaunchError } from './launching.errors.js';
import { OPEN_STATES, type OpenState, type TrackedLaunch } from './tracked-launch.js';

/** How many launches an account has in each state that is not over. */
export type OpenCounts = Readonly<Record<OpenState, number>>;

/** Shows launches that are not over, and lets those that wait change places. */
@Injectable()
export class LaunchQueueService {
  constructor(
    private readonly database: Database,
    private readonly platforms: PlatformRegistry,
    private readonly room: FreeRoom,
    private readonly audit: AuditService,
  ) {}

  /** One page, queues first and in their order; launches that only other servers can reach are among them. */
  async list(filter: queue.OpenLaunchFilter, { size, offset }: PageRequest): Promise<Page<TrackedLaunch>> {
    const totalElements = await queue.countOpen(this.database, filter);
    const elements = totalElements === 0 ? [] : await queue.findOpen(this.database, filter, size, offset);
    return { elements, totalElements };
  }

  /** @throws NoSuchLaunchError */
  async find(key: ExecutionKey): Promise<TrackedLaunch> {
    const [found] = await queue.findTracked(this.database, [key]);
    if (found === undefined) throw new NoSuchLaunchError(key);
    return found;
  }

  /** Those of these executions that have not reached their platform, each with what it waits for. */
  async findWaiting(keys: readonly ExecutionKey[]): Promise<readonly TrackedLaunch[]> {
    if (keys.length === 0) return [];
    const found = await queue.findTracked(this.database, keys);
    return found.filter(({ state }) => state === 'queued' || state === 'accepted');
  }

  /**
   * Gives a launch that waits for room another priority. The task's next launch has the one that was asked for, as before.
   * @throws NoSuchLaunchError
   * @throws LaunchNotQueuedError when it does not wait for room (any more)
   */
  async changePriority(key: ExecutionKey, priority: number): Promise<TrackedLaunch> {
    const { taskName, platformAccount: account, domain } = await this.find(key);
    await this.database.transaction(async (transaction) => {
      await takeTurn(transaction, { account, domain: domain ?? '' });
      const former = await queue.updatePriority(transaction, key, priority);
      if (former === undefined) throw new LaunchNotQueuedError(key);
      await this.audit.record(transaction.manager, {
        operation: 'TASK',
        action: 'UPDATE',
        correlationId: taskName,
        platformName: account,
        data: { executionId: key.id, schemaTarget: key.schemaTarget, priority, formerPriority: former },
      });
    });
    this.room.announce();
    return this.find(key);
  }

  /** By account name; of the launches that are seen from here. */
  async countOpen(): Promise<ReadonlyMap<string, OpenCounts>> {
    const platforms = this.platforms.all();
    const counts = await queue.countByState(this.database, platforms.map(domainOf));
    const countOf = (account: string, state: OpenState) =>
      counts.find((one) => one.account === account && one.state === state)?.count ?? 0;
    return new Map(
      platforms.map(({ accountName }) => [accountName, openCounts((state) => countOf(accountName, state))]),
    );
  }
}

function openCounts(countOf: (state: OpenState) => number): OpenCounts {
  return Object.fromEntries(OPEN_STATES.map((state) => [state, countOf(state)])) as Record<OpenState, number>;
}
