/** Makes the pod or job of an execution, exactly once. */
import { setTimeout as delay } from 'node:timers/promises';
import { type LaunchRequest, PlatformLaunchError } from '../platform.js';
import type { ApiClient } from './client/api-client.js';
import { ApiError, hasStatus } from './client/api-error.js';
import { isMissingRight, readable } from './client/error-sentences.js';
import { at, type ClusterObjects } from './cluster-objects.js';
import type { DataSourceHandOver, HandOver } from './data-source-handover.js';
import type { ExecutionTracker } from './execution-tracker.js';
import { EXECUTION_ID_LABEL, INSTANCE_LABEL, SCHEMA_TARGET_LABEL } from './specs/labels.js';
import type { KubernetesAccount } from './specs/account.js';
import { buildTaskObject, probeCredentialsSecretOf, type TaskObject } from './specs/task-object.js';
import type { JobObject, PodObject } from './wire.js';

/** Statuses with which the API server refuses an object for good, whatever the reason. */
const FINAL_STATUSES = new Set([400, 403, 404, 405, 409, 413, 415, 422]);

/** A namespace gets its default service account a moment after it is made, ms. */
const SERVICE_ACCOUNT_WAITS = [500, 1_500, 3_000];

export class TaskLauncher {
  constructor(
    private readonly account: KubernetesAccount,
    private readonly client: ApiClient,
    private readonly objects: ClusterObjects,
    private readonly tracker: ExecutionTracker,
    private readonly dataSource: DataSourceHandOver,
    /** Makes a sentence of an error. */
    private readonly explain: (error: unknown, verb: string, resource: string) => string,
  ) {}

  /**
   * @throws PlatformLaunchError when the cluster refuses it for good, Error when another attempt may succeed
   * @throws InvalidLaunchRequestError for properties that cannot be used
   */
  async launch(request: LaunchRequest): Promise<void> {
    const { externalExecutionId: id, execution } = request;
    const verdict = this.tracker.verdict(id);
    if (verdict?.refused === true) throw new PlatformLaunchError(verdict.sight.reason ?? 'refused');
    // Known, or known to have been: an earlier attempt whose answer was lost.
    if (verdict !== undefined || this.tracker.find(id) !== undefined) return;
    try {
      await this.#make(request);
    } catch (error) {
      if (error instanceof PlatformLaunchError) {
        const now = Date.now();
        const sight = { phase: 'failed', startedAt: undefined, endedAt: now, exitCode: undefined } as const;
        this.tracker.decide(id, {
          sight: { ...sight, reason: error.message, obstacle: undefined },
          execution: { id: execution.id, schemaTarget: execution.schemaTarget },
          stands: true,
          refused: true,
        });
      }
      throw error;
    }
  }

  async #make(request: LaunchRequest): Promise<void> {
    const handOver = this.dataSource.plan(request);
    const object = await this.#build(handOver);
    const resource = object.kind === 'Pod' ? 'pods' : 'jobs';
    await this.#refusing('update', 'secrets', () => this.dataSource.prepare(handOver));
    for (let attempt = 0; ; attempt++) {
      try {
        this.#keep(object, await this.#create(object));
        return;
      } catch (error) {
        if (hasStatus(error, 409) && error.reason === 'AlreadyExists') return this.#checkOwner(object, request);
        const wait = lacksServiceAccount(error) ? SERVICE_ACCOUNT_WAITS[attempt] : undefined;
        if (wait === undefined) throw this.#refusal(error, 'create', resource);
        await delay(wait);
      }
    }
  }

  async #build({ request, secretName: dataSourceSecret }: HandOver): Promise<TaskObject> {
    const probeSecret = probeCredentialsSecretOf(this.account, request.deploymentProperties);
    const probeCredentials = probeSecret === undefined ? undefined : await this.#probeCredentials(probeSecret);
    const input = { account: this.account, request, dataSourceSecret };
    return buildTaskObject(probeCredentials === undefined ? input : { ...input, probeCredentials });
  }

  /** As in SCDF a Secret that is not there means probes without credentials; one without the key is an error. */
  async #probeCredentials(secretName: string): Promise<string | undefined> {
    const path = at(this.objects.secretsPath, secretName);
    const found = await this.#refusing('get', 'secrets', async () => {
      try {
        return await this.client.get<{ readonly data?: Readonly<Record<string, string>> }>(path);
      } catch (error) {
        if (hasStatus(error, 404)) return undefined;
        throw error;
      }
    });
    if (found === undefined) return undefined;
    const credentials = found.data?.['credentials'];
    if (credentials === undefined) {
      throw new PlatformLaunchError(
        `The Secret '${secretName}' of probe-credentials-secret does not contain a key by the name of credentials.`,
      );
    }
    return credentials;
  }

  #create(object: TaskObject): Promise<PodObject | JobObject> {
    return object.kind === 'Pod' ? this.objects.createPod(object.body) : this.objects.createJob(object.body);
  }

  #keep(object: TaskObject, made: PodObject | JobObject): void {
    if (object.kind === 'Pod') this.tracker.pods.put(made as PodObject);
    else this.tracker.jobs.put(made as JobObject);
  }

  /** The name is taken: by this very execution, which is success, or by something else. */
  async #checkOwner(object: TaskObject, request: LaunchRequest): Promise<void> {
    const { externalExecutionId: id, execution } = request;
    const resource = object.kind === 'Pod' ? 'pods' : 'jobs';
    const found = await this.#refusing<PodObject | JobObject | undefined>('get', resource, () =>
      object.kind === 'Pod' ? this.objects.findPod(id) : this.objects.findJob(id),
    );
    // Gone in the meantime: another attempt will tell.
    if (found === undefined) throw new Error(`The name '${id}' was taken a moment ago in '${this.objects.namespace}'.`);
    const labels = found.metadata.labels ?? {};
    const ours =
      labels[INSTANCE_LABEL] === execution.instanceId &&
      labels[EXECUTION_ID_LABEL] === String(execution.id) &&
      labels[SCHEMA_TARGET_LABEL] === execution.schemaTarget;
    if (!ours) {
      throw new PlatformLaunchError(
        `The name '${id}' is taken in namespace '${this.objects.namespace}' by a ${object.kind.toLowerCase()} that is not of this execution.`,
      );
    }
    this.#keep(object, found);
  }

  async #refusing<T>(verb: string, resource: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#refusal(error, verb, resource);
    }
  }

  #refusal(error: unknown, verb: string, resource: string): Error {
    if (error instanceof PlatformLaunchError) return error;
    const final = error instanceof ApiError && FINAL_STATUSES.has(error.status) && error.reason !== 'Conflict';
    if (!final) return new Error(this.explain(error, verb, resource), { cause: error });
    if (isMissingRight(error) || error.status === 404) {
      return new PlatformLaunchError(this.explain(error, verb, resource));
    }
    const { namespace } = this.objects;
    return new PlatformLaunchError(
      `The cluster refuses the task in namespace '${namespace}': ${readable(error.message)}`,
    );
  }
}

function lacksServiceAccount(error: unknown): boolean {
  return (
    hasStatus(error, 403) && /error looking up service account|serviceaccount "[^"]*" not found/.test(error.message)
  );
}
