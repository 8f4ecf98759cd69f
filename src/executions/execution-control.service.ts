import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { ComposedStops } from '../composition/composed-stops.service.js';
import { Database } from '../database/database.js';
import { LaunchCancellation } from '../launching/launch-cancellation.service.js';
import { LaunchQueueService, type OpenCounts } from '../launching/launch-queue.service.js';
import { LaunchRecordsService } from '../launching/launch-records.service.js';
import type { SchemaTargetName, TaskPlatform } from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { ExecutionHistoryService } from './execution-history.service.js';
import { MissingExternalIdError, NoSuchTaskExecutionError } from './executions.errors.js';
import { platformNamed } from './platform-named.js';

/** Stops executions, and says how many each account runs. */
@Injectable()
export class ExecutionControlService {
  constructor(
    private readonly database: Database,
    private readonly history: ExecutionHistoryService,
    private readonly launches: LaunchRecordsService,
    private readonly queue: LaunchQueueService,
    private readonly cancellation: LaunchCancellation,
    private readonly composed: ComposedStops,
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
    const isRun = await this.composed.runsAmong(executions);
    const unreachable = asked.filter(
      (execution) => execution.externalExecutionId === null && !launches.has(execution) && !isRun(execution),
    );
    if (unreachable.length > 0) throw new MissingExternalIdError(unreachable.map((execution) => execution.id));
    const named =
      platformName === undefined || platformName === '' ? undefined : platformNamed(this.platforms, platformName);
    for (const execution of executions) {
      // A run comes before its children: it is to launch none in their place.
      if (isRun(execution)) await this.composed.requestStop(execution);
      else await this.cancellation.cancel(execution, launches.get(execution), named);
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
}
