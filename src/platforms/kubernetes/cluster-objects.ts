/** The objects of one namespace: where they are in the API, and how they are made, looked up and taken away. */
import type { ApiClient } from './client/api-client.js';
import { hasStatus } from './client/api-error.js';
import type { EventObject, JobObject, ObjectList, PodObject } from './wire.js';

/** `Background`: the object goes at once, what it owns soon; `Foreground`: it stays, ending, until what it owns is gone. */
type Propagation = 'Background' | 'Foreground';

export class ClusterObjects {
  readonly podsPath: string;
  readonly jobsPath: string;
  readonly secretsPath: string;
  readonly eventsPath: string;

  constructor(
    private readonly client: ApiClient,
    readonly namespace: string,
  ) {
    const segment = encodeURIComponent(namespace);
    this.podsPath = `/api/v1/namespaces/${segment}/pods`;
    this.secretsPath = `/api/v1/namespaces/${segment}/secrets`;
    this.eventsPath = `/api/v1/namespaces/${segment}/events`;
    this.jobsPath = `/apis/batch/v1/namespaces/${segment}/jobs`;
  }

  createPod(body: unknown): Promise<PodObject> {
    return this.client.create(this.podsPath, body);
  }

  createJob(body: unknown): Promise<JobObject> {
    return this.client.create(this.jobsPath, body);
  }

  /** @returns undefined when there is none */
  findPod(name: string): Promise<PodObject | undefined> {
    return absentAs404(this.client.get<PodObject>(at(this.podsPath, name)));
  }

  /** @returns undefined when there is none */
  findJob(name: string): Promise<JobObject | undefined> {
    return absentAs404(this.client.get<JobObject>(at(this.jobsPath, name)));
  }

  async podsOfJob(name: string): Promise<readonly PodObject[]> {
    const query = { labelSelector: `batch.kubernetes.io/job-name=${name}` };
    const list: ObjectList<PodObject> = await this.client.get(this.podsPath, query);
    return list.items ?? [];
  }

  /** What the cluster has said of a pod or job within the last while (an hour, as a rule). */
  async eventsOf(kind: 'Pod' | 'Job', name: string): Promise<readonly EventObject[]> {
    const query = { fieldSelector: `involvedObject.kind=${kind},involvedObject.name=${name}` };
    const list: ObjectList<EventObject> = await this.client.get(this.eventsPath, query);
    return list.items ?? [];
  }

  /** @returns undefined when there is none */
  patchPod(name: string, patch: unknown): Promise<PodObject | undefined> {
    return absentAs404(this.client.patch<PodObject>(at(this.podsPath, name), patch));
  }

  /** @returns undefined when there is none */
  patchJob(name: string, patch: unknown): Promise<JobObject | undefined> {
    return absentAs404(this.client.patch<JobObject>(at(this.jobsPath, name), patch));
  }

  /** With the pod's own grace period; no error when there is none. */
  async deletePod(name: string): Promise<void> {
    await absentAs404(this.client.remove(at(this.podsPath, name)));
  }

  /** With its pods; no error when there is none. */
  async deleteJob(name: string, propagationPolicy: Propagation): Promise<void> {
    await absentAs404(this.client.remove(at(this.jobsPath, name), { propagationPolicy }));
  }
}

/** Path of one object. */
export function at(path: string, name: string): string {
  return `${path}/${encodeURIComponent(name)}`;
}

async function absentAs404<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}
