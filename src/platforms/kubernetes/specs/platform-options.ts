/** The deployer properties that `GET /tasks/platforms` offers for Kubernetes accounts: names, types and defaults of SCDF. */
import type { PlatformOption } from '../../platform.js';
import { PLATFORM_OPTION_LIST } from './platform-option-list.js';

const PREFIX = 'spring.cloud.deployer.kubernetes.';
const SPI = 'org.springframework.cloud.deployer.spi.';

/** Java type names, which clients show and match on. */
const TYPES: Readonly<Record<string, string>> = {
  text: 'java.lang.String',
  texts: 'java.util.List<java.lang.String>',
  'text[]': 'java.lang.String[]',
  int: 'java.lang.Integer',
  long: 'java.lang.Long',
  'long[]': 'java.lang.Long[]',
  flag: 'java.lang.Boolean',
};

/** What a property is for, by its first part; in our words. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'additional-containers': 'Containers beside the main one, as a list of Kubernetes containers.',
  'backoff-limit': 'How often a failed job is tried again.',
  'config-map-key-refs': 'Entries of ConfigMaps as environment variables: [{envVarName, configMapName, dataKey}].',
  'config-map-refs': 'ConfigMaps whose entries all become environment variables.',
  'container-security-context': "Security context of the containers, a Kubernetes object's field.",
  'create-job': 'Whether tasks run as jobs instead of pods.',
  'cron.backoff-limit': "How often a schedule's failed job is tried again.",
  'cron.concurrency-policy': 'What a schedule does while its last run goes on: Allow, Forbid or Replace.',
  'cron.ttl-seconds-after-finished': 'Seconds after which an ended job of a schedule is removed.',
  'deployment-labels': 'Labels of the pod: key:value,other:value.',
  'deployment-service-account-name': 'Service account of launched tasks.',
  'entry-point-style': 'How properties and arguments reach the container: exec, shell or boot.',
  'environment-variables': "Environment variables of the container: NAME=value,OTHER='a,b'.",
  'host-network': "Whether the pod uses the node's network.",
  'image-pull-policy': 'When the image is pulled: Always, IfNotPresent or Never.',
  'image-pull-secret': 'Secret with which images are pulled.',
  'image-pull-secrets': 'More secrets with which images are pulled.',
  'init-container': 'A container that runs before the main one.',
  'init-containers': 'Containers that run one after the other before the main one.',
  'job-annotations': 'Annotations of the job and its pods: key:value,other:value.',
  limits: 'Upper limit of a resource for the container.',
  namespace: 'Namespace of all objects of the account.',
  'node-affinity': 'Nodes that the pod wants or needs, as a Kubernetes object.',
  'node-selector': "Labels that the pod's node must have: key:value,other:value.",
  'pod-affinity': 'Pods that the pod wants to be near to, as a Kubernetes object.',
  'pod-annotations': 'Annotations of the pod: key:value,other:value.',
  'pod-anti-affinity': 'Pods that the pod wants to be far from, as a Kubernetes object.',
  'pod-security-context': "Security context of the pod, a Kubernetes object's field.",
  'priority-class-name': 'Priority class of the pod.',
  'probe-credentials-secret': 'Secret whose entry «credentials» HTTP probes authenticate with.',
  'probe-type': 'How the container is probed: HTTP, TCP or COMMAND.',
  requests: 'Amount of a resource that is reserved for the container.',
  'restart-policy': 'Whether the pod restarts its containers: Never, OnFailure or Always.',
  'secret-key-refs': 'Entries of Secrets as environment variables: [{envVarName, secretName, dataKey}].',
  'secret-refs': 'Secrets whose entries all become environment variables.',
  'share-process-namespace': 'Whether the containers of the pod see the processes of each other.',
  'task-service-account-name': 'Service account of tasks, where no deployment-service-account-name is set.',
  'termination-grace-period-seconds': 'Seconds between the request to end and the end by force.',
  tolerations: 'Taints of nodes that the pod tolerates, as a list of Kubernetes objects.',
  'ttl-seconds-after-finished': 'Seconds after which an ended job is removed.',
  'volume-mounts': 'Where the container sees the volumes, as a list of Kubernetes objects.',
  volumes: 'Volumes that containers can mount, as a list of Kubernetes objects.',
};

/** SCDF's list, in its order. */
export const KUBERNETES_PLATFORM_OPTIONS: readonly PlatformOption[] = PLATFORM_OPTION_LIST.trim()
  .split('\n')
  .map(readOption);

function readOption(line: string): PlatformOption {
  const [, name = '', type = '', value] = /^\s*(\S+) (\S+)(?: (.+))?$/.exec(line) ?? [];
  return {
    id: PREFIX + name,
    name: name.slice(name.lastIndexOf('.') + 1),
    type: javaType(type),
    description: descriptionOf(name),
    defaultValue: value === undefined ? null : (JSON.parse(value) as unknown),
  };
}

/** `$Toleration`, `model.Volume` and `spi.app.AppAdmin` in full, alone or in `List<…>`. */
function javaType(type: string): string {
  const item = /^List<(.+)>$/.exec(type)?.[1];
  if (item !== undefined) return `java.util.List<${javaType(item)}>`;
  if (type.startsWith('$')) return `${SPI}kubernetes.KubernetesDeployerProperties${type}`;
  if (type.startsWith('model.')) return `io.fabric8.kubernetes.api.${type}`;
  if (type.startsWith('spi.')) return SPI + type.slice('spi.'.length);
  return TYPES[type] ?? type;
}

function descriptionOf(name: string): string | null {
  const probe = /^(liveness|readiness|startup)-(?:(http|tcp|command)-)?probe-(\w+)$/.exec(name);
  if (probe !== null) {
    const [, kind, way = 'http', field] = probe;
    return `${(field ?? '').replace(/^./, (letter) => letter.toUpperCase())} of the ${kind} probe by ${way.toUpperCase()}.`;
  }
  return DESCRIPTIONS[name] ?? DESCRIPTIONS[name.split('.')[0] ?? ''] ?? null;
}
