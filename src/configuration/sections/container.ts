import type { ContainerConfiguration, ContainerRegistry } from '../configuration.js';
import { bool, choice, duration, httpUrl, integer, text } from '../property-types.js';
import { optionalProperty, property, propertyGroup } from '../property.js';
import type { DockerValidationConfiguration } from '../configuration.js';
import type { PropertyReader } from '../property-reader.js';
import { REGISTRY_EXTRA } from './account-shapes.js';

const P = 'spring.cloud.dataflow.container';
const REGISTRIES = `${P}.registry-configurations`;
const VALIDATION = 'spring.cloud.dataflow.docker.validation';

export const containerProperties = {
  defaultRegistryHost: property(`${P}.default-registry-host`, {
    type: text,
    default: 'registry-1.docker.io',
    meaning: 'Registry of images that name none.',
  }),
  defaultRepositoryTag: property(`${P}.default-repository-tag`, {
    type: text,
    default: 'latest',
    meaning: 'Tag of images that name none.',
  }),
  officialRepositoryNamespace: property(`${P}.official-repository-namespace`, {
    type: text,
    default: 'library',
    meaning: 'Namespace of images of the default registry that name none.',
  }),
  replaceDefault: property(`${P}.replace-default-docker-registry-server`, {
    type: bool,
    default: 'true',
    meaning: 'Whether Docker Hub’s other names in pull secrets mean the default registry.',
  }),
  proxyHost: optionalProperty(`${P}.http-proxy.host`, { type: text, meaning: 'Proxy for registries that use one.' }),
  proxyPort: property(`${P}.http-proxy.port`, { type: integer(0, 65535), default: '80', meaning: 'Its port.' }),
  registryHost: optionalProperty(`${REGISTRIES}.<registry>.registry-host`, {
    type: text,
    meaning: 'Host and port of the registry; the key itself if not set.',
  }),
  authorizationType: optionalProperty(`${REGISTRIES}.<registry>.authorization-type`, {
    type: choice('anonymous', 'basicauth', 'dockeroauth2', 'awsecr'),
    meaning: 'How the registry is authorised with; found out by asking it if not set.',
  }),
  user: optionalProperty(`${REGISTRIES}.<registry>.user`, { type: text, meaning: 'User of the registry.' }),
  secret: optionalProperty(`${REGISTRIES}.<registry>.secret`, {
    type: text,
    secret: true,
    meaning: 'Password of the registry.',
  }),
  manifestMediaType: optionalProperty(`${REGISTRIES}.<registry>.manifest-media-type`, {
    type: text,
    meaning: 'Media type in which manifests are asked for.',
  }),
  disableSslVerification: property(`${REGISTRIES}.<registry>.disable-ssl-verification`, {
    type: bool,
    default: 'false',
    meaning: 'Whether the registry’s certificate is taken unchecked.',
  }),
  useHttpProxy: property(`${REGISTRIES}.<registry>.use-http-proxy`, {
    type: bool,
    default: 'false',
    meaning: 'Whether the registry is asked through the proxy.',
  }),
  extra: propertyGroup(
    `${REGISTRIES}.<registry>.extra`,
    REGISTRY_EXTRA,
    'Further settings: `registryAuthUri`, `region`, `registryIds`, `custom-registry`.',
  ),
  dockerConfigJson: optionalProperty('.dockerconfigjson', {
    type: text,
    secret: true,
    meaning: 'A Kubernetes pull secret, mounted as a file of that name.',
  }),
} as const;

export const dockerValidationProperties = {
  userName: optionalProperty(`${VALIDATION}.user-name`, {
    type: text,
    meaning: 'Docker Hub user for `/tasks/validation`.',
  }),
  password: optionalProperty(`${VALIDATION}.password`, { type: text, secret: true, meaning: 'Its password.' }),
  authUrl: property(`${VALIDATION}.docker-auth-url`, {
    type: httpUrl,
    default: 'https://hub.docker.com/v2/users/login/',
    meaning: 'Where Docker Hub gives tokens.',
  }),
  registryUrl: property(`${VALIDATION}.docker-registry-url`, {
    type: httpUrl,
    default: 'https://hub.docker.com/v2/repositories',
    meaning: 'Where Docker Hub lists tags.',
  }),
  connectTimeout: property(`${VALIDATION}.connect-timeout-in-millis`, {
    type: duration(),
    default: '10000',
    meaning: 'How long a connection may take.',
  }),
  readTimeout: property(`${VALIDATION}.read-timeout-in-millis`, {
    type: duration(),
    default: '10000',
    meaning: 'How long an answer may take.',
  }),
} as const;

export function readContainer(reader: PropertyReader): ContainerConfiguration {
  const p = containerProperties;
  const registries: Record<string, ContainerRegistry> = {};
  for (const key of reader.keys(REGISTRIES)) {
    const registry = readRegistry(reader, key);
    registries[registry.host] = registry;
  }
  const proxyHost = reader.value(p.proxyHost);
  return {
    defaultRegistryHost: reader.value(p.defaultRegistryHost),
    defaultRepositoryTag: reader.value(p.defaultRepositoryTag),
    officialRepositoryNamespace: reader.value(p.officialRepositoryNamespace),
    replaceDefaultDockerRegistryServer: reader.value(p.replaceDefault),
    httpProxy: proxyHost === undefined ? undefined : { host: proxyHost, port: reader.value(p.proxyPort) },
    registries,
    dockerConfigJson: reader.value(p.dockerConfigJson),
  };
}

function readRegistry(reader: PropertyReader, key: string): ContainerRegistry {
  const p = containerProperties;
  return {
    host: reader.value(p.registryHost, key) ?? key,
    authorizationType: reader.value(p.authorizationType, key),
    user: reader.value(p.user, key),
    secret: reader.value(p.secret, key),
    manifestMediaType: reader.value(p.manifestMediaType, key),
    disableSslVerification: reader.value(p.disableSslVerification, key),
    useHttpProxy: reader.value(p.useHttpProxy, key),
    extra: reader.texts(p.extra, key),
  };
}

export function readDockerValidation(reader: PropertyReader): DockerValidationConfiguration {
  const p = dockerValidationProperties;
  return {
    userName: reader.value(p.userName),
    password: reader.value(p.password),
    authUrl: reader.value(p.authUrl),
    registryUrl: reader.value(p.registryUrl),
    connectTimeout: reader.value(p.connectTimeout),
    readTimeout: reader.value(p.readTimeout),
  };
}
