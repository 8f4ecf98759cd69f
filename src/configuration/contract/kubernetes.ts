/** `millrace.kubernetes.*`: what holds for all Kubernetes accounts. Times are ms. */
export interface KubernetesOptions {
  /** `image-timeout`: when a task whose image cannot be pulled ends as failed. */
  readonly imageTimeout: number;
  /** `container-timeout`: the same for a container that cannot be created. */
  readonly containerTimeout: number;
  /** `scheduling-timeout`: the same for a pod that no node can take. */
  readonly schedulingTimeout: number;
  /** `stop-timeout`: how long after its grace period a stopped pod is deleted. */
  readonly stopTimeout: number;
  /** `relist-interval`: how often everything is listed anew. */
  readonly relistInterval: number;
  /** `requests-in-flight`: at most so many of an account at a time. */
  readonly requestsInFlight: number;
  readonly dataSource: KubernetesDataSource;
}

/** `millrace.kubernetes.data-source`: how tasks in a cluster get the server's data source. */
export type KubernetesDataSource =
  | { readonly way: 'secret' }
  | { readonly way: 'properties' }
  /** User and password are entries of a Secret that the operator keeps in each account's namespace, the rest is in the open. */
  | { readonly way: 'existing-secret'; readonly secretName: string };
