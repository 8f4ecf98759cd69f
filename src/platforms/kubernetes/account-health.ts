/** Whether an account can be used, in one sentence, from what its watches see; rights are asked for now and then. */
import { missingRights, rightsSentence } from './access-rights.js';
import type { ApiClient } from './client/api-client.js';
import { hasStatus } from './client/api-error.js';
import type { KubernetesAccount } from './specs/account.js';

/** Rights are asked for again after this, ms. */
const RIGHTS_LIFE = 300_000;

interface WatchState {
  readonly problem: unknown;
  readonly synced: boolean;
}

export class AccountHealth {
  #version: string | undefined;
  #rights: { readonly sentence: string | undefined; readonly until: number } | undefined;

  constructor(
    private readonly client: ApiClient,
    private readonly account: Pick<KubernetesAccount, 'name' | 'namespace' | 'createJob'>,
    private readonly pods: WatchState,
    private readonly jobs: WatchState,
    private readonly explain: (error: unknown, verb: string, resource: string) => string,
  ) {}

  /** `v1.34.1`; undefined until the API server has said so. */
  get version(): string | undefined {
    return this.#version;
  }

  /** @returns undefined when all is well */
  async problem(): Promise<string | undefined> {
    if (this.pods.problem !== undefined) return this.explain(this.pods.problem, 'list', 'pods');
    const withoutJobs = hasStatus(this.jobs.problem, 403) && !this.account.createJob;
    if (this.jobs.problem !== undefined && !withoutJobs) return this.explain(this.jobs.problem, 'list', 'jobs');
    if (!this.pods.synced) return `The Kubernetes account '${this.account.name}' has not heard from its cluster yet.`;
    if (this.#rights === undefined || performance.now() > this.#rights.until) {
      try {
        const missing = await missingRights(this.client, this.account.namespace, { jobs: this.account.createJob });
        const sentence = rightsSentence(this.account.name, this.account.namespace, missing);
        this.#rights = { sentence, until: performance.now() + RIGHTS_LIFE };
        this.#version = (await this.client.get<{ readonly gitVersion?: string }>('/version')).gitVersion;
      } catch {
        // A cluster that does not answer this will show in the watches; one that forbids the question is used as it is.
        return undefined;
      }
    }
    return this.#rights.sentence;
  }
}
