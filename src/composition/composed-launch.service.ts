import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { Database, type Transaction } from '../database/database.js';
import { executableDsl } from '../dsl/expand.js';
import { taskApps } from '../dsl/facts.js';
import { printApp } from '../dsl/print.js';
import { ApplicationPropertiesService } from '../launching/application-properties.service.js';
import { executionIdArgument, isExecutionIdArgument } from '../launching/command-line-arguments.js';
import { externalNameOf } from '../launching/external-name.js';
import type { ExecutionKey } from '../launching/launch-record.js';
import { below, PLATFORM_NAME } from '../launching/launch-properties.js';
import { LaunchTargets, type TaskToLaunch } from '../launching/launch-targets.service.js';
import type { LaunchGuard, LaunchOrder } from '../launching/launching.service.js';
import { formatManifest } from '../launching/manifest.js';
import { LOGGER, type ServerLogger } from '../observability/logger.js';
import type { TaskPlatform } from '../platforms/platform.js';
import { ChildDefinitions } from './child-definitions.service.js';
import { insertJobExecution } from './composed-job.sql.js';
import { checkedChildren, checkedPlan, checkedSettings } from './composed-preparation.js';
import { composedProperties, injectedProperties } from './composed-properties.js';
import { insertParentExecution, insertRun, takeExecutionId } from './composed-run.sql.js';
import { ComposedRunSignals } from './composed-run-signals.js';
import { maskLaunchArgument, maskProperty } from './engine/masks.js';
import { neededChildren } from './engine/needed-children.js';
import { RUNNER, runnerArguments, strangersInArguments } from './engine/runner-launch.js';
import { type JobToRun, takeInstance } from './job-instances.js';
import { jobParametersOf } from './job-parameters.js';
import { type AskedOfRun, childrenSettings, platformOfChildren } from './run-settings.js';

/** A launch that was checked and is to be written down. */
interface Preparation {
  readonly asked: AskedOfRun;
  readonly platform: TaskPlatform;
  readonly planText: string;
  readonly job: JobToRun;
  readonly manifest: {
    readonly appProperties: Readonly<Record<string, string>>;
    readonly deploymentProperties: ReadonlyMap<string, string>;
  };
  readonly audited: Readonly<Record<string, unknown>>;
}

/** A run is an application of Boot 2, as SCDF's runner is; its children are of either generation. */
const SCHEMA_TARGET = 'boot2';

/** By this argument SCDF knows runs of its runner; like the execution's id the server alone may give it, a user's is dropped. */
const APP_NAME = '--spring.cloud.data.flow.taskappname=';

/**
 * Accepts launches of composed tasks: all is checked first, then execution, job and run are written down in one transaction.
 * From then on the run will happen, whatever dies when; the driver takes it from there.
 */
@Injectable()
export class ComposedLaunchService {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly database: Database,
    private readonly targets: LaunchTargets,
    private readonly applicationProperties: ApplicationPropertiesService,
    private readonly children: ChildDefinitions,
    private readonly audit: AuditService,
    private readonly signals: ComposedRunSignals,
    @Inject(LOGGER) private readonly logger: ServerLogger,
  ) {}

  /**
   * @throws UnrunnableTaskError, InvalidTaskDefinitionError when the definition cannot be run
   * @throws InvalidComposedLaunchError, InvalidLaunchPropertiesError, InvalidJobParameterError, NoSuchPlatformError when the
   *   properties or arguments do not fit
   * @throws MissingChildrenError when a child is gone that every successful run needs
   * @throws JobInstanceCompleteError, JobAlreadyRunningError, JobNotRestartableError when the arguments name an instance of
   *   the job that cannot be run (again)
   * @throws what the guard throws
   */
  async launch(order: LaunchOrder, task: TaskToLaunch, guard?: LaunchGuard): Promise<ExecutionKey> {
    const preparation = await this.prepare(order, task);
    const key = await this.database.transaction(async (transaction) => {
      await guard?.(transaction);
      return this.accept(transaction, preparation);
    });
    this.signals.wake(key);
    return key;
  }

  /**
   * Checks a launch and writes nothing.
   * @returns the generation that runs are of
   * @throws what {@link launch} throws before it writes
   */
  async check(order: LaunchOrder, task: TaskToLaunch): Promise<typeof SCHEMA_TARGET> {
    await this.prepare(order, task);
    return SCHEMA_TARGET;
  }

  private async prepare(order: LaunchOrder, { definition, task, lastManifest }: TaskToLaunch): Promise<Preparation> {
    const { name: taskName } = definition;
    const apps = taskApps(taskName, task);
    const planText = executableDsl(taskName, task);
    const platform = this.targets.platform(order.properties.get(PLATFORM_NAME));
    const last = new Map(Object.entries(lastManifest?.deploymentProperties ?? {}));
    const { kept, ofRun, strangers } = composedProperties(taskName, apps, order.properties, last);
    const asked: AskedOfRun = {
      taskName,
      properties: Object.fromEntries(ofRun),
      arguments: runnerArguments(order.arguments).filter(
        (argument) => !isExecutionIdArgument(argument) && !argument.startsWith(APP_NAME),
      ),
      platformAccount: platform.accountName,
    };
    const { runner } = checkedSettings(asked);
    const plan = checkedPlan(taskName, planText, {
      splitThreadCorePoolSize: runner.splitThreadCorePoolSize,
      maximumConcurrentTasks: this.targets.platform(platformOfChildren(asked, runner)).maximumConcurrentTasks,
    });
    // The run's own execution has no id yet; nothing but the argument that bears it depends on it.
    const launches = checkedChildren(childrenSettings(asked, plan, runner, { schemaTarget: SCHEMA_TARGET, id: 0 }));
    // Refuses an account that does not exist.
    for (const launch of launches.values()) this.targets.platform(launch.properties.get(PLATFORM_NAME));
    const parameters = jobParametersOf(asked.arguments);
    const needed = neededChildren(plan);
    await this.children.check(
      taskName,
      [...launches.values()].filter((launch) => needed.has(launch.taskName)),
    );
    const injected = injectedProperties(taskName, apps, await this.children.generations(apps));
    const deploymentProperties = new Map([...kept, ...injected]);
    const unknown = [...new Set([...strangers, ...strangersInArguments(apps, order.arguments)])];
    if (unknown.length > 0) {
      this.logger.warn(
        { task: taskName, names: unknown },
        'properties or arguments of a launch name no child of the task',
      );
    }
    return {
      asked,
      platform,
      planText,
      job: { name: taskName, parameters, rule: runner, uuid: randomUUID() },
      manifest: {
        deploymentProperties,
        appProperties: await this.appProperties(taskName, planText, platform, deploymentProperties),
      },
      audited: {
        taskDefinitionDslText: printApp({ name: RUNNER, options: [{ name: 'graph', value: planText }] }),
        taskDeploymentProperties: masked([...order.properties, ...injected].filter(([key]) => key !== PLATFORM_NAME)),
        ...(unknown.length === 0 ? {} : { namesWithoutChild: unknown }),
      },
    };
  }

  /** What SCDF would have started its runner with. */
  private async appProperties(
    taskName: string,
    planText: string,
    { accountName, type }: TaskPlatform,
    deploymentProperties: ReadonlyMap<string, string>,
  ): Promise<Readonly<Record<string, string>>> {
    return {
      'spring.cloud.task.name': taskName,
      graph: planText,
      ...(await this.applicationProperties.sharedBy(type)),
      'platform-name': accountName,
      ...below(deploymentProperties, `app.${RUNNER}.`),
      ...this.applicationProperties.maskedDataSource(),
    };
  }

  private async accept(transaction: Transaction, preparation: Preparation): Promise<ExecutionKey> {
    const { asked, platform, planText, job, manifest, audited } = preparation;
    const { taskName, platformAccount } = asked;
    const { instanceId, parameters } = await takeInstance(transaction, job);
    const key: ExecutionKey = { schemaTarget: SCHEMA_TARGET, id: await takeExecutionId(transaction) };
    const commandLine = [...asked.arguments, executionIdArgument(key.id), `${APP_NAME}${RUNNER}`];
    await insertParentExecution(transaction, key.id, {
      taskName,
      platformAccount,
      externalExecutionId: externalNameOf(taskName, this.database.instanceId, key),
      arguments: commandLine,
      manifest: formatManifest({
        taskName,
        appProperties: manifest.appProperties,
        resourceUri: this.configuration.task.composedTaskRunner.uri,
        deploymentProperties: Object.fromEntries(manifest.deploymentProperties),
        arguments: commandLine,
        platformName: platformAccount,
      }),
    });
    const jobExecutionId = await insertJobExecution(transaction, { instanceId, parameters, taskExecutionId: key.id });
    await insertRun(transaction, { key, jobExecutionId, planText, ...asked });
    await this.audit.record(transaction.manager, {
      operation: 'TASK',
      action: 'DEPLOY',
      correlationId: taskName,
      platformName: platform.accountName,
      data: { ...audited, commandLineArgs: commandLine.map(maskLaunchArgument) },
    });
    return key;
  }
}

function masked(properties: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(properties.map(([key, value]) => [key, maskProperty(key, value)]));
}
