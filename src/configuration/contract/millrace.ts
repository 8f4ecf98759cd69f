import type { AccountSettings } from './platforms.js';

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
