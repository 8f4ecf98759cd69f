/** `spring.datasource.*`; undefined url means the embedded PostgreSQL. */
export interface DatasourceConfiguration {
  /** `spring.datasource.url`, a JDBC URL, as handed on to task applications. */
  readonly url: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** `spring.datasource.driver-class-name`, as handed on to task applications. */
  readonly driverClassName: string;
  /** The same data source in the terms of the `pg` driver; undefined for the embedded PostgreSQL. */
  readonly connection: PostgresConnection | undefined;
  /** `spring.datasource.hikari.maximum-pool-size` */
  readonly maximumPoolSize: number;
  /** `spring.datasource.hikari.connection-timeout`, ms */
  readonly connectionTimeout: number;
  /** `spring.datasource.hikari.idle-timeout`, ms */
  readonly idleTimeout: number;
  /** `spring.datasource.hikari.max-lifetime`, ms; 0: for ever. */
  readonly maxLifetime: number;
}

/** A PostgreSQL address in the terms of the `pg` driver, derived from a JDBC URL. */
export interface PostgresConnection {
  /** Hosts in the order in which they are tried. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly database: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** `currentSchema`: the search path. */
  readonly schema: string | undefined;
  /** TLS options of `pg`; false for `sslmode` disable. */
  readonly ssl:
    | false
    | {
        readonly rejectUnauthorized: boolean;
        /** Set for `verify-ca`, where the host's name is not checked. */
        readonly checkServerIdentity?: () => undefined;
        readonly ca?: string;
        readonly cert?: string;
        readonly key?: string;
      };
  /** `sslmode`: with `prefer` TLS is tried first, with `allow` last; both leave the certificate unchecked. */
  readonly sslMode: 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  /** `ApplicationName` */
  readonly applicationName: string | undefined;
  /** `targetServerType`: with `primary` a host that is a replica is passed over, with `preferPrimary` it is the last choice. */
  readonly targetServerType: 'any' | 'primary' | 'preferPrimary';
  /** `connectTimeout`: how long a host may take to accept, ms; 0: for ever. */
  readonly connectTimeout: number;
  /** `socketTimeout`: how long an answer may take, ms; 0: for ever. */
  readonly socketTimeout: number;
}

/** `spring.flyway.*` */
export interface FlywayConfiguration {
  /** false: check the schema, change nothing, refuse to start if it does not fit. */
  readonly enabled: boolean;
  /** `spring.flyway.table`: the history table of SCDF. */
  readonly table: string;
  /** `spring.flyway.baseline-on-migrate`: adopt a database that has tables but no history. */
  readonly baselineOnMigrate: boolean;
}
