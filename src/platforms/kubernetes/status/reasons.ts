/** Why something ended or does not start, in words that a person understands. Kubernetes' own word comes first. Pure. */
import type { ContainerRecord, PodRecord } from './records.js';
import type { Obstacle, ObstacleKind } from './sight.js';

const SIGNALS: Readonly<Record<number, string>> = {
  129: 'SIGHUP',
  130: 'SIGINT',
  134: 'SIGABRT',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};

/** Waiting reasons of a container that keep it from starting (kubelet: images and container creation). */
const OBSTACLES: Readonly<Record<string, ObstacleKind>> = {
  InvalidImageName: 'image-name',
  ErrImagePull: 'image',
  ImagePullBackOff: 'image',
  ErrImageNeverPull: 'image',
  ImageInspectError: 'image',
  RegistryUnavailable: 'image',
  SignatureValidationFailed: 'image',
  CreateContainerConfigError: 'configuration',
  CreateContainerError: 'configuration',
  RunContainerError: 'configuration',
  CreatePodSandboxError: 'configuration',
};

/** Of a pod that the cluster ended as a whole (`status.reason`). */
const POD_REASONS: Readonly<Record<string, string>> = {
  Evicted: 'the node evicted the pod',
  DeadlineExceeded: 'the pod ran longer than its deadline (activeDeadlineSeconds) allows',
  NodeLost: 'the node of the pod was lost',
  NodeShutdown: 'the node of the pod was shut down',
  Shutdown: 'the node of the pod was shut down',
  Terminated: 'the node of the pod was shut down',
  Preempting: 'the pod had to make room for a more important one',
  UnexpectedAdmissionError: 'the node refused the pod',
  NodeAffinity: 'the node did not match the affinity or selector of the pod any more',
};

/** Of a pod that was taken away (condition DisruptionTarget). */
const DISRUPTIONS: Readonly<Record<string, string>> = {
  DeletionByTaintManager: 'node lost: the node of the pod became unfit or unreachable',
  EvictionByEvictionAPI: 'Evicted: the pod was evicted, as when a node is drained',
  PreemptionByScheduler: 'Preempted: the pod had to make room for a more important one',
  DeletionByPodGC: 'node lost: the node of the pod is gone',
  TerminationByKubelet: 'Evicted: the node ended the pod',
};

/** Of a container that ended badly. */
export function containerEnd(container: ContainerRecord): string {
  const { exitCode, reason, message } = container;
  const detail = message === undefined ? '' : `: ${message}`;
  const code = exitCode === undefined ? '' : ` (exit code ${exitCode})`;
  switch (reason ?? '') {
    case 'OOMKilled':
      return `OOMKilled: the container needed more memory than its limit allows${code}`;
    case 'ContainerCannotRun':
    case 'StartError':
    case 'ContainerCannotStart':
      return `${reason}: the container cannot be started${detail}${code}`;
    case 'ContainerStatusUnknown':
      return `${reason}: how the container ended is not known, its node was lost or restarted${code}`;
    case 'DeadlineExceeded':
      return `DeadlineExceeded: ${POD_REASONS['DeadlineExceeded']}${code}`;
    default: {
      const signal = exitCode === undefined ? undefined : SIGNALS[exitCode];
      if (signal !== undefined) return `killed by signal ${signal}${code}${detail}`;
      return exitCode === undefined
        ? `${reason ?? 'the container ended'}${detail}`
        : `ended with exit code ${exitCode}${detail}`;
    }
  }
}

/** Of a pod that failed; the cluster's reason stands before the container's, since it is the cause. */
export function podEnd(pod: PodRecord): string {
  if (pod.stoppedAt !== undefined) return STOPPED;
  const known = pod.reason === undefined ? undefined : POD_REASONS[pod.reason];
  if (pod.reason !== undefined) {
    const detail = pod.message === undefined ? '' : `: ${pod.message}`;
    return known === undefined ? `${pod.reason}${detail}` : `${pod.reason}: ${known}${detail}`;
  }
  if (pod.main.state === 'terminated' && pod.main.exitCode !== 0) {
    const disruption = disruptionOf(pod) ?? (endedByDeletion(pod) ? deletion(pod) : undefined);
    return disruption === undefined ? containerEnd(pod.main) : `${disruption}; ${containerEnd(pod.main)}`;
  }
  const init = pod.init.find(({ state, exitCode }) => state === 'terminated' && exitCode !== 0);
  if (init !== undefined) return `the init container '${init.name}' failed: ${containerEnd(init)}`;
  const sidecar = pod.sidecars.find(({ state, exitCode }) => state === 'terminated' && exitCode !== 0);
  if (sidecar !== undefined) return `the container '${sidecar.name}' failed: ${containerEnd(sidecar)}`;
  return disruptionOf(pod) ?? 'the pod failed; the cluster gives no reason';
}

/** Of a pod that vanished before it was over. */
export function podVanished(pod: PodRecord): string {
  if (pod.stoppedAt !== undefined) return STOPPED;
  const disruption = disruptionOf(pod);
  if (disruption !== undefined) return disruption;
  const end = pod.main.state === 'terminated' && pod.main.exitCode !== 0 ? `; ${containerEnd(pod.main)}` : '';
  return `${deletion(pod)} before it was over${end}`;
}

/** A job that is over by its deadline or its limits deletes the pods that still run itself. */
function deletion({ job }: PodRecord): string {
  return job === undefined ? 'the pod was deleted by someone else' : 'the pod was deleted';
}

/** What is said of an execution that an operator has stopped; its exit code stands beside it. */
export const STOPPED = 'stopped on request';

/** @returns what keeps the pod from starting, the worst first; undefined when nothing is known to */
export function obstacleOf(pod: PodRecord): Obstacle | undefined {
  if (pod.deletedAt !== undefined) return undefined;
  if (pod.unschedulable !== undefined && !pod.assigned) {
    const { message, since } = pod.unschedulable;
    return { kind: 'unschedulable', reason: `Unschedulable: no node can take the pod: ${message}`, since };
  }
  for (const container of [...pod.init, pod.main, ...pod.sidecars]) {
    const kind = container.state === 'waiting' ? OBSTACLES[container.reason ?? ''] : undefined;
    if (kind !== undefined) return { kind, reason: obstacleReason(kind, container), since: undefined };
  }
  return undefined;
}

function obstacleReason(kind: ObstacleKind, { name, image, reason, message }: ContainerRecord): string {
  const detail = message === undefined ? '' : `: ${message}`;
  const which = image === undefined ? `of container '${name}'` : `'${image}'`;
  if (kind === 'image-name') return `${reason}: the image name ${which} is malformed${detail}`;
  if (kind === 'image') return `${reason}: the image ${which} cannot be pulled${detail}`;
  return `${reason}: the container '${name}' cannot be created${detail}`;
}

/** `deletionTimestamp` is when the grace period ends; times have whole seconds. */
function endedByDeletion({ main, deletedAt, gracePeriod }: PodRecord): boolean {
  if (deletedAt === undefined) return false;
  return main.endedAt === undefined || main.endedAt >= deletedAt - gracePeriod * 1000 - 1000;
}

function disruptionOf(pod: PodRecord): string | undefined {
  if (pod.disruption === undefined) return undefined;
  const { reason, message } = pod.disruption;
  return `${DISRUPTIONS[reason] ?? reason}${message === '' ? '' : ` (${message})`}`;
}
