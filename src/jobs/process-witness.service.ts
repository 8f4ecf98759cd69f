import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { ExecutionHistoryService } from '../executions/execution-history.service.js';
import type { LaunchRecord } from '../launching/launch-record.js';
import { LaunchRecordsService } from '../launching/launch-records.service.js';
import { PlatformDomains } from '../launching/platform-domains.service.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import { isRunByServers } from './job-control.sql.js';
import type { JobExecution } from './job-history.js';

/** What is known of the process that runs a job, in a sentence for people. */
export interface Testimony {
  /** `unknown`: nobody here can tell. */
  readonly process: 'ended' | 'running' | 'unknown';
  /** Of an end without its full stop: it becomes part of another sentence. */
  readonly sentence: string;
}

/** Says whether the process of a job is still there: the platform's word where this installation launched it. */
@Injectable()
export class ProcessWitness {
  constructor(
    private readonly database: Database,
    private readonly launches: LaunchRecordsService,
    private readonly domains: PlatformDomains,
    private readonly platforms: PlatformRegistry,
    private readonly history: ExecutionHistoryService,
  ) {}

  /** Asks the platform if the end of the launch is not written down yet. */
  async ask(job: JobExecution): Promise<Testimony> {
    if (await isRunByServers(this.database, job)) {
      return running('it is the job of a composed task, which the servers themselves carry on; stop it instead.');
    }
    if (job.taskExecutionId === 0) {
      return unknown('it ran outside of any task, so nobody here can tell whether its process is gone.');
    }
    const launch = await this.launchOf(job);
    return launch === undefined ? this.ofForeignTask(job) : this.ofLaunch(launch);
  }

  /** Whether it is written down that the process has ended; no platform is asked. */
  async hasEnded(job: JobExecution): Promise<boolean> {
    if (job.taskExecutionId === 0 || (await isRunByServers(this.database, job))) return false;
    const launch = await this.launchOf(job);
    return launch?.state === 'ended' || launch?.state === 'refused';
  }

  private async launchOf({ schemaTarget, taskExecutionId }: JobExecution): Promise<LaunchRecord | undefined> {
    return (await this.launches.find(schemaTarget, [taskExecutionId])).get(taskExecutionId);
  }

  /** Of a task that something else launched (SCDF, a CronJob) only the row tells. */
  private async ofForeignTask({ schemaTarget, taskExecutionId }: JobExecution): Promise<Testimony> {
    const [execution] = await this.history.findAll(schemaTarget, [taskExecutionId]);
    const endTime = execution?.endTime ?? null;
    if (endTime !== null) return ended(`task execution ${taskExecutionId} ended at ${endTime.toISOString()}`);
    return unknown(
      `task execution ${taskExecutionId} was not launched by this installation and has no end written down, so nobody here can tell whether its process is gone.`,
    );
  }

  private async ofLaunch(launch: LaunchRecord): Promise<Testimony> {
    const key = { schemaTarget: launch.schemaTarget, id: launch.executionId };
    const name = `${launch.externalExecutionId} of task execution ${key.id}`;
    if (launch.state === 'ended' || launch.state === 'refused') return this.writtenEnd(key);
    if (launch.state !== 'launched') return running(`the launch of ${name} is under way.`);
    if (this.domains.isElsewhere(launch)) {
      return running(
        `${name} belongs to another machine, whose server has not reported its end: ${await this.domains.describeServer(launch)}.`,
      );
    }
    const platform = this.platforms.find(launch.platformAccount);
    const [status] = (await platform?.status([launch.externalExecutionId])) ?? [];
    if (status === undefined) {
      return running(`platform account ${launch.platformAccount} cannot say at present whether ${name} runs.`);
    }
    switch (status.phase) {
      case 'waiting':
      case 'running':
        return running(`platform account ${launch.platformAccount} still sees ${name}.`);
      case 'gone':
        return ended(`the platform knows nothing of ${name} any more`);
      case 'succeeded':
      case 'failed': {
        const reason = status.reason ?? `exit code ${status.exitCode ?? 'unknown'}`;
        return ended(`${name} has ended: ${await this.launches.withoutSecrets(key, reason)}`);
      }
    }
  }

  private async writtenEnd({ schemaTarget, id }: Pick<JobExecution, 'schemaTarget' | 'id'>): Promise<Testimony> {
    const [execution] = await this.history.findAll(schemaTarget, [id]);
    const said = execution?.errorMessage?.split('\n')[0] ?? '';
    const how = said === '' ? `exit code ${execution?.exitCode ?? 'unknown'}` : said.slice(0, 500);
    return ended(`task execution ${id} has ended: ${how}`);
  }
}

function ended(sentence: string): Testimony {
  return { process: 'ended', sentence };
}

function running(sentence: string): Testimony {
  return { process: 'running', sentence };
}

function unknown(sentence: string): Testimony {
  return { process: 'unknown', sentence };
}
