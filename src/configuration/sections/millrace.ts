import { resolve } from 'node:path';
import type { MillraceOptions, SecurityConfiguration, VersionInfoConfiguration } from '../configuration.js';
import { bool, duration, text } from '../property-types.js';
import { optionalProperty, property, propertyGroup } from '../property.js';
import type { PropertyReader } from '../property-reader.js';
import { TEXT_MAP } from '../tree-shapes.js';
import { AUTHORIZATION, OAUTH2 } from './account-shapes.js';

/** Intervals below this are mistakes (a plain number is milliseconds), ms. */
const SHORTEST = 1_000;

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
  launchRetryFor: property('millrace.launch.retry-for', {
    type: duration(),
    default: '10m',
    meaning: 'How long a launch whose jar or platform cannot be reached is tried again before it ends as failed.',
  }),
  followUpInterval: property('millrace.follow-up.interval', {
    type: duration(),
    default: '15s',
    meaning: 'How often executions are compared with what their platforms say; what platforms report comes at once.',
  }),
  followUpLostAfter: property('millrace.follow-up.lost-after', {
    type: duration(),
    default: '1h',
    meaning:
      'After how long without a sign of the servers that alone can see it an execution ends as failed; the same for all servers of a database.',
  }),
  recoverJobsAutomatically: property('millrace.jobs.recover-automatically', {
    type: bool,
    default: 'false',
    meaning:
      'Whether a job whose process its platform reports as ended, and which still says that it runs, is marked as failed by itself, so that it can be restarted.',
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
  const followUpInterval = reader.value(p.followUpInterval);
  if (followUpInterval < SHORTEST) reader.reject(p.followUpInterval, 'at least 1s');
  const followUpLostAfter = reader.value(p.followUpLostAfter);
  if (followUpLostAfter < SHORTEST) reader.reject(p.followUpLostAfter, 'at least 1s');
  return {
    dataDir: resolve(workingDirectory, reader.value(p.dataDir).trim()),
    instanceId,
    launchQueue: reader.value(p.launchQueue),
    launchRetryFor: reader.value(p.launchRetryFor),
    followUpInterval,
    followUpLostAfter,
    recoverJobsAutomatically: reader.value(p.recoverJobsAutomatically),
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
