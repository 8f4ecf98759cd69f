/** The Secret through which pods get the server's data source: one an account's namespace and server installation. */
import { createHash } from 'node:crypto';
import { PlatformLaunchError } from '../platform.js';
import type { ApiClient } from './client/api-client.js';
import { hasStatus } from './client/api-error.js';
import { at, type ClusterObjects } from './cluster-objects.js';
import { DATA_SOURCE_KEYS } from './specs/environment.js';
import { INSTANCE_LABEL } from './specs/labels.js';

/** How long a Secret that was right is taken to be so, ms; after that the next launch makes sure again. */
const TRUSTED_FOR = 60_000;

/**
 * What an operator can do who does not want to give the server rights on Secrets. Properties stand without `=` and value: in
 * the reason of an execution what looks like a secret that is set is masked.
 */
export const WITHOUT_RIGHTS =
  "Or let tasks read a Secret of your own (its name in millrace.kubernetes.data-source-secret, with the entries 'username' and " +
  "'password'), or hand out no credentials (spring.cloud.dataflow.task.use-kubernetes-secrets-for-db-credentials).";

type Entries = Readonly<Record<string, string>>;

export class DataSourceSecret {
  /** Name of the Secret; the same for all replicas of the server. */
  readonly name: string;
  #trusted: { readonly data: Entries; readonly until: number } | undefined;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly client: ApiClient,
    private readonly objects: ClusterObjects,
    private readonly accountName: string,
    private readonly instanceId: string,
  ) {
    this.name = dataSourceSecretName(instanceId);
  }

  /**
   * Makes sure that the Secret has these entries. Others stay: tasks that set a part of the data source themselves are handed
   * only the rest of it.
   * @param dataSource `LaunchRequest.dataSource`
   * @throws PlatformLaunchError when the account's role does not allow it
   */
  async ensure(dataSource: Entries): Promise<void> {
    const data = secretData(dataSource);
    const trusted = performance.now() < (this.#trusted?.until ?? 0) ? this.#trusted?.data : undefined;
    if (trusted !== undefined && Object.entries(data).every(([key, value]) => trusted[key] === value)) return;
    const identity = JSON.stringify(data);
    const running = this.#underWay.get(identity) ?? this.#write(data).finally(() => this.#underWay.delete(identity));
    this.#underWay.set(identity, running);
    await running;
    this.#trusted = { data: { ...trusted, ...data }, until: performance.now() + TRUSTED_FOR };
  }

  /** Never reads: a role that may write Secrets need not see those of others. */
  async #write(data: Entries): Promise<void> {
    if (await this.#patch(data)) return;
    const metadata = {
      name: this.name,
      labels: { [INSTANCE_LABEL]: this.instanceId, 'app.kubernetes.io/managed-by': 'millrace' },
    };
    const secret = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata, data };
    try {
      await this.#asking('create', () => this.client.create(this.objects.secretsPath, secret));
    } catch (error) {
      // Another replica was quicker, perhaps with other entries.
      if (!hasStatus(error, 409)) throw error;
      await this.#patch(data);
    }
  }

  /** @returns whether the Secret was there */
  async #patch(data: Entries): Promise<boolean> {
    try {
      await this.#asking('patch', () => this.client.patch(at(this.objects.secretsPath, this.name), { data }));
      return true;
    } catch (error) {
      if (hasStatus(error, 404)) return false;
      throw error;
    }
  }

  async #asking<T>(verb: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (!hasStatus(error, 403)) throw error;
      throw new PlatformLaunchError(
        `The Kubernetes account '${this.accountName}' may not ${verb} the Secret '${this.name}' in namespace ` +
          `'${this.objects.namespace}', by which the task gets its data source: its role needs the verbs create and ` +
          `patch on 'secrets'. ${WITHOUT_RIGHTS} (${error.message})`,
      );
    }
  }
}

/** Name of the Secret of an installation, in every namespace. */
export function dataSourceSecretName(instanceId: string): string {
  const digest = createHash('sha256').update(instanceId).digest('hex').slice(0, 12);
  return `millrace-${digest}-datasource`;
}

/** Entries of the Secret, in base64; its keys are those that the pods' variables name. */
function secretData(dataSource: Entries): Entries {
  const entries = Object.entries(dataSource).flatMap(([property, value]) => {
    const key = DATA_SOURCE_KEYS[property];
    return key === undefined ? [] : [[key, Buffer.from(value).toString('base64')] as const];
  });
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
