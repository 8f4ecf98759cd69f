import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfiguration } from './load-configuration.js';
import { ConfigurationError } from './problems.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-configuration-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function file(path: string, content: string): Promise<string> {
  const absolute = join(directory, path);
  await mkdir(dirname(absolute), { recursive: true });
  await writeFile(absolute, content);
  return absolute;
}

function load(environment: Record<string, string> = {}, ...args: string[]) {
  return loadConfiguration({ environment, arguments: args, workingDirectory: directory });
}

async function failure(environment: Record<string, string> = {}, ...args: string[]): Promise<string> {
  const error: unknown = await load(environment, ...args).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as ConfigurationError).message;
}

describe('without any setting', () => {
  it('has a local account, the embedded database and a data directory below the working directory', async () => {
    const { configuration, warnings, profiles } = await load();
    expect(warnings).toEqual([]);
    expect(profiles).toEqual(['local']);
    expect(configuration.server).toEqual({
      port: 9393,
      address: undefined,
      contextPath: '',
      forwardHeaders: true,
      maximumFileSize: 1048576,
      apiDocument: true,
      swaggerUi: true,
      ssl: undefined,
    });
    expect(configuration.platforms).toEqual({ local: { default: {} }, kubernetes: {}, primary: 'Local' });
    expect(configuration.datasource.connection).toBeUndefined();
    expect(configuration.millrace.dataDir).toBe(join(directory, '.millrace'));
    expect(configuration.security).toEqual({ enabled: false, oauth2: {}, authorization: {} });
  });

  it('is frozen through and through', async () => {
    const { configuration } = await load();
    expect(Object.isFrozen(configuration)).toBe(true);
    expect(Object.isFrozen(configuration.task.composedTaskRunner)).toBe(true);
    expect(() => Object.assign(configuration.platforms.local, { other: {} })).toThrow(TypeError);
  });
});

describe('a ConfigMap of an SCDF installation', () => {
  const APPLICATION = `
management:
  endpoints: {web: {exposure: {include: "health,info,prometheus"}}}
  metrics: {export: {prometheus: {enabled: true, rsocket: {enabled: true, host: proxy, port: 7001}}}}
spring:
  cloud:
    dataflow:
      task:
        platform:
          kubernetes:
            accounts:
              default:
                limits: {memory: 1024Mi, cpu: 500m}
                imagePullSecret: regcred
                entry-point-style: exec
                volumes:
                  - name: data
                    persistent-volume-claim: {claimName: data}
                  - {name: scratch, emptyDir: {}}
                  - {name: key, secret: {secretName: key, defaultMode: 0400}}
                podAffinity:
                  preferredDuringSchedulingIgnoredDuringExecution:
                    - weight: 1
                      podAffinityTerm:
                        labelSelector: {matchLabels: {app.kubernetes.io/name: web, tier.x: a-b}}
      applicationProperties:
        task:
          management.metrics.tags.team: \${TEAM:none}
  datasource:
    url: jdbc:postgresql://\${DB_HOST}:5432/dataflow
    driverClassName: org.postgresql.Driver
    username: \${database-user}
    password: \${database-password}
    testOnBorrow: true
`;
  const ENVIRONMENT = {
    KUBERNETES_SERVICE_HOST: '10.0.0.1',
    KUBERNETES_NAMESPACE: 'batch',
    SPRING_PROFILES_ACTIVE: 'kubernetes',
    SERVER_PORT: '8080',
    DB_HOST: 'db',
    SPRING_CLOUD_CONFIG_ENABLED: 'false',
    SPRING_CLOUD_DATAFLOW_FEATURES_STREAMS_ENABLED: 'false',
    SPRING_CLOUD_DATAFLOW_FEATURES_SCHEDULES_ENABLED: 'true',
    SPRING_CLOUD_DATAFLOW_TASK_COMPOSEDTASKRUNNER_URI: 'docker://runner:2.11.5',
    SPRING_CLOUD_DATAFLOW_SERVER_URI: 'http://${SCDF_SERVER_SERVICE_HOST}:${SCDF_SERVER_SERVICE_PORT}',
    SCDF_SERVER_SERVICE_HOST: '10.1.1.1',
    SCDF_SERVER_SERVICE_PORT: '80',
    SPRING_CLOUD_DATAFLOW_SERVER_PORT: 'tcp://10.1.1.1:80',
    SPRING_CLOUD_DATAFLOW_SERVER_PORT_80_TCP_ADDR: '10.1.1.1',
    SPRING_CLOUD_KUBERNETES_CONFIG_ENABLE_API: 'false',
    SPRING_CLOUD_KUBERNETES_SECRETS_ENABLE_API: 'false',
    SPRING_CLOUD_KUBERNETES_SECRETS_PATHS: 'secrets',
    SPRING_CLOUD_DATAFLOW_METRICS_DASHBOARD_URL: 'https://grafana.example/',
  };

  it('works unchanged', async () => {
    await file('config/application.yaml', APPLICATION);
    await file('secrets/database/..2026/database-user', 'scdf\n');
    await file('secrets/database/..2026/database-password', 'pa:ss\n');
    await symlink('..2026', join(directory, 'secrets/database/..data'));
    await symlink('..data/database-user', join(directory, 'secrets/database/database-user'));
    await symlink('..data/database-password', join(directory, 'secrets/database/database-password'));
    const { configuration, warnings } = await load(ENVIRONMENT);
    expect(warnings).toEqual([]);
    expect(configuration.server.port).toBe(8080);
    expect(configuration.features).toEqual({ tasksEnabled: true, schedulesEnabled: true });
    expect(configuration.task.serverUri).toBe('http://10.1.1.1:80');
    expect(configuration.task.composedTaskRunner.uri).toBe('docker://runner:2.11.5');
    expect(configuration.monitoringDashboard).toEqual({
      type: 'GRAFANA',
      url: 'https://grafana.example',
      refreshInterval: 15,
      source: '',
    });
    expect(configuration.management.exposed).toEqual(['health', 'info', 'prometheus']);
    expect(configuration.management.probesEnabled).toBe(true);
    expect(configuration.datasource).toMatchObject({
      url: 'jdbc:postgresql://db:5432/dataflow',
      username: 'scdf',
      password: 'pa:ss',
      connection: {
        hosts: [{ host: 'db', port: 5432 }],
        database: 'dataflow',
        user: 'scdf',
        password: 'pa:ss',
        sslMode: 'prefer',
      },
    });
    expect(configuration.platforms).toEqual({
      local: {},
      primary: 'Kubernetes',
      kubernetes: {
        default: {
          namespace: 'batch',
          limits: { memory: '1024Mi', cpu: '500m' },
          'image-pull-secret': 'regcred',
          'entry-point-style': 'exec',
          volumes: [
            { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
            { name: 'scratch', emptyDir: {} },
            { name: 'key', secret: { secretName: 'key', defaultMode: '256' } },
          ],
          'pod-affinity': {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: '1',
                podAffinityTerm: {
                  labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'web', 'tier.x': 'a-b' } },
                },
              },
            ],
          },
        },
      },
    });
    expect(configuration.task.applicationProperties).toEqual({
      'management.metrics.tags.team': 'none',
      'management.metrics.export.prometheus.enabled': 'true',
      'management.prometheus.metrics.export.enabled': 'true',
      'management.metrics.export.prometheus.rsocket.enabled': 'true',
      'management.prometheus.metrics.export.rsocket.enabled': 'true',
      'management.metrics.export.prometheus.rsocket.host': 'proxy',
      'management.prometheus.metrics.export.rsocket.host': 'proxy',
      'management.metrics.export.prometheus.rsocket.port': '7001',
      'management.prometheus.metrics.export.rsocket.port': '7001',
    });
  });
});

describe('problems', () => {
  it('are listed all at once, each with name, source, value and what is allowed', async () => {
    await file('application.yaml', 'server:\n  port: ninety\nspring:\n  datasource:\n    password: ${NO_SUCH}\n');
    const message = await failure(
      { SPRING_FLYWAY_ENABLED: 'maybe' },
      '--spring.datasource.url=jdbc:mysql://db/x?password=geheim',
    );
    expect(message).toBe(
      [
        'The configuration has 4 problems:',
        '  server.port\n    source:  application.yaml, line 2\n    found:   "ninety"\n    allowed: a whole number from 0 to 65535',
        '  spring.datasource.password\n    source:  application.yaml, line 5\n    found:   ******\n' +
          '    allowed: a value whose placeholders can be resolved; the placeholder ${NO_SUCH} has no value and no default',
        '  spring.datasource.url\n    source:  argument --spring.datasource.url\n    found:   "jdbc:mysql://db/x?password=******"\n' +
          '    allowed: a PostgreSQL JDBC URL such as jdbc:postgresql://host:5432/database; MySQL is not supported, Millrace works with PostgreSQL only so far',
        '  spring.flyway.enabled\n    source:  environment variable SPRING_FLYWAY_ENABLED\n    found:   "maybe"\n' +
          '    allowed: true or false (also on/off, yes/no, 1/0)',
      ].join('\n\n'),
    );
  });
});
