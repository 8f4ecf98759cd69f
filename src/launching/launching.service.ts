import { Injectable } from '@nestjs/common';
import type { AuditEntry } from '../audit/audit-types.js';
import { Database, type Transaction } from '../database/database.js';
import { parseDefinition, type TaskDefinition } from '../definitions/definitions.service.js';
import { isComposed, type TaskApp, taskApps } from '../dsl/facts.js';
import { maskDsl } from '../dsl/mask.js';
import { isSecretKey, MASK, maskArgument } from '../dsl/secrets.js';
import { InvalidLaunchRequestError, type TaskPlatform } from '../platforms/platform.js';
import { type AppRegistration, RegistryService } from '../registry/registry.service.js';
import { schemaTargetOf } from '../schema/schema-target.js';
import { ApplicationPropertiesService } from './application-properties.service.js';
import { cleanArguments, executionIdArgument, parentOf } from './command-line-arguments.js';
import { externalNameOf } from './external-name.js';
import { domainOf, type ExecutionKey, type LaunchRecord, type StoredRequest } from './launch-record.js';
import { FreeRoom } from './free-room.js';
import { LaunchAttempts } from './launch-attempts.service.js';
import type { LaunchToInsert } from './launch-admission.sql.js';
import { type LaunchCandidate, LaunchIntake } from './launch-intake.service.js';
import { takePriority } from './launch-priority.js';
import { deployerProperties, mergeProperties, PLATFORM_NAME } from './launch-properties.js';
import { LaunchTargets, type TaskToLaunch } from './launch-targets.service.js';
import {
  ConcurrencyLimitError,
  InvalidLaunchPropertiesError,
  NestedCompositionError,
  UnknownTaskAppError,
} from './launching.errors.js';
import { formatManifest, type Manifest } from './manifest.js';
import { schemaArguments, schemaProperties } from './schema-properties.js';

/** What a launch asks for. */
export interface LaunchOrder {
  readonly taskName: string;
  /** As the user wrote the keys: `app.…`, `deployer.…`, `version.…`, `scheduler.…`, and the platform's name. */
  readonly properties: ReadonlyMap<string, string>;
  readonly arguments: readonly string[];
  /** The execution that asks for it: a run of a composed task. */
  readonly parent?: ExecutionKey;
  /** The job instance that is to be run again. */
  readonly jobInstance?: number;
  /** Whose deployment properties and versions are gone on from; that of the task's last launch if not given. */
  readonly manifest?: Manifest;
  /** The task, for callers that have looked it up. */
  readonly task?: TaskToLaunch;
}

/**
 * Looks, in the transaction that writes a launch down and before it does, whether it may. What it locks stays locked until the
 * launch is there for all to see; it may lock nothing that others hold while they wait for a platform account.
 * @throws whatever is to refuse the launch; then nothing is written
 */
export type LaunchGuard = (transaction: Transaction) => Promise<void>;

/** A launch that was checked and can be written down, see {@link LaunchIntake.acceptWithin}. */
export type PreparedLaunch = LaunchCandidate;

/** Everything that a launch needs to know, resolved and checked, before anything is written. */
interface Preparation {
  readonly definition: TaskDefinition;
  readonly app: AppRegistration;
  readonly platform: TaskPlatform;
  readonly request: StoredRequest;
  readonly priority: number;
  /** What the server adds to the properties asked for. */
  readonly injected: Readonly<Record<string, string>>;
  /** Merged properties with the injected ones: what the manifest keeps. */
  readonly manifestProperties: Readonly<Record<string, string>>;
}

/**
 * Launches tasks: everything is checked first, then written down in one statement, then the platform is asked. What was
 * answered with an id happens exactly once, whatever dies when; see docs/decisions on the launch protocol.
 */
@Injectable()
export class LaunchingService {
  constructor(
    private readonly database: Database,
    private readonly targets: LaunchTargets,
    private readonly registry: RegistryService,
    private readonly applicationProperties: ApplicationPropertiesService,
    private readonly intake: LaunchIntake,
    private readonly attempts: LaunchAttempts,
    private readonly room: FreeRoom,
  ) {}

  /**
   * @throws NoSuchTaskDefinitionError, UnknownTaskAppError, NoSuchPlatformError, InvalidLaunchPropertiesError
   * @throws ConcurrencyLimitError when the account is full and launches are not queued
   * @throws what the guard throws
   */
  async launch(order: LaunchOrder, guard?: LaunchGuard): Promise<ExecutionKey> {
    const prepared = await this.prepare(order);
    const record = await (guard === undefined ? this.intake.accept(prepared) : this.acceptGuarded(prepared, guard));
    if (record === undefined) throw new ConcurrencyLimitError(order.taskName, prepared.platform.maximumConcurrentTasks);
    await this.start(record);
    return { schemaTarget: record.schemaTarget, id: record.executionId };
  }

  private acceptGuarded(prepared: PreparedLaunch, guard: LaunchGuard): Promise<LaunchRecord | undefined> {
    return this.database.transaction(async (transaction) => {
      await guard(transaction);
      return this.intake.acceptIfRoom(transaction, prepared);
    });
  }

  /**
   * Finds out and checks all that a launch needs; registries may be asked. Nothing is written, unless the definition is made
   * on the way (auto-create-task-definitions).
   * @throws NoSuchTaskDefinitionError, UnknownTaskAppError, NoSuchPlatformError, InvalidLaunchPropertiesError,
   *   InvalidTaskNameError
   */
  async prepare(order: LaunchOrder): Promise<PreparedLaunch> {
    const preparation = await this.resolve(order);
    return {
      platform: preparation.platform,
      schemaTarget: schemaTargetOf(preparation.app.bootVersion),
      compose: (id) => this.compose(preparation, order, id),
    };
  }

  /**
   * Goes on with a launch that is written down and committed: asks its platform, or sees to it that it gets room. Never
   * throws; resolves when the platform has answered, or does not in a while.
   */
  async start(record: LaunchRecord): Promise<void> {
    if (record.state === 'accepted') await this.attempts.attemptSoon(record);
    // Room that others wait for may be its own already: it goes to whoever comes first in the queue.
    else this.room.announce();
  }

  /** The generation that a launch of this task would run in now; boot2 for an app that is not registered, as in SCDF. */
  async bootVersionOf(taskName: string): Promise<'2' | '3'> {
    const definition = await this.targets.definition(taskName);
    const [app] = taskApps(taskName, parseDefinition(taskName, definition.dslText));
    const registered = app === undefined ? null : await this.registry.findIfRegistered('task', app.name);
    return registered?.bootVersion ?? '2';
  }

  private async resolve(order: LaunchOrder): Promise<Preparation> {
    const { taskName } = order;
    const { definition, task, lastManifest, firstApp } = order.task ?? (await this.targets.task(taskName));
    const [taskApp] = taskApps(taskName, task);
    if (isComposed(task) || taskApp === undefined) throw new NestedCompositionError(taskName);
    const platform = this.targets.platform(order.properties.get(PLATFORM_NAME));
    const names = [taskApp.name, ...(taskApp.label === null ? [] : [taskApp.label])];
    const merged = mergeProperties(
      new Map(Object.entries(lastManifest?.deploymentProperties ?? {})),
      order.properties,
      names,
    );
    const app = await this.resolveApp(taskApp, merged, firstApp);
    const prefix = taskApp.label ?? taskApp.name;
    const injected = new Map(
      Object.entries(schemaProperties(app.bootVersion)).map(([k, v]) => [`app.${prefix}.${k}`, v]),
    );
    const manifestProperties = new Map([...merged, ...injected]);
    const { priority, forPlatform } = takePriority(deployerProperties(merged, names));
    const request: StoredRequest = {
      resourceUri: app.uri,
      bootVersion: app.bootVersion,
      appProperties: await this.applicationProperties.resolve({
        taskName,
        app,
        options: taskApp.options,
        properties: manifestProperties,
        label: taskApp.label,
        platformType: platform.type,
      }),
      deploymentProperties: forPlatform,
      arguments: cleanArguments(order.arguments),
      springArguments: schemaArguments(prefix, app.bootVersion),
      ...(order.jobInstance === undefined ? {} : { jobInstance: order.jobInstance }),
    };
    validate(platform, taskName, request);
    return {
      ...{ definition, app, platform, request, priority },
      injected: Object.fromEntries(injected),
      manifestProperties: Object.fromEntries(manifestProperties),
    };
  }

  private compose(preparation: Preparation, order: LaunchOrder, id: number): LaunchToInsert {
    const { definition, app, platform, request, priority } = preparation;
    const place = domainOf(platform);
    const schemaTarget = schemaTargetOf(app.bootVersion);
    const record: LaunchToInsert['record'] = {
      schemaTarget,
      executionId: id,
      taskName: definition.name,
      platformAccount: place.account,
      domain: place.domain,
      externalExecutionId: externalNameOf(definition.name, this.database.instanceId, { schemaTarget, id }),
      request: { ...request, springArguments: [...request.springArguments, executionIdArgument(id)] },
      priority,
      attempts: 0,
    };
    const audit: AuditEntry = {
      operation: 'TASK',
      action: 'DEPLOY',
      correlationId: definition.name,
      platformName: platform.accountName,
      data: {
        taskDefinitionDslText: maskDsl(definition.dslText),
        taskDeploymentProperties: masked(auditedProperties(order.properties, preparation)),
        commandLineArgs: [...record.request.arguments, ...record.request.springArguments].map(maskArgument),
      },
    };
    const parent = order.parent ?? parentOf(order.arguments);
    return { record, manifest: this.manifestOf(preparation, record), audit, parent };
  }

  private manifestOf(
    { definition, app, platform, manifestProperties }: Preparation,
    record: LaunchToInsert['record'],
  ): string {
    return formatManifest({
      taskName: definition.name,
      appProperties: { ...record.request.appProperties, ...this.applicationProperties.maskedDataSource() },
      resourceUri: app.uri,
      deploymentProperties: manifestProperties,
      arguments: [...record.request.arguments, ...record.request.springArguments],
      platformName: platform.accountName,
    });
  }

  /** `version.<label or app>`, asked for now or at an earlier launch, else the default version. */
  private async resolveApp(
    taskApp: TaskApp,
    merged: ReadonlyMap<string, string>,
    firstApp: AppRegistration | null,
  ): Promise<AppRegistration> {
    const version = merged.get(`version.${taskApp.label ?? taskApp.name}`) ?? merged.get(`version.${taskApp.name}`);
    if (version === undefined && firstApp?.name === taskApp.name) return firstApp;
    const app = await this.registry.findIfRegistered('task', taskApp.name, version);
    if (app === null) throw new UnknownTaskAppError(taskApp.name, version);
    return app;
  }
}

function validate(platform: TaskPlatform, taskName: string, request: StoredRequest): void {
  try {
    platform.validate({ taskName, ...request });
  } catch (error) {
    if (error instanceof InvalidLaunchRequestError) throw new InvalidLaunchPropertiesError(error.message);
    throw error;
  }
}

/**
 * As SCDF writes them down: deployer properties under the deployer's own names, the rest as sent. The platform's name has a
 * field of its own.
 */
function auditedProperties(asked: ReadonlyMap<string, string>, { injected }: Preparation): Record<string, string> {
  const renamed = [...asked]
    .filter(([key]) => key !== PLATFORM_NAME)
    .map(([key, value]) => [key.replace(/^deployer\.[^.]+\./, 'spring.cloud.deployer.'), value]);
  return { ...(Object.fromEntries(renamed) as Record<string, string>), ...injected };
}

function masked(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, isSecretKey(key) && value !== '' ? MASK : value]),
  );
}
