import pg from 'pg';
import type { PostgresConnection } from '../configuration/configuration.js';

const TIMESTAMP = 1114;
const TIMESTAMP_WITH_TIME_ZONE = 1184;
const INT8 = 20;
const INT8_ARRAY = 1016;

// Dates go out in UTC whatever the zone of this process: PostgreSQL ignores the offset of a literal for a column
// `timestamp without time zone`, and those columns hold UTC.
pg.defaults.parseInputDatesAsUTC = true;

const parseWithZone = pg.types.getTypeParser(TIMESTAMP_WITH_TIME_ZONE, 'text') as (text: string) => unknown;

/**
 * How values come in: `timestamp without time zone` as a UTC Date (milliseconds; select `::text` where microseconds
 * matter), `bigint` as a number (exact up to 2^53; select `::text` where an application chose the value).
 */
const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && oid === INT8) return Number;
    if (format !== 'binary' && oid === INT8_ARRAY) return (text: string) => parseNumbers(text);
    if (format !== 'binary' && oid === TIMESTAMP) return (text: string) => parseWithZone(asUtc(text));
    return pg.types.getTypeParser(oid, format) as unknown;
  }) as pg.CustomTypesConfig['getTypeParser'],
};

/** `{1,2,NULL}` */
function parseNumbers(text: string): (number | null)[] {
  const inner = text.slice(1, -1);
  return inner === '' ? [] : inner.split(',').map((word) => (word === 'NULL' ? null : Number(word)));
}

function asUtc(text: string): string {
  if (text.endsWith('infinity')) return text;
  return text.endsWith(' BC') ? `${text.slice(0, -3)}+00 BC` : `${text}+00`;
}

/**
 * The settings of a `pg` client for the first host of an address: session time zone UTC, search path, keep-alive, our type
 * parsers. The server itself connects through PostgresAccess, which knows of more than one host.
 *
 * @param connectTimeout ms that opening a connection may take
 */
export function clientConfiguration(connection: PostgresConnection, connectTimeout: number): pg.ClientConfig {
  const [first] = connection.hosts;
  return {
    host: first?.host ?? 'localhost',
    port: first?.port ?? 5432,
    database: connection.database,
    user: connection.user,
    password: connection.password,
    ssl: connection.ssl,
    application_name: connection.applicationName ?? 'millrace',
    options: sessionOptions(connection.schema),
    connectionTimeoutMillis: connectTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: typeParsers,
  };
}

/**
 * Settings that take effect with the start-up packet, so that no connection is ever seen without them. `currentSchema` goes
 * to search_path as it is, as PostgreSQL's JDBC driver does: a list of names, quoted by the user where they need it.
 */
function sessionOptions(schema: string | undefined): string {
  const settings = ['-c TimeZone=UTC', '-c DateStyle=ISO'];
  if (schema !== undefined) settings.push(`-c search_path=${schema.replace(/[\\ ]/g, '\\$&')}`);
  return settings.join(' ');
}

/** `host:port/database`, for messages; never with credentials. */
export function describeAddress(connection: PostgresConnection): string {
  return `${connection.hosts.map(({ host, port }) => `${host}:${port}`).join(',')}/${connection.database}`;
}
