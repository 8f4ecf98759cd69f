import { describe, expect, it } from '@jest/globals';
import { make, podOf } from '../../../../test/support/kubernetes-launch.js';

function main(properties: Readonly<Record<string, string>>) {
  const prefixed = Object.entries(properties).map(([name, value]) => [`kubernetes.${name}`, value]);
  return podOf(make({ properties: Object.fromEntries(prefixed) as Record<string, string> })).spec!.containers[0]!;
}

describe('probes', () => {
  it.each<[string, Record<string, string>, object | undefined]>([
    ['none without a port', { livenessHttpProbePath: '/x', probeType: 'http' }, undefined],
    [
      'HTTP with everything',
      {
        ...{ livenessHttpProbePort: '80', livenessHttpProbePath: '/x', livenessHttpProbeScheme: 'https' },
        ...{ livenessHttpProbeDelay: '2', livenessHttpProbePeriod: '3', livenessHttpProbeTimeout: '4' },
        ...{ livenessHttpProbeSuccess: '1', livenessHttpProbeFailure: '6' },
      },
      {
        httpGet: { path: '/x', port: 80, scheme: 'HTTPS' },
        ...{ initialDelaySeconds: 2, periodSeconds: 3, timeoutSeconds: 4, successThreshold: 1, failureThreshold: 6 },
      },
    ],
    [
      'the new name over the old one',
      { livenessHttpProbePort: '80', livenessProbePort: '81', livenessProbePeriod: '7' },
      {
        httpGet: { path: '/actuator/health', port: 80, scheme: 'HTTP' },
        ...{ initialDelaySeconds: 1, periodSeconds: 7, timeoutSeconds: 5, successThreshold: 1, failureThreshold: 3 },
      },
    ],
    [
      'TCP',
      { probeType: 'tcp', livenessTcpProbePort: '80', livenessHttpProbePort: '81' },
      { tcpSocket: { port: 80 }, initialDelaySeconds: 10, periodSeconds: 60, successThreshold: 1, failureThreshold: 3 },
    ],
    [
      'COMMAND',
      { probeType: 'COMMAND', livenessCommandProbeCommand: "sh -c 'a b'", livenessCommandProbeTimeout: '9' },
      {
        exec: { command: ['sh', '-c', 'a b'] },
        ...{ initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 9, successThreshold: 1, failureThreshold: 3 },
      },
    ],
  ])('%s', (_, properties, expected) => {
    expect(main(properties).livenessProbe).toEqual(expected);
  });

  it.each([
    ['1', '/health', '/info'],
    ['2', '/actuator/health', '/actuator/info'],
  ])('look where Spring Boot %s has its actuator', (bootMajorVersion, liveness, readiness) => {
    const container = main({ bootMajorVersion, livenessHttpProbePort: '80', readinessHttpProbePort: '80' });
    expect(container.livenessProbe!.httpGet!.path).toBe(liveness);
    expect(container.readinessProbe!.httpGet!.path).toBe(readiness);
    expect(container.ports).toEqual([{ containerPort: 80 }]);
  });
});
