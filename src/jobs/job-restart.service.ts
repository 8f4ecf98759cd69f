import { Injectable } from '@nestjs/common';
import { Database, type SqlRunner } from '../database/database.js';
import { NoSuchTaskDefinitionError } from '../definitions/definitions.errors.js';
import { DefinitionsService } from '../definitions/definitions.service.js';
import { ExecutionHistoryService } from '../executions/execution-history.service.js';
import type { TaskExecution } from '../executions/task-execution.js';
import { TaskLauncher } from '../composition/task-launcher.service.js';
import type { LaunchRecord } from '../launching/launch-record.js';
import { LaunchRecordsService } from '../launching/launch-records.service.js';
import { PLATFORM_NAME } from '../launching/launch-properties.js';
import type { LaunchOrder } from '../launching/launching.service.js';
import { schemaProperties } from '../launching/schema-properties.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import {
  JobAlreadyRunningError,
  JobNotRestartableError,
  NothingToLaunchError,
  OtherGenerationError,
  UnknownPlatformError,
} from './job-control.errors.js';
import { lockInstance, selectOpenLaunch, selectOpenSibling } from './job-control.sql.js';
import type { ExecutionKey } from './job-execution.sql.js';
import { type JobExecution, permittedActions } from './job-history.js';
import { JobsService } from './jobs.service.js';
import { restartArguments, withoutServerArguments } from './restart-arguments.js';

/** How a restart is to be made. */
export interface RestartOptions {
  /** Whether the application reads job parameters in JSON (Spring Batch 5 with a `JsonJobParametersConverter`). */
  readonly json: boolean;
  /**
   * Whether deployment properties and versions are those of the execution whose job it is, not those of the task's last launch.
   * Default: false, as in SCDF.
   */
  readonly asItRan?: boolean;
}

/** A restart that was checked: what is to be launched, and for which job execution. */
export interface RestartOrder {
  readonly execution: JobExecution;
  readonly order: LaunchOrder;
}

/**
 * Runs a job instance again: its task is launched with the arguments of the failed execution and with the job's parameters,
 * from which the application finds the instance and goes on where it ended. Deployment properties and versions are those of the
 * task's last manifest, as at any launch, unless it is to run as it did.
 */
@Injectable()
export class JobRestartService {
  constructor(
    private readonly database: Database,
    private readonly jobs: JobsService,
    private readonly history: ExecutionHistoryService,
    private readonly definitions: DefinitionsService,
    private readonly launches: LaunchRecordsService,
    private readonly launcher: TaskLauncher,
    private readonly platforms: PlatformRegistry,
  ) {}

  /**
   * Restarts a failed or stopped job execution. Of several that are asked for at the same time, here or on other servers, one
   * launches and the others are refused.
   * @returns the task execution of the restart
   * @throws NoSuchJobExecutionError, JobNotRestartableError, and what {@link order} and a launch throw; then nothing was done
   */
  async restart(key: ExecutionKey, options: RestartOptions): Promise<ExecutionKey> {
    const { execution } = await this.jobs.findExecution(key);
    if (!permittedActions(execution.status).restartable) {
      throw new JobNotRestartableError(key, execution.status, hintFor(execution));
    }
    return this.launch(await this.order(execution, options));
  }

  /**
   * What has to be launched to run a job again, whatever its state; that it can be launched is checked, except for room.
   *
   * @throws NothingToLaunchError, NoSuchTaskExecutionError, NoSuchTaskDefinitionError, UnreadableJobParameterError
   * @throws UnknownPlatformError, OtherGenerationError, and what {@link TaskLauncher.check} throws
   * @throws JobAlreadyRunningError when the instance runs, or a restart is under way
   */
  async order(execution: JobExecution, { json, asItRan = false }: RestartOptions): Promise<RestartOrder> {
    const { schemaTarget, jobName, parameters, instanceId } = execution;
    if (execution.taskExecutionId === 0) throw new NothingToLaunchError(execution);
    const task = await this.history.find(schemaTarget, execution.taskExecutionId);
    const { taskName } = task;
    if (taskName === null) throw new NothingToLaunchError(execution);
    if ((await this.definitions.findIfDefined(taskName)) === null) {
      throw new NoSuchTaskDefinitionError(
        taskName,
        'A job is restarted by launching its task: define the task again under this name, then restart the job.',
      );
    }
    const launch = (await this.launches.find(schemaTarget, [task.id])).get(task.id);
    const appProperties = launch?.request.appProperties ?? task.manifest?.appProperties ?? {};
    const launchArguments = restartArguments({
      schemaTarget,
      jobName,
      parameters,
      json,
      appProperties,
      composed: (await this.definitions.composedAmong([taskName])).has(taskName),
      recorded: launch?.request.arguments ?? withoutServerArguments(task.arguments, Object.keys(schemaProperties('3'))),
    });
    const properties = new Map([[PLATFORM_NAME, this.platformOf(taskName, task, launch)]]);
    const own = asItRan && task.manifest !== null ? { manifest: task.manifest } : {};
    const order = { taskName, properties, arguments: launchArguments, jobInstance: instanceId, ...own };
    await refuseIfRunning(this.database, execution, order);
    const launchedIn = await this.launcher.check(order);
    if (launchedIn !== schemaTarget) throw new OtherGenerationError(execution, taskName, launchedIn);
    return { execution, order };
  }

  /**
   * The one place from which jobs launch. Whether the instance runs is looked at again under its lock, in the transaction that
   * writes the launch down.
   */
  async launch({ execution, order }: RestartOrder): Promise<ExecutionKey> {
    return this.launcher.launch(order, async (transaction) => {
      if (!(await lockInstance(transaction, execution))) await this.jobs.findExecution(execution);
      await refuseIfRunning(transaction, execution, order);
    });
  }

  private platformOf(taskName: string, task: TaskExecution, launch: LaunchRecord | undefined): string {
    const known = launch?.platformAccount ?? task.platformName;
    if (known !== null && known !== undefined) return known;
    const names = this.platforms.names();
    const [only] = names;
    if (only === undefined || names.length > 1) throw new UnknownPlatformError(taskName, task.id, names);
    return only;
  }
}

/** @throws JobAlreadyRunningError */
async function refuseIfRunning(sql: SqlRunner, execution: JobExecution, order: LaunchOrder): Promise<void> {
  const { id, instanceId } = execution;
  const sibling = await selectOpenSibling(sql, execution);
  if (sibling !== undefined) {
    throw new JobAlreadyRunningError(
      `JobExecution with Id '${id}' cannot be restarted: JobExecution ${sibling.id} of the same job instance ${instanceId} is ${sibling.status}. If its process is gone, recover it first.`,
    );
  }
  const open = await selectOpenLaunch(sql, execution, order.taskName, order.arguments);
  if (open === undefined) return;
  const what = open.isRestart ? `to run the same job instance ${instanceId}` : 'with the same arguments';
  throw new JobAlreadyRunningError(
    `JobExecution with Id '${id}' cannot be restarted: task execution ${open.id} was launched ${what} and has not ended.`,
  );
}

function hintFor({ id, status, schemaTarget }: JobExecution): string | undefined {
  if (status === 'COMPLETED' || status === 'ABANDONED') return undefined;
  return `If its process is gone: POST /jobs/executions/${id}/recover?schemaTarget=${schemaTarget}`;
}
