import { describe, expect, it } from '@jest/globals';
import { yamlLoader } from '../../../test/support/load-yaml.js';

const { load } = yamlLoader();

const P = 'spring.cloud.dataflow';
const KUBERNETES = `${P}.task.platform.kubernetes.accounts`;
const LOCAL = `${P}.task.platform.local.accounts`;
const INSIDE = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };

describe('platforms', () => {
  it.each([
    ['nothing', '', {}, ['default'], [], 'Local'],
    ['nothing, inside', '', INSIDE, [], ['default'], 'Kubernetes'],
    ['a Kubernetes account outside', `${KUBERNETES}.dev.namespace: x`, {}, ['default'], ['dev'], 'Local'],
    ['a Kubernetes account default outside', `${KUBERNETES}.default.namespace: x`, {}, [], ['default'], 'Local'],
    ['a local account', `${LOCAL}.mine.java-cmd: java`, {}, ['mine'], [], 'Local'],
    ['a local account inside', `${LOCAL}.mine.java-cmd: java`, INSIDE, [], ['default'], 'Kubernetes'],
    ['an empty account', `${KUBERNETES}.dev: {}`, INSIDE, [], ['dev'], 'Kubernetes'],
    [
      'another profile outside',
      `${KUBERNETES}.dev: {}`,
      { SPRING_PROFILES_ACTIVE: 'kubernetes' },
      [],
      ['dev'],
      undefined,
    ],
    [
      'no profile of a platform',
      '',
      { SPRING_PROFILES_ACTIVE: 'x', SPRING_CLOUD_DATAFLOW_SERVER_PROFILEAPPLICATIONLISTENER_IGNORE: 'true' },
      ['default'],
      [],
      undefined,
    ],
  ])('%s', async (_name, yaml, environment, local, kubernetes, primary) => {
    const { platforms } = (await load(yaml, environment)).configuration;
    expect(Object.keys(platforms.local)).toEqual(local);
    expect(Object.keys(platforms.kubernetes)).toEqual(kubernetes);
    expect(platforms.primary).toBe(primary);
  });

  it('says that a local account has no effect', async () => {
    const { warnings } = await load(`${LOCAL}.mine.java-cmd: java`, INSIDE);
    expect(warnings).toEqual([`${LOCAL}.mine has no effect: the Local platform exists with profile «local» only`]);
  });

  it('binds a local account as one flat map', async () => {
    const yaml = `${LOCAL}.mine:\n  javaHomePath: {2: /j8, 3: /j17}\n  portRange: {low: 1, high: 2}\n  envVarsToInherit: [TMP, "LC_.*"]\n  docker: {deleteContainerOnExit: false}\n  debug_port: ''\n`;
    const environment = {
      SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_LOCAL_ACCOUNTS_MINE_JAVAHOMEPATH_3: '/j21',
      SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_LOCAL_ACCOUNTS_MINE_WORKING_DIRECTORIES_ROOT: '/w',
    };
    expect((await load(yaml, environment)).configuration.platforms.local['mine']).toEqual({
      'working-directories-root': '/w',
      'java-home-path.2': '/j8',
      'java-home-path.3': '/j21',
      'port-range.low': '1',
      'port-range.high': '2',
      'env-vars-to-inherit': ['TMP', 'LC_.*'],
      'docker.delete-container-on-exit': 'false',
    });
  });

  it('unites a Kubernetes account of a file and of the environment', async () => {
    const yaml = `${KUBERNETES}.My-Team:\n  limits: {memory: 1Gi}\n  tolerations: [{key: a, tolerationSeconds: 5}, {key: b}]\n`;
    const prefix = 'SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_MY_TEAM';
    const environment = {
      ...INSIDE,
      KUBERNETES_NAMESPACE: 'fallback',
      [`${prefix}_NAMESPACE`]: 'batch',
      [`${prefix}_LIMITS_CPU`]: '2',
      [`${prefix}_TOLERATIONS_0_KEY`]: 'c',
      [`${prefix}_POD_SECURITY_CONTEXT_RUN_AS_USER`]: '7',
      [`${prefix}_AFFINITY`]: '',
    };
    expect((await load(yaml, environment)).configuration.platforms.kubernetes).toEqual({
      'My-Team': {
        namespace: 'batch',
        limits: { memory: '1Gi', cpu: '2' },
        tolerations: [{ key: 'c' }],
        'pod-security-context': { runAsUser: '7' },
      },
    });
  });

  it('reports a placeholder of an account, and masks what may be a secret', async () => {
    await expect(load(`${KUBERNETES}.dev.fabric8.oauth-token: x\${NO}`, INSIDE)).rejects.toThrow(
      `  ${KUBERNETES}.dev.fabric8.oauth-token\n    source:  application.yaml, line 1\n    found:   ******\n    allowed: a value whose`,
    );
  });
});

describe('container registries', () => {
  it('are keyed by host', async () => {
    const yaml = `
${P}.container:
  http-proxy: {host: proxy, port: 3128}
  registry-configurations:
    harbor:
      registry-host: harbor.example:8443
      authorization-type: dockerOAuth2
      extra: {registryAuthUri: "https://x/{repository}", "[custom-registry]": c}
    "[other.example]": {user: u, disable-ssl-verification: yes}
`;
    const environment = {
      'SPRING_CLOUD_DATAFLOW_CONTAINER_REGISTRY-CONFIGURATIONS_HARBOR_USER': 'robot',
      SPRING_CLOUD_DATAFLOW_CONTAINER_REGISTRYCONFIGURATIONS_HARBOR_SECRET: 's',
    };
    const { container } = (await load(yaml, environment)).configuration;
    expect(container.httpProxy).toEqual({ host: 'proxy', port: 3128 });
    const unset = { authorizationType: undefined, secret: undefined, manifestMediaType: undefined };
    expect(container.registries).toEqual({
      'harbor.example:8443': {
        ...unset,
        host: 'harbor.example:8443',
        authorizationType: 'dockeroauth2',
        user: 'robot',
        secret: 's',
        disableSslVerification: false,
        useHttpProxy: false,
        extra: { registryAuthUri: 'https://x/{repository}', 'custom-registry': 'c' },
      },
      'other.example': {
        ...unset,
        host: 'other.example',
        user: 'u',
        disableSslVerification: true,
        useHttpProxy: false,
        extra: {},
      },
    });
  });
});

describe('Maven', () => {
  it('has its repositories in the order of their ids', async () => {
    const yaml =
      'maven: {remote-repositories: {b: {url: https://b, auth: {username: u, password: p}, policy: {enabled: true}}, a: {url: "https://a"}}, proxy: {host: h, auth: {username: x}}, requestTimeout: 20s}';
    const { maven } = (await load(yaml)).configuration;
    expect(maven.remoteRepositories).toEqual([
      { id: 'a', url: 'https://a', username: undefined, password: undefined },
      { id: 'b', url: 'https://b', username: 'u', password: 'p' },
    ]);
    expect(maven.proxy).toMatchObject({ protocol: 'http', host: 'h', port: 8080, username: 'x' });
    expect(maven.requestTimeout).toBe(20_000);
  });

  it('wants an address for each repository', async () => {
    await expect(load('maven.remote-repositories.a.auth.username: u')).rejects.toThrow(
      '  maven.remote-repositories.a.url\n    source:  not set\n    allowed: the address of the repository',
    );
  });
});

describe('security', () => {
  it('keeps ids and roles as written and names in kebab case', async () => {
    const yaml = `
spring.security.oauth2:
  client:
    registration: {myIdp: {clientId: c, client_secret: s, scope: [openid, dataflow.view]}}
    provider: {myIdp: {issuerUri: "https://x"}}
${P}.security.authorization:
  rules: ["GET /about => hasRole('ROLE_VIEW')"]
  provider-role-mappings: {myIdp: {mapOauthScopes: true, role-mappings: {ROLE_VIEW: dataflow.view}}}
`;
    expect((await load(yaml)).configuration.security).toEqual({
      enabled: true,
      oauth2: {
        client: {
          registration: { myIdp: { 'client-id': 'c', 'client-secret': 's', scope: ['openid', 'dataflow.view'] } },
          provider: { myIdp: { 'issuer-uri': 'https://x' } },
        },
      },
      authorization: {
        rules: ["GET /about => hasRole('ROLE_VIEW')"],
        'provider-role-mappings': {
          myIdp: { 'map-oauth-scopes': 'true', 'role-mappings': { ROLE_VIEW: 'dataflow.view' } },
        },
      },
    });
  });
});

describe('tasks', () => {
  it.each([
    ['its own name', `${P}.task.composedtaskrunner.uri: docker:a`, {}, 'docker:a'],
    ['an alias', `${P}.task.composed-task-runner-uri: docker:a`, {}, 'docker:a'],
    [
      'the own name before an alias of the same source',
      `${P}.task: {composed-task-runner-uri: docker:a, composedtaskrunner: {uri: docker:b}}`,
      {},
      'docker:b',
    ],
    [
      'an alias of a higher source',
      `${P}.task.composedtaskrunner.uri: docker:a`,
      { SPRING_APPLICATION_JSON: `{"${P}.task.composed-task-runner-uri": "docker:b"}` },
      'docker:b',
    ],
    [
      'nothing for an empty value',
      `${P}.task.composedtaskrunner.uri: ""`,
      {},
      'maven://org.springframework.cloud:spring-cloud-dataflow-composed-task-runner:2.11.5',
    ],
  ])('take %s', async (_name, yaml, environment, expected) => {
    const { configuration } = await load(yaml, environment);
    expect(configuration.task.composedTaskRunner.uri).toBe(expected);
  });

  it('have properties of every source, keys as written', async () => {
    const yaml = `${P}.application-properties:\n  task: {a.bC: 1, x: {y: [p, q]}, "k/l": on, empty: ""}\n  task-resource: file:/x.yaml\n`;
    const environment = {
      SPRING_CLOUD_DATAFLOW_APPLICATIONPROPERTIES_TASK_A_BC: '2',
      SPRING_CLOUD_DATAFLOW_APPLICATION_PROPERTIES_TASK_NEW: '3',
    };
    const { task } = (await load(yaml, environment)).configuration;
    expect(task.applicationPropertiesResource).toBe('file:/x.yaml');
    expect(task.applicationProperties).toEqual({
      'a.bC': '2',
      'x.y[0]': 'p',
      'x.y[1]': 'q',
      'k/l': 'true',
      empty: '',
      new: '3',
    });
  });

  it('get metrics settings unless replication is off, or they have their own', async () => {
    const yaml = `management.metrics.export.influx.db: x\n${P}.application-properties.task.management.metrics.export.influx.db: own\n`;
    expect((await load(yaml)).configuration.task.applicationProperties).toEqual({
      'management.metrics.export.influx.db': 'own',
      'management.influx.metrics.export.db': 'x',
    });
    expect(
      (await load(`${yaml}${P}.metrics.property-replication: false`)).configuration.task.applicationProperties,
    ).toEqual({
      'management.metrics.export.influx.db': 'own',
    });
  });
});

describe('management and logging', () => {
  it.each([
    ['', 'NONE', ''],
    ['type: GRAFANA', 'NONE', ''],
    ['url: "https://g/"', 'NONE', 'https://g'],
    ['{url: "https://g", type: wavefront}', 'WAVEFRONT', 'https://g'],
  ])('dashboard %s is %s', async (yaml, type, url) => {
    const { configuration } = await load(yaml === '' ? '' : `${P}.metrics.dashboard:\n  ${yaml}\n`);
    expect(configuration.monitoringDashboard).toMatchObject({ type, url });
  });

  it.each([
    ['DEBUG', 'debug'],
    ['off', 'silent'],
    ['false', 'silent'],
    ['warn', 'warn'],
  ])('level %s is %s', async (level, expected) => {
    expect((await load(`logging.level.root: "${level}"`)).configuration.logging.level).toBe(expected);
  });
});
