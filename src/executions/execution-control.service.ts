import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { Database } from '../database/database.js';
import type { LaunchRecord } from '../launching/launch-record.js';
import { LaunchQueueService, type OpenCounts } from '../launching/launch-queue.service.js';
import { LaunchRecordsService } from '../launching/launch-records.service.js';
import { PlatformDomains } from '../launching/platform-domains.service.js';
import type { SchemaTargetName, TaskPlatform } from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { ExecutionHistoryService } from './execution-history.service.js';
import { MissingExternalIdError, NoSuchTaskExecutionError } from './executions.errors.js';
import { platformNamed } from './platform-named.js';
import type { TaskExecution } from './task-execution.js';

/** Stops executions, and says how many each account runs. */
@Injectable()
export class ExecutionControlService {
  constructor(
    private readonly database: Database,
    private readonly history: ExecutionHistoryService,
    private readonly launches: LaunchRecordsService,
    private readonly queue: LaunchQueueService,
    private readonly domains: PlatformDomains,
    private readonly platforms: PlatformRegistry,
    private readonly audit: AuditService,
  ) {}

  /**
   * Stops executions and all that they brought about; ended ones stay as they are.
   * @throws NoSuchTaskExecutionError, MissingExternalIdError, NoSuchLauncherError; then nothing is stopped
   */
  async stop(target: SchemaTargetName, ids: readonly number[], platformName: string | undefined): Promise<void> {
    const unique = [...new Set(ids)];
    const asked = await this.history.findAll(target, unique);
    const missing = unique.filter((id) => !asked.some((execution) => execution.id === id));
    if (missing.length > 0) throw NoSuchTaskExecutionError.some(missing, target);
    const executions = [...asked, ...(await this.history.findEach(await this.history.descendantsOf(target, unique)))];
    const launches = await this.launches.findEach(executions);
    const unreachable = asked.filter((execution) => execution.externalExecutionId === null && !launches.has(execution));
    if (unreachable.length > 0) throw new MissingExternalIdError(unreachable.map((execution) => execution.id));
    const named =
      platformName === undefined || platformName === '' ? undefined : platformNamed(this.platforms, platformName);
    for (const execution of executions) {
      const launch = launches.get(execution);
      if (launch !== undefined && (launch.state === 'queued' || launch.state === 'accepted')) {
        await this.launches.withdraw(execution, 'Stopped before it was started.');
      }
      await this.cancel(execution, launch, named);
    }
    await this.audit.record(this.database.dataSource.manager, {
      operation: 'TASK',
      action: 'UNDEPLOY',
      correlationId: `${executions.length} Task Execution Stopped`,
      data: { 'Stopped Task Executions': executions.length },
    });
  }

  /** How many launches each account has where this server sees them, in the order of the configuration. */
  async current(): Promise<readonly { readonly platform: TaskPlatform; readonly open: OpenCounts }[]> {
    const counts = await this.queue.countOpen();
    return this.platforms.all().map((platform) => {
      const { accountName } = platform;
      return { platform, open: counts.get(accountName) ?? { queued: 0, accepted: 0, launched: 0 } };
    });
  }

  /** On the platform; one that only another server can reach is ended by that server, within seconds. */
  private async cancel(
    execution: TaskExecution,
    launch: LaunchRecord | undefined,
    named: TaskPlatform | undefined,
  ): Promise<void> {
    if (launch !== undefined && this.domains.isElsewhere(launch)) return this.domains.request(launch, 'cancel');
    const externalId = execution.externalExecutionId ?? launch?.externalExecutionId;
    if (externalId !== undefined) await (named ?? this.platformOf(execution))?.cancel(externalId);
  }

  private platformOf(execution: TaskExecution): TaskPlatform | undefined {
    if (execution.platformName !== null) return this.platforms.find(execution.platformName);
    const [only, ...others] = this.platforms.all();
    return others.length === 0 ? only : undefined;
  }
}
