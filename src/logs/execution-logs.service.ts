import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { ComposedStories } from '../composition/composed-stories.service.js';
import { ExecutionHistoryService } from '../executions/execution-history.service.js';
import { NoSuchTaskExecutionError } from '../executions/executions.errors.js';
import { platformNamed } from '../executions/platform-named.js';
import { LaunchRecordsService } from '../launching/launch-records.service.js';
import { PlatformDomains } from '../launching/platform-domains.service.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { LogQuery, SchemaTargetName, TaskPlatform } from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { LogArchive } from './log-archive.service.js';
import { LogFollower } from './log-follower.js';
import { followPieces, type LogSource, partOf } from './log-pieces.js';
import { TooManyFollowersError } from './logs.errors.js';

/** What a client reads when there is no log; SCDF's words. */
const NOT_RUNNING = 'Log could not be retrieved as the task instance is not running.';
const NOT_AVAILABLE = 'Log could not be retrieved.  Verify that deployments are still available.';

/** Lines of a log that is asked for whole. */
const LOG_LINES = 10_000;

/** Whose log is asked for. */
export interface LogAddress {
  /** External execution id; an execution id is understood too, since SCDF's shell sends one by mistake. */
  readonly id: string;
  /** The account that has it; found out when undefined. */
  readonly platformName: string | undefined;
  /** Decides what an execution id means. */
  readonly target: SchemaTargetName;
}

/** Reads and follows logs: on the platform while it has them, in the archive after that. */
@Injectable()
export class ExecutionLogs implements BeforeApplicationShutdown {
  private readonly followers = new Set<LogFollower>();

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly history: ExecutionHistoryService,
    private readonly launches: LaunchRecordsService,
    private readonly domains: PlatformDomains,
    private readonly platforms: PlatformRegistry,
    private readonly archive: LogArchive,
    private readonly stories: ComposedStories,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {}

  /** Lets nobody hold up the end of the server; clients come back to the next one with the position that they have. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.followers].map((follower) => follower.return()));
  }

  /** The log of an execution, or a sentence that says why there is none. */
  async read(address: LogAddress, query: LogQuery): Promise<string> {
    const asked = { ...query, tailLines: query.tailLines ?? LOG_LINES };
    const externalId = await this.externalIdOf(address);
    const launch = await this.launches.findByExternalId(externalId);
    const story = launch === undefined ? await this.stories.tell(externalId, asked) : undefined;
    if (story !== undefined) return story;
    const own =
      address.platformName !== undefined && this.platforms.find(address.platformName) !== undefined
        ? undefined
        : ((await this.recordedAccountOf(externalId)) ?? launch?.platformAccount);
    const account = address.platformName ?? own ?? 'default';
    const platform = this.platforms.find(account);
    let answer = NOT_AVAILABLE;
    if (launch !== undefined && launch.platformAccount === account && this.domains.isElsewhere(launch)) {
      answer = `The log of this execution is on another machine: ask ${await this.domains.describeServer(launch)}.`;
    } else {
      try {
        const text = await platform?.log(externalId, asked);
        if (text !== undefined) return text;
        if (platform !== undefined) answer = NOT_RUNNING;
      } catch (error) {
        this.logger.warn({ externalExecutionId: externalId, account, err: error }, 'the platform gives no log');
      }
    }
    // A kept log belongs to its account, also to one that is configured no more.
    if (platform === undefined && account !== own) return answer;
    try {
      return (await this.readArchive(externalId, asked)) ?? answer;
    } catch (error) {
      this.logger.warn({ externalExecutionId: externalId, err: error }, 'a kept log cannot be read');
      return NOT_AVAILABLE;
    }
  }

  /**
   * Follows the log of an execution from its start, or from behind `after`.
   * @throws NoSuchTaskExecutionError, NoSuchLauncherError, TooManyFollowersError
   */
  async follow(address: LogAddress, query: LogQuery, after: string | undefined): Promise<LogFollower> {
    const externalId = await this.externalIdOf(address);
    const own =
      (await this.recordedAccountOf(externalId)) ?? (await this.launches.findByExternalId(externalId))?.platformAccount;
    if (own === undefined) throw NoSuchTaskExecutionError.external(externalId, address.platformName);
    const account = address.platformName ?? own;
    // A kept log belongs to its account, also to one that is configured no more.
    const platform = account === own ? this.platforms.find(account) : platformNamed(this.platforms, account);
    const { maxFollowers } = this.configuration.logs;
    if (this.followers.size >= maxFollowers) throw new TooManyFollowersError(maxFollowers);
    const composed = await this.stories.knows(externalId);
    const find = (signal: AbortSignal): Promise<LogSource> =>
      composed
        ? Promise.resolve({ kind: 'story', texts: this.stories.follow(externalId, signal) })
        : this.find(externalId, platform, query);
    const follower: LogFollower = new LogFollower(
      (signal) => followPieces(externalId, query, after, () => find(signal), signal),
      (error) => {
        this.followers.delete(follower);
        if (error === undefined) return;
        this.logger.warn({ externalExecutionId: externalId, account, err: error }, 'a followed log broke off');
      },
    );
    this.followers.add(follower);
    return follower;
  }

  private async find(externalId: string, platform: TaskPlatform | undefined, query: LogQuery): Promise<LogSource> {
    if (platform !== undefined && (await hasLog(platform, externalId))) return { kind: 'platform', platform };
    const log = isKept(query) ? await this.archive.find(externalId) : undefined;
    if (log !== undefined) return { kind: 'archive', log };
    const state = (await this.launches.findByExternalId(externalId))?.state;
    return { kind: state === undefined || state === 'ended' || state === 'refused' ? 'none' : 'waiting' };
  }

  private async readArchive(externalId: string, query: LogQuery): Promise<string | undefined> {
    const log = isKept(query) ? await this.archive.find(externalId) : undefined;
    return log && partOf(log, query);
  }

  private async externalIdOf({ id, target }: LogAddress): Promise<string> {
    if (!/^\d{1,15}$/.test(id)) return id;
    const number = Number(id);
    const [execution] = await this.history.findAll(target, [number]);
    if (execution === undefined) return id;
    if (execution.externalExecutionId !== null) return execution.externalExecutionId;
    return (await this.launches.find(target, [number])).get(number)?.externalExecutionId ?? id;
  }

  /** The account in an execution's row; undefined while there is none, only a launch that has not reached its platform. */
  private async recordedAccountOf(externalId: string): Promise<string | undefined> {
    const execution = await this.history.findByExternalId(externalId);
    return execution && (execution.platformName ?? 'default');
  }
}

/** Whether the platform has the log, or will have it. It may know how an execution ended whose pod is gone. */
async function hasLog(platform: TaskPlatform, externalId: string): Promise<boolean> {
  const [status] = await platform.status([externalId]);
  if (status === undefined || status.phase === 'gone') return false;
  if (status.phase === 'waiting' || status.phase === 'running') return true;
  return (await platform.log(externalId, { tailLines: 1 })) !== undefined;
}

/** Kept is what the execution's own container wrote in its last run. */
function isKept({ previous, container }: LogQuery): boolean {
  return previous !== true && container === undefined;
}
