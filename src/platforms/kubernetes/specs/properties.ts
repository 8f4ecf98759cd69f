/**
 * The deployer properties of the Kubernetes platform: which names exist, how their values are written and what they set. One
 * table binds accounts and launches alike. Names and syntaxes are SCDF's; what it has not is marked as an addition.
 */
import type {
  V1Container,
  V1NodeAffinity,
  V1PodAffinity,
  V1PodAntiAffinity,
  V1PodFailurePolicy,
  V1PodSecurityContext,
  V1SecurityContext,
  V1Toleration,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';
import type { SettingsTree } from '../../../configuration/configuration.js';
import { parseInlineYaml } from './inline-yaml.js';
import { readInitContainer } from './init-containers.js';
import { readObject, readObjects } from './kubernetes-objects.js';
import { annotations, commaCommand, commandLine, environmentVariables, labels } from './pairs.js';
import { OLD_PROBE_PROPERTIES, PROBE_PROPERTIES } from './probe-properties.js';
import * as words from './settings.js';
import type { KeyReference, SettingsDraft } from './settings.js';
import * as v from './values.js';

/** Reads a value into a layer of settings. @throws UnacceptableValue */
export type Bind = (draft: SettingsDraft, value: SettingsTree) => void;

/** A value that may be YAML in a text, as launches write it, or a tree already, as accounts have it. */
function yaml<T>(read: (tree: SettingsTree) => T, set: (draft: SettingsDraft, value: T) => void): Bind {
  return (draft, value) => {
    const tree = typeof value === 'string' ? parseInlineYaml(value) : value;
    // An empty list counts as not written, as in SCDF.
    if (tree !== undefined && !(v.isList(tree) && tree.length === 0)) set(draft, read(tree));
  };
}

const names = (set: (draft: SettingsDraft, value: readonly string[]) => void) =>
  yaml((tree) => within('each entry', () => v.objectNames(tree)), set);

const keyReferences = (type: 'SecretKeyRef' | 'ConfigMapKeyRef') => (tree: SettingsTree) =>
  readObjects<Readonly<Record<string, string>>>(type, tree).map((entry): KeyReference => ({
    variable: within('envVarName', () => v.variableName(entry['envVarName'] ?? '')),
    source: within('the name', () => v.objectName(entry['secretName'] ?? entry['configMapName'] ?? '')),
    key: entry['dataKey'] ?? '',
  }));

/** A value within a larger one: the message says which. */
function within<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof v.UnacceptableValue
      ? new v.UnacceptableValue(`such that ${place} is ${error.allowed}`)
      : error;
  }
}

const resources = (kind: 'limits' | 'requests'): Record<string, Bind> => ({
  [`${kind}.memory`]: (draft, value) => (draft[kind].memory = v.quantity(value)),
  [`${kind}.cpu`]: (draft, value) => (draft[kind].cpu = v.quantity(value)),
  // An addition.
  [`${kind}.ephemeralStorage`]: (draft, value) => (draft[kind].ephemeralStorage = v.quantity(value)),
});

const initContainerPart =
  (part: string): Bind =>
  (draft, value) =>
    (draft.initContainerParts = { ...draft.initContainerParts, [part]: v.text(value) });

const AFFINITIES: Readonly<Record<string, Bind>> = {
  nodeAffinity: yaml(
    (tree) => readObject<V1NodeAffinity>('NodeAffinity', tree),
    (draft, value) => (draft.nodeAffinity = value),
  ),
  podAffinity: yaml(
    (tree) => readObject<V1PodAffinity>('PodAffinity', tree),
    (draft, value) => (draft.podAffinity = value),
  ),
  podAntiAffinity: yaml(
    (tree) => readObject<V1PodAntiAffinity>('PodAntiAffinity', tree),
    (draft, value) => (draft.podAntiAffinity = value),
  ),
};

/** Properties of accounts and launches, without `kubernetes.`, in camel case. */
export const PROPERTIES: Readonly<Record<string, Bind>> = {
  createJob: (draft, value) => (draft.createJob = v.flag(value)),

  imagePullPolicy: (draft, value) => (draft.imagePullPolicy = v.oneOf(value, words.PULL_POLICIES)),
  imagePullSecret: (draft, value) => (draft.imagePullSecret = v.objectName(value)),
  imagePullSecrets: names((draft, value) => (draft.imagePullSecrets = value)),

  ...resources('limits'),
  'limits.gpuVendor': (draft, value) => (draft.limits.gpuVendor = v.text(value)),
  'limits.gpuCount': (draft, value) => (draft.limits.gpuCount = v.quantity(value)),
  ...resources('requests'),
  memory: (draft, value) => (draft.generic.memory = v.memory(value)),
  cpu: (draft, value) => (draft.generic.cpu = v.quantity(value)),

  environmentVariables: (draft, value) => (draft.environmentVariables = environmentVariables(value)),
  secretKeyRefs: yaml(keyReferences('SecretKeyRef'), (draft, value) => (draft.secretKeyRefs = value)),
  configMapKeyRefs: yaml(keyReferences('ConfigMapKeyRef'), (draft, value) => (draft.configMapKeyRefs = value)),
  secretRefs: names((draft, value) => (draft.secretRefs = value)),
  configMapRefs: names((draft, value) => (draft.configMapRefs = value)),

  volumes: yaml(
    (tree) => readObjects<V1Volume>('Volume', tree),
    (draft, value) => (draft.volumes = value),
  ),
  volumeMounts: yaml(
    (tree) => readObjects<V1VolumeMount>('VolumeMount', tree),
    (draft, value) => (draft.volumeMounts = value),
  ),

  tolerations: yaml(
    (tree) => readObjects<V1Toleration>('Toleration', tree),
    (draft, value) => (draft.tolerations = value),
  ),
  nodeSelector: (draft, value) => (draft.nodeSelector = labels(value)),
  // Launches write `affinity.nodeAffinity`, accounts `nodeAffinity`; either is taken from both.
  ...Object.fromEntries(
    Object.entries(AFFINITIES).flatMap(([name, bind]) => [
      [`affinity.${name}`, bind],
      [name, bind],
    ]),
  ),
  podSecurityContext: yaml(
    (tree) => readObject<V1PodSecurityContext>('PodSecurityContext', tree),
    (draft, value) => (draft.podSecurityContext = value),
  ),
  containerSecurityContext: yaml(
    (tree) => readObject<V1SecurityContext>('SecurityContext', tree),
    (draft, value) => (draft.containerSecurityContext = value),
  ),

  initContainer: yaml(readInitContainer, (draft, value) => (draft.initContainer = value)),
  'initContainer.containerName': initContainerPart('containerName'),
  'initContainer.imageName': initContainerPart('imageName'),
  'initContainer.commands': initContainerPart('commands'),
  'initContainer.args': initContainerPart('args'),
  'initContainer.volumeMounts': initContainerPart('volumeMounts'),
  'initContainer.environmentVariables': initContainerPart('environmentVariables'),
  initContainers: yaml(readInitContainers, (draft, value) => (draft.initContainers = value)),
  additionalContainers: yaml(
    (tree) => readObjects<V1Container>('Container', tree),
    (draft, value) => (draft.additionalContainers = value),
  ),

  podAnnotations: (draft, value) => (draft.podAnnotations = annotations(value)),
  jobAnnotations: (draft, value) => (draft.jobAnnotations = annotations(value)),
  deploymentLabels: (draft, value) => (draft.deploymentLabels = labels(value)),

  entryPointStyle: (draft, value) => (draft.entryPointStyle = v.oneOf(value, words.ENTRY_POINT_STYLES)),
  containerCommand: (draft, value) => (draft.containerCommand = commandLine(value)),
  containerPorts: (draft, value) => (draft.containerPorts = within('each entry', () => v.list(value).map(v.port))),
  'lifecycle.preStop.exec.command': (draft, value) => (draft.preStop = commaCommand(value)),
  'lifecycle.postStart.exec.command': (draft, value) => (draft.postStart = commaCommand(value)),

  hostNetwork: (draft, value) => (draft.hostNetwork = v.flag(value)),
  restartPolicy: (draft, value) => (draft.restartPolicy = v.oneOf(value, words.RESTART_POLICIES)),
  deploymentServiceAccountName: (draft, value) => (draft.deploymentServiceAccountName = v.objectName(value)),
  taskServiceAccountName: (draft, value) => (draft.taskServiceAccountName = v.objectName(value)),
  shareProcessNamespace: yaml(v.flag, (draft, value) => (draft.shareProcessNamespace = value)),
  priorityClassName: yaml(v.objectName, (draft, value) => (draft.priorityClassName = value)),
  terminationGracePeriodSeconds: (draft, value) => (draft.terminationGracePeriodSeconds = v.seconds(value)),
  // An addition; limits the pod, or the job with all its attempts.
  activeDeadlineSeconds: (draft, value) => (draft.activeDeadlineSeconds = v.seconds(value, 1)),

  backoffLimit: (draft, value) => (draft.backoffLimit = v.integer(value, 0, v.INT32)),
  ttlSecondsAfterFinished: (draft, value) => (draft.ttlSecondsAfterFinished = v.seconds(value)),
  // Additions.
  completions: (draft, value) => (draft.completions = v.integer(value, 1, v.INT32)),
  parallelism: (draft, value) => (draft.parallelism = v.integer(value, 1, v.INT32)),
  completionMode: (draft, value) => (draft.completionMode = v.oneOf(value, words.COMPLETION_MODES)),
  podFailurePolicy: yaml(
    (tree) => readObject<V1PodFailurePolicy>('PodFailurePolicy', tree),
    (draft, value) => (draft.podFailurePolicy = value),
  ),

  probeType: (draft, value) => (draft.probeType = v.oneOf(value, words.PROBE_TYPES)),
  ...PROBE_PROPERTIES,
  probeCredentialsSecret: (draft, value) => (draft.probeCredentialsSecret = v.objectName(value)),
  bootMajorVersion: (draft, value) => (draft.bootMajorVersion = v.integer(value, 1, 99)),

  'cron.expression': (draft, value) => (draft.cron.expression = v.text(value)),
  'cron.concurrencyPolicy': (draft, value) =>
    (draft.cron.concurrencyPolicy = v.oneOf(value, words.CONCURRENCY_POLICIES)),
  'cron.ttlSecondsAfterFinished': (draft, value) => (draft.cron.ttlSecondsAfterFinished = v.seconds(value)),
  'cron.backoffLimit': (draft, value) => (draft.cron.backoffLimit = v.integer(value, 0, v.INT32)),
  // Additions.
  'cron.startingDeadlineSeconds': (draft, value) => (draft.cron.startingDeadlineSeconds = v.seconds(value)),
  'cron.successfulJobsHistoryLimit': (draft, value) =>
    (draft.cron.successfulJobsHistoryLimit = v.integer(value, 0, v.INT32)),
  'cron.failedJobsHistoryLimit': (draft, value) => (draft.cron.failedJobsHistoryLimit = v.integer(value, 0, v.INT32)),
  'cron.timeZone': (draft, value) => (draft.cron.timeZone = v.text(value)),
  'cron.suspend': (draft, value) => (draft.cron.suspend = v.flag(value)),
};

/** Older spellings: they count where the one above is not used. */
export const OLD_PROPERTIES: Readonly<Record<string, Bind>> = OLD_PROBE_PROPERTIES;

/** Properties of accounts only. */
export const ACCOUNT_PROPERTIES: Readonly<Record<string, Bind>> = {
  namespace: (draft, value) => (draft.namespace = v.dnsLabel(value)),
  maximumConcurrentTasks: (draft, value) => (draft.maximumConcurrentTasks = v.integer(value, 0, 1_000_000)),
  'appAdmin.user': (draft, value) => (draft.appAdminUser = v.text(value)),
  'appAdmin.password': (draft, value) => (draft.appAdminPassword = v.text(value)),
};

/** Deployer properties that SCDF has for every platform, without prefix: `deployer.<app>.memory`. */
export const GENERIC_PROPERTIES: Readonly<Record<string, Bind>> = {
  memory: (draft, value) => (draft.generic.memory ??= v.memory(value)),
  cpu: (draft, value) => (draft.generic.cpu ??= v.quantity(value)),
  group: (draft, value) => (draft.group = groupName(value)),
  appName: (draft, value) => (draft.appName = groupName(value)),
};

/** Settings of SCDF's deployer that concern streams: known, and without effect on tasks, as in SCDF. */
export const STREAM_PROPERTIES: readonly string[] = [
  'createDeployment',
  'createLoadBalancer',
  'createNodePort',
  'maxCrashLoopBackOffRestarts',
  'maxTerminatedErrorRestarts',
  'minutesToWaitForLoadBalancer',
  'replicas',
  'serviceAnnotations',
  'serviceName',
  'statefulSet.volumeClaimTemplate.name',
  'statefulSet.volumeClaimTemplate.storage',
  'statefulSet.volumeClaimTemplate.storageClassName',
  'statefulSetInitContainerImageName',
];

/** Properties whose values may hold secrets: messages do not repeat them. */
const SECRET = /^(environmentvariables|initcontainer|additionalcontainers|appadmin)/;

/** Whether messages must not show the value of a property. */
export function mayHoldSecrets(name: string): boolean {
  return SECRET.test(v.uniformName(name));
}

function readInitContainers(tree: SettingsTree): readonly V1Container[] {
  if (!v.isList(tree)) throw new v.UnacceptableValue('a list in brackets');
  return tree.map(readInitContainer);
}

function groupName(value: SettingsTree): string {
  const given = v.text(value);
  if (!v.isLabelValue(given)) throw new v.UnacceptableValue(v.LABEL_VALUE_RULE);
  return given;
}
