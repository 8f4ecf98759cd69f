/** The pod that a task runs in: a pod of its own, or the template of a job or a CronJob. Pure. */
import type { V1Affinity, V1ObjectMeta, V1PodSpec } from '@kubernetes/client-node';
import { containersOf, type ContainerSource } from './containers.js';
import type { Pairs } from './pairs.js';
import type { KubernetesSettings } from './settings.js';

/** What a pod is made of. */
export interface PodTemplateInput extends ContainerSource {
  readonly labels: Pairs;
  readonly annotations: Pairs;
}

/** Metadata without a name, and the specification. */
export interface PodTemplate {
  readonly metadata: V1ObjectMeta;
  readonly spec: V1PodSpec;
}

/** @throws InvalidLaunchRequestError for settings that do not fit together */
export function buildPodTemplate(input: PodTemplateInput): PodTemplate {
  const { settings, labels, annotations } = input;
  const { containers, initContainers, volumes } = containersOf(input);
  const pullSecrets = pullSecretsOf(settings);
  const affinity = affinityOf(settings);
  const { tolerations = [], nodeSelector = {} } = settings;
  const spec: V1PodSpec = {
    restartPolicy: settings.restartPolicy ?? 'Never',
    containers,
    ...(initContainers.length === 0 ? {} : { initContainers }),
    ...(volumes.length === 0 ? {} : { volumes }),
    ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets }),
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(tolerations.length === 0 ? {} : { tolerations: [...tolerations] }),
    ...(affinity === undefined ? {} : { affinity }),
    ...optional({
      securityContext: settings.podSecurityContext,
      serviceAccountName: settings.deploymentServiceAccountName,
      hostNetwork: settings.hostNetwork === true ? true : undefined,
      shareProcessNamespace: settings.shareProcessNamespace,
      priorityClassName: settings.priorityClassName,
      terminationGracePeriodSeconds: settings.terminationGracePeriodSeconds,
    }),
  };
  return { metadata: { labels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) }, spec };
}

/** Only what is set. */
export function optional<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function pullSecretsOf({ imagePullSecret, imagePullSecrets = [] }: KubernetesSettings): { name: string }[] {
  const names = [...(imagePullSecret === undefined ? [] : [imagePullSecret]), ...imagePullSecrets];
  return [...new Set(names)].map((name) => ({ name }));
}

function affinityOf({ nodeAffinity, podAffinity, podAntiAffinity }: KubernetesSettings): V1Affinity | undefined {
  const affinity = optional({ nodeAffinity, podAffinity, podAntiAffinity });
  return Object.keys(affinity).length === 0 ? undefined : affinity;
}
