import type { ContainerConfiguration, DockerValidationConfiguration } from './contract/container.js';
import type { DatasourceConfiguration, FlywayConfiguration } from './contract/datasource.js';
import type { KubernetesOptions } from './contract/kubernetes.js';
import type { LogsConfiguration } from './contract/logs.js';
import type {
  LoggingConfiguration,
  ManagementConfiguration,
  MonitoringDashboardConfiguration,
} from './contract/management.js';
import type { MavenConfiguration } from './contract/maven.js';
import type { MillraceOptions, SecurityConfiguration, VersionInfoConfiguration } from './contract/millrace.js';
import type { PlatformsConfiguration } from './contract/platforms.js';
import type { RetentionConfiguration } from './contract/retention.js';
import type { ServerConfiguration } from './contract/server.js';
import type { FeatureConfiguration, TaskConfiguration } from './contract/task.js';

export type * from './contract/container.js';
export type * from './contract/datasource.js';
export type * from './contract/kubernetes.js';
export type * from './contract/logs.js';
export type * from './contract/management.js';
export type * from './contract/maven.js';
export type * from './contract/millrace.js';
export type * from './contract/platforms.js';
export type * from './contract/retention.js';
export type * from './contract/server.js';
export type * from './contract/task.js';

/**
 * The one typed view of everything that can be configured, checked once at start.
 *
 * Property names in the comments are the ones an operator writes (SCDF's own names wherever SCDF has one); durations are
 * milliseconds unless a comment says otherwise.
 */
export interface MillraceConfiguration {
  /** Active profiles, the one that Millrace adds by itself (`kubernetes` or `local`) among them. */
  readonly profiles: readonly string[];
  readonly server: ServerConfiguration;
  readonly features: FeatureConfiguration;
  readonly datasource: DatasourceConfiguration;
  readonly flyway: FlywayConfiguration;
  readonly task: TaskConfiguration;
  readonly platforms: PlatformsConfiguration;
  readonly maven: MavenConfiguration;
  readonly container: ContainerConfiguration;
  readonly monitoringDashboard: MonitoringDashboardConfiguration;
  readonly management: ManagementConfiguration;
  readonly logging: LoggingConfiguration;
  readonly security: SecurityConfiguration;
  readonly versionInfo: VersionInfoConfiguration;
  readonly dockerValidation: DockerValidationConfiguration;
  readonly millrace: MillraceOptions;
  readonly kubernetes: KubernetesOptions;
  readonly logs: LogsConfiguration;
  readonly retention: RetentionConfiguration;
  /** The environment variables of this process, for the Local platform to pass on. May hold secrets: never log it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Injection token of the {@link MillraceConfiguration}. */
export const CONFIGURATION = Symbol('MillraceConfiguration');

/**
 * Injection token of the name under which this installation marks what it makes elsewhere: `millrace.instance-id`, or one that
 * the database keeps.
 */
export const INSTANCE_ID = Symbol('InstanceId');
