/** From a launch to the object that the Kubernetes API is asked to create. Pure. */
import type { V1Job, V1JobSpec, V1Pod } from '@kubernetes/client-node';
import { InvalidLaunchRequestError, type LaunchRequest } from '../../platform.js';
import type { KubernetesAccount } from './account.js';
import { bindLaunch } from './bind-settings.js';
import { identityLabels, nameAnnotations, podLabels } from './labels.js';
import { mergeSettings } from './merge-settings.js';
import { buildPodTemplate, optional, type PodTemplate } from './pod-template.js';
import type { KubernetesSettings } from './settings.js';

/** What a task's object is made of. */
export interface TaskObjectInput {
  readonly account: KubernetesAccount;
  readonly request: LaunchRequest;
  /**
   * Name of the Secret with the data source's `url`, `username`, `password` and `driver-class-name`; null: they are among the
   * application's properties, as SCDF passes them.
   */
  readonly dataSourceSecret: string | null;
  /** Entry `credentials` of the Secret that {@link probeCredentialsSecretOf} names, as the API returns it (base64). */
  readonly probeCredentials?: string;
}

/** What the API is asked to create. */
export type TaskObject = { kind: 'Pod'; body: V1Pod } | { kind: 'Job'; body: V1Job };

/**
 * Builds the pod, or with `createJob` the job, of an execution. Both bear the execution's name, and so does the main container.
 *
 * @throws InvalidLaunchRequestError naming the property as the user wrote it, its value, what is wrong and what is allowed
 */
export function buildTaskObject(input: TaskObjectInput): TaskObject {
  const { account, request } = input;
  refuseNul(request);
  const launch = bindLaunch(request.deploymentProperties);
  const settings = mergeSettings(account.defaults, launch);
  const asJob = settings.createJob ?? false;
  if (!asJob) refuseJobProperties(launch);
  const template = buildPodTemplate({
    settings,
    containerName: request.externalExecutionId,
    resourceUri: request.resourceUri,
    appProperties: request.appProperties,
    arguments: [...request.arguments, ...request.springArguments],
    dataSource: request.dataSource,
    dataSourceSecret: input.dataSourceSecret,
    probeCredentials: input.probeCredentials,
    labels: podLabels(request, settings),
    annotations: { ...nameAnnotations(request), ...settings.jobAnnotations, ...settings.podAnnotations },
  });
  return asJob ? jobOf(request, settings, template) : podOf(request, settings, template);
}

/** The Secret that an account's and a launch's settings name for the credentials of HTTP probes. */
export function probeCredentialsSecretOf(
  account: KubernetesAccount,
  deploymentProperties: Readonly<Record<string, string>>,
): string | undefined {
  return mergeSettings(account.defaults, bindLaunch(deploymentProperties)).probeCredentialsSecret;
}

function podOf(request: LaunchRequest, settings: KubernetesSettings, { metadata, spec }: PodTemplate): TaskObject {
  const { activeDeadlineSeconds } = settings;
  return {
    kind: 'Pod',
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: request.externalExecutionId, ...metadata },
      spec: { ...spec, ...optional({ activeDeadlineSeconds }) },
    },
  };
}

function jobOf(request: LaunchRequest, settings: KubernetesSettings, template: PodTemplate): TaskObject {
  const annotations = { ...nameAnnotations(request), ...settings.jobAnnotations };
  return {
    kind: 'Job',
    body: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: request.externalExecutionId,
        labels: identityLabels(request, settings),
        ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      },
      spec: { ...jobSettings(settings), template: { metadata: template.metadata, spec: template.spec } },
    },
  };
}

function jobSettings(settings: KubernetesSettings): Omit<V1JobSpec, 'template'> {
  const { completions, parallelism, completionMode, podFailurePolicy, restartPolicy } = settings;
  if (restartPolicy === 'Always') {
    throw new InvalidLaunchRequestError(
      "Deployment property 'kubernetes.restartPolicy' has the value 'Always'. It must be Never or OnFailure for a job.",
    );
  }
  if (completionMode === 'Indexed' && completions === undefined) {
    throw new InvalidLaunchRequestError(
      "Deployment property 'kubernetes.completionMode' has the value 'Indexed'. It needs kubernetes.completions.",
    );
  }
  if (podFailurePolicy !== undefined && restartPolicy === 'OnFailure') {
    throw new InvalidLaunchRequestError(
      "Deployment property 'kubernetes.podFailurePolicy' needs kubernetes.restartPolicy=Never.",
    );
  }
  const { backoffLimit, ttlSecondsAfterFinished, activeDeadlineSeconds } = settings;
  return optional({
    backoffLimit,
    ttlSecondsAfterFinished,
    activeDeadlineSeconds,
    completions,
    parallelism,
    completionMode,
    podFailurePolicy,
  });
}

/** No program can be given a NUL character; the container would never start. */
function refuseNul(request: LaunchRequest): void {
  const texts = [...Object.entries(request.appProperties).flat(), ...request.arguments, ...request.springArguments];
  if (texts.some((text) => text.includes('\0'))) {
    throw new InvalidLaunchRequestError('An application property or an argument contains a NUL character.');
  }
}

/** What SCDF has is ignored without a job, as in SCDF; what it has not would be lost without a word. */
function refuseJobProperties(launch: KubernetesSettings): void {
  const name = (['completions', 'parallelism', 'completionMode', 'podFailurePolicy'] as const).find(
    (property) => launch[property] !== undefined,
  );
  if (name !== undefined) {
    throw new InvalidLaunchRequestError(
      `Deployment property 'kubernetes.${name}' has an effect on jobs only. Set kubernetes.createJob=true as well.`,
    );
  }
}
