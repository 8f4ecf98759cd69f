import type {
  LoggingConfiguration,
  ManagementConfiguration,
  MonitoringDashboardConfiguration,
  ServerConfiguration,
} from '../configuration.js';
import { bool, choice, httpUrl, integer, logLevel, text, textList, urlPath } from '../property-types.js';
import { optionalProperty, property, propertyGroup } from '../property.js';
import type { PropertyReader } from '../property-reader.js';
import { TEXT_MAP } from '../tree-shapes.js';
import { managementSslProperties, readSsl, saysAnything, type SslSurroundings } from './ssl.js';

const DASHBOARD = 'spring.cloud.dataflow.metrics.dashboard';
const EXPORT = 'management.metrics.export';

export const managementProperties = {
  port: optionalProperty('management.server.port', {
    type: integer(-1, 65535),
    meaning: 'Port of the management endpoints alone, 0 for a free one; -1 serves none. `server.port` if not set.',
  }),
  address: optionalProperty('management.server.address', {
    type: text,
    meaning: 'Address to listen on at that port; all interfaces if not set.',
  }),
  serverBasePath: property('management.server.base-path', {
    type: urlPath,
    default: '/',
    meaning: 'Path below which everything at that port is served.',
  }),
  basePath: property('management.endpoints.web.base-path', {
    type: urlPath,
    default: '/management',
    meaning: 'Path of the management endpoints.',
  }),
  exposed: property('management.endpoints.web.exposure.include', {
    type: textList,
    default: 'health,info',
    meaning: 'Endpoints that are served; * for all.',
  }),
  hidden: property('management.endpoints.web.exposure.exclude', {
    type: textList,
    default: '',
    meaning: 'Endpoints that are not served all the same; * for all.',
  }),
  probesEnabled: optionalProperty('management.endpoint.health.probes.enabled', {
    type: bool,
    meaning: 'Whether `health/liveness` and `health/readiness` are served; on Kubernetes they are if not set.',
  }),
  showHealthDetails: property('management.endpoint.health.show-details', {
    type: choice('never', 'when-authorized', 'always'),
    default: 'never',
    meaning: 'Whether health tells of its parts, with details; `when-authorized` shows them to nobody.',
  }),
  showHealthComponents: optionalProperty('management.endpoint.health.show-components', {
    type: choice('never', 'when-authorized', 'always'),
    meaning: 'Whether health tells of its parts; as `show-details` if not set.',
  }),
  prometheusEnabled: property(`${EXPORT}.prometheus.enabled`, {
    type: bool,
    default: 'false',
    aliases: ['management.prometheus.metrics.export.enabled'],
    meaning: 'Whether metrics are collected for Prometheus.',
  }),
  propertyReplication: property('spring.cloud.dataflow.metrics.property-replication', {
    type: bool,
    default: 'true',
    meaning: 'Whether the settings of metrics export are handed to every task.',
  }),
} as const;

export const dashboardProperties = {
  url: property(`${DASHBOARD}.url`, {
    type: text,
    default: '',
    meaning: 'Address of the monitoring dashboard; empty for none.',
  }),
  type: optionalProperty(`${DASHBOARD}.type`, {
    type: choice('NONE', 'GRAFANA', 'WAVEFRONT'),
    meaning: 'Kind of the dashboard; follows from the metrics export that is switched on if not set.',
  }),
  refreshInterval: property(`${DASHBOARD}.grafana.refresh-interval`, {
    type: integer(1),
    default: '15',
    meaning: 'Seconds after which Grafana reads again.',
  }),
  grafanaToken: optionalProperty(`${DASHBOARD}.grafana.token`, {
    type: text,
    secret: true,
    meaning: 'Accepted without effect.',
  }),
  source: property(`${DASHBOARD}.wavefront.source`, { type: text, default: '', meaning: 'Source name for Wavefront.' }),
} as const;

export const loggingProperties = {
  level: property('logging.level.root', {
    type: logLevel,
    default: 'INFO',
    meaning: 'Lines of lower levels are not logged.',
  }),
} as const;

/** Labels of all metrics, in the Spring Boot 2 and in the Spring Boot 3 form; the latter goes first. */
export const commonTagProperties = {
  keyValues: propertyGroup('management.observations.key-values', TEXT_MAP, 'Labels of all metrics of this server.'),
  tags: propertyGroup('management.metrics.tags', TEXT_MAP, 'The same; an empty value removes a label.'),
} as const;

/** Metrics settings that tasks get too, and the name of the same settings in Spring Boot 3. */
const REPLICATED = [
  propertyGroup(`${EXPORT}.prometheus`, TEXT_MAP, 'Handed to every task, for Spring Boot 2 and 3.'),
  propertyGroup(`${EXPORT}.influx`, TEXT_MAP, 'Handed to every task, for Spring Boot 2 and 3.'),
  propertyGroup(`${EXPORT}.wavefront`, TEXT_MAP, 'Handed to every task, for Spring Boot 2 and 3.'),
] as const;

/** For the index of known names. */
export const replicatedProperties = {
  prometheus: REPLICATED[0],
  influx: REPLICATED[1],
  wavefront: REPLICATED[2],
} as const;

/** @param server what a listener of its own has from the server where it says nothing itself */
export async function readManagement(
  reader: PropertyReader,
  server: ServerConfiguration,
  insideCluster: boolean,
  surroundings: SslSurroundings,
): Promise<ManagementConfiguration> {
  const p = managementProperties;
  const details = reader.value(p.showHealthDetails) === 'always';
  const components = reader.value(p.showHealthComponents);
  return {
    listener: await readListener(reader, server, surroundings),
    basePath: reader.value(p.basePath),
    exposed: reader.value(p.exposed),
    hidden: reader.value(p.hidden),
    probesEnabled: reader.value(p.probesEnabled) ?? insideCluster,
    showHealthComponents: components === undefined ? details : components === 'always',
    showHealthDetails: details,
    prometheusEnabled: reader.value(p.prometheusEnabled),
    commonTags: { ...reader.texts(commonTagProperties.tags), ...reader.texts(commonTagProperties.keyValues) },
  };
}

/** As in Spring Boot a port that is the server's is no port of its own, and the rest of `management.server` is idle then. */
async function readListener(
  reader: PropertyReader,
  server: ServerConfiguration,
  surroundings: SslSurroundings,
): Promise<ManagementConfiguration['listener']> {
  const p = managementProperties;
  const port = reader.value(p.port);
  if (port === -1) return 'none';
  if (port === undefined || (port !== 0 && port === server.port)) return 'server';
  return {
    port,
    address: reader.value(p.address),
    basePath: reader.value(p.serverBasePath),
    ssl: saysAnything(reader, managementSslProperties)
      ? await readSsl(reader, managementSslProperties, surroundings)
      : server.ssl,
  };
}

/** The dashboard counts only with an address; without a type the export that is switched on tells it (SCDF). */
export function readDashboard(reader: PropertyReader): MonitoringDashboardConfiguration {
  const p = dashboardProperties;
  const url = reader.value(p.url).trim().replace(/\/+$/, '');
  if (url !== '' && !httpUrl.schema.safeParse(url).success)
    reader.reject(p.url, 'an address that begins with http:// or https://');
  const stated = reader.value(p.type);
  reader.value(p.grafanaToken);
  return {
    type: url === '' ? 'NONE' : (stated ?? impliedType(reader)),
    url,
    refreshInterval: reader.value(p.refreshInterval),
    source: reader.value(p.source),
  };
}

function impliedType(reader: PropertyReader): MonitoringDashboardConfiguration['type'] {
  const enabled = (system: 'prometheus' | 'influx' | 'wavefront') =>
    bool.schema.safeParse(reader.texts(replicatedProperties[system])['enabled']).data === true;
  if (enabled('wavefront')) return 'WAVEFRONT';
  return enabled('prometheus') || enabled('influx') ? 'GRAFANA' : 'NONE';
}

/** Metrics export settings as properties for tasks, each in the Spring Boot 2 and in the Spring Boot 3 form. */
export function readReplicatedProperties(reader: PropertyReader): Readonly<Record<string, string>> {
  const replicated: Record<string, string> = {};
  if (!reader.value(managementProperties.propertyReplication)) return replicated;
  for (const group of REPLICATED) {
    const system = group.name.slice(EXPORT.length + 1);
    for (const [key, value] of Object.entries(reader.texts(group))) {
      replicated[`${EXPORT}.${system}.${key}`] = value;
      replicated[`management.${system}.metrics.export.${key}`] = value;
    }
  }
  return replicated;
}

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
  FATAL: 'fatal',
  OFF: 'silent',
} as const;

export function readLogging(reader: PropertyReader): LoggingConfiguration {
  return { level: LEVELS[reader.value(loggingProperties.level)] };
}
