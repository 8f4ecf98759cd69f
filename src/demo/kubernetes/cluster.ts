import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { missingRights, rightsSentence } from '../../platforms/kubernetes/access-rights.js';
import { ApiClient } from '../../platforms/kubernetes/client/api-client.js';
import { ApiConnection } from '../../platforms/kubernetes/client/api-connection.js';
import { ApiError, hasStatus } from '../../platforms/kubernetes/client/api-error.js';
import { readConnectionSettings } from '../../platforms/kubernetes/client/connection-settings.js';
import { explain } from '../../platforms/kubernetes/client/error-sentences.js';
import { dataSourceSecretName } from '../../platforms/kubernetes/data-source-secret.js';
import { INSTANCE_LABEL } from '../../platforms/kubernetes/specs/labels.js';
import type { ObjectList, PodObject } from '../../platforms/kubernetes/wire.js';
import { DemoProblem } from '../demo-problem.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A platform account of the demo: the account's name, and the namespace that its pods run in. */
export interface DemoAccount {
  readonly name: string;
  readonly namespace: string;
}

const NAMESPACES = '/api/v1/namespaces';
const WHICH = 'The cluster of the current KUBECONFIG';

/** What the demo does in a cluster by itself, beside what the server does: namespaces, a look at pods, and tidying up. */
export class DemoCluster {
  readonly #made: string[] = [];
  /** What may not be removed, in words. */
  readonly #left: string[] = [];
  #accounts: readonly DemoAccount[] = [];
  #secrets = false;

  private constructor(
    private readonly client: ApiClient,
    readonly serverUrl: string,
    readonly version: string,
    /** Marks what the server of this demo makes, so that only that is removed. */
    readonly instanceId: string,
  ) {}

  /** @throws DemoProblem without a kubeconfig, or when its cluster does not answer or does not know us */
  static async open(environment: Environment): Promise<DemoCluster> {
    refuseNothing(environment);
    const limits = { requestTimeout: '8000', connectionTimeout: '5000' };
    const connection = new ApiConnection(readConnectionSettings('demo', { fabric8: limits }), environment);
    const client = new ApiClient(connection, 8);
    try {
      const { gitVersion } = await client.get<{ readonly gitVersion: string }>('/version');
      // Anybody may ask for the version; who may ask this is somebody.
      await missingRights(client, 'default', { jobs: false });
      const instanceId = `demo-${randomBytes(3).toString('hex')}`;
      return new DemoCluster(client, connection.serverUrl ?? 'unknown', gitVersion, instanceId);
    } catch (error) {
      client.close();
      throw clusterProblem(error, connection.serverUrl);
    }
  }

  /**
   * Two accounts: in the namespaces given, or in two new ones.
   * @param options.secrets whether the server will keep Secrets there
   * @throws DemoProblem when the rights for it are missing
   */
  async accounts(
    given: readonly string[] | undefined,
    options: { readonly secrets: boolean },
  ): Promise<readonly DemoAccount[]> {
    this.#secrets = options.secrets;
    const namespaces = given ?? (await this.#makeNamespaces());
    this.#accounts = namespaces.map((namespace, at) => ({ name: `team-${'ab'[at] ?? at}`, namespace }));
    for (const { name, namespace } of this.#accounts) await this.#refuseWithoutRights(name, namespace, given);
    return this.#accounts;
  }

  /** How many pods there are of an execution; undefined for an account that is not of the demo's making. */
  async podsOf(account: string | null, externalExecutionId: string | null): Promise<number | undefined> {
    const namespace = this.#accounts.find(({ name }) => name === account)?.namespace;
    if (namespace === undefined || externalExecutionId === null) return undefined;
    const labelSelector = `spring-app-id=${externalExecutionId}`;
    const pods: ObjectList<PodObject> = await this.client.get(`${NAMESPACES}/${namespace}/pods`, { labelSelector });
    return (pods.items ?? []).filter(({ metadata }) => metadata.deletionTimestamp === undefined).length;
  }

  /** Removes what demo and server made here: the new namespaces, in given ones pods and Secrets. @returns what, in words */
  async tidyUp(): Promise<string> {
    try {
      for (const name of this.#made) await this.client.remove(`${NAMESPACES}/${name}`);
      const given = this.#accounts.filter(({ namespace }) => !this.#made.includes(namespace));
      for (const { namespace } of given) await this.#removeOurs(namespace);
      const named = [...this.#made, ...given.map(({ namespace }) => `the pods in ${namespace}`)];
      const left =
        this.#left.length === 0 ? '' : `; left there, for lack of the right to delete it: ${this.#left.join(', ')}`;
      return named.length === 0 ? '' : `removed from the cluster: ${named.join(', ')}${left}`;
    } catch (error) {
      return `not everything could be removed from the cluster: ${clusterProblem(error, this.serverUrl).message}`;
    } finally {
      this.client.close();
    }
  }

  async #removeOurs(namespace: string): Promise<void> {
    const labelSelector = `${INSTANCE_LABEL}=${this.instanceId}`;
    const path = `${NAMESPACES}/${namespace}/pods`;
    const found: ObjectList<PodObject> = await this.client.get(path, { labelSelector });
    for (const { metadata } of found.items ?? []) await this.client.remove(`${path}/${metadata.name}`);
    if (this.#secrets) await this.#removeSecret(namespace);
  }

  /** The server's role need not let it delete Secrets, nor see them. */
  async #removeSecret(namespace: string): Promise<void> {
    const name = dataSourceSecretName(this.instanceId);
    try {
      await this.client.remove(`${NAMESPACES}/${namespace}/secrets/${name}`);
    } catch (error) {
      if (hasStatus(error, 404)) return;
      if (!hasStatus(error, 403)) throw error;
      this.#left.push(`the Secret '${name}' in ${namespace}`);
    }
  }

  async #makeNamespaces(): Promise<readonly string[]> {
    for (const letter of 'ab') {
      const name = `millrace-${this.instanceId}-${letter}`;
      const labels = { 'app.kubernetes.io/managed-by': 'millrace-demo' };
      try {
        await this.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
      } catch (error) {
        if (!hasStatus(error, 403)) throw clusterProblem(error, this.serverUrl);
        throw new DemoProblem(
          `${WHICH} does not let you make namespaces (${error.message}).`,
          'Name two that you may use: npm run demo -- --kubernetes --namespaces <one>,<other>.',
        );
      }
      this.#made.push(name);
    }
    return [...this.#made];
  }

  async #refuseWithoutRights(account: string, namespace: string, given: readonly string[] | undefined): Promise<void> {
    const missing = await missingRights(this.client, namespace, { jobs: false, secrets: this.#secrets });
    const sentence = rightsSentence(account, namespace, missing);
    if (sentence !== undefined) throw new DemoProblem(sentence, 'docs/kubernetes.md has the role that is needed.');
    if (given === undefined) return;
    try {
      await this.client.get(`${NAMESPACES}/${namespace}/pods`, { limit: 1 });
      await this.client.get(`${NAMESPACES}/${namespace}/serviceaccounts/default`);
    } catch (error) {
      if (!hasStatus(error, 404)) return;
      throw new DemoProblem(`${WHICH} has no namespace '${namespace}'.`, 'Name two that exist, or none.');
    }
  }
}

/** @throws DemoProblem when nothing names a cluster */
function refuseNothing(environment: Environment): void {
  const { KUBECONFIG: kubeconfig = '', HOME: home = '', KUBERNETES_SERVICE_HOST: inside } = environment;
  if (kubeconfig !== '' || inside !== undefined || existsSync(join(home, '.kube', 'config'))) return;
  throw new DemoProblem(
    'There is no Kubernetes cluster to use: KUBECONFIG is not set, and there is no ~/.kube/config.',
    'Set KUBECONFIG to the kubeconfig of your cluster (kind, k3s, minikube and every other one will do).',
  );
}

function clusterProblem(error: unknown, serverUrl: string | undefined): DemoProblem {
  const advice = 'See whether kubectl get namespaces works with the same KUBECONFIG, then try again.';
  if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
    const message = error.status === 401 ? 'token, certificate or password is wrong or has expired' : error.message;
    return new DemoProblem(`${WHICH} does not let you in: ${message} (${error.status}).`, advice);
  }
  const sentence = explain(error, { accountName: 'demo', namespace: '', serverUrl, verb: 'use', resource: 'it' });
  return new DemoProblem(sentence.replace("The Kubernetes account 'demo'", WHICH), advice);
}
