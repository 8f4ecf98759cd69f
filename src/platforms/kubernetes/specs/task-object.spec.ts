import { describe, expect, it } from '@jest/globals';
import type { AccountSettings, SettingsTree } from '../../../configuration/configuration.js';
import { make, type Making, podOf } from '../../../../test/support/kubernetes-launch.js';

/** `a.b.c` as the tree of an account. */
function treeOf(name: string, value: SettingsTree): AccountSettings {
  const [first = '', ...rest] = name.split('.');
  return { [first]: rest.length === 0 ? value : treeOf(rest.join('.'), value) };
}

function at(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}

const MAIN = 'spec.containers.0';
const term =
  '{requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {a: b}}, topologyKey: t}]}';
const podTerm = {
  requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { a: 'b' } }, topologyKey: 't' }],
};
const nodeTerm =
  '{requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}';

/** Property, value, place in the pod, what is there. */
const rows: readonly (readonly [name: string, value: string, path: string, expected: unknown])[] = [
  ['imagePullPolicy', 'always', `${MAIN}.imagePullPolicy`, 'Always'],
  ['imagePullSecret', 's', 'spec.imagePullSecrets', [{ name: 's' }]],
  ['imagePullSecrets', '[s1, s2]', 'spec.imagePullSecrets', [{ name: 's1' }, { name: 's2' }]],
  ['limits.memory', '1Gi', `${MAIN}.resources.limits`, { memory: '1Gi' }],
  ['limits.cpu', '500m', `${MAIN}.resources.limits`, { cpu: '500m' }],
  ['limits.ephemeralStorage', '1Gi', `${MAIN}.resources.limits`, { 'ephemeral-storage': '1Gi' }],
  ['requests.memory', '1Gi', `${MAIN}.resources.requests`, { memory: '1Gi' }],
  ['requests.cpu', '1', `${MAIN}.resources.requests`, { cpu: '1' }],
  ['memory', '512m', `${MAIN}.resources.limits`, { memory: '512Mi' }],
  ['cpu', '2', `${MAIN}.resources.limits`, { cpu: '2' }],
  ['environmentVariables', "A='x,y'", `${MAIN}.env.0`, { name: 'A', value: 'x,y' }],
  [
    'secretKeyRefs',
    '[{envVarName: A, secretName: s, dataKey: k}]',
    `${MAIN}.env.0`,
    { name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
  ],
  [
    'configMapKeyRefs',
    '[{env-var-name: A, config-map-name: c, data-key: k}]',
    `${MAIN}.env.0`,
    { name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } },
  ],
  ['secretRefs', '[s]', `${MAIN}.envFrom`, [{ secretRef: { name: 's' } }]],
  ['configMapRefs', 'c,d', `${MAIN}.envFrom`, [{ configMapRef: { name: 'c' } }, { configMapRef: { name: 'd' } }]],
  ['tolerations', '[{key: k, operator: Exists}]', 'spec.tolerations', [{ key: 'k', operator: 'Exists' }]],
  [
    'nodeSelector',
    'kubernetes.io/os:linux, disk: ssd',
    'spec.nodeSelector',
    { 'kubernetes.io/os': 'linux', disk: 'ssd' },
  ],
  [
    'affinity.nodeAffinity',
    nodeTerm,
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions',
    [{ key: 'a', operator: 'Exists' }],
  ],
  ['nodeAffinity', nodeTerm, 'spec.affinity.nodeAffinity', expect.anything()],
  ['affinity.podAffinity', term, 'spec.affinity', { podAffinity: podTerm }],
  ['affinity.podAntiAffinity', term, 'spec.affinity', { podAntiAffinity: podTerm }],
  [
    'podSecurityContext',
    '{runAsUser: 5, supplementalGroups: [1]}',
    'spec.securityContext',
    { runAsUser: 5, supplementalGroups: [1] },
  ],
  ['containerSecurityContext', '{privileged: false}', `${MAIN}.securityContext`, { privileged: false }],
  [
    'initContainer',
    "{containerName: i, imageName: b, commands: [sh, '-c', x], environmentVariables: ['A=b=c'], resources: {limits: {cpu: 1}}}",
    'spec.initContainers',
    [
      {
        ...{ name: 'i', image: 'b', command: ['sh', '-c', 'x'], env: [{ name: 'A', value: 'b=c' }] },
        resources: { limits: { cpu: '1' } },
      },
    ],
  ],
  ['initContainers', '[{containerName: i, imageName: b}]', 'spec.initContainers', [{ name: 'i', image: 'b' }]],
  ['additionalContainers', '[{name: s, image: b}]', 'spec.containers.1', { name: 's', image: 'b' }],
  ['podAnnotations', 'a:b:c', 'metadata.annotations', { a: 'b:c' }],
  ['jobAnnotations', 'a:b', 'metadata.annotations', { a: 'b' }],
  ['deploymentLabels', 'team:blue', 'metadata.labels.team', 'blue'],
  ['entryPointStyle', 'BOOT', `${MAIN}.args`, ['--p=1', '--spring.cloud.task.executionid=7']],
  ['containerCommand', "sh -c 'a b'", `${MAIN}.command`, ['sh', '-c', 'a b']],
  ['containerPorts', '80, 81,80', `${MAIN}.ports`, [{ containerPort: 80 }, { containerPort: 81 }]],
  ['lifecycle.preStop.exec.command', 'a,b', `${MAIN}.lifecycle`, { preStop: { exec: { command: ['a', 'b'] } } }],
  ['lifecycle.postStart.exec.command', 'a', `${MAIN}.lifecycle`, { postStart: { exec: { command: ['a'] } } }],
  ['hostNetwork', 'true', 'spec.hostNetwork', true],
  ['hostNetwork', 'false', 'spec.hostNetwork', undefined],
  ['restartPolicy', 'onfailure', 'spec.restartPolicy', 'OnFailure'],
  ['deploymentServiceAccountName', 'sa', 'spec.serviceAccountName', 'sa'],
  ['taskServiceAccountName', 'sa', 'spec.serviceAccountName', 'sa'],
  ['shareProcessNamespace', 'true', 'spec.shareProcessNamespace', true],
  ['priorityClassName', "'high'", 'spec.priorityClassName', 'high'],
  ['terminationGracePeriodSeconds', '45', 'spec.terminationGracePeriodSeconds', 45],
  [
    'livenessHttpProbePort',
    '8080',
    `${MAIN}.livenessProbe.httpGet`,
    { path: '/actuator/health', port: 8080, scheme: 'HTTP' },
  ],
  ['readinessHttpProbePort', '8080', `${MAIN}.readinessProbe.httpGet.path`, '/actuator/info'],
  ['startupHttpProbePort', '8080', `${MAIN}.startupProbe.failureThreshold`, 20],
  ['livenessProbePort', '8080', `${MAIN}.ports`, [{ containerPort: 8080 }]],
];

const levels: readonly (readonly [string, (name: string, value: string) => Making])[] = [
  ['launch', (name, value) => ({ properties: { [`kubernetes.${name}`]: value } })],
  ['launch, in kebab case', (name, value) => ({ properties: { [`kubernetes.${kebab(name)}`]: value } })],
  [
    'launch of a job',
    (name, value) => ({ account: { 'create-job': 'true' }, properties: { [`kubernetes.${name}`]: value } }),
  ],
  ['account', (name, value) => ({ account: treeOf(name, value) })],
  ['account in kebab case', (name, value) => ({ account: treeOf(kebab(name), value) })],
];

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

describe.each(levels)('a property of the %s', (_, making) => {
  it.each(rows)('%s=%s is %s', (name, value, path, expected) => {
    expect(at(podOf(make(making(name, value))), path)).toEqual(expected);
  });
});

describe('properties of jobs', () => {
  const asJob = { 'kubernetes.createJob': 'true' };

  it.each([
    ['backoffLimit', '0', { backoffLimit: 0 }],
    ['ttlSecondsAfterFinished', '60', { ttlSecondsAfterFinished: 60 }],
    ['activeDeadlineSeconds', '9', { activeDeadlineSeconds: 9 }],
    ['completions', '3', { completions: 3 }],
    ['parallelism', '2', { parallelism: 2 }],
    [
      'podFailurePolicy',
      '{rules: [{action: FailJob, onExitCodes: {operator: In, values: [42]}}]}',
      { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] } },
    ],
  ])('%s', (name, value, expected) => {
    for (const making of [
      { properties: { ...asJob, [`kubernetes.${name}`]: value } },
      { account: { 'create-job': 'true', ...treeOf(name, value) } },
    ]) {
      const { kind, body } = make(making);
      expect(kind).toBe('Job');
      expect(body.spec).toEqual({ ...expected, template: expect.anything() });
    }
  });

  it('make an indexed job', () => {
    const properties = { ...asJob, 'kubernetes.completions': '5', 'kubernetes.completionMode': 'indexed' };
    expect(make({ properties }).body.spec).toMatchObject({ completions: 5, completionMode: 'Indexed' });
  });

  it('give the job its name, its labels and its annotations, and the pod more', () => {
    const account = {
      'create-job': 'true',
      'job-annotations': 'j:1',
      'pod-annotations': 'p:1',
      'deployment-labels': 'l:1',
    };
    const labels = {
      'task-name': 'nightly',
      'spring-app-id': 'nightly-0123456789abc',
      'spring-deployment-id': 'nightly-0123456789abc',
      'millrace/instance': 'installation',
      'millrace/execution-id': '7',
      'millrace/schema-target': 'boot3',
    };
    const { body } = make({ account });
    expect(body.metadata).toEqual({ name: 'nightly-0123456789abc', labels, annotations: { j: '1' } });
    expect(podOf(make({ account })).metadata).toEqual({
      labels: { ...labels, role: 'spring-app', l: '1' },
      annotations: { j: '1', p: '1' },
    });
  });

  it('of SCDF have no effect on a pod, the others are refused', () => {
    expect(make({ properties: { 'kubernetes.backoffLimit': '1' } }).body.spec).not.toHaveProperty('backoffLimit');
    expect(make({ properties: { 'kubernetes.activeDeadlineSeconds': '9' } }).body.spec).toHaveProperty(
      'activeDeadlineSeconds',
      9,
    );
    expect(() => make({ properties: { 'kubernetes.completions': '2' } })).toThrow('kubernetes.createJob=true');
  });
});
