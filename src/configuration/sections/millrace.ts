import { resolve } from 'node:path';
import type { MillraceOptions, SecurityConfiguration, VersionInfoConfiguration } from '../configuration.js';
import { bool, text } from '../property-types.js';
import { optionalProperty, property, propertyGroup } from '../property.js';
import type { PropertyReader } from '../property-reader.js';
import { TEXT_MAP } from '../tree-shapes.js';
import { AUTHORIZATION, OAUTH2 } from './account-shapes.js';

const VERSION_INFO = 'spring.cloud.dataflow.version-info';

export const millraceProperties = {
  dataDir: property('millrace.data-dir', {
    type: text,
    default: './.millrace',
    meaning: 'Directory of the embedded PostgreSQL, of working directories and caches.',
  }),
  instanceId: optionalProperty('millrace.instance-id', {
    type: text,
    meaning: 'Marks what this installation made on a platform that it shares; its replicas bear the same.',
  }),
  launchQueue: property('millrace.launch.queue', {
    type: bool,
    default: 'false',
    meaning: 'Whether a launch waits for room at the concurrency limit instead of being refused.',
  }),
} as const;

export const securityProperties = {
  oauth2: propertyGroup(
    'spring.security.oauth2',
    OAUTH2,
    'OAuth 2 clients and token checks; anything set here switches security on.',
  ),
  authorization: propertyGroup(
    'spring.cloud.dataflow.security.authorization',
    AUTHORIZATION,
    'Role mappings, rules and paths.',
  ),
} as const;

export const versionInfoProperties = {
  dependencyFetchEnabled: property(`${VERSION_INFO}.dependency-fetch.enabled`, {
    type: bool,
    default: 'false',
    meaning: 'Whether `/about` fetches the checksums of the components.',
  }),
  dependency: propertyGroup(
    `${VERSION_INFO}.dependencies.<component>`,
    TEXT_MAP,
    'What `/about` says of a component: `name`, `version`, `url`, `checksum-sha1` …',
  ),
} as const;

export function readMillrace(reader: PropertyReader, workingDirectory: string): MillraceOptions {
  const p = millraceProperties;
  const instanceId = reader.value(p.instanceId)?.trim();
  // It becomes the value of a Kubernetes label.
  if (instanceId !== undefined && !/^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/.test(instanceId)) {
    reader.reject(
      p.instanceId,
      'at most 63 letters, digits, dashes, underscores and dots; a letter or digit at both ends',
    );
  }
  return {
    dataDir: resolve(workingDirectory, reader.value(p.dataDir).trim()),
    instanceId,
    launchQueue: reader.value(p.launchQueue),
  };
}

export function readSecurity(reader: PropertyReader): SecurityConfiguration {
  const oauth2 = reader.settings(securityProperties.oauth2);
  return {
    enabled: Object.keys(oauth2).length > 0,
    oauth2,
    authorization: reader.settings(securityProperties.authorization),
  };
}

export function readVersionInfo(reader: PropertyReader): VersionInfoConfiguration {
  const dependencies: Record<string, Readonly<Record<string, string>>> = {};
  for (const component of reader.keys(`${VERSION_INFO}.dependencies`)) {
    dependencies[component] = reader.texts(versionInfoProperties.dependency, component);
  }
  return { dependencyFetchEnabled: reader.value(versionInfoProperties.dependencyFetchEnabled), dependencies };
}
