/** Tasks on this machine: jars, programs and container images as processes that outlive the server. */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { release, type } from 'node:os';
import { join } from 'node:path';
import type { AccountSettings } from '../../configuration/configuration.js';
import { UnresolvableResourceError } from '../../resources/resource-errors.js';
import { messageOf } from '../../resources/system-error.js';
import { parseResourceUri, type ResourceUri } from '../../resources/resource-uri.js';
import {
  InvalidLaunchRequestError,
  PlatformLaunchError,
  type LaunchRequest,
  type LogQuery,
  type LogStream,
  type PlatformEnvironment,
  type PlatformOption,
  type PlatformStatus,
  type TaskPlatform,
} from '../platform.js';
import { ContainerEngine } from './container-engine.js';
import type { ExecutionDirectory, ExecutionRecord } from './execution-directory.js';
import { readLog } from './execution-log.js';
import { ExecutionLogStream } from './execution-log-stream.js';
import { isFinal } from './execution-state.js';
import { ExecutionSupervisor, type PlatformLogger } from './execution-supervisor.js';
import { startWrapped } from './execution-wrapper.js';
import type { JavaHomePaths } from './java-command.js';
import { applyDeploymentProperties, parseLocalAccount } from './local-account.js';
import { describeLocalAccount, LOCAL_PLATFORM_OPTIONS } from './local-options.js';
import { LocalDomain } from './local-domain.js';
import type { LocalSettings } from './local-settings.js';
import { prepareCommand } from './task-preparation.js';

/** What a Local account is made of. */
export interface LocalPlatformOptions {
  readonly accountName: string;
  /** `spring.cloud.dataflow.task.platform.local.accounts.<name>`, as bound. */
  readonly settings: AccountSettings;
  /** Marks what this installation started; another one may keep its executions in the same directory. */
  readonly instanceId: string;
  /** Absolute; where executions live unless the account sets `working-directories-root`. */
  readonly workingDirectory: string;
  /** Brings `file:`, `http(s):` and `maven:` resources to this machine. */
  readonly resources: { resolve(uri: string): Promise<string> };
  readonly javaHomePaths: JavaHomePaths;
  /** The server's environment, of which tasks inherit a part. */
  readonly parentEnvironment: Readonly<Record<string, string | undefined>>;
  readonly logger: PlatformLogger;
}

/** One Local account. */
export class LocalPlatform implements TaskPlatform {
  readonly type = 'Local';
  readonly accountName: string;
  readonly description: string;
  readonly options: readonly PlatformOption[] = LOCAL_PLATFORM_OPTIONS;
  readonly maximumConcurrentTasks: number;
  readonly environment: PlatformEnvironment = {
    deployerName: 'LocalTaskLauncher',
    platformApiVersion: `${type()} ${release()}`,
    platformClientVersion: release(),
    platformHostVersion: release(),
    platformSpecificInfo: {},
  };

  readonly #options: LocalPlatformOptions;
  readonly #account: LocalSettings;
  readonly #root: string;
  readonly #domain: LocalDomain;
  readonly #engine: ContainerEngine;
  readonly #executions: ExecutionSupervisor;
  readonly #launching = new Map<string, Promise<Date | undefined>>();

  /** @throws UnusableSettingsError for settings that cannot be used */
  constructor(options: LocalPlatformOptions) {
    const { accountName, logger } = options;
    this.#options = options;
    this.#account = parseLocalAccount(options.settings, {
      accountName,
      warn: (message) => logger.warn({ account: accountName }, message),
    });
    this.#root = this.#account.workingDirectoriesRoot ?? options.workingDirectory;
    this.#domain = new LocalDomain(this.#root);
    this.#engine = new ContainerEngine(options.parentEnvironment);
    this.#executions = new ExecutionSupervisor(this.#root, accountName, this.#engine, logger);
    this.accountName = accountName;
    this.description = describeLocalAccount(this.#account, this.#root);
    this.maximumConcurrentTasks = this.#account.maximumConcurrentTasks;
  }

  get domain(): string {
    return this.#domain.id;
  }

  /** @throws Error on Windows, which has neither `/bin/sh` nor process groups */
  async start(): Promise<void> {
    if (process.platform === 'win32') {
      throw new Error(`The Local platform account '${this.accountName}' needs Linux or macOS; this is Windows.`);
    }
    const problem = await this.health();
    if (problem !== undefined) this.#options.logger.error({ account: this.accountName }, problem);
    this.#executions.adopt();
  }

  /** What runs keeps running; the next server process adopts it. */
  async close(): Promise<void> {
    await this.#executions.close();
  }

  validate(request: Omit<LaunchRequest, 'externalExecutionId' | 'execution' | 'dataSource'>): void {
    parseUri(request.resourceUri);
    applyDeploymentProperties(this.#account, request.deploymentProperties);
    for (const [name, value] of Object.entries(request.appProperties)) {
      refuseNul(`Application property '${name.replaceAll('\0', '\\0')}'`, name + value);
    }
    for (const argument of [...request.arguments, ...request.springArguments]) {
      refuseNul('A command-line argument', argument);
    }
  }

  launch(request: LaunchRequest): Promise<Date | undefined> {
    const id = request.externalExecutionId;
    const underWay = this.#launching.get(id);
    if (underWay !== undefined) return underWay;
    const launch = this.#launch(request).finally(() => this.#launching.delete(id));
    this.#launching.set(id, launch);
    return launch;
  }

  async status(externalExecutionIds: readonly string[]): Promise<readonly PlatformStatus[]> {
    return this.#executions.readAll(externalExecutionIds);
  }

  onChange(listener: (status: PlatformStatus) => void): void {
    this.#executions.onChange(listener);
  }

  async cancel(externalExecutionId: string): Promise<void> {
    const directory = this.#executions.directory(externalExecutionId);
    const record = directory?.record();
    if (directory === undefined || record === undefined) return;
    if (isFinal(await this.#executions.read(externalExecutionId))) return;
    if (directory.claim() === undefined && directory.claimNever('stopped before it was started')) {
      this.#executions.reportSoon(externalExecutionId);
    } else if (directory.requestCancel(record.shutdownTimeout)) {
      this.#executions.end(directory, record);
    }
  }

  async cleanUp(externalExecutionId: string): Promise<void> {
    const directory = this.#executions.directory(externalExecutionId);
    const record = directory?.record();
    if (directory === undefined || record === undefined) return;
    if (!isFinal(await this.#executions.read(externalExecutionId))) {
      // One that waits for a server to start it is given up; one that runs is left alone.
      if (this.#launching.has(externalExecutionId) || !directory.claimNever('cleaned up before it was started')) {
        const facts = { account: this.accountName, externalExecutionId };
        this.#options.logger.warn(facts, 'A running execution cannot be cleaned up; stop it first');
        return;
      }
    }
    if (record.container !== undefined) await this.#engine.remove(record);
    await directory.remove(record.workingDirectory, record.deleteFiles);
  }

  async log(externalExecutionId: string, query: LogQuery): Promise<string | undefined> {
    const directory = this.#loggedDirectory(externalExecutionId, query);
    return directory === undefined ? undefined : readLog(directory.stdoutFile, directory.stderrFile, query);
  }

  followLog(externalExecutionId: string, query: LogQuery): LogStream {
    const directory = this.#loggedDirectory(externalExecutionId, query);
    if (directory === undefined) return NO_LOG;
    const { stdoutFile, stderrFile } = directory;
    const ended = async () => isFinal(await this.#executions.read(externalExecutionId));
    return new ExecutionLogStream({ stdoutFile, stderrFile, ended }, query);
  }

  async orphans(
    known: (externalExecutionIds: readonly string[]) => Promise<ReadonlySet<string>>,
  ): Promise<readonly string[]> {
    const names = await this.#executions.namesOf(this.#options.instanceId);
    const withRow = await known(names);
    return names.filter((name) => !withRow.has(name));
  }

  async health(): Promise<string | undefined> {
    try {
      await mkdir(this.#root, { recursive: true, mode: 0o750 });
      await access(this.#root, constants.W_OK | constants.X_OK);
      await access('/bin/sh', constants.X_OK);
      return undefined;
    } catch (error) {
      return `The Local platform account '${this.accountName}' cannot start tasks: ${messageOf(error)}.`;
    }
  }

  /** A program here has neither containers nor a previous run. */
  #loggedDirectory(externalExecutionId: string, { previous, container }: LogQuery): ExecutionDirectory | undefined {
    if (previous === true || container !== undefined) return undefined;
    const directory = this.#executions.directory(externalExecutionId);
    return directory?.record() === undefined ? undefined : directory;
  }

  async #launch(request: LaunchRequest): Promise<Date | undefined> {
    const id = request.externalExecutionId;
    this.validate(request);
    const directory = this.#executions.directory(id);
    if (directory === undefined) {
      throw new InvalidLaunchRequestError(
        `The execution name '${id}' cannot be used on the Local platform. ` +
          'It must be made of letters, digits, dots, dashes and underscores, at most 200, and begin with a letter, a digit or an underscore.',
      );
    }
    const claim = directory.claim();
    if (claim?.kind === 'never') throw new PlatformLaunchError(claim.reason);
    if (claim !== undefined) {
      this.#executions.follow(id);
      return claim.at;
    }
    try {
      return await this.#startProgram(request, directory);
    } catch (error) {
      if (error instanceof PlatformLaunchError) {
        // Written down before it is said: the answer may be lost with this process, the reason must not.
        directory.claimNever(error.message);
        this.#executions.reportSoon(id);
      }
      throw error;
    }
  }

  async #startProgram(request: LaunchRequest, directory: ExecutionDirectory): Promise<Date | undefined> {
    const id = request.externalExecutionId;
    const settings = applyDeploymentProperties(this.#account, request.deploymentProperties);
    const record = this.#recordOf(request, directory, settings);
    directory.create(record);
    const isImage = parseUri(request.resourceUri).kind === 'docker';
    const engine = isImage ? await this.#engine.find() : undefined;
    if (engine !== undefined) {
      const { deleteContainerOnExit } = settings.docker;
      directory.create({ ...record, container: { engine, deleteOnExit: deleteContainerOnExit } });
    }
    const command = await prepareCommand(request, settings, {
      account: this.#account,
      javaHomePaths: this.#options.javaHomePaths,
      parentEnvironment: this.#options.parentEnvironment,
      engine,
      resources: this.#options.resources,
    });
    const { workingDirectory } = record;
    const outcome = await startWrapped(
      directory,
      { ...command, workingDirectory, inheritOutput: settings.inheritLogging },
      () => this.#executions.noticeExit(id),
    );
    if (outcome === 'claimed') this.#executions.follow(id);
    return directory.claim()?.at;
  }

  #recordOf(request: LaunchRequest, directory: ExecutionDirectory, settings: LocalSettings): ExecutionRecord {
    const { externalExecutionId, execution, taskName } = request;
    const askedRoot = settings.workingDirectoriesRoot;
    const ownRoot = askedRoot === undefined || askedRoot === this.#root;
    return {
      externalExecutionId,
      accountName: this.accountName,
      executionId: execution.id,
      schemaTarget: execution.schemaTarget,
      instanceId: execution.instanceId,
      taskName,
      workingDirectory: ownRoot ? directory.ownWorkingDirectory : join(askedRoot, externalExecutionId),
      shutdownTimeout: settings.shutdownTimeout * 1000,
      deleteFiles: settings.deleteFilesOnExit,
    };
  }
}

const NO_LOG: LogStream = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};

function parseUri(uri: string): ResourceUri {
  try {
    return parseResourceUri(uri);
  } catch (error) {
    if (error instanceof UnresolvableResourceError) throw new InvalidLaunchRequestError(error.message);
    throw error;
  }
}

function refuseNul(what: string, text: string): void {
  if (text.includes('\0')) {
    throw new InvalidLaunchRequestError(`${what} contains a NUL character, which no process can be given.`);
  }
}
