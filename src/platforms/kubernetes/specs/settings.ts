/** What an account and a launch can say about the pods of tasks, typed. Pure. */
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
import type { Pairs } from './pairs.js';

/** How application properties and arguments reach a container. */
export const ENTRY_POINT_STYLES = ['exec', 'shell', 'boot'] as const;
export const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;
export const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'] as const;
export const COMPLETION_MODES = ['NonIndexed', 'Indexed'] as const;
export const CONCURRENCY_POLICIES = ['Allow', 'Forbid', 'Replace'] as const;
export const PROBE_TYPES = ['HTTP', 'TCP', 'COMMAND'] as const;
export const PROBE_NAMES = ['liveness', 'readiness', 'startup'] as const;

export type EntryPointStyle = (typeof ENTRY_POINT_STYLES)[number];
export type ProbeName = (typeof PROBE_NAMES)[number];

/** Quantities as written; `gpuVendor` and `gpuCount` together make the resource `<vendor>/gpu`. */
export interface ResourceSettings {
  readonly memory?: string;
  readonly cpu?: string;
  readonly ephemeralStorage?: string;
  readonly gpuVendor?: string;
  readonly gpuCount?: string;
}

/** An environment variable that is one entry of a Secret or a ConfigMap. */
export interface KeyReference {
  readonly variable: string;
  /** Name of the Secret or ConfigMap. */
  readonly source: string;
  readonly key: string;
}

/** One of the ways in which a container can be probed; seconds and counts. */
export interface ProbeTiming {
  readonly delay?: number;
  readonly period?: number;
  readonly timeout?: number;
  readonly success?: number;
  readonly failure?: number;
}

/** The three ways of one probe; `probeType` says which counts. */
export interface ProbeSettings {
  readonly http: ProbeTiming & {
    readonly path?: string;
    readonly port?: number;
    readonly scheme?: 'HTTP' | 'HTTPS';
  };
  readonly tcp: ProbeTiming & { readonly port?: number };
  readonly command: ProbeTiming & { readonly command?: readonly string[] };
}

/** Settings of schedules (`cron.*`); CronJobs are made of them. */
export interface CronSettings {
  readonly expression?: string;
  readonly concurrencyPolicy?: (typeof CONCURRENCY_POLICIES)[number];
  readonly ttlSecondsAfterFinished?: number;
  readonly backoffLimit?: number;
  readonly startingDeadlineSeconds?: number;
  readonly successfulJobsHistoryLimit?: number;
  readonly failedJobsHistoryLimit?: number;
  readonly timeZone?: string;
  readonly suspend?: boolean;
}

/** One layer of settings: an account's, a launch's, or both merged. What is not said is undefined. */
export interface KubernetesSettings {
  readonly namespace?: string;
  readonly maximumConcurrentTasks?: number;
  readonly createJob?: boolean;

  readonly imagePullPolicy?: (typeof PULL_POLICIES)[number];
  /** Comes before {@link imagePullSecrets}. */
  readonly imagePullSecret?: string;
  readonly imagePullSecrets?: readonly string[];

  readonly limits: ResourceSettings;
  readonly requests: ResourceSettings;
  /** SCDF's generic `memory` and `cpu`: limits where there are no others. */
  readonly generic: Pick<ResourceSettings, 'memory' | 'cpu'>;

  readonly environmentVariables?: Pairs;
  readonly secretKeyRefs?: readonly KeyReference[];
  readonly configMapKeyRefs?: readonly KeyReference[];
  /** Secrets and ConfigMaps whose entries all become variables. */
  readonly secretRefs?: readonly string[];
  readonly configMapRefs?: readonly string[];

  readonly volumes?: readonly V1Volume[];
  readonly volumeMounts?: readonly V1VolumeMount[];

  readonly tolerations?: readonly V1Toleration[];
  readonly nodeSelector?: Pairs;
  readonly nodeAffinity?: V1NodeAffinity;
  readonly podAffinity?: V1PodAffinity;
  readonly podAntiAffinity?: V1PodAntiAffinity;
  readonly podSecurityContext?: V1PodSecurityContext;
  readonly containerSecurityContext?: V1SecurityContext;

  readonly initContainer?: V1Container;
  readonly initContainers?: readonly V1Container[];
  readonly additionalContainers?: readonly V1Container[];

  readonly podAnnotations?: Pairs;
  readonly jobAnnotations?: Pairs;
  readonly deploymentLabels?: Pairs;
  readonly group?: string;
  /** SCDF's deployment property `appName`, for a label. */
  readonly appName?: string;

  readonly entryPointStyle?: EntryPointStyle;
  readonly containerCommand?: readonly string[];
  readonly containerPorts?: readonly number[];
  readonly preStop?: readonly string[];
  readonly postStart?: readonly string[];
  readonly appAdminUser?: string;
  readonly appAdminPassword?: string;

  readonly hostNetwork?: boolean;
  readonly restartPolicy?: (typeof RESTART_POLICIES)[number];
  readonly deploymentServiceAccountName?: string;
  readonly taskServiceAccountName?: string;
  readonly shareProcessNamespace?: boolean;
  readonly priorityClassName?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly activeDeadlineSeconds?: number;

  readonly backoffLimit?: number;
  readonly ttlSecondsAfterFinished?: number;
  readonly completions?: number;
  readonly parallelism?: number;
  readonly completionMode?: (typeof COMPLETION_MODES)[number];
  readonly podFailurePolicy?: V1PodFailurePolicy;

  readonly probeType?: (typeof PROBE_TYPES)[number];
  readonly probes: Readonly<Record<ProbeName, ProbeSettings>>;
  readonly probeCredentialsSecret?: string;
  readonly bootMajorVersion?: number;

  readonly cron: CronSettings;
}

/** A layer that says nothing. */
export const NO_SETTINGS: KubernetesSettings = {
  limits: {},
  requests: {},
  generic: {},
  probes: {
    liveness: { http: {}, tcp: {}, command: {} },
    readiness: { http: {}, tcp: {}, command: {} },
    startup: { http: {}, tcp: {}, command: {} },
  },
  cron: {},
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A layer while it is written. */
export type SettingsDraft = Mutable<Omit<KubernetesSettings, 'limits' | 'requests' | 'generic' | 'probes' | 'cron'>> & {
  limits: Mutable<ResourceSettings>;
  requests: Mutable<ResourceSettings>;
  generic: Mutable<ResourceSettings>;
  probes: Record<
    ProbeName,
    {
      http: Mutable<ProbeSettings['http']>;
      tcp: Mutable<ProbeSettings['tcp']>;
      command: Mutable<ProbeSettings['command']>;
    }
  >;
  cron: Mutable<CronSettings>;
  /** The flat form `initContainer.containerName=…`, put together when all of it is read. */
  initContainerParts?: Record<string, string>;
};

/** A new, empty layer to write into. */
export function draftSettings(): SettingsDraft {
  return structuredClone(NO_SETTINGS);
}
