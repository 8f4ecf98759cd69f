import { describe, expect, it } from '@jest/globals';
import { launch, make, podOf } from '../../../../test/support/kubernetes-launch.js';
import { readAccount } from './account.js';
import { buildTaskObject } from './task-object.js';

describe('layers', () => {
  it('never leak from one launch into the next', () => {
    const account = readAccount('dev', {
      volumes: [{ name: 'a', emptyDir: {} }],
      lifecycle: { preStop: { exec: { command: ['x'] } } },
      'environment-variables': 'A=1',
    });
    const before = JSON.stringify(account);
    const build = (deploymentProperties: Record<string, string>) =>
      buildTaskObject({ account, request: { ...launch, deploymentProperties }, dataSourceSecret: null });
    const plain = build({});
    build({
      'kubernetes.lifecycle.preStop.exec.command': 'y',
      'kubernetes.environmentVariables': 'A=2',
      'kubernetes.volumes': '[{name: a, hostPath: {path: /x}}]',
      'kubernetes.deploymentLabels': 'a:b',
    });
    expect(JSON.stringify(account)).toBe(before);
    expect(build({})).toEqual(plain);
  });

  it.each<[string, Record<string, string>, string | undefined]>([
    ['launch over account', { 'kubernetes.limits.memory': '2Gi' }, '2Gi'],
    ['a generic one of the launch over the account', { memory: '2g' }, '2Gi'],
    ['kubernetes.memory over memory', { memory: '3g', 'kubernetes.memory': '2Gi' }, '2Gi'],
    ['limits over generic ones', { memory: '3g', 'kubernetes.limits.memory': '2Gi' }, '2Gi'],
    ['the account over nothing', { 'kubernetes.limits.memory': ' ' }, '1Gi'],
    [
      'exact camel case over other spellings',
      { 'kubernetes.limits.memory': '2Gi', 'kubernetes.LIMITS.MEMORY': '3Gi' },
      '2Gi',
    ],
  ])('%s', (_, properties, memory) => {
    const account = { limits: { memory: '1Gi' } };
    expect(podOf(make({ account, properties })).spec!.containers[0]!.resources!.limits).toEqual({ memory });
  });

  it('let the service account of the nearer layer win', () => {
    const account = { 'deployment-service-account-name': 'a' };
    const nameOf = (properties: Record<string, string>) =>
      podOf(make({ account, properties })).spec!.serviceAccountName;
    expect(nameOf({ 'kubernetes.taskServiceAccountName': 't' })).toBe('t');
    expect(nameOf({ 'kubernetes.taskServiceAccountName': 't', 'kubernetes.deploymentServiceAccountName': 'd' })).toBe(
      'd',
    );
  });

  it('join lists that are written item by item', () => {
    const properties = {
      'kubernetes.volumes[0]': '{name: v, emptyDir: {}}',
      'kubernetes.volumeMounts[0].name': 'v',
      'kubernetes.volumeMounts[0].mountPath': '/x',
      'kubernetes.initContainers[0].containerName': 'i',
      'kubernetes.initContainers[0].imageName': 'b',
      'kubernetes.initContainers[0].commands': 'sh,-c,x',
      'kubernetes.initContainers[0].volumeMounts': '[{name: v, mountPath: /y}]',
    };
    const { spec } = podOf(make({ properties }));
    expect(spec!.volumes).toEqual([{ name: 'v', emptyDir: {} }]);
    expect(spec!.initContainers).toEqual([
      { name: 'i', image: 'b', command: ['sh', '-c', 'x'], volumeMounts: [{ name: 'v', mountPath: '/y' }] },
    ]);
  });
});

describe('the data source', () => {
  const dataSource = {
    'spring.datasource.url': 'jdbc:postgresql://db/tasks',
    'spring.datasource.username': 'user',
    'spring.datasource.password': 'hunter2',
    'spring.datasource.driverClassName': 'org.postgresql.Driver',
  };
  const reference = (variable: string, key: string) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: 'datasource', key } },
  });

  it.each(['exec', 'shell', 'boot'])('comes from the Secret with the style %s, and nowhere in the open', (style) => {
    const object = make({
      properties: { 'kubernetes.entryPointStyle': style },
      request: { dataSource },
      secret: 'datasource',
    });
    const env = podOf(object).spec!.containers[0]!.env!;
    expect(env).toEqual(
      expect.arrayContaining([
        reference('SPRING_DATASOURCE_URL', 'url'),
        reference('SPRING_DATASOURCE_USERNAME', 'username'),
        reference('SPRING_DATASOURCE_PASSWORD', 'password'),
        reference('SPRING_DATASOURCE_DRIVERCLASSNAME', 'driver-class-name'),
      ]),
    );
    expect(JSON.stringify(object)).not.toMatch(/hunter2|jdbc:|org\.postgresql|"user"/);
  });

  it('gives way to what the user set', () => {
    const properties = {
      'kubernetes.environmentVariables': 'SPRING_DATASOURCE_URL=jdbc:h2:mem:x',
      'kubernetes.secretKeyRefs': '[{envVarName: SPRING_DATASOURCE_PASSWORD, secretName: own, dataKey: p}]',
    };
    const { 'spring.datasource.username': _user, ...rest } = dataSource;
    const object = make({ properties, request: { dataSource: rest }, secret: 'datasource' });
    const env = podOf(object).spec!.containers[0]!.env!;
    const named = (name: string) => env.filter((variable) => variable.name === name);
    expect(named('SPRING_DATASOURCE_URL')).toEqual([{ name: 'SPRING_DATASOURCE_URL', value: 'jdbc:h2:mem:x' }]);
    expect(named('SPRING_DATASOURCE_PASSWORD')).toEqual([
      { name: 'SPRING_DATASOURCE_PASSWORD', valueFrom: { secretKeyRef: { name: 'own', key: 'p' } } },
    ]);
    expect(named('SPRING_DATASOURCE_USERNAME')).toEqual([]);
  });

  it('is among the properties without a Secret, and does not cover those of the application', () => {
    const request = { dataSource, appProperties: { 'spring.datasource.username': 'me' } };
    expect(podOf(make({ request })).spec!.containers[0]!.args).toEqual([
      '--spring.datasource.url=jdbc:postgresql://db/tasks',
      '--spring.datasource.username=me',
      '--spring.datasource.password=hunter2',
      '--spring.datasource.driverClassName=org.postgresql.Driver',
      '--p=1',
      '--spring.cloud.task.executionid=7',
    ]);
  });
});
