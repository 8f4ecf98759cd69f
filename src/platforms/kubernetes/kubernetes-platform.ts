/** Tasks as pods and jobs of a Kubernetes cluster. */
import {
  type LaunchRequest,
  type LogQuery,
  type PlatformEnvironment,
  type PlatformOption,
  type PlatformStatus,
  type TaskPlatform,
} from '../platform.js';
import type { AccountSettings, KubernetesDataSource } from '../../configuration/configuration.js';
import { AccountHealth } from './account-health.js';
import { AccountReport } from './account-report.js';
import { ApiClient } from './client/api-client.js';
import { ApiConnection } from './client/api-connection.js';
import { hasStatus } from './client/api-error.js';
import { readConnectionSettings } from './client/connection-settings.js';
import { explain } from './client/error-sentences.js';
import { ClusterObjects } from './cluster-objects.js';
import { DataSourceHandOver } from './data-source-handover.js';
import { DataSourceSecret } from './data-source-secret.js';
import { ENDING_BOUNDS, ExecutionEnder, type EndingBounds } from './execution-ender.js';
import { ExecutionLogs } from './execution-log.js';
import { ExecutionTracker, statusOf, type TrackedExecution } from './execution-tracker.js';
import type { PlatformLogger } from './platform-logger.js';
import { type KubernetesAccount, readAccount } from './specs/account.js';
import { INSTANCE_LABEL } from './specs/labels.js';
import { KUBERNETES_PLATFORM_OPTIONS } from './specs/platform-options.js';
import { buildTaskObject } from './specs/task-object.js';
import { isOver } from './status/sight.js';
import { TaskLauncher } from './task-launcher.js';
import { ResourceWatch, WATCH_TIMING, type WatchTiming } from './watch/resource-watch.js';
import type { JobObject, ObjectMeta, PodObject } from './wire.js';

/** What a Kubernetes account is made of. */
export interface KubernetesPlatformOptions {
  readonly accountName: string;
  /** `spring.cloud.dataflow.task.platform.kubernetes.accounts.<name>`, as bound. */
  readonly settings: AccountSettings;
  /** Marks what this installation made; replicas share it. */
  readonly instanceId: string;
  /** The server's environment: KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: PlatformLogger;
  readonly watchTiming?: WatchTiming;
  readonly endingBounds?: EndingBounds;
  /** Requests to the API server at a time. */
  readonly requestsInFlight?: number;
  /** How pods get the data source; by a Secret of the server's own if not given. */
  readonly dataSource?: KubernetesDataSource;
}

const REQUESTS_IN_FLIGHT = 48;

/** Stands for an execution's name before there is one. No container that a user adds can bear it, because of the dots. */
const NAME_TO_COME = 'name.to.come';

/** One Kubernetes account: a cluster, an identity there, and a namespace. */
export class KubernetesPlatform implements TaskPlatform {
  readonly type = 'Kubernetes';
  /** A cluster is seen from everywhere. */
  readonly domain = null;
  readonly accountName: string;
  readonly options: readonly PlatformOption[] = KUBERNETES_PLATFORM_OPTIONS;
  readonly maximumConcurrentTasks: number;

  readonly #instanceId: string;
  readonly #logger: PlatformLogger;
  readonly #account: KubernetesAccount;
  readonly #connection: ApiConnection;
  readonly #client: ApiClient;
  readonly #objects: ClusterObjects;
  readonly #tracker: ExecutionTracker;
  readonly #ender: ExecutionEnder;
  readonly #launcher: TaskLauncher;
  readonly #logs: ExecutionLogs;
  readonly #pods: ResourceWatch<PodObject>;
  readonly #jobs: ResourceWatch<JobObject>;
  readonly #health: AccountHealth;
  readonly #report: AccountReport;
  readonly #listeners: ((status: PlatformStatus) => void)[] = [];

  /** @throws UnusableSettingsError for settings that cannot be used */
  constructor(options: KubernetesPlatformOptions) {
    const { accountName, settings, instanceId, environment, logger } = options;
    this.accountName = accountName;
    this.#instanceId = instanceId;
    this.#logger = logger;
    this.#connection = new ApiConnection(readConnectionSettings(accountName, settings), environment);
    this.#account = withNamespace(readAccount(accountName, settings), this.#connection.namespace);
    this.maximumConcurrentTasks = this.#account.maximumConcurrentTasks;
    this.#client = new ApiClient(this.#connection, options.requestsInFlight ?? REQUESTS_IN_FLIGHT);
    this.#objects = new ClusterObjects(this.#client, this.#account.namespace);
    this.#tracker = new ExecutionTracker({
      changed: (status) => this.#tell(status),
      seen: (execution) => this.#ender.look(execution),
    });
    const bounds = options.endingBounds ?? ENDING_BOUNDS;
    this.#ender = new ExecutionEnder(this.#objects, this.#tracker, accountName, logger, bounds);
    const dataSource = options.dataSource ?? { way: 'secret' };
    const secret = new DataSourceSecret(this.#client, this.#objects, accountName, instanceId);
    const launcherExplains = (error: unknown, verb: string, resource: string) => this.#explain(error, verb, resource);
    this.#launcher = new TaskLauncher(
      this.#account,
      this.#client,
      this.#objects,
      this.#tracker,
      new DataSourceHandOver(dataSource, secret),
      launcherExplains,
    );
    this.#logs = new ExecutionLogs(this.#client, this.#objects, (id) => this.#find(id));
    const labelSelector = `${INSTANCE_LABEL}=${instanceId}`;
    const timing = options.watchTiming ?? WATCH_TIMING;
    const { podsPath, jobsPath } = this.#objects;
    this.#pods = new ResourceWatch(this.#client, { path: podsPath, labelSelector }, this.#tracker.pods, timing);
    this.#jobs = new ResourceWatch(this.#client, { path: jobsPath, labelSelector }, this.#tracker.jobs, timing);
    const keepsSecret = dataSource.way === 'secret';
    const [pods, jobs] = [this.#pods, this.#jobs];
    this.#health = new AccountHealth(this.#client, this.#account, pods, jobs, keepsSecret, launcherExplains);
    const reported = {
      accountName,
      namespace: this.#account.namespace,
      serverUrl: () => this.#connection.serverUrl,
      version: () => this.#health.version,
      remark: () => this.#health.remark,
      health: () => this.health(),
    };
    this.#report = new AccountReport(reported, logger);
  }

  /** One line as SCDF writes it; its client's URLs end with a slash. */
  get description(): string {
    const masterUrl = `${this.#connection.serverUrl ?? 'unknown'}/`;
    return `master url = [${masterUrl}], namespace = [${this.#account.namespace}], api version = [v1]`;
  }

  get environment(): PlatformEnvironment {
    return {
      deployerName: 'KubernetesTaskLauncher',
      platformApiVersion: 'v1',
      platformClientVersion: 'unknown',
      platformHostVersion: this.#health.version ?? 'unknown',
      platformSpecificInfo: {
        'master-url': `${this.#connection.serverUrl ?? 'unknown'}/`,
        namespace: this.#account.namespace,
      },
    };
  }

  /** Does not wait for the cluster: an account that is out of reach must not hold up the server's start. */
  async start(): Promise<void> {
    for (const warning of this.#account.warnings) this.#logger.warn({ account: this.accountName }, warning);
    this.#ender.start();
    void Promise.all([this.#pods.start(), this.#jobs.start()]).then(async () => {
      this.#tracker.speak();
      await this.#report.start();
    });
  }

  async close(): Promise<void> {
    this.#listeners.length = 0;
    this.#report.close();
    this.#client.close();
    await Promise.all([this.#pods.close(), this.#jobs.close(), this.#ender.close()]);
  }

  validate(request: Omit<LaunchRequest, 'externalExecutionId' | 'execution' | 'dataSource'>): void {
    const execution = { id: 1, schemaTarget: 'boot3', instanceId: this.#instanceId } as const;
    const complete = { ...request, dataSource: {}, externalExecutionId: NAME_TO_COME, execution };
    buildTaskObject({ account: this.#account, request: complete, dataSourceSecret: null });
  }

  /** @returns undefined: the watch tells when the container has started */
  async launch(request: LaunchRequest): Promise<undefined> {
    await this.#launcher.launch(request);
  }

  async status(externalExecutionIds: readonly string[]): Promise<readonly PlatformStatus[]> {
    const answers = await Promise.all(
      externalExecutionIds.map(async (id) => this.#tracker.status(id) ?? this.#ask(id)),
    );
    return answers.filter((status) => status !== undefined);
  }

  hindrance(externalExecutionId: string): string | undefined {
    const status = this.#tracker.status(externalExecutionId);
    if (status?.phase !== 'waiting') return undefined;
    return status.reason ?? this.#ender.hindrance(externalExecutionId);
  }

  onChange(listener: (status: PlatformStatus) => void): void {
    this.#listeners.push(listener);
  }

  async cancel(externalExecutionId: string): Promise<void> {
    const found = await this.#find(externalExecutionId);
    if (found === undefined || isOver(found.sight)) return;
    await this.#explaining('delete', 'pods', () => this.#ender.stop(found));
  }

  async cleanUp(externalExecutionId: string): Promise<void> {
    const found = await this.#find(externalExecutionId);
    if (found === undefined) return;
    if (!isOver(found.sight)) {
      const facts = { account: this.accountName, externalExecutionId };
      this.#logger.warn(facts, 'A running execution cannot be cleaned up; stop it first');
      return;
    }
    await this.#explaining('delete', found.job === undefined ? 'pods' : 'jobs', () => this.#ender.remove(found));
  }

  log(externalExecutionId: string, query: LogQuery): Promise<string | undefined> {
    return this.#explaining('get', 'pods/log', () => this.#logs.read(externalExecutionId, query));
  }

  followLog(externalExecutionId: string, query: LogQuery): AsyncIterable<string> {
    return this.#logs.follow(externalExecutionId, query);
  }

  async orphans(
    known: (externalExecutionIds: readonly string[]) => Promise<ReadonlySet<string>>,
  ): Promise<readonly string[]> {
    const names = this.#tracker.names();
    const withRow = await known(names);
    return names.filter((name) => !withRow.has(name));
  }

  health(): Promise<string | undefined> {
    return this.#health.problem();
  }

  /** Asks the cluster about an execution that the watch does not know. @returns undefined when it does not answer */
  async #ask(externalExecutionId: string): Promise<PlatformStatus | undefined> {
    if (!this.#pods.synced) return undefined;
    try {
      const found = await this.#find(externalExecutionId);
      const gone = { startedAt: undefined, endedAt: undefined, exitCode: undefined, reason: undefined };
      if (found === undefined) return { externalExecutionId, execution: undefined, phase: 'gone', ...gone };
      return statusOf(externalExecutionId, found.sight, found.execution);
    } catch (error) {
      const facts = { account: this.accountName, externalExecutionId };
      this.#logger.warn(facts, this.#explain(error, 'get', 'pods'));
      return undefined;
    }
  }

  /** From what is under watch, else from the cluster itself. */
  async #find(externalExecutionId: string): Promise<TrackedExecution | undefined> {
    const known = this.#tracker.find(externalExecutionId);
    if (known !== undefined || this.#tracker.verdict(externalExecutionId) !== undefined) return known;
    const pod = await this.#objects.findPod(externalExecutionId);
    if (pod !== undefined && this.#isOurs(pod.metadata)) this.#tracker.pods.put(pod);
    else {
      const job = await this.#findJob(externalExecutionId);
      if (job === undefined || !this.#isOurs(job.metadata)) return undefined;
      for (const podOfJob of await this.#objects.podsOfJob(externalExecutionId)) this.#tracker.pods.put(podOfJob);
      this.#tracker.jobs.put(job);
    }
    return this.#tracker.find(externalExecutionId);
  }

  /** A role without rights on jobs is enough for an account that makes none. */
  async #findJob(name: string): Promise<JobObject | undefined> {
    try {
      return await this.#objects.findJob(name);
    } catch (error) {
      if (hasStatus(error, 403) && !this.#account.createJob) return undefined;
      throw error;
    }
  }

  #isOurs(metadata: ObjectMeta): boolean {
    return metadata.labels?.[INSTANCE_LABEL] === this.#instanceId;
  }

  #tell(status: PlatformStatus): void {
    for (const listener of this.#listeners) listener(status);
  }

  async #explaining<T>(verb: string, resource: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new Error(this.#explain(error, verb, resource), { cause: error });
    }
  }

  #explain(error: unknown, verb: string, resource: string): string {
    const { accountName } = this;
    const { namespace } = this.#account;
    return explain(error, { accountName, namespace, serverUrl: this.#connection.serverUrl, verb, resource });
  }
}

/** Where the settings name no namespace, that of the context or the service account counts, as in SCDF. */
function withNamespace(account: KubernetesAccount, ofClient: string | undefined): KubernetesAccount {
  return account.hasNamespace || ofClient === undefined ? account : { ...account, namespace: ofClient };
}
