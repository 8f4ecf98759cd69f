/** The parts of a PostgreSQL JDBC URL, as the pgjdbc driver reads them. */
export interface JdbcUrl {
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** undefined: the driver takes the user's name. */
  readonly database: string | undefined;
  /** Parameters after the question mark; of repeated ones the last. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The URL cannot be used; the message says what is allowed and shows nothing of the URL. */
export class JdbcUrlError extends Error {
  override readonly name = 'JdbcUrlError';
}

const FORM = 'a PostgreSQL JDBC URL such as jdbc:postgresql://host:5432/database';
const DEFAULT_PORT = 5432;
const OTHER_DATABASES: Readonly<Record<string, string>> = {
  mariadb: 'MariaDB',
  mysql: 'MySQL',
  oracle: 'Oracle',
  sqlserver: 'SQL Server',
  jtds: 'SQL Server',
  h2: 'H2',
  db2: 'DB2',
  hsqldb: 'HSQLDB',
};

/**
 * Parses `jdbc:postgresql://host:port,host/database?parameters` and its short forms `jdbc:postgresql:database` and
 * `jdbc:postgresql:/`; IPv6 hosts stand in brackets.
 * @throws JdbcUrlError
 */
export function parseJdbcUrl(url: string): JdbcUrl {
  const scheme = /^jdbc:([^:]+):([^]*)$/i.exec(url.trim());
  if (scheme === null) throw new JdbcUrlError(FORM);
  const [, vendor = '', rest = ''] = scheme;
  if (vendor.toLowerCase() !== 'postgresql') {
    const known = OTHER_DATABASES[vendor.toLowerCase()] ?? `«${vendor}»`;
    throw new JdbcUrlError(`${FORM}; ${known} is not supported, Millrace works with PostgreSQL only so far`);
  }
  const question = rest.indexOf('?');
  const address = question < 0 ? rest : rest.slice(0, question);
  return {
    ...parseAddress(address),
    parameters: question < 0 ? {} : parseParameters(rest.slice(question + 1)),
  };
}

function parseAddress(address: string): Pick<JdbcUrl, 'hosts' | 'database'> {
  if (!address.startsWith('//')) {
    const database = decode(address.replace(/^\//, ''));
    if (database.includes('/')) throw new JdbcUrlError(FORM);
    return { hosts: [{ host: 'localhost', port: DEFAULT_PORT }], database: database === '' ? undefined : database };
  }
  const slash = address.indexOf('/', 2);
  const servers = slash < 0 ? address.slice(2) : address.slice(2, slash);
  const database = slash < 0 ? '' : decode(address.slice(slash + 1));
  return { hosts: servers.split(',').map(parseHost), database: database === '' ? undefined : database };
}

function parseHost(text: string): { host: string; port: number } {
  const parts = /^(?:\[([\da-fA-F:.]+(?:%[\w.-]+)?)\]|([^\s:[\]@]*))(?::(\d*))?$/.exec(text.trim());
  if (parts === null)
    throw new JdbcUrlError(`${FORM}; the host part must be host:port, with commas between several, IPv6 in brackets`);
  const [, address, name, digits] = parts;
  const port = digits === undefined || digits === '' ? DEFAULT_PORT : Number(digits);
  if (port < 1 || port > 65535) throw new JdbcUrlError(`${FORM}; the port must be from 1 to 65535`);
  const host = address ?? decode(name ?? '');
  return { host: host === '' ? 'localhost' : host, port };
}

function parseParameters(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    // The driver takes a name without a value as an empty value.
    parameters[equals < 0 ? pair : pair.slice(0, equals)] = equals < 0 ? '' : decode(pair.slice(equals + 1));
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    throw new JdbcUrlError(`${FORM}; a percent sign must begin an escape of two hexadecimal digits`);
  }
}
