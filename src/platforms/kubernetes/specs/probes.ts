/** Probes of the main container. Pure. */
import type { V1Probe } from '@kubernetes/client-node';
import { InvalidLaunchRequestError } from '../../platform.js';
import { PROBE_NAMES, type KubernetesSettings, type ProbeName, type ProbeTiming } from './settings.js';

/** SCDF's defaults; seconds and counts. The timeout of TCP and command probes is left to Kubernetes. */
const HTTP_DEFAULTS: Readonly<Record<ProbeName, Required<ProbeTiming>>> = {
  liveness: { delay: 1, period: 60, timeout: 5, success: 1, failure: 3 },
  readiness: { delay: 1, period: 10, timeout: 5, success: 1, failure: 3 },
  startup: { delay: 30, period: 3, timeout: 5, success: 1, failure: 20 },
};
const TCP_DEFAULTS: Readonly<Record<ProbeName, ProbeTiming>> = {
  liveness: { delay: 10, period: 60, success: 1, failure: 3 },
  readiness: { delay: 1, period: 10, success: 1, failure: 3 },
  startup: { delay: 30, period: 3, success: 1, failure: 20 },
};
const COMMAND_DEFAULTS: Readonly<Record<ProbeName, ProbeTiming>> = {
  liveness: { delay: 10, period: 10, success: 1, failure: 3 },
  readiness: { delay: 1, period: 10, success: 1, failure: 3 },
  startup: { delay: 30, period: 10, success: 1, failure: 10 },
};

/** Probes of a container, and the ports that they need. */
export interface Probes {
  readonly probes: { readonly [K in `${ProbeName}Probe`]?: V1Probe };
  readonly ports: readonly number[];
}

/**
 * Tasks have no port of their own, so there is a probe only where its port, or its command, is set.
 *
 * @param credentials entry `credentials` of the Secret that `probeCredentialsSecret` names, as the API returns it (base64)
 * @throws InvalidLaunchRequestError when a type was chosen and nothing to probe
 */
export function probesOf(settings: KubernetesSettings, credentials: string | undefined): Probes {
  const probes: { [K in `${ProbeName}Probe`]?: V1Probe } = {};
  const ports: number[] = [];
  for (const name of PROBE_NAMES) {
    const probe = probeOf(settings, name, credentials);
    if (probe === undefined) continue;
    probes[`${name}Probe`] = probe;
    const port = probe.httpGet?.port ?? probe.tcpSocket?.port;
    if (typeof port === 'number') ports.push(port);
  }
  if (Object.keys(probes).length === 0) refuseEmptyType(settings);
  return { probes, ports };
}

function probeOf(settings: KubernetesSettings, name: ProbeName, credentials: string | undefined): V1Probe | undefined {
  const { http, tcp, command } = settings.probes[name];
  switch (settings.probeType ?? 'HTTP') {
    case 'HTTP': {
      if (http.port === undefined) return undefined;
      const httpGet = {
        path: http.path ?? defaultPath(name, settings.bootMajorVersion),
        port: http.port,
        scheme: http.scheme ?? 'HTTP',
        ...(credentials === undefined
          ? {}
          : { httpHeaders: [{ name: 'Authorization', value: `Basic ${credentials}` }] }),
      };
      return { httpGet, ...timing({ ...HTTP_DEFAULTS[name], ...http }) };
    }
    case 'TCP':
      if (tcp.port === undefined) return undefined;
      return { tcpSocket: { port: tcp.port }, ...timing({ ...TCP_DEFAULTS[name], ...tcp }) };
    case 'COMMAND':
      if (command.command === undefined || command.command.length === 0) return undefined;
      return { exec: { command: [...command.command] }, ...timing({ ...COMMAND_DEFAULTS[name], ...command }) };
  }
}

/** Spring Boot's actuator; version 1 had it at the root. */
function defaultPath(name: ProbeName, bootMajorVersion: number | undefined): string {
  const endpoint = name === 'liveness' ? '/health' : '/info';
  return bootMajorVersion === 1 ? endpoint : `/actuator${endpoint}`;
}

function timing({ delay, period, timeout, success, failure }: ProbeTiming): V1Probe {
  return {
    ...(delay === undefined ? {} : { initialDelaySeconds: delay }),
    ...(period === undefined ? {} : { periodSeconds: period }),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    ...(success === undefined ? {} : { successThreshold: success }),
    ...(failure === undefined ? {} : { failureThreshold: failure }),
  };
}

function refuseEmptyType({ probeType }: KubernetesSettings): void {
  if (probeType === undefined || probeType === 'HTTP') return;
  const needed = probeType === 'TCP' ? 'TcpProbePort' : 'CommandProbeCommand';
  throw new InvalidLaunchRequestError(
    `Deployment property 'kubernetes.probeType' has the value '${probeType}'. ` +
      `It needs at least one of ${PROBE_NAMES.map((name) => `kubernetes.${name}${needed}`).join(', ')}.`,
  );
}
