import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import { Batches } from '../background/batches.js';
import { Database } from '../database/database.js';
import { mayBeTheStatement } from '../database/database-unavailable.js';
import {
  InvalidLaunchRequestError,
  PlatformLaunchError,
  type SchemaTargetName,
  type TaskPlatform,
} from '../platforms/platform.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { messageOf } from '../resources/system-error.js';
import { ApplicationPropertiesService } from './application-properties.service.js';
import { domainOf, type ExecutionKey, type LaunchRecord } from './launch-record.js';
import * as attempts from './launch-attempt.sql.js';
import { LaunchRecordsService } from './launch-records.service.js';

/** How long an answer waits for the platform; a slower launch goes on in the background, ms. */
const PATIENCE = 5_000;

/** How long a request waits for marks of launches, ms: far longer than they take, unless the database does not work. */
const MARKING_PATIENCE = 2_000;

/** Launches marked in one statement, at most. */
const MARKED = 64;

/** Attempts are made further and further apart, up to this, ms. */
const LONGEST_DELAY = 60_000;

/** An attempt under way. Neither promise is ever rejected. */
interface Attempt {
  /** The platform has it, or has refused it and that is written down. */
  readonly answered: Promise<void>;
  /** All that came of it is written down. */
  readonly over: Promise<void>;
}

/** Asks platforms for what was accepted: steps 2 and 3 of the launch protocol. */
@Injectable()
export class LaunchAttempts {
  /** How long an attempt has a launch for itself before another may try it, ms. Trying twice is harmless, only wasteful. */
  static readonly LEASE = 10_000;

  /** By the external id: one attempt at a time, however often its turn comes. */
  private readonly underWay = new Map<string, Attempt>();

  /** What has reached its platform and is not marked yet. */
  private readonly unmarked = new Set<Promise<void>>();

  /** What reached its platform at the same time is written down together. */
  private readonly marks = {
    boot2: this.marksOf('boot2'),
    boot3: this.marksOf('boot3'),
  };

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly platforms: PlatformRegistry,
    private readonly applicationProperties: ApplicationPropertiesService,
    private readonly launches: LaunchRecordsService,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {}

  /**
   * Makes an attempt, unless one is under way, and waits until the platform has answered, but not for ever. A refusal is in the
   * launch's rows then; that the platform has it will be in a moment, see {@link marked}.
   */
  async attemptSoon(record: LaunchRecord): Promise<void> {
    const attempt = this.underWay.get(record.externalExecutionId) ?? this.begin(record);
    await withPatience(attempt.answered, PATIENCE);
  }

  /** Whether something has reached its platform that the database does not tell yet. */
  get hasUnmarked(): boolean {
    return this.unmarked.size > 0;
  }

  /** Waits until all is written down that has reached its platform by now, but not for ever. */
  async marked(): Promise<void> {
    await withPatience(Promise.all(this.unmarked), MARKING_PATIENCE);
  }

  /** Takes over launches whose attempt is due, and makes it; a slow one keeps no other waiting. @returns how many */
  async attemptDue(limit: number): Promise<number> {
    const places = this.platforms.all().map(domainOf);
    const due = await attempts.takeDueLaunches(this.database, places, limit, LaunchAttempts.LEASE);
    const idle = due.filter(({ externalExecutionId }) => !this.underWay.has(externalExecutionId));
    await Promise.all(idle.map((record) => this.attemptSoon(record)));
    return due.length;
  }

  /** Waits until no attempt is under way. */
  async settle(): Promise<void> {
    await Promise.all([...this.underWay.values()].map(({ over }) => over));
  }

  private begin(record: LaunchRecord): Attempt {
    const id = record.externalExecutionId;
    let tell: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (tell = resolve));
    const over = this.attempt(record, () => {
      this.unmarked.add(over);
      tell();
    }).finally(() => {
      this.underWay.delete(id);
      this.unmarked.delete(over);
      tell();
    });
    const attempt = { answered, over };
    this.underWay.set(id, attempt);
    return attempt;
  }

  /**
   * Never throws: what went wrong is written into the launch, and tried again if that makes sense.
   * @param reached called when the platform has it, before that is written down
   */
  private async attempt(record: LaunchRecord, reached: () => void): Promise<void> {
    const key = { schemaTarget: record.schemaTarget, id: record.executionId };
    const fields = {
      task: record.taskName,
      executionId: key.id,
      schemaTarget: key.schemaTarget,
      account: record.platformAccount,
    };
    try {
      const platform = this.platforms.find(record.platformAccount);
      if (platform === undefined) {
        throw new Error(`The platform account '${record.platformAccount}' is not configured (any more).`);
      }
      const startedAt = await this.ask(platform, record);
      reached();
      if (!(await this.marks[record.schemaTarget].add({ executionId: key.id, startedAt })))
        await this.cancelIfWithdrawn(platform, record);
      this.logger.info({ ...fields, externalExecutionId: record.externalExecutionId }, 'launched');
    } catch (error) {
      const reason = messageOf(error);
      const final = error instanceof PlatformLaunchError || error instanceof InvalidLaunchRequestError;
      this.logger.warn(
        { ...fields, reason, final },
        final ? 'launch refused' : 'launch failed; it will be tried again',
      );
      const written = final ? this.launches.recordRefusal(key, reason) : this.postpone(record, key, reason);
      await written.catch((secondary: unknown) => {
        // The database is away as well; the record stays accepted and is taken up again when its lease ends.
        this.logger.warn({ ...fields, err: secondary }, 'the failed launch could not be written down');
      });
    }
  }

  private async ask(platform: TaskPlatform, record: LaunchRecord): Promise<Date | undefined> {
    const { request, taskName, externalExecutionId } = record;
    const { instanceId } = this.database;
    return platform.launch({
      ...request,
      taskName,
      externalExecutionId,
      execution: { id: record.executionId, schemaTarget: record.schemaTarget, instanceId },
      dataSource: this.applicationProperties.dataSourceFor(platform.type, request.appProperties),
    });
  }

  private marksOf(target: SchemaTargetName): Batches<attempts.LaunchMark, boolean> {
    return new Batches({
      size: MARKED,
      work: (marks) => attempts.markAllLaunched(this.database, target, marks),
      mayBeOneItem: mayBeTheStatement,
    });
  }

  /** Somebody stopped the execution while the platform was being asked: what has started now must end. */
  private async cancelIfWithdrawn(platform: TaskPlatform, record: LaunchRecord): Promise<void> {
    const current = (await this.launches.find(record.schemaTarget, [record.executionId])).get(record.executionId);
    if (current === undefined || current.state === 'ended') await platform.cancel(record.externalExecutionId);
  }

  private async postpone(record: LaunchRecord, key: ExecutionKey, reason: string): Promise<void> {
    const delay = Math.min(1_000 * 2 ** record.attempts, LONGEST_DELAY);
    const { launchRetryFor } = this.configuration.millrace;
    const postponed = await attempts.postponeAttempt(this.database, key, delay, reason, launchRetryFor);
    if (postponed?.exhausted !== true) return;
    await this.launches.withdraw(key, `${reason} Given up after ${postponed.attempts} attempts.`, 'refused');
    // Nothing is known to run; should an attempt have got further than it could tell, what it started ends.
    await this.platforms.find(record.platformAccount)?.cancel(record.externalExecutionId);
  }
}

/** @param limit ms after which what goes on is no longer waited for */
async function withPatience(work: Promise<unknown>, limit: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, limit)));
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
