import { describe, expect, it } from '@jest/globals';
import { JdbcUrlError, parseJdbcUrl } from './jdbc-url.js';

const local = [{ host: 'localhost', port: 5432 }];

describe('parseJdbcUrl', () => {
  it.each([
    ['jdbc:postgresql://h1:5433/db', [{ host: 'h1', port: 5433 }], 'db', {}],
    [
      'jdbc:postgresql://h1:1,h2/db',
      [
        { host: 'h1', port: 1 },
        { host: 'h2', port: 5432 },
      ],
      'db',
      {},
    ],
    [
      'jdbc:postgresql://[::1]:5433,[fe80::1%eth0]/db',
      [
        { host: '::1', port: 5433 },
        { host: 'fe80::1%eth0', port: 5432 },
      ],
      'db',
      {},
    ],
    ['jdbc:postgresql:db', local, 'db', {}],
    ['jdbc:postgresql:/', local, undefined, {}],
    ['jdbc:postgresql:', local, undefined, {}],
    ['jdbc:postgresql:///db', local, 'db', {}],
    ['jdbc:postgresql://:5433/db', [{ host: 'localhost', port: 5433 }], 'db', {}],
    ['jdbc:postgresql://h:/db', [{ host: 'h', port: 5432 }], 'db', {}],
    ['jdbc:postgresql://h', [{ host: 'h', port: 5432 }], undefined, {}],
    [' JDBC:PostgreSQL://h/my%20db ', [{ host: 'h', port: 5432 }], 'my db', {}],
    [
      'jdbc:postgresql://h/db?user=a%40b&password=p%26%3D%2F&&flag&x=1=2',
      [{ host: 'h', port: 5432 }],
      'db',
      { user: 'a@b', password: 'p&=/', flag: '', x: '1=2' },
    ],
    ['jdbc:postgresql:db?currentSchema=s', local, 'db', { currentSchema: 's' }],
  ])('%s', (url, hosts, database, parameters) => {
    expect(parseJdbcUrl(url)).toEqual({ hosts, database, parameters });
  });

  it.each([
    ['postgresql://h/db', /^a PostgreSQL JDBC URL such as jdbc:postgresql:\/\/host:5432\/database$/],
    ['jdbc:mariadb://h/db', /MariaDB is not supported, Millrace works with PostgreSQL only so far/],
    ['jdbc:mysql://h/db', /MySQL is not supported/],
    ['jdbc:oracle:thin:@h:1521/x', /Oracle is not supported/],
    ['jdbc:sqlserver://h;databaseName=x', /SQL Server is not supported/],
    ['jdbc:h2:mem:dataflow', /H2 is not supported/],
    ['jdbc:else://h', /«else» is not supported/],
    ['jdbc:postgresql://h:99999/db', /port must be from 1 to 65535/],
    ['jdbc:postgresql://h:0/db', /port must be/],
    ['jdbc:postgresql://h:x/db', /host part must be/],
    ['jdbc:postgresql://u:geheim@h/db', /host part must be/],
    ['jdbc:postgresql://h/%zz', /percent sign/],
    ['jdbc:postgresql:a/b', /such as/],
  ])('%s is refused without showing the URL', (url, message) => {
    expect(() => parseJdbcUrl(url)).toThrow(JdbcUrlError);
    expect(() => parseJdbcUrl(url)).toThrow(message);
    expect(() => parseJdbcUrl(url)).not.toThrow(/geheim/);
  });
});
