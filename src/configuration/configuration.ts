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

/** `server.*` */
export interface ServerConfiguration {
  /** `server.port`; 0 takes a free port. */
  readonly port: number;
  /** `server.address`; undefined listens on all interfaces. */
  readonly address: string | undefined;
  /** `server.servlet.context-path`, without trailing slash; empty for the root. */
  readonly contextPath: string;
  /** `server.forward-headers-strategy`: whether X-Forwarded-* and Forwarded decide the links of answers. */
  readonly forwardHeaders: boolean;
  /** `spring.servlet.multipart.max-file-size`, bytes */
  readonly maximumFileSize: number;
  /** `springdoc.api-docs.enabled`: whether `/v3/api-docs` is served. */
  readonly apiDocument: boolean;
  /** `springdoc.swagger-ui.enabled`: whether `/swagger-ui.html` is served; it needs the document. */
  readonly swaggerUi: boolean;
  /** `server.ssl.*`; undefined serves plain HTTP. */
  readonly ssl: ServerSslConfiguration | undefined;
}

/** Versions of TLS in the names that Spring Boot and Node.js share. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** Key and certificate of the server, from a PKCS#12 key store or PEM files; TLS has been found able to use them. */
export interface ServerSslConfiguration {
  /** Base64 of the key store; undefined if the others are set. */
  readonly keyStore: string | undefined;
  /** PEM text of the certificate chain. */
  readonly certificate: string | undefined;
  /** PEM text. */
  readonly privateKey: string | undefined;
  /** Of the key store or of the private key. */
  readonly password: string | undefined;
  /** Client certificates: `want` asks for one, `need` refuses connections without. */
  readonly clientAuth: 'none' | 'want' | 'need';
  /** PEM text of the authorities that sign client certificates; undefined: those that Node.js knows. */
  readonly trustedCertificates: string | undefined;
  /** undefined: as Node.js has it. */
  readonly minimumVersion: TlsVersion | undefined;
  readonly maximumVersion: TlsVersion | undefined;
  /** OpenSSL's names, joined by colons; undefined: as Node.js has them. */
  readonly ciphers: string | undefined;
}

/** `spring.cloud.dataflow.features.*` */
export interface FeatureConfiguration {
  readonly tasksEnabled: boolean;
  readonly schedulesEnabled: boolean;
}

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

/** `spring.cloud.dataflow.task.*` and its neighbours. */
export interface TaskConfiguration {
  readonly autoCreateTaskDefinitions: boolean;
  readonly executionDeleteChunkSize: number;
  /** `spring.cloud.dataflow.async.enabled`: bulk deletes answer at once and run in the background. */
  readonly asyncDelete: boolean;
  readonly useKubernetesSecretsForDbCredentials: boolean;
  readonly composedTaskRunner: {
    readonly uri: string;
    readonly imagePullSecret: string | undefined;
    readonly useUserAccessToken: boolean;
  };
  /** `spring.cloud.dataflow.server.uri` */
  readonly serverUri: string | undefined;
  /** `spring.cloud.dataflow.application-properties.task.*`: handed to every task. */
  readonly applicationProperties: Readonly<Record<string, string>>;
  /** `spring.cloud.dataflow.application-properties.task-resource`: a resource location. */
  readonly applicationPropertiesResource: string | undefined;
  /** `spring.cloud.dataflow.defaults.boot2.local.javaHomePath` and boot3's. */
  readonly javaHomePaths: { readonly boot2: string | undefined; readonly boot3: string | undefined };
  readonly maximumSchedulesReturned: number;
  /** `spring.cloud.dataflow.task.deployer-properties.*`: which deployer properties `/tasks/platforms` lists. */
  readonly deployerProperties: {
    readonly groupIncludes: readonly string[];
    readonly groupExcludes: readonly string[];
    readonly propertyIncludes: readonly string[];
    readonly propertyExcludes: readonly string[];
  };
}

/** `spring.cloud.dataflow.task.platform.*` */
export interface PlatformsConfiguration {
  /**
   * Account name to its settings: one flat map, keys in kebab-case as SCDF lists them (`maximum-concurrent-tasks`,
   * `docker.port-range.low`, `java-home-path.3`), values as text or list.
   */
  readonly local: Readonly<Record<string, AccountSettings>>;
  /**
   * The same for Kubernetes; nested settings (volumes, tolerations …) stay trees, keys in camelCase below the first level. Keys of
   * `matchLabels` and the like are as written. `namespace` is filled in from KUBERNETES_NAMESPACE where an account has none.
   */
  readonly kubernetes: Readonly<Record<string, AccountSettings>>;
  /** The platform that counts when a request names none: Kubernetes inside a cluster, Local with profile `local`. */
  readonly primary: 'Local' | 'Kubernetes' | undefined;
}

/** A tree of settings as bound from the configuration sources: scalars are text, lists are arrays, maps are objects. */
export type SettingsTree = string | readonly SettingsTree[] | { readonly [key: string]: SettingsTree };
export type AccountSettings = { readonly [key: string]: SettingsTree };

/** What is set below `spring.security.oauth2` and `spring.cloud.dataflow.security.authorization`; keys in kebab-case, ids as written. */
export interface SecurityConfiguration {
  /** Whether anything is set below `spring.security.oauth2`: that alone switches security on. */
  readonly enabled: boolean;
  /** `spring.security.oauth2.*` */
  readonly oauth2: AccountSettings;
  /** `spring.cloud.dataflow.security.authorization.*` */
  readonly authorization: AccountSettings;
}

/** `spring.cloud.dataflow.version-info.*` */
export interface VersionInfoConfiguration {
  readonly dependencyFetchEnabled: boolean;
  /** Component (`spring-cloud-dataflow-shell` …) to what `/about` shall say of it: `name`, `version`, `url`, `checksum-sha1` … */
  readonly dependencies: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** `spring.cloud.dataflow.docker.validation.*`, for `/tasks/validation/{name}`. */
export interface DockerValidationConfiguration {
  readonly userName: string | undefined;
  readonly password: string | undefined;
  readonly authUrl: string;
  readonly registryUrl: string;
  /** ms */
  readonly connectTimeout: number;
  /** ms */
  readonly readTimeout: number;
}

/** `maven.*` */
export interface MavenConfiguration {
  readonly localRepository: string | undefined;
  readonly offline: boolean;
  readonly includeDefaultRemoteRepositories: boolean;
  readonly remoteRepositories: readonly MavenRepository[];
  readonly proxy:
    | {
        readonly protocol: string;
        readonly host: string;
        readonly port: number;
        readonly nonProxyHosts: string;
        readonly username: string | undefined;
        readonly password: string | undefined;
      }
    | undefined;
  /** ms */
  readonly connectTimeout: number;
  /** ms */
  readonly requestTimeout: number;
}

/** One `maven.remote-repositories.<id>`. */
export interface MavenRepository {
  readonly id: string;
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** `spring.cloud.dataflow.container.*` */
export interface ContainerConfiguration {
  readonly defaultRegistryHost: string;
  readonly defaultRepositoryTag: string;
  readonly officialRepositoryNamespace: string;
  readonly replaceDefaultDockerRegistryServer: boolean;
  readonly httpProxy: { readonly host: string; readonly port: number } | undefined;
  /** Re-keyed by registry host. */
  readonly registries: Readonly<Record<string, ContainerRegistry>>;
  /** The text of a mounted `.dockerconfigjson`, if any. */
  readonly dockerConfigJson: string | undefined;
}

/** One `spring.cloud.dataflow.container.registry-configurations.<key>`. */
export interface ContainerRegistry {
  readonly host: string;
  readonly authorizationType: 'anonymous' | 'basicauth' | 'dockeroauth2' | 'awsecr' | undefined;
  readonly user: string | undefined;
  readonly secret: string | undefined;
  readonly manifestMediaType: string | undefined;
  readonly disableSslVerification: boolean;
  readonly useHttpProxy: boolean;
  readonly extra: Readonly<Record<string, string>>;
}

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

/** `millrace.*`: what SCDF has no setting for. */
export interface MillraceOptions {
  /** `millrace.data-dir` (`MILLRACE_DATA_DIR`), absolute: embedded PostgreSQL, working directories, caches. */
  readonly dataDir: string;
  /** `millrace.instance-id`: marks what this installation made on a shared platform; replicas share it. */
  readonly instanceId: string | undefined;
  /** `millrace.launch.queue`: wait for room instead of refusing at the concurrency limit. */
  readonly launchQueue: boolean;
  /** `millrace.launch.retry-for`, ms: how long a launch that cannot reach its jar or platform is tried again. */
  readonly launchRetryFor: number;
  /** `millrace.follow-up.interval`, ms: how often executions are compared with what their platforms say. */
  readonly followUpInterval: number;
  /** `millrace.follow-up.lost-after`, ms: when an execution that no living server can see ends as failed. */
  readonly followUpLostAfter: number;
  /** `millrace.jobs.recover-automatically`: whether jobs whose process died are marked as failed without an operator. */
  readonly recoverJobsAutomatically: boolean;
}

/** `millrace.kubernetes.*`: what holds for all Kubernetes accounts. Times are ms. */
export interface KubernetesOptions {
  /** `image-timeout`: when a task whose image cannot be pulled ends as failed. */
  readonly imageTimeout: number;
  /** `container-timeout`: the same for a container that cannot be created. */
  readonly containerTimeout: number;
  /** `scheduling-timeout`: the same for a pod that no node can take. */
  readonly schedulingTimeout: number;
  /** `stop-timeout`: how long after its grace period a stopped pod is deleted. */
  readonly stopTimeout: number;
  /** `relist-interval`: how often everything is listed anew. */
  readonly relistInterval: number;
  /** `requests-in-flight`: at most so many of an account at a time. */
  readonly requestsInFlight: number;
  readonly dataSource: KubernetesDataSource;
}

/** `millrace.kubernetes.data-source`: how tasks in a cluster get the server's data source. */
export type KubernetesDataSource =
  | { readonly way: 'secret' }
  | { readonly way: 'properties' }
  /** User and password are entries of a Secret that the operator keeps in each account's namespace, the rest is in the open. */
  | { readonly way: 'existing-secret'; readonly secretName: string };

/** `millrace.logs.*`: what becomes of an execution's log once it has ended. */
export interface LogsConfiguration {
  /** `millrace.logs.archive`: where logs are kept when the platform has them no more. */
  readonly archive: 'database' | 's3' | 'none';
  /** `millrace.logs.max-size`, bytes of an execution's log that are kept. */
  readonly maxSize: number;
  /** `millrace.logs.max-followers`: how many clients may follow logs at once. */
  readonly maxFollowers: number;
  /** `millrace.logs.s3.*`; set where a bucket is named, so that what it holds stays readable when new logs go elsewhere. */
  readonly s3: S3Configuration | undefined;
}

/** A bucket of Amazon S3 or of a server that speaks its protocol. */
export interface S3Configuration {
  /** Origin and path without trailing slash. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** What the names of objects begin with; empty, or with a slash at its end. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** `https://endpoint/bucket/key` rather than `https://bucket.endpoint/key`. */
  readonly pathStyle: boolean;
}

/** `millrace.retention.*`: which ended executions are removed by and by. */
export interface RetentionConfiguration {
  /** Whether the server does it by itself; the policy can be tried and run by hand all the same. */
  readonly enabled: boolean;
  /** ms between two runs. */
  readonly interval: number;
  readonly dryRun: boolean;
  /** Whether what is left on platforms goes with the rows. */
  readonly cleanUp: boolean;
  readonly rules: RetentionRules;
  /** By name of the task, what differs from the rules of all. */
  readonly tasks: Readonly<Record<string, RetentionRules>>;
}

/** When executions of a task are removed. Ages are ms since the end. */
export interface RetentionRules {
  /** false: never. */
  readonly removes: boolean;
  readonly maxAge: number | undefined;
  readonly maxPerTask: number | undefined;
  readonly statuses: readonly ('COMPLETE' | 'ERROR')[];
  /** For failed ones in place of both limits. */
  readonly failedMaxAge: number | undefined;
  readonly keepLast: boolean;
  readonly keepLastFailed: boolean;
}
