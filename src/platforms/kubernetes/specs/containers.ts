/** The containers of a pod and their volumes. Pure. */
import type { V1Container, V1ContainerPort, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { InvalidLaunchRequestError } from '../../platform.js';
import { entryPoint } from './entry-point.js';
import { environment, environmentSources } from './environment.js';
import { imageOf } from './image.js';
import type { Pairs } from './pairs.js';
import { probesOf } from './probes.js';
import { resourceRequirements } from './resources.js';
import type { KubernetesSettings } from './settings.js';
import { dnsLabel, UnacceptableValue } from './values.js';

/** What the containers of a pod are made of. */
export interface ContainerSource {
  /** Account and launch, merged. */
  readonly settings: KubernetesSettings;
  readonly containerName: string;
  readonly resourceUri: string;
  readonly appProperties: Pairs;
  /** The user's, then the server's. */
  readonly arguments: readonly string[];
  /** See `LaunchRequest.dataSource`. */
  readonly dataSource: Pairs;
  /** Secret that holds the data source; null: it is passed among the application's properties. */
  readonly dataSourceSecret: string | null;
  readonly probeCredentials: string | undefined;
}

/** All containers, and those volumes that they mount. */
export interface Containers {
  readonly containers: V1Container[];
  readonly initContainers: V1Container[];
  readonly volumes: V1Volume[];
}

/** @throws InvalidLaunchRequestError when containers, mounts and volumes do not fit together */
export function containersOf(source: ContainerSource): Containers {
  const { settings } = source;
  const initContainers = [
    ...(settings.initContainer === undefined ? [] : [settings.initContainer]),
    ...(settings.initContainers ?? []),
  ].map((container) => withSecurityContext(container, settings));
  const additional = (settings.additionalContainers ?? []).map((container) => withSecurityContext(container, settings));
  checkNames('kubernetes.initContainers', initContainers);
  checkNames('kubernetes.additionalContainers', additional);
  const containers = [mainContainer(source), ...additional];
  refuseRepeated(
    'the container',
    [...containers, ...initContainers].map(({ name }) => name),
  );
  const nameOf = (container: V1Container) =>
    container === containers[0] ? "The task's container" : `The container '${container.name}'`;
  return { containers, initContainers, volumes: mountedVolumes(settings, [...containers, ...initContainers], nameOf) };
}

function mainContainer(source: ContainerSource): V1Container {
  const { settings, dataSource, dataSourceSecret } = source;
  const appProperties = dataSourceSecret === null ? { ...dataSource, ...source.appProperties } : source.appProperties;
  const { args, variables } = entryPoint(settings, appProperties, source.arguments);
  const { probes, ports: probePorts } = probesOf(settings, source.probeCredentials);
  const env = environment({ settings, variables, dataSource, dataSourceSecret });
  const envFrom = environmentSources(settings);
  const ports = containerPorts([...(settings.containerPorts ?? []), ...probePorts], settings.hostNetwork === true);
  const { containerCommand, volumeMounts = [], preStop, postStart } = settings;
  return {
    name: source.containerName,
    image: imageOf(source.resourceUri),
    imagePullPolicy: settings.imagePullPolicy ?? 'IfNotPresent',
    ...(containerCommand === undefined || containerCommand.length === 0 ? {} : { command: [...containerCommand] }),
    args: [...args],
    env,
    ...(envFrom.length === 0 ? {} : { envFrom }),
    ...(ports.length === 0 ? {} : { ports }),
    resources: resourceRequirements(settings),
    ...(volumeMounts.length === 0 ? {} : { volumeMounts: [...volumeMounts] }),
    ...(settings.containerSecurityContext === undefined ? {} : { securityContext: settings.containerSecurityContext }),
    ...(preStop === undefined && postStart === undefined
      ? {}
      : { lifecycle: { ...handler('postStart', postStart), ...handler('preStop', preStop) } }),
    ...probes,
  };
}

function handler(name: 'postStart' | 'preStop', command: readonly string[] | undefined) {
  return command === undefined ? {} : { [name]: { exec: { command: [...command] } } };
}

function containerPorts(ports: readonly number[], onHost: boolean): V1ContainerPort[] {
  return [...new Set(ports)].map((containerPort) => ({
    containerPort,
    ...(onHost ? { hostPort: containerPort } : {}),
  }));
}

/** The main container's security context holds for the others too, unless they have one of their own. */
function withSecurityContext(container: V1Container, { containerSecurityContext }: KubernetesSettings): V1Container {
  if (containerSecurityContext === undefined || container.securityContext !== undefined) return container;
  return { ...container, securityContext: containerSecurityContext };
}

function checkNames(property: string, containers: readonly V1Container[]): void {
  for (const { name, image } of containers) {
    try {
      dnsLabel(name);
    } catch (error) {
      if (!(error instanceof UnacceptableValue)) throw error;
      throw new InvalidLaunchRequestError(
        `Deployment property '${property}' names a container '${name.slice(0, 100)}'. A name must be ${error.allowed}.`,
      );
    }
    if (image === undefined || image === '') {
      throw new InvalidLaunchRequestError(`Deployment property '${property}': the container '${name}' has no image.`);
    }
  }
}

/** In the order of the settings. Volumes that nobody mounts are left out, as in SCDF. */
function mountedVolumes(
  { volumes = [] }: KubernetesSettings,
  containers: readonly V1Container[],
  nameOf: (container: V1Container) => string,
): V1Volume[] {
  refuseRepeated(
    'the volume',
    volumes.map(({ name }) => name),
  );
  const known = new Set(volumes.map(({ name }) => name));
  const mounted = new Set<string>();
  for (const container of containers) {
    const mounts = container.volumeMounts ?? [];
    for (const { name } of [...mounts, ...(container.volumeDevices ?? [])]) {
      if (!known.has(name)) throw unknownVolume(nameOf(container), name, [...known]);
      mounted.add(name);
    }
    checkMountPaths(nameOf(container), mounts);
  }
  return volumes.filter(({ name }) => mounted.has(name));
}

function unknownVolume(container: string, name: string, known: readonly string[]): Error {
  return new InvalidLaunchRequestError(
    `${container} mounts the volume '${name}' (kubernetes.volumeMounts), which does not exist. ` +
      `The volumes of launch and account (kubernetes.volumes) are: ${known.join(', ') || 'none'}.`,
  );
}

function checkMountPaths(container: string, mounts: readonly V1VolumeMount[]): void {
  const paths = mounts.map(({ mountPath }) => mountPath);
  const repeated = firstRepeated(paths);
  if (repeated !== undefined) {
    throw new InvalidLaunchRequestError(
      `${container} has two mounts at '${repeated}' (kubernetes.volumeMounts of launch and account). ` +
        'Each mount needs a path of its own.',
    );
  }
}

function refuseRepeated(what: string, names: readonly string[]): void {
  const repeated = firstRepeated(names);
  if (repeated !== undefined) {
    throw new InvalidLaunchRequestError(
      `The deployment properties of launch and account contain ${what} '${repeated}' more than once. Names must be unique.`,
    );
  }
}

function firstRepeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}
