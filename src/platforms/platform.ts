/**
 * The platform contract: what the features may ask of the place where tasks run. Kubernetes and Local implement it; nothing
 * else knows either of them.
 */

/** What the platform is asked to start: everything resolved, nothing left to look up. */
export interface LaunchRequest {
  /** The name that pod or process bears; derived from the execution id, so the same at every attempt. */
  readonly externalExecutionId: string;
  /** Identity of the execution, kept on the platform as labels. */
  readonly execution: { readonly id: number; readonly schemaTarget: SchemaTargetName; readonly instanceId: string };
  readonly taskName: string;
  /** Resource to run: `docker:`, `maven:`, `http(s):` or `file:` URI as registered. */
  readonly resourceUri: string;
  /** `2` or `3`: which Java a jar runs on, where an account sets one for each. */
  readonly bootVersion: '2' | '3';
  /** Application properties, final, in clear; those of {@link dataSource} are not among them. */
  readonly appProperties: Readonly<Record<string, string>>;
  /**
   * The properties by which the server hands its own data source to the application, in clear: of `spring.datasource.url`,
   * `.username`, `.password` and `.driverClassName` those that the user did not set. Kept apart so that a platform can hand
   * them over in secret.
   */
  readonly dataSource: Readonly<Record<string, string>>;
  /** Deployer properties of this app without their `deployer.<app>.` prefix, e.g. `kubernetes.limits.memory`, `local.java-opts`. */
  readonly deploymentProperties: Readonly<Record<string, string>>;
  /** Command-line arguments that the user gave. */
  readonly arguments: readonly string[];
  /** Arguments that the server adds for Spring applications (`--spring.cloud.task.executionid=…`). */
  readonly springArguments: readonly string[];
}

/** Which generation of tables an execution lives in. */
export type SchemaTargetName = 'boot2' | 'boot3';

/** What a platform saw of an execution. */
export interface PlatformStatus {
  readonly externalExecutionId: string;
  /** undefined when the platform knows nothing of it (`gone`). */
  readonly execution: { readonly id: number; readonly schemaTarget: SchemaTargetName } | undefined;
  /** `waiting`: accepted by the platform, nothing runs yet; `gone`: the platform knows nothing of it (any more). */
  readonly phase: 'waiting' | 'running' | 'succeeded' | 'failed' | 'gone';
  readonly startedAt: Date | undefined;
  readonly endedAt: Date | undefined;
  readonly exitCode: number | undefined;
  /** For people: `OOMKilled: …`, `killed by signal SIGTERM`, `image cannot be pulled: …`. */
  readonly reason: string | undefined;
}

export interface LogQuery {
  /** Only the last so many lines; of each stream where a platform keeps several. */
  readonly tailLines?: number;
  /**
   * Only what was written since. Where lines bear no time (Local) a stream that was last written before is left out, any other
   * is whole.
   */
  readonly since?: Date;
  /** Previous container instead of the current one (Kubernetes). */
  readonly previous?: boolean;
  readonly container?: string;
  /** For {@link TaskPlatform.followLog}: goes on behind this {@link LogStream.position} of an earlier stream. */
  readonly after?: string;
}

/** The text of a log as it comes. Leaving a loop over it early (`return()`) releases what it holds. */
export interface LogStream extends AsyncIterable<string> {
  /**
   * Where the text that was handed out so far ends, for {@link LogQuery.after}. Undefined where a log is one stream that
   * can be read again from its start: then characters are counted.
   */
  readonly position?: string | undefined;
}

/** One account of a platform: a cluster and namespace, or this machine. */
export interface TaskPlatform {
  readonly accountName: string;
  readonly type: 'Local' | 'Kubernetes';
  /** One line about the account as SCDF's `tasks/platforms` shows it. */
  readonly description: string;
  /** Deployer properties offered in launch forms. */
  readonly options: readonly PlatformOption[];
  /**
   * The place that sees this account's executions: an id that is the same for all server processes that see the same ones, and
   * for no others; null when they are seen from everywhere (a cluster). Executions of another domain are unknown here.
   */
  readonly domain: string | null;
  /** At most so many executions at once, in each domain. */
  readonly maximumConcurrentTasks: number;
  /** Facts for `GET /about`. */
  readonly environment: PlatformEnvironment;

  /** Begins to observe; resolves when launches are possible. Must not fail for an unreachable platform: see {@link health}. */
  start(): Promise<void>;
  /** Stops observing and releases what it holds; what runs keeps running unless the platform's settings say otherwise. */
  close(): Promise<void>;

  /**
   * Checks what can be known before any row is written: names, deployer properties, values.
   * @throws InvalidLaunchRequestError naming the property, its value and what is allowed
   */
  validate(request: Omit<LaunchRequest, 'externalExecutionId' | 'execution' | 'dataSource'>): void;

  /**
   * Starts the task exactly once per `externalExecutionId`: asking again for one that exists is success, also when asked by
   * another server process. May take as long as the download of the task's jar; {@link status} says `waiting` meanwhile.
   * @returns when it started, where that is known at once; undefined when {@link onChange} will tell
   * @throws PlatformLaunchError when the platform refuses for good (and again at every further attempt, while
   *   {@link status} says `failed` with the same reason); any other error is transient and tried again
   * @throws InvalidLaunchRequestError for what {@link validate} refuses
   */
  launch(request: LaunchRequest): Promise<Date | undefined>;

  /**
   * What the platform knows of these executions now; unknown ones are reported as `gone`. Those of which nothing can be said at
   * present, as their cluster does not answer, are left out.
   */
  status(externalExecutionIds: readonly string[]): Promise<readonly PlatformStatus[]>;

  /**
   * Why an execution that the platform has taken does not begin, as far as is known without asking: `Unschedulable: …`.
   * @returns undefined where nothing is in the way, or nothing is known
   */
  hindrance?(externalExecutionId: string): string | undefined;

  /** Calls back whenever something changed, soon and at least once; missed calls are made up for by polling {@link status}. */
  onChange(listener: (status: PlatformStatus) => void): void;

  /**
   * Begins to end a running execution within the platform's grace period, and makes sure that a waiting one never starts;
   * an ended or unknown one is no error. Resolves when the end is asked for, not when it has come.
   */
  cancel(externalExecutionId: string): Promise<void>;

  /** Removes pod, job, working directory and log of an ended execution; an unknown or a running one is no error and stays as it is. */
  cleanUp(externalExecutionId: string): Promise<void>;

  /** @returns the log text, or undefined when the platform has none (any more) */
  log(externalExecutionId: string, query: LogQuery): Promise<string | undefined>;

  /**
   * What there is of the log, whole, and then what is added, until the execution has ended and everything was read. Waits for
   * an execution that has not begun; ends at once, without text, for an unknown one. Of an ended execution it is
   * what {@link log} gives, without its limit of length.
   */
  followLog(externalExecutionId: string, query: LogQuery): LogStream;

  /**
   * @param known tells which of these executions have a row
   * @returns names of what this server made on the platform and has no row of (any more)
   */
  orphans?(
    known: (externalExecutionIds: readonly string[]) => Promise<ReadonlySet<string>>,
  ): Promise<readonly string[]>;

  /** @returns undefined when healthy, else one sentence saying what is wrong */
  health(): Promise<string | undefined>;
}

/** One deployer property as SCDF's `tasks/platforms` lists it. */
export interface PlatformOption {
  /** Full name, `spring.cloud.deployer.local.java-opts`. */
  readonly id: string;
  /** Name without its prefix, `java-opts`. */
  readonly name: string;
  /** Java type name, `java.lang.String`. */
  readonly type: string;
  readonly description: string | null;
  readonly defaultValue: unknown;
}

/** Facts about platform and client, as `GET /about` shows them. */
export interface PlatformEnvironment {
  readonly deployerName: string;
  readonly platformApiVersion: string;
  readonly platformClientVersion: string;
  readonly platformHostVersion: string;
  readonly platformSpecificInfo: Readonly<Record<string, string>>;
}

/** The request itself is wrong: nothing was started, nothing will be. */
export class InvalidLaunchRequestError extends Error {
  override readonly name = 'InvalidLaunchRequestError';
}

/** The platform refuses for good: no such file, image reference malformed, quota exceeded for ever … */
export class PlatformLaunchError extends Error {
  override readonly name = 'PlatformLaunchError';
}
