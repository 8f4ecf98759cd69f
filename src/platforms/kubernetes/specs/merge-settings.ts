/** Lays a launch's settings over its account's. Pure: neither is changed, so nothing of a launch reaches the next. */
import { PROBE_NAMES, type KubernetesSettings, type ProbeSettings, type ResourceSettings } from './settings.js';

/**
 * SCDF's rules: most settings of the launch replace the account's; variables, labels and quantities are merged one by one;
 * volumes, mounts and additional containers by name, tolerations by key, the launch's first. Init containers of the launch
 * take the places of the account's, and those left over follow (SCDF loses some of them).
 */
export function mergeSettings(account: KubernetesSettings, launch: KubernetesSettings): KubernetesSettings {
  return {
    ...account,
    ...launch,
    limits: mergeLimits(account, launch),
    requests: { ...account.requests, ...launch.requests },
    generic: {},
    environmentVariables: { ...account.environmentVariables, ...launch.environmentVariables },
    deploymentLabels: { ...account.deploymentLabels, ...launch.deploymentLabels },
    secretKeyRefs: union(launch.secretKeyRefs, account.secretKeyRefs, ({ variable }) => variable),
    configMapKeyRefs: union(launch.configMapKeyRefs, account.configMapKeyRefs, ({ variable }) => variable),
    volumes: union(launch.volumes, account.volumes, ({ name }) => name),
    volumeMounts: union(launch.volumeMounts, account.volumeMounts, ({ name }) => name),
    tolerations: union(launch.tolerations, account.tolerations, ({ key }) => key),
    additionalContainers: union(launch.additionalContainers, account.additionalContainers, ({ name }) => name),
    initContainers: overlay(launch.initContainers, account.initContainers),
    // The nearer layer decides; within one, SCDF's name for launches.
    deploymentServiceAccountName: [launch, account]
      .flatMap((layer) => [layer.deploymentServiceAccountName, layer.taskServiceAccountName])
      .find((name) => name !== undefined),
    probes: Object.fromEntries(
      PROBE_NAMES.map((name) => [name, mergeProbe(account.probes[name], launch.probes[name])]),
    ) as KubernetesSettings['probes'],
    cron: { ...account.cron, ...launch.cron },
  };
}

/** The generic `memory` and `cpu` of a layer stand for its limits where it names none, and so beat those of a layer below. */
function mergeLimits(account: KubernetesSettings, launch: KubernetesSettings): ResourceSettings {
  return { ...account.generic, ...account.limits, ...launch.generic, ...launch.limits };
}

function mergeProbe(account: ProbeSettings, launch: ProbeSettings): ProbeSettings {
  return {
    http: { ...account.http, ...launch.http },
    tcp: { ...account.tcp, ...launch.tcp },
    command: { ...account.command, ...launch.command },
  };
}

/** All of the nearer layer, then those of the farther whose key it does not have. */
function union<T>(
  nearer: readonly T[] | undefined,
  farther: readonly T[] | undefined,
  keyOf: (item: T) => string | undefined,
): readonly T[] {
  const keys = new Set((nearer ?? []).map(keyOf));
  return [...(nearer ?? []), ...(farther ?? []).filter((item) => !keys.has(keyOf(item)))];
}

function overlay<T>(nearer: readonly T[] | undefined, farther: readonly T[] | undefined): readonly T[] {
  return [...(nearer ?? []), ...(farther ?? []).slice(nearer?.length ?? 0)];
}
