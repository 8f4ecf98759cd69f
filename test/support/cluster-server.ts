import { CoreV1Api, type V1Pod } from '@kubernetes/client-node';
import type { AccountSettings } from '../../src/configuration/configuration.js';
import { EXECUTION_ID_LABEL } from '../../src/platforms/kubernetes/specs/labels.js';
import { type Cluster, kubeConfigOf } from './cluster.js';
import { BUSYBOX } from './cluster-images.js';
import { createTestNamespace, type TestNamespace } from './cluster-namespace.js';
import type { PlayedEnd } from './cluster-pods.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { exchange, postForm, type WireAnswer } from './http.js';
import { openToPods, type PodAccess } from './pod-access.js';
import { type Launched, ServerClient, type TaskExecution } from './server-client.js';
import { type Millrace, startMillrace } from './server.js';

/** What a container of busybox is to do. */
export interface Work {
  /** For `sh -c`. */
  readonly script: string;
  /** Deployer properties without their prefix: `kubernetes.createJob`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Of a cluster in which pods are played. */
  readonly played?: PlayedEnd;
  /** The platform account; `default` if not given. */
  readonly account?: string;
  /** Of the container; {@link BUSYBOX} if not given. */
  readonly image?: string;
}

/** A task definition, and what it takes at launch to do the work. */
export interface DefinedWork {
  readonly name: string;
  readonly properties: string;
}

export interface ClusterServerOptions {
  /** Account names; each gets a namespace of its own. */
  readonly accounts?: readonly string[];
  /** Accounts beside these, with all their settings. */
  readonly otherAccounts?: Readonly<Record<string, AccountSettings>>;
  /** Further properties of the server by their environment names. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The built server as a process of its own, with accounts in namespaces of a real Kubernetes and a fresh database. Where pods
 * reach this machine, the server uses its database at the address at which pods reach it too.
 */
export class ClusterServer {
  readonly core: CoreV1Api;
  #server: Millrace | undefined;
  #tasks = 0;

  private constructor(
    readonly cluster: Cluster,
    readonly database: TestDatabase,
    private readonly namespaces: ReadonlyMap<string, TestNamespace>,
    private readonly access: PodAccess | undefined,
    private readonly environment: Readonly<Record<string, string>>,
  ) {
    this.core = kubeConfigOf(cluster).makeApiClient(CoreV1Api);
  }

  static async open(cluster: Cluster, options: ClusterServerOptions = {}): Promise<ClusterServer> {
    const { accounts = ['default'], otherAccounts = {}, environment = {} } = options;
    const namespaces = new Map<string, TestNamespace>();
    for (const account of accounts) namespaces.set(account, await createTestNamespace(cluster));
    const database = await createTestDatabase();
    const [{ host, port } = { host: '', port: 0 }] = database.connection.hosts;
    const access = cluster.hostAddressForPods === undefined ? undefined : await openToPods(cluster, port);
    const own = [...namespaces].map(([name, { name: namespace }]) => [
      name,
      { namespace, maximumConcurrentTasks: '500' },
    ]);
    const settings = { ...Object.fromEntries(own), ...otherAccounts };
    const { username, password } = database.configuration.datasource;
    const opened = new ClusterServer(cluster, database, namespaces, access, {
      KUBECONFIG: cluster.kubeconfig,
      SPRING_APPLICATION_JSON: JSON.stringify({
        spring: { cloud: { dataflow: { task: { platform: { kubernetes: { accounts: settings } } } } } },
      }),
      SPRING_DATASOURCE_URL: `jdbc:postgresql://${access?.host ?? host}:${access?.port ?? port}/${database.name}`,
      SPRING_DATASOURCE_USERNAME: username ?? '',
      SPRING_DATASOURCE_PASSWORD: password ?? '',
      ...environment,
    });
    try {
      await opened.start();
      await opened.client.register('busybox', '1.0.0', `docker:${BUSYBOX}`);
      return opened;
    } catch (failure) {
      await opened.close();
      throw failure;
    }
  }

  /** Of the process that runs now. */
  get server(): Millrace {
    if (this.#server === undefined) throw new Error('The server has not been started.');
    return this.#server;
  }

  /** How pods reach the server's database. */
  get dataSourceForPods(): { readonly url: string; readonly username: string; readonly password: string } {
    const of = (name: string) => this.environment[`SPRING_DATASOURCE_${name}`] ?? '';
    return { url: of('URL'), username: of('USERNAME'), password: of('PASSWORD') };
  }

  get client(): ServerClient {
    return new ServerClient(this.server.baseUrl);
  }

  /** Starts the server again, or for the first time. */
  async start(): Promise<void> {
    await this.#server?.stop();
    await this.#server?.clear();
    this.#server = await startMillrace({ environment: this.environment });
  }

  async close(): Promise<void> {
    await this.#server?.stop();
    await this.#server?.clear();
    for (const namespace of this.namespaces.values()) await namespace.remove();
    await this.access?.close();
    await this.database.close();
  }

  namespaceOf(account = 'default'): string {
    const namespace = this.namespaces.get(account);
    if (namespace === undefined) throw new Error(`There is no account ${account}.`);
    return namespace.name;
  }

  /** Launches work under a definition of its own. */
  async launch(work: Work): Promise<Launched> {
    const { name, properties } = await this.define(work);
    return this.client.launch(name, { properties });
  }

  /** Launches work and waits for its end. */
  async run(work: Work): Promise<TaskExecution> {
    return this.client.ended(await this.launch(work));
  }

  /** Asks for a launch, whatever the answer. */
  async tryLaunch({ name, properties }: DefinedWork): Promise<WireAnswer> {
    return postForm(this.server.baseUrl, '/tasks/executions/launch', { name, properties });
  }

  /** Defines a task that does this work if it is launched with these properties. */
  async define({ image, ...work }: Work): Promise<DefinedWork> {
    const number = ++this.#tasks;
    const app = image === undefined ? 'busybox' : `image-${number}`;
    if (image !== undefined) await this.client.register(app, '1.0.0', `docker:${image}`);
    const name = `work-${number}`;
    await this.client.define(name, app);
    return { name, properties: launchProperties(app, work) };
  }

  stop({ executionId, schemaTarget }: Launched): Promise<WireAnswer> {
    return postForm(this.server.baseUrl, `/tasks/executions/${executionId}`, { schemaTarget });
  }

  /** Removes what an execution left in the cluster; its row stays. */
  cleanUp({ executionId, schemaTarget }: Launched): Promise<WireAnswer> {
    const target = `/tasks/executions/${executionId}?schemaTarget=${schemaTarget}`;
    return exchange(this.server.baseUrl, { method: 'DELETE', target });
  }

  /** All pods of an account's namespace, or of one execution there. */
  async pods(account = 'default', execution?: Launched): Promise<readonly V1Pod[]> {
    const namespace = this.namespaceOf(account);
    const selector = execution && { labelSelector: `${EXECUTION_ID_LABEL}=${execution.executionId}` };
    return (await this.core.listNamespacedPod({ namespace, ...selector })).items;
  }

  /** Some SQL on the server's database. */
  async query(sql: string): Promise<readonly Record<string, unknown>[]> {
    const client = await this.database.client();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }
}

function launchProperties(app: string, { script, properties = {}, played = {}, account }: Work): string {
  const { exitCode, runFor, reason } = played;
  const annotations = [
    ...(exitCode === undefined ? [] : [`kapi.test/exit-code:${exitCode}`]),
    ...(runFor === undefined ? [] : [`kapi.test/run-for:${runFor}`]),
    ...(reason === undefined ? [] : [`kapi.test/reason:${reason}`]),
  ];
  const deployer = {
    'kubernetes.container-command': `sh -c "${script.replaceAll('"', '\\"')}"`,
    'kubernetes.termination-grace-period-seconds': '1',
    ...(annotations.length === 0 ? {} : { 'kubernetes.pod-annotations': annotations.join(',') }),
    ...properties,
  };
  return [
    ...Object.entries(deployer).map(([key, value]) => `deployer.${app}.${key}=${value}`),
    ...(account === undefined ? [] : [`spring.cloud.dataflow.task.platformName=${account}`]),
  ].join(',');
}
