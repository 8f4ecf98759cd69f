import type { PropertyDefinition } from './property.js';
import { indexProperties } from './property-index.js';
import { containerProperties, dockerValidationProperties } from './sections/container.js';
import { datasourceProperties, flywayProperties } from './sections/datasource.js';
import { kubernetesProperties } from './sections/kubernetes.js';
import { logsProperties } from './sections/logs.js';
import {
  commonTagProperties,
  dashboardProperties,
  loggingProperties,
  managementProperties,
  replicatedProperties,
} from './sections/management.js';
import { mavenGroups, mavenProperties } from './sections/maven.js';
import { millraceProperties, securityProperties, versionInfoProperties } from './sections/millrace.js';
import { platformProperties } from './sections/platforms.js';
import { retentionProperties, taskRetentionProperties } from './sections/retention.js';
import { serverProperties } from './sections/server.js';
import { managementSslProperties, serverSslProperties } from './sections/ssl.js';
import { featureProperties, taskProperties } from './sections/task.js';
import { sourceProperties } from './sections/sources.js';

/** A chapter of the documentation. */
export interface PropertyChapter {
  readonly title: string;
  readonly properties: readonly PropertyDefinition[];
}

function chapter(title: string, ...groups: readonly Readonly<Record<string, PropertyDefinition>>[]): PropertyChapter {
  return { title, properties: groups.flatMap((group) => Object.values(group)) };
}

/** Everything that can be set. */
export const CHAPTERS: readonly PropertyChapter[] = [
  chapter(
    'Millrace',
    millraceProperties,
    logsProperties,
    retentionProperties,
    taskRetentionProperties,
    kubernetesProperties,
  ),
  chapter('Server', serverProperties, serverSslProperties),
  chapter('Database', datasourceProperties, flywayProperties),
  chapter('Features and tasks', featureProperties, taskProperties),
  chapter('Platform accounts', platformProperties),
  chapter('Maven repositories', mavenProperties, mavenGroups),
  chapter('Container registries', containerProperties, dockerValidationProperties),
  chapter('Security', securityProperties),
  chapter(
    'Management, metrics and logging',
    managementProperties,
    managementSslProperties,
    commonTagProperties,
    replicatedProperties,
    dashboardProperties,
    loggingProperties,
  ),
  chapter('About', versionInfoProperties),
  chapter('Where settings come from', sourceProperties),
];

export const KNOWN_PROPERTIES: readonly PropertyDefinition[] = CHAPTERS.flatMap(({ properties }) => properties);

/** The names of {@link KNOWN_PROPERTIES}. */
export const PROPERTY_INDEX = indexProperties(KNOWN_PROPERTIES);
