/** What is kept of a pod and of a job: small, since ten thousand of them are kept in memory. Pure. */
import type { SchemaTargetName } from '../../platform.js';
import type { Condition, ContainerState, ContainerStatus, JobObject, ObjectMeta, PodObject } from '../wire.js';
import { APP_ID_LABEL, EXECUTION_ID_LABEL, SCHEMA_TARGET_LABEL } from '../specs/labels.js';
import { STOPPED_AT_ANNOTATION } from '../stop-mark.js';

export type ExecutionIdentity = { readonly id: number; readonly schemaTarget: SchemaTargetName };

/** One container as it stands. Times are ms since the epoch. */
export interface ContainerRecord {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'terminated';
  /** Kubernetes' word: `ImagePullBackOff`, `OOMKilled`, `Error` … */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly exitCode: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly restarts: number;
  readonly image: string | undefined;
  /** How the attempt before this one ended; undefined for a first one. */
  readonly previous: { readonly exitCode: number | undefined; readonly reason: string | undefined } | undefined;
}

export interface PodRecord {
  readonly name: string;
  /** Name of the job that made it; undefined for a pod of its own. */
  readonly job: string | undefined;
  readonly execution: ExecutionIdentity | undefined;
  readonly phase: string;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly restartPolicy: string;
  readonly createdAt: number | undefined;
  /** When a kubelet took it. */
  readonly acceptedAt: number | undefined;
  /** Whether it has been given to a node. */
  readonly assigned: boolean;
  readonly deletedAt: number | undefined;
  /** When this server was asked to stop it. */
  readonly stoppedAt: number | undefined;
  /** s between the request to end and the kill. */
  readonly gracePeriod: number;
  readonly activeDeadline: number | undefined;
  readonly main: ContainerRecord;
  readonly sidecars: readonly ContainerRecord[];
  readonly init: readonly ContainerRecord[];
  /** The scheduler's word, while it finds no node. */
  readonly unschedulable: { readonly message: string; readonly since: number | undefined } | undefined;
  /** Why the cluster took the pod away: `EvictionByEvictionAPI`, `DeletionByTaintManager` … */
  readonly disruption: { readonly reason: string; readonly message: string } | undefined;
}

export interface JobRecord {
  readonly name: string;
  readonly execution: ExecutionIdentity | undefined;
  /** Pods that have to succeed. */
  readonly completions: number;
  readonly failedPods: number;
  readonly startedAt: number | undefined;
  readonly deletedAt: number | undefined;
  readonly stoppedAt: number | undefined;
  /** Set once the job is over. */
  readonly end:
    | {
        readonly succeeded: boolean;
        readonly reason: string;
        readonly message: string;
        readonly at: number | undefined;
      }
    | undefined;
}

/** Kubernetes' default, s. */
const DEFAULT_GRACE_PERIOD = 30;

/** Messages are kept up to this length; a termination message has 4096 at most. */
const LONGEST_MESSAGE = 1000;

export function podRecord(pod: PodObject): PodRecord {
  const { metadata, spec = {}, status = {} } = pod;
  const names = (spec.containers ?? []).map(({ name }) => name);
  const mainName = mainContainer(metadata, names);
  const statuses = new Map((status.containerStatuses ?? []).map((entry) => [entry.name, entry]));
  const image = (name: string) => spec.containers?.find((container) => container.name === name)?.image;
  const container = (name: string) => containerRecord(name, statuses.get(name), image(name));
  const unscheduled = status.conditions?.find(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable',
  );
  const disrupted = trueCondition(status.conditions, 'DisruptionTarget');
  return {
    name: metadata.name,
    job: metadata.ownerReferences?.find(({ kind }) => kind === 'Job')?.name,
    execution: executionOf(metadata),
    phase: status.phase ?? 'Pending',
    reason: status.reason,
    message: short(status.message),
    restartPolicy: spec.restartPolicy ?? 'Always',
    createdAt: time(metadata.creationTimestamp),
    acceptedAt: time(status.startTime),
    assigned: spec.nodeName !== undefined && spec.nodeName !== '',
    deletedAt: time(metadata.deletionTimestamp),
    stoppedAt: time(metadata.annotations?.[STOPPED_AT_ANNOTATION]),
    gracePeriod: spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_PERIOD,
    activeDeadline: spec.activeDeadlineSeconds,
    main: container(mainName),
    sidecars: names.filter((name) => name !== mainName).map(container),
    init: (status.initContainerStatuses ?? []).map((entry) => containerRecord(entry.name, entry, undefined)),
    unschedulable: unscheduled && {
      message: short(unscheduled.message) ?? '',
      since: time(unscheduled.lastTransitionTime),
    },
    disruption: disrupted && { reason: disrupted.reason ?? '', message: short(disrupted.message) ?? '' },
  };
}

export function jobRecord(job: JobObject): JobRecord {
  const { metadata, spec = {}, status = {} } = job;
  const complete = trueCondition(status.conditions, 'Complete');
  const over = complete ?? trueCondition(status.conditions, 'Failed');
  return {
    name: metadata.name,
    execution: executionOf(metadata),
    completions: spec.completions ?? 1,
    failedPods: status.failed ?? 0,
    startedAt: time(status.startTime),
    deletedAt: time(metadata.deletionTimestamp),
    stoppedAt: time(metadata.annotations?.[STOPPED_AT_ANNOTATION]),
    end: over && {
      succeeded: over === complete,
      reason: over.reason ?? '',
      message: short(over.message) ?? '',
      at: time(status.completionTime) ?? time(over.lastTransitionTime),
    },
  };
}

/**
 * The one that is the task: the container that bears the pod's or job's own name, else the one that the pod names as its
 * default (a mesh may put its proxy first), else the first.
 */
function mainContainer(metadata: ObjectMeta, names: readonly string[]): string {
  const preferred = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  const own = metadata.labels?.[APP_ID_LABEL];
  return names.find((name) => name === own) ?? names.find((name) => name === preferred) ?? names[0] ?? '';
}

function containerRecord(
  name: string,
  status: ContainerStatus | undefined,
  image: string | undefined,
): ContainerRecord {
  const { waiting, running, terminated }: ContainerState = status?.state ?? {};
  const last = status?.lastState?.terminated;
  return {
    name,
    state: terminated === undefined ? (running === undefined ? 'waiting' : 'running') : 'terminated',
    reason: terminated?.reason ?? waiting?.reason,
    message: short(terminated?.message ?? waiting?.message),
    exitCode: terminated?.exitCode,
    startedAt: time(terminated?.startedAt ?? running?.startedAt),
    endedAt: time(terminated?.finishedAt),
    restarts: status?.restartCount ?? 0,
    image: image ?? status?.image,
    previous: last && { exitCode: last.exitCode, reason: last.reason },
  };
}

function executionOf(metadata: ObjectMeta): ExecutionIdentity | undefined {
  const id = Number(metadata.labels?.[EXECUTION_ID_LABEL]);
  const schemaTarget = metadata.labels?.[SCHEMA_TARGET_LABEL];
  if (!Number.isSafeInteger(id) || id <= 0) return undefined;
  return schemaTarget === 'boot2' || schemaTarget === 'boot3' ? { id, schemaTarget } : undefined;
}

function trueCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

/** The epoch stands for «not known» in container states. */
function time(text: string | undefined): number | undefined {
  const ms = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(ms) || ms === 0 ? undefined : ms;
}

function short(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === undefined || trimmed === '' ? undefined : trimmed.slice(0, LONGEST_MESSAGE);
}
