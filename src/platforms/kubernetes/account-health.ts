/** Whether an account can be used, in one sentence, from what its watches see; rights are asked for now and then. */
import { listed, missedRights, missingRights, rightsSentence } from './access-rights.js';
import type { ApiClient } from './client/api-client.js';
import { hasStatus } from './client/api-error.js';
import { WITHOUT_RIGHTS } from './data-source-secret.js';
import type { KubernetesAccount } from './specs/account.js';

/** Rights are asked for again after this, ms. */
const RIGHTS_LIFE = 300_000;

interface WatchState {
  readonly problem: unknown;
  readonly synced: boolean;
}

export class AccountHealth {
  #version: string | undefined;
  #remark: string | undefined;
  #rights: { readonly sentence: string | undefined; readonly until: number } | undefined;

  constructor(
    private readonly client: ApiClient,
    private readonly account: Pick<KubernetesAccount, 'name' | 'namespace' | 'createJob'>,
    private readonly pods: WatchState,
    private readonly jobs: WatchState,
    /** Whether the server keeps a Secret with the data source. */
    private readonly keepsSecret: boolean,
    private readonly explain: (error: unknown, verb: string, resource: string) => string,
  ) {}

  /** `v1.34.1`; undefined until the API server has said so. */
  get version(): string | undefined {
    return this.#version;
  }

  /** What the account could do better with more rights; undefined until it is known. */
  get remark(): string | undefined {
    return this.#remark;
  }

  /** @returns undefined when all is well */
  async problem(): Promise<string | undefined> {
    if (this.pods.problem !== undefined) return this.explain(this.pods.problem, 'list', 'pods');
    const withoutJobs = hasStatus(this.jobs.problem, 403) && !this.account.createJob;
    if (this.jobs.problem !== undefined && !withoutJobs) return this.explain(this.jobs.problem, 'list', 'jobs');
    if (!this.pods.synced) return `The Kubernetes account '${this.account.name}' has not heard from its cluster yet.`;
    if (this.#rights === undefined || performance.now() > this.#rights.until) {
      try {
        this.#version = (await this.client.get<{ readonly gitVersion?: string }>('/version')).gitVersion;
        this.#rights = { sentence: await this.#lackingRights(), until: performance.now() + RIGHTS_LIFE };
      } catch {
        // A cluster that does not answer this will show in the watches; one that forbids the question is used as it is.
        return undefined;
      }
    }
    return this.#rights.sentence;
  }

  async #lackingRights(): Promise<string | undefined> {
    const { name, namespace, createJob } = this.account;
    const missed = await missedRights(this.client, namespace, { jobs: createJob });
    this.#remark =
      missed.length === 0
        ? undefined
        : `The Kubernetes account '${name}' may not ${listed(missed)}: a task that is stopped is deleted, with the end of its log.`;
    const missing = await missingRights(this.client, namespace, { jobs: createJob, secrets: this.keepsSecret });
    const sentence = rightsSentence(name, namespace, missing);
    const isForSecret = missing.some(({ resource }) => resource === 'secrets');
    return sentence !== undefined && isForSecret ? `${sentence} ${WITHOUT_RIGHTS}` : sentence;
  }
}
