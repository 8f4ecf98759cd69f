import { describe, expect, it } from '@jest/globals';
import { PROPERTY_INDEX } from '../known-properties.js';
import { formatPropertyName, parsePropertyName } from '../property-names.js';
import { buildPropertyTree } from '../property-tree.js';
import { environmentSource, isServiceLink, variableToName } from './environment.js';

const P = 'spring.cloud.dataflow';
const ACCOUNTS = `${P}.task.platform.kubernetes.accounts`;
const FILES = buildPropertyTree([
  {
    description: 'files',
    entries: [`${ACCOUNTS}.my-team.namespace`, `${P}.application-properties.task.some.propName`].map((name) => ({
      name: parsePropertyName(name),
      value: 'x',
      origin: 'file',
    })),
  },
]);

describe('variableToName', () => {
  it.each([
    ['SERVER_PORT', 'server.port'],
    ['server_port', 'server.port'],
    ['spring.datasource.url', 'spring.datasource.url'],
    ['SPRING_DATASOURCE_DRIVER_CLASS_NAME', 'spring.datasource.driver-class-name'],
    ['SPRING_DATASOURCE_DRIVERCLASSNAME', 'spring.datasource.driver-class-name'],
    ['SPRING_CLOUD_DATAFLOW_FEATURES_SCHEDULES_ENABLED', `${P}.features.schedules-enabled`],
    ['SPRING_CLOUD_DATAFLOW_FEATURES_SCHEDULESENABLED', `${P}.features.schedules-enabled`],
    ['SPRING_CLOUD_DATAFLOW_TASK_COMPOSEDTASKRUNNER_URI', `${P}.task.composedtaskrunner.uri`],
    ['SPRING_CLOUD_DATAFLOW_TASK_COMPOSED_TASK_RUNNER_URI', `${P}.task.composedtaskrunner.uri`],
    [
      'SPRING_CLOUD_DATAFLOW_TASK_USE_KUBERNETES_SECRETS_FOR_DB_CREDENTIALS',
      `${P}.task.use.kubernetes.secrets.for.db.credentials`,
    ],
    ['SPRING_CLOUD_DATAFLOW_APPLICATION_PROPERTIES_TASK_RESOURCE', `${P}.application-properties.task-resource`],
    ['SPRING_CLOUD_DATAFLOW_APPLICATIONPROPERTIES_TASK_A_B', `${P}.application-properties.task.a.b`],
    [
      'SPRING_CLOUD_DATAFLOW_APPLICATION_PROPERTIES_TASK_SOME_PROP_NAME',
      `${P}.application-properties.task.some.prop-name`,
    ],
    [
      'SPRING_CLOUD_DATAFLOW_CONTAINER_REGISTRY-CONFIGURATIONS_HARBOR_USER',
      `${P}.container.registry-configurations.harbor.user`,
    ],
    [
      'SPRING_CLOUD_DATAFLOW_CONTAINER_REGISTRYCONFIGURATIONS_HARBOR_EXTRA_REGISTRYAUTHURI',
      `${P}.container.registry-configurations.harbor.extra.registryAuthUri`,
    ],
    ['MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE_0_', 'management.endpoints.web.exposure.include[0]'],
    ['MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE_1', 'management.endpoints.web.exposure.include[1]'],
    ['SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_DEV_NAMESPACE', `${ACCOUNTS}.dev.namespace`],
    [
      'SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_DEV_IMAGE_PULL_POLICY',
      `${ACCOUNTS}.dev.imagePullPolicy`,
    ],
    ['SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_DEV_IMAGEPULLPOLICY', `${ACCOUNTS}.dev.imagePullPolicy`],
    ['SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_DEV_LIMITS_MEMORY', `${ACCOUNTS}.dev.limits.memory`],
    [
      'SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_DEV_FABRIC8_MASTER_URL',
      `${ACCOUNTS}.dev.fabric8.masterUrl`,
    ],
    [
      'SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_DEV_VOLUMES_0_HOST_PATH_PATH',
      `${ACCOUNTS}.dev.volumes[0].hostPath.path`,
    ],
    [
      'SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_DEV_VOLUMES_0__PERSISTENTVOLUMECLAIM_CLAIMNAME',
      `${ACCOUNTS}.dev.volumes[0].persistentVolumeClaim.claimName`,
    ],
    ['SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_MY_TEAM_NAMESPACE', `${ACCOUNTS}.my-team.namespace`],
    ['SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_MYTEAM_NAMESPACE', `${ACCOUNTS}.myteam.namespace`],
    ['SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS_MY-OTHER_NAMESPACE', `${ACCOUNTS}.my-other.namespace`],
    [
      'SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_LOCAL_ACCOUNTS_DEFAULT_JAVA_HOME_PATH_3',
      `${P}.task.platform.local.accounts.default.javaHomePath[3]`,
    ],
    [
      'SPRING_SECURITY_OAUTH2_CLIENT_REGISTRATION_KEYCLOAK_CLIENT_ID',
      'spring.security.oauth2.client.registration.keycloak.clientId',
    ],
    [
      'SPRING_CLOUD_DATAFLOW_SECURITY_AUTHORIZATION_PROVIDER_ROLE_MAPPINGS_UAA_MAP_OAUTH_SCOPES',
      `${P}.security.authorization.providerRoleMappings.uaa.mapOauthScopes`,
    ],
    ['SPRING_CLOUD_DATAFLOW_SECURITY_AUTHORIZATION_RULES_0', `${P}.security.authorization.rules[0]`],
    ['MILLRACE_DATA_DIR', 'millrace.data-dir'],
    ['MAVEN_REMOTE_REPOSITORIES_REPO1_URL', 'maven.remote-repositories.repo1.url'],
    ['MAVEN_REMOTEREPOSITORIES_REPO1_AUTH_PASSWORD', 'maven.remote-repositories.repo1.auth.password'],
  ])('%s', (variable, name) => {
    expect(formatPropertyName(variableToName(variable, PROPERTY_INDEX, FILES) ?? [])).toBe(name);
  });

  it.each([
    'PATH',
    'SERVER',
    'SERVER_PORTS',
    'SPRING_CLOUD_DATAFLOW_TASK',
    'MILLRACE_DATA',
    'SPRING_CLOUD_DATAFLOW_TASK_PLATFORM_KUBERNETES_ACCOUNTS',
    '',
    '_',
    'a.b',
  ])('%s names nothing', (variable) => {
    expect(variableToName(variable, PROPERTY_INDEX, FILES)).toBeUndefined();
  });
});

describe('isServiceLink', () => {
  it.each([
    ['SERVER_PORT', 'tcp://10.0.0.1:80', true],
    ['SERVER_PORT', '8080', false],
    ['SERVER_SERVICE_HOST', '10.0.0.1', true],
    ['SERVER_SERVICE_PORT_HTTP', '80', true],
    ['MILLRACE_PORT_80_TCP_ADDR', '10.0.0.1', true],
    ['MILLRACE_PORT_80_TCP', 'tcp://10.0.0.1:80', true],
    ['MILLRACE_DATA_DIR', '/x', false],
  ])('%s=%s: %s', (variable, value, expected) => {
    expect(isServiceLink(variable, value)).toBe(expected);
  });
});

describe('environmentSource', () => {
  it('gives the canonical spelling the last word and leaves out service links', () => {
    const variables = {
      SPRING_CLOUD_DATAFLOW_FEATURES_SCHEDULESENABLED: 'canonical',
      SPRING_CLOUD_DATAFLOW_FEATURES_SCHEDULES_ENABLED: 'other',
      SERVER_PORT: 'tcp://10.0.0.1:80',
      HOME: '/root',
    };
    const tree = buildPropertyTree([environmentSource(variables, PROPERTY_INDEX, FILES)]);
    expect(tree.find(parsePropertyName(`${P}.features.schedules-enabled`))?.entry?.value).toBe('canonical');
    expect(tree.child('server')).toBeUndefined();
  });
});
