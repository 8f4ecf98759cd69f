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
import { MissingExternalIdError, NoSuchLauncherError, NoSuchTaskExecutionError } from './executions.errors.js';

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
    const children = await this.history.findAll(target, await this.history.descendantsOf(target, unique));
    const executions = [...asked, ...children.filter((child) => !unique.includes(child.id))];
    const all = executions.map((execution) => execution.id);
    const launches = await this.launches.find(target, all);
    const composed = await this.composed.runsAmong(target, all);
    const unreachable = asked.filter(
      ({ id, externalExecutionId }) => externalExecutionId === null && !launches.has(id) && !composed.has(id),
    );
    if (unreachable.length > 0) throw new MissingExternalIdError(unreachable.map((execution) => execution.id));
    const named = platformName === undefined || platformName === '' ? undefined : this.platformNamed(platformName);
    for (const execution of executions) {
      const { id, externalExecutionId, platformName: account } = execution;
      const key = { schemaTarget: target, id };
      // It cancels its children itself, those of the other generation too.
      if (composed.has(id)) await this.composed.requestStop(key);
      else await this.cancellation.cancel({ key, externalExecutionId, platformName: account }, launches.get(id), named);
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

  private platformNamed(name: string): TaskPlatform {
    const platform = this.platforms.find(name);
    if (platform === undefined) throw new NoSuchLauncherError(name, this.platforms.names());
    return platform;
  }
}
