import type { ServerSslConfiguration } from './server.js';

/** `spring.cloud.dataflow.metrics.dashboard.*` */
export interface MonitoringDashboardConfiguration {
  readonly type: 'NONE' | 'GRAFANA' | 'WAVEFRONT';
  readonly url: string;
  /** seconds */
  readonly refreshInterval: number;
  readonly source: string;
}

/** `management.*` */
export interface ManagementConfiguration {
  /** Where the endpoints are served: by the server itself, by a listener of their own, or not at all (`management.server.port=-1`). */
  readonly listener: 'server' | ManagementListener | 'none';
  /** `management.endpoints.web.base-path`, without trailing slash. */
  readonly basePath: string;
  /** `management.endpoints.web.exposure.include` */
  readonly exposed: readonly string[];
  /** `management.endpoints.web.exposure.exclude`, which goes before. */
  readonly hidden: readonly string[];
  readonly probesEnabled: boolean;
  /** Whether `health` lists its parts. */
  readonly showHealthComponents: boolean;
  /** Whether the parts come with details. */
  readonly showHealthDetails: boolean;
  readonly prometheusEnabled: boolean;
  /** `management.metrics.tags.*` and `management.observations.key-values.*`: labels of all metrics, keys as written. */
  readonly commonTags: Readonly<Record<string, string>>;
}

/** `management.server.*`, where the port is not the server's. */
export interface ManagementListener {
  /** 0 takes a free port. */
  readonly port: number;
  /** undefined listens on all interfaces, whatever `server.address` says. */
  readonly address: string | undefined;
  /** `management.server.base-path`, without trailing slash; empty for the root. */
  readonly basePath: string;
  /** `management.server.ssl.*`, else `server.ssl.*`; undefined serves plain HTTP. */
  readonly ssl: ServerSslConfiguration | undefined;
}

/** `logging.*` */
export interface LoggingConfiguration {
  /** `logging.level.root` in pino's terms. */
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
}
