import type { DatasourceConfiguration, FlywayConfiguration, PostgresConnection } from '../configuration.js';
import { JdbcUrlError, parseJdbcUrl } from '../jdbc-url.js';
import { postgresConnection } from '../postgres-connection.js';
import { bool, duration, integer, text } from '../property-types.js';
import { optionalProperty, property } from '../property.js';
import type { PropertyReader } from '../property-reader.js';

export const datasourceProperties = {
  url: optionalProperty('spring.datasource.url', {
    type: text,
    meaning: 'JDBC URL of the PostgreSQL database, handed on to tasks; the embedded PostgreSQL if not set.',
  }),
  username: optionalProperty('spring.datasource.username', {
    type: text,
    meaning: 'Database user, handed on to tasks.',
  }),
  password: optionalProperty('spring.datasource.password', {
    type: text,
    secret: true,
    meaning: 'Its password, handed on to tasks.',
  }),
  driverClassName: property('spring.datasource.driver-class-name', {
    type: text,
    default: 'org.postgresql.Driver',
    meaning: 'JDBC driver that tasks are told to use.',
  }),
  maximumPoolSize: property('spring.datasource.hikari.maximum-pool-size', {
    type: integer(1, 10_000),
    default: '10',
    meaning: 'Most database connections at a time.',
  }),
  connectionTimeout: property('spring.datasource.hikari.connection-timeout', {
    type: duration(),
    default: '30000',
    meaning: 'How long to wait for a free connection.',
  }),
  idleTimeout: property('spring.datasource.hikari.idle-timeout', {
    type: duration(),
    default: '600000',
    meaning: 'How long a connection may stay unused.',
  }),
  maxLifetime: property('spring.datasource.hikari.max-lifetime', {
    type: duration(),
    default: '1800000',
    meaning: 'How old a connection may become; 0 is no limit.',
  }),
} as const;

export const flywayProperties = {
  enabled: property('spring.flyway.enabled', {
    type: bool,
    default: 'true',
    meaning: 'Whether the schema is created and upgraded at start; otherwise it is only checked.',
  }),
  table: property('spring.flyway.table', {
    type: text,
    default: 'flyway_schema_history_dataflow',
    meaning: 'The table in which SCDF records the changes of its schema.',
  }),
  baselineOnMigrate: property('spring.flyway.baseline-on-migrate', {
    type: bool,
    default: 'true',
    meaning: 'Whether a database with tables but without history is adopted.',
  }),
} as const;

export async function readDatasource(
  reader: PropertyReader,
  workingDirectory: string,
): Promise<DatasourceConfiguration> {
  const p = datasourceProperties;
  const username = reader.value(p.username);
  const password = reader.value(p.password);
  const url = reader.value(p.url)?.trim();
  let connection: PostgresConnection | undefined;
  try {
    if (url !== undefined)
      connection = await postgresConnection(parseJdbcUrl(url), { username, password }, workingDirectory);
  } catch (error) {
    if (!(error instanceof JdbcUrlError)) throw error;
    reader.reject(p.url, error.message);
  }
  return {
    url,
    username,
    password,
    driverClassName: reader.value(p.driverClassName),
    connection,
    maximumPoolSize: reader.value(p.maximumPoolSize),
    connectionTimeout: reader.value(p.connectionTimeout),
    idleTimeout: reader.value(p.idleTimeout),
    maxLifetime: reader.value(p.maxLifetime),
  };
}

export function readFlyway(reader: PropertyReader): FlywayConfiguration {
  const p = flywayProperties;
  return {
    enabled: reader.value(p.enabled),
    table: reader.value(p.table),
    baselineOnMigrate: reader.value(p.baselineOnMigrate),
  };
}
