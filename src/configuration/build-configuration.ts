import type { MillraceConfiguration } from './configuration.js';
import type { PropertyReader } from './property-reader.js';
import { readContainer, readDockerValidation } from './sections/container.js';
import { readDatasource, readFlyway } from './sections/datasource.js';
import { readKubernetes } from './sections/kubernetes.js';
import { readLogs } from './sections/logs.js';
import { readDashboard, readLogging, readManagement, readReplicatedProperties } from './sections/management.js';
import { readMaven } from './sections/maven.js';
import { readMillrace, readSecurity, readVersionInfo } from './sections/millrace.js';
import { readPlatforms } from './sections/platforms.js';
import { readRetention } from './sections/retention.js';
import { readServer } from './sections/server.js';
import { readFeatures, readTask } from './sections/task.js';
import type { Environment } from './sources/environment.js';

export interface Surroundings {
  readonly environment: Environment;
  readonly workingDirectory: string;
  readonly profiles: readonly string[];
  readonly insideCluster: boolean;
}

/** Reads every section; what is wrong is collected in the reader. The result is frozen through and through. */
export async function buildConfiguration(
  reader: PropertyReader,
  surroundings: Surroundings,
  warnings: string[],
): Promise<MillraceConfiguration> {
  const { environment, workingDirectory, profiles, insideCluster } = surroundings;
  const namespace = environment['KUBERNETES_NAMESPACE'];
  const server = await readServer(reader, { workingDirectory, warnings });
  return deepFreeze({
    profiles: [...profiles],
    server,
    features: readFeatures(reader),
    datasource: await readDatasource(reader, workingDirectory),
    flyway: readFlyway(reader),
    task: readTask(reader, readReplicatedProperties(reader)),
    platforms: readPlatforms(
      reader,
      { profiles, insideCluster, namespace: namespace === '' ? undefined : namespace },
      warnings,
    ),
    maven: readMaven(reader),
    container: readContainer(reader),
    monitoringDashboard: readDashboard(reader),
    management: await readManagement(reader, server, insideCluster, { workingDirectory, warnings }),
    logging: readLogging(reader),
    security: readSecurity(reader),
    versionInfo: readVersionInfo(reader),
    dockerValidation: readDockerValidation(reader),
    millrace: readMillrace(reader, workingDirectory),
    kubernetes: readKubernetes(reader),
    logs: readLogs(reader),
    retention: readRetention(reader),
    environment: definedOnly(environment),
  });
}

function definedOnly(environment: Environment): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) defined[name] = value;
  return defined;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
