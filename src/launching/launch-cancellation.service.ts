import { Injectable } from '@nestjs/common';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import type { TaskPlatform } from '../platforms/platform.js';
import type { ExecutionKey, LaunchRecord } from './launch-record.js';
import { LaunchRecordsService } from './launch-records.service.js';
import { PlatformDomains } from './platform-domains.service.js';

/** What is to end. */
export interface ExecutionToCancel {
  readonly key: ExecutionKey;
  /** Null when it is not known that a platform has it. */
  readonly externalExecutionId: string | null;
  /** Null when nobody wrote down where it runs; then it is the only account, if there is one only. */
  readonly platformName: string | null;
}

/** Ends executions, wherever they have got to. */
@Injectable()
export class LaunchCancellation {
  constructor(
    private readonly launches: LaunchRecordsService,
    private readonly domains: PlatformDomains,
    private readonly platforms: PlatformRegistry,
  ) {}

  /**
   * A launch that has not reached its platform never will. One that has is ended there; one that only another server can
   * reach is ended by that server, within seconds. Doing it again does no harm.
   *
   * @param launch undefined for an execution that was started elsewhere
   * @param named the account to ask, whatever the execution says
   */
  async cancel(execution: ExecutionToCancel, launch: LaunchRecord | undefined, named?: TaskPlatform): Promise<void> {
    if (launch !== undefined && (launch.state === 'queued' || launch.state === 'accepted')) {
      await this.launches.withdraw(execution.key, 'Stopped before it was started.');
    }
    if (launch !== undefined && this.domains.isElsewhere(launch)) return this.domains.request(launch, 'cancel');
    const externalId = execution.externalExecutionId ?? launch?.externalExecutionId;
    if (externalId !== undefined) await (named ?? this.platformOf(execution))?.cancel(externalId);
  }

  /** The same for launches of this installation, by their keys; others are left alone. */
  async cancelAll(keys: readonly ExecutionKey[]): Promise<void> {
    for (const schemaTarget of ['boot2', 'boot3'] as const) {
      const ids = keys.filter((key) => key.schemaTarget === schemaTarget).map(({ id }) => id);
      if (ids.length === 0) continue;
      for (const [id, launch] of await this.launches.find(schemaTarget, ids)) {
        const { externalExecutionId, platformAccount: platformName } = launch;
        await this.cancel({ key: { schemaTarget, id }, externalExecutionId, platformName }, launch);
      }
    }
  }

  private platformOf({ platformName }: ExecutionToCancel): TaskPlatform | undefined {
    if (platformName !== null) return this.platforms.find(platformName);
    const [only, ...others] = this.platforms.all();
    return others.length === 0 ? only : undefined;
  }
}
