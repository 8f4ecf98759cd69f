import type { MavenConfiguration } from '../configuration.js';
import { bool, duration, integer, text } from '../property-types.js';
import { optionalProperty, property, propertyGroup } from '../property.js';
import type { PropertyReader } from '../property-reader.js';
import { TEXT_MAP } from '../tree-shapes.js';

const REPOSITORIES = 'maven.remote-repositories';

export const mavenProperties = {
  localRepository: optionalProperty('maven.local-repository', {
    type: text,
    meaning: 'Directory in which downloaded jars are kept.',
  }),
  offline: property('maven.offline', {
    type: bool,
    default: 'false',
    meaning: 'Whether only jars that are kept already may be used.',
  }),
  includeDefaults: property('maven.include-default-remote-repos', {
    type: bool,
    default: 'true',
    meaning: 'Whether Maven Central is asked besides the repositories named.',
  }),
  url: optionalProperty(`${REPOSITORIES}.<id>.url`, {
    type: text,
    meaning: 'Address of a repository; repositories are asked in the order of their ids.',
  }),
  username: optionalProperty(`${REPOSITORIES}.<id>.auth.username`, { type: text, meaning: 'User of the repository.' }),
  password: optionalProperty(`${REPOSITORIES}.<id>.auth.password`, {
    type: text,
    secret: true,
    meaning: 'Password of the repository.',
  }),
  proxyProtocol: property('maven.proxy.protocol', { type: text, default: 'http', meaning: 'Protocol of the proxy.' }),
  proxyHost: optionalProperty('maven.proxy.host', { type: text, meaning: 'Host of the proxy; none if not set.' }),
  proxyPort: property('maven.proxy.port', { type: integer(0, 65535), default: '8080', meaning: 'Port of the proxy.' }),
  nonProxyHosts: property('maven.proxy.non-proxy-hosts', {
    type: text,
    default: '',
    meaning: 'Hosts that are asked directly, separated by |.',
  }),
  proxyUsername: optionalProperty('maven.proxy.auth.username', { type: text, meaning: 'User of the proxy.' }),
  proxyPassword: optionalProperty('maven.proxy.auth.password', {
    type: text,
    secret: true,
    meaning: 'Password of the proxy.',
  }),
  connectTimeout: property('maven.connect-timeout', {
    type: duration(),
    default: '10000',
    meaning: 'How long a connection may take.',
  }),
  requestTimeout: property('maven.request-timeout', {
    type: duration(),
    default: '10000',
    meaning: 'How long an answer may take.',
  }),
  resolvePom: property('maven.resolve-pom', {
    type: bool,
    default: 'false',
    meaning: 'Accepted without effect: only jars are fetched.',
  }),
  useWagon: property('maven.use-wagon', {
    type: bool,
    default: 'false',
    meaning: 'Accepted without effect: there is one transport.',
  }),
} as const;

/** Settings of a repository that change nothing here. */
export const mavenGroups = {
  policy: propertyGroup(`${REPOSITORIES}.<id>.policy`, TEXT_MAP, 'Accepted without effect.'),
  releasePolicy: propertyGroup(`${REPOSITORIES}.<id>.release-policy`, TEXT_MAP, 'Accepted without effect.'),
  snapshotPolicy: propertyGroup(`${REPOSITORIES}.<id>.snapshot-policy`, TEXT_MAP, 'Accepted without effect.'),
} as const;

export function readMaven(reader: PropertyReader): MavenConfiguration {
  const p = mavenProperties;
  return {
    localRepository: reader.value(p.localRepository),
    offline: reader.value(p.offline),
    includeDefaultRemoteRepositories: reader.value(p.includeDefaults),
    remoteRepositories: readRepositories(reader),
    proxy: readProxy(reader),
    connectTimeout: reader.value(p.connectTimeout),
    requestTimeout: reader.value(p.requestTimeout),
  };
}

function readRepositories(reader: PropertyReader): MavenConfiguration['remoteRepositories'] {
  const p = mavenProperties;
  const ids = [...new Set(reader.keys(REPOSITORIES))].sort();
  return ids.flatMap((id) => {
    const url = reader.value(p.url, id);
    if (url === undefined) {
      reader.reject(p.url, 'the address of the repository', id);
      return [];
    }
    return [{ id, url, username: reader.value(p.username, id), password: reader.value(p.password, id) }];
  });
}

function readProxy(reader: PropertyReader): MavenConfiguration['proxy'] {
  const p = mavenProperties;
  const host = reader.value(p.proxyHost);
  if (host === undefined) return undefined;
  return {
    protocol: reader.value(p.proxyProtocol),
    host,
    port: reader.value(p.proxyPort),
    nonProxyHosts: reader.value(p.nonProxyHosts),
    username: reader.value(p.proxyUsername),
    password: reader.value(p.proxyPassword),
  };
}
