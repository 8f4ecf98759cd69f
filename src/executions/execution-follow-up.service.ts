import { Inject, Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { BackgroundLoop } from '../background/background-loop.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { LaunchRecordsService } from '../launching/launch-records.service.js';
import { LogArchive } from '../logs/log-archive.service.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { PlatformStatus, TaskPlatform } from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';

/** Executions compared in one question to a platform. */
const BATCH = 500;

/** Exit code of an execution that ended without one: its process or pod vanished. */
const NO_EXIT_CODE = 1;

/**
 * The second witness of an execution: what the platform saw is written into the row where the application said nothing, so
 * that every image is a task and no execution stays «running» for ever.
 */
@Injectable()
export class ExecutionFollowUp implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: BackgroundLoop;
  private readonly underWay = new Set<Promise<void>>();
  /** Executions that a platform did not know of in the last round; a second such round is believed. */
  private missing = new Set<string>();

  constructor(
    @Inject(CONFIGURATION) { millrace }: MillraceConfiguration,
    private readonly launches: LaunchRecordsService,
    private readonly platforms: PlatformRegistry,
    private readonly logs: LogArchive,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {
    this.loop = new BackgroundLoop('execution follow-up', millrace.followUpInterval, () => this.compare(), logger);
    for (const platform of platforms.all()) platform.onChange((status) => this.follow(status, platform.accountName));
  }

  onApplicationBootstrap(): void {
    if (this.platforms.all().length > 0) this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
    await Promise.allSettled(this.underWay);
  }

  private follow(status: PlatformStatus, account: string): void {
    const work = this.apply(status, account).catch((error: unknown) => {
      const { externalExecutionId } = status;
      this.logger.warn({ externalExecutionId, err: error }, 'what the platform said could not be written down yet');
    });
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }

  private async apply(status: PlatformStatus, account: string): Promise<void> {
    if (status.execution === undefined) return;
    switch (status.phase) {
      case 'waiting':
      case 'gone':
        return;
      case 'running':
        await this.launches.recordStart(status.execution, status.startedAt ?? new Date());
        return;
      case 'succeeded':
      case 'failed':
        await this.end(status, status.execution, account);
        return;
    }
  }

  private async end(
    status: PlatformStatus,
    execution: NonNullable<PlatformStatus['execution']>,
    platformAccount: string,
  ): Promise<void> {
    const failed = status.phase === 'failed';
    const exitCode = status.exitCode ?? (failed ? NO_EXIT_CODE : 0);
    const said = failed ? (status.reason ?? `ended with exit code ${exitCode}`) : null;
    const reason = said === null ? null : await this.launches.withoutSecrets(execution, said);
    const ended = await this.launches.recordEnd(execution, {
      state: 'ended',
      startedAt: status.startedAt,
      endedAt: status.endedAt ?? new Date(),
      exitCode,
      reason,
    });
    if (!ended) return;
    const { id: executionId, schemaTarget } = execution;
    const { externalExecutionId } = status;
    this.logger.info({ executionId, schemaTarget, externalExecutionId, exitCode, reason }, 'ended');
    this.logs.ended({ schemaTarget, executionId, externalExecutionId, platformAccount });
  }

  private async compare(): Promise<void> {
    const missing = new Set<string>();
    for (const platform of this.platforms.all()) {
      await this.compareAccount(platform, missing);
      await this.endWithdrawn(platform);
    }
    this.missing = missing;
  }

  /** Ends what reached its platform although it had been stopped before: a server that died could not do it. */
  private async endWithdrawn(platform: TaskPlatform): Promise<void> {
    const names = await this.launches.withdrawnOn(platform);
    for (let start = 0; start < names.length; start += BATCH) {
      for (const { externalExecutionId, phase } of await platform.status(names.slice(start, start + BATCH))) {
        if (phase !== 'running' && phase !== 'waiting') continue;
        this.logger.warn({ externalExecutionId }, 'runs although it was stopped before it was started; it is ended');
        await platform.cancel(externalExecutionId);
      }
    }
  }

  private async compareAccount(platform: TaskPlatform, missing: Set<string>): Promise<void> {
    const launched = await this.launches.launchedOn(platform);
    const byName = new Map(launched.map((record) => [record.externalExecutionId, record]));
    const names = [...byName.keys()];
    for (let start = 0; start < names.length; start += BATCH) {
      for (const status of await platform.status(names.slice(start, start + BATCH))) {
        const record = byName.get(status.externalExecutionId);
        if (record === undefined) continue;
        const execution = record.key;
        // Nothing to write: of ten thousand that run, most.
        if (record.started && status.phase === 'running') continue;
        if (status.phase !== 'gone') await this.apply({ ...status, execution }, platform.accountName);
        else if (this.missing.has(status.externalExecutionId)) {
          await this.end({ ...status, ...VANISHED }, execution, platform.accountName);
        } else missing.add(status.externalExecutionId);
      }
    }
  }
}

const VANISHED = {
  phase: 'failed',
  reason: 'The platform knows nothing of this execution any more: its process or pod was removed from outside.',
} as const;
