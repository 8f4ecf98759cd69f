import type { PostgresConnection } from '../../configuration/configuration.js';
import { JdbcUrlError, parseJdbcUrl } from '../../configuration/jdbc-url.js';
import { PlaceholderError } from '../../configuration/placeholders.js';
import { postgresConnection } from '../../configuration/postgres-connection.js';
import { parseLaunchProperties } from '../../launching/launch-properties.js';
import { runLimits, type RunLimits, RunLimitsError } from '../engine/run-limits.js';
import { RUNNER } from '../engine/runner-launch.js';
import { type RunnerSettings, runnerSettings, RunnerSettingsError } from '../engine/runner-settings.js';
import { GivenProperties, type PropertySources, UnreadableSourceError } from './given-properties.js';
import { optionsWithoutEffect } from './options-without-effect.js';
import { type ServerAccess, serverAccess } from './server-access.js';
import { type SingleInstance, singleInstanceOf } from './single-instance.js';
import { areOfTwoGenerations, DEFAULT_PREFIXES, type TablePrefixes } from './table-prefixes.js';

/** What one call of the runner is to do. Times are in milliseconds. */
export interface RunnerOptions {
  /** `spring.cloud.task.name`: the composed task, which is the job's name too. */
  readonly taskName: string;
  /** The executable text: children by their full names. */
  readonly graph: string;
  readonly settings: RunnerSettings;
  /** What Millrace adds: `millrace.timeout`, `millrace.max-at-once`. */
  readonly limits: RunLimits;
  /** `composed-task-properties`, taken apart. */
  readonly composedTaskProperties: ReadonlyMap<string, string>;
  /** The longest time between two looks at a child. */
  readonly interval: number;
  readonly server: ServerAccess;
  readonly database: PostgresConnection;
  readonly prefixes: TablePrefixes;
  /** The row that a server made for this run; null if the runner makes its own. */
  readonly executionId: number | null;
  readonly parentExecutionId: number | null;
  readonly externalExecutionId: string | null;
  readonly failOnJobFailure: boolean;
  /** How a second run of the task is kept from beginning; null if it is not. */
  readonly singleInstance: SingleInstance | null;
  /** Sentences about what was given and changes nothing. */
  readonly remarks: readonly string[];
  /** The command line, as it is recorded. */
  readonly arguments: readonly string[];
}

/** A task execution that a server made, and where it is. */
export type MadeTask = Pick<
  RunnerOptions,
  'database' | 'prefixes' | 'taskName' | 'parentExecutionId' | 'externalExecutionId'
> & { readonly executionId: number };

/** Options that cannot be used; the message has a line for each problem. */
export class RunnerOptionsError extends Error {
  override readonly name = 'RunnerOptionsError';

  /** @param made the row that a server made for this run, where enough is known to write its end */
  constructor(
    readonly problems: readonly string[],
    readonly made?: MadeTask,
  ) {
    super(problems.join('\n'));
  }
}

const NAME = 'spring.cloud.task.name';
const DATABASE = 'spring.datasource.url';

/** SCDF's default: how often it looks at a child. */
const INTERVAL = 10_000;

/**
 * Reads what SCDF's composed task runner is told: the same names in the same spellings, see {@link GivenProperties}.
 * @param workingDirectory where certificates of a JDBC URL with relative names are
 * @throws RunnerOptionsError with all that is wrong
 */
export async function readRunnerOptions(sources: PropertySources, workingDirectory: string): Promise<RunnerOptions> {
  try {
    return await new OptionsReader(new GivenProperties(sources), sources.arguments).read(workingDirectory);
  } catch (error) {
    if (error instanceof UnreadableSourceError) throw new RunnerOptionsError([error.message]);
    throw error;
  }
}

class OptionsReader {
  private readonly problems: string[] = [];

  constructor(
    private readonly given: GivenProperties,
    private readonly commandLine: readonly string[],
  ) {}

  async read(workingDirectory: string): Promise<RunnerOptions> {
    // SCDF's own words, which people search for.
    const taskName = this.required(NAME, `${NAME} property must have a value.`);
    const graph = this.required(
      'graph',
      'The property graph must have a value: the composed task with the names of its children, as --graph="ct-a && ct-b".',
    );
    this.checkGeneration();
    const settings = this.settings();
    const options: RunnerOptions = {
      taskName,
      graph,
      settings,
      limits: this.limits(),
      composedTaskProperties: this.childProperties(settings),
      interval: this.integer('interval-time-between-checks', 0) ?? INTERVAL,
      server: serverAccess({
        text: (name) => this.text(name),
        flag: (name) => this.flag(name),
        refuse: (problem) => void this.problems.push(problem),
      }),
      database: await this.database(workingDirectory),
      prefixes: this.prefixes(),
      executionId: this.integer('spring.cloud.task.executionid', 1, Number.MAX_SAFE_INTEGER),
      parentExecutionId: this.integer('spring.cloud.task.parent-execution-id', 1, Number.MAX_SAFE_INTEGER),
      externalExecutionId: this.text('spring.cloud.task.external-execution-id') ?? null,
      failOnJobFailure: this.flag('spring.cloud.task.batch.fail-on-job-failure'),
      singleInstance: singleInstanceOf({
        flag: (name) => this.flag(name),
        integer: (name, least) => this.integer(name, least),
      }),
      remarks: optionsWithoutEffect((name) => this.text(name) !== undefined),
      arguments: this.commandLine,
    };
    if (this.problems.length > 0) throw new RunnerOptionsError([...new Set(this.problems)], madeTask(options));
    return options;
  }

  /** The engine reads them by the same rules; what it wants is found here in every source. */
  private settings(): RunnerSettings {
    const properties = new Map<string, string>();
    for (const name of SETTINGS) {
      const value = this.text(name);
      if (value !== undefined) properties.set(name, value);
    }
    for (const map of ['composed-task-app-arguments', 'composed-task-app-properties']) {
      for (const [key, value] of this.given.map(map)) properties.set(`${map}.${key}`, value);
    }
    try {
      return runnerSettings(properties, []);
    } catch (error) {
      if (!(error instanceof RunnerSettingsError)) throw error;
      this.problems.push(...error.problems);
      return runnerSettings(new Map(), []);
    }
  }

  /**
   * Under the names that a launch of the server's has, and without what they begin with: SCDF's server hands
   * `app.composed-task-runner.millrace.timeout` over as `millrace.timeout`.
   */
  private limits(): RunLimits {
    const limits = new Map<string, string>();
    const take = (key: string, name: string): void => {
      const value = this.text(name);
      if (value !== undefined) limits.set(key, value);
    };
    for (const name of LIMITS) take(`app.${RUNNER}.millrace.${name}`, `millrace.${name}`);
    for (const head of [`app.${RUNNER}.millrace.`, `deployer.${RUNNER}.millrace.`]) {
      for (const name of this.given.namesBelow(head)) take(head + name, head + name);
    }
    try {
      return runLimits(limits);
    } catch (error) {
      if (!(error instanceof RunLimitsError)) throw error;
      this.problems.push(...error.problems);
      return { timeout: null, maxAtOnce: null };
    }
  }

  private childProperties({ composedTaskProperties }: RunnerSettings): ReadonlyMap<string, string> {
    try {
      return parseLaunchProperties(composedTaskProperties ?? '');
    } catch (error) {
      this.problems.push(`composed-task-properties: ${(error as Error).message}`);
      return new Map();
    }
  }

  private async database(workingDirectory: string): Promise<PostgresConnection> {
    const url = this.text(DATABASE);
    try {
      if (url !== undefined) {
        const credentials = {
          username: this.text('spring.datasource.username'),
          password: this.text('spring.datasource.password'),
        };
        return await postgresConnection(parseJdbcUrl(url), credentials, workingDirectory);
      }
      this.problems.push(
        `No database is configured: set ${DATABASE} (and .username, .password), or SPRING_DATASOURCE_URL, to the server's database. A composed task records its steps there.`,
      );
    } catch (error) {
      if (!(error instanceof JdbcUrlError)) throw error;
      this.problems.push(`${DATABASE} must be ${error.message}.`);
    }
    return NO_CONNECTION;
  }

  /** SCDF's runner is an application of Boot 2 and has its tables; those of Boot 3 have other columns. */
  private checkGeneration(): void {
    const target = this.text('spring.cloud.task.schema-target');
    if (target === undefined || target === 'boot2') return;
    this.problems.push(
      `spring.cloud.task.schema-target is '${target.slice(0, 50)}', but a composed task always runs as boot2; its children may be of either generation.`,
    );
  }

  private required(name: string, problem: string): string {
    const value = this.text(name);
    if (value === undefined) this.problems.push(problem);
    return value ?? '';
  }

  private text(name: string): string | undefined {
    try {
      return this.given.text(name);
    } catch (error) {
      if (!(error instanceof PlaceholderError)) throw error;
      this.problems.push(`${name}: ${error.message}.`);
      return undefined;
    }
  }

  private flag(name: string): boolean {
    const text = this.text(name)?.trim() ?? 'false';
    if (/^(true|on|yes|1)$/i.test(text)) return true;
    if (!/^(false|off|no|0)$/i.test(text)) this.problems.push(`${name} must be true or false.`);
    return false;
  }

  private integer(name: string, least: number, most = 0x7fffffff): number | null {
    const text = this.text(name)?.trim();
    if (text === undefined) return null;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    this.problems.push(`${name} is '${text.slice(0, 50)}', but must be a whole number of at least ${least}.`);
    return null;
  }

  private prefixes(): TablePrefixes {
    const prefixes = {
      task: this.prefix('spring.cloud.task.table-prefix', DEFAULT_PREFIXES.task),
      batch: this.prefix('spring.batch.jdbc.table-prefix', DEFAULT_PREFIXES.batch),
    };
    if (areOfTwoGenerations(prefixes)) {
      this.problems.push(
        `spring.cloud.task.table-prefix is '${prefixes.task}' and spring.batch.jdbc.table-prefix '${prefixes.batch}': one names the tables of Boot 3 and the other does not, but both have to be of one generation.`,
      );
    }
    return prefixes;
  }

  private prefix(name: string, standard: string): string {
    const text = this.text(name)?.trim() ?? standard;
    if (/^(?:[a-z_]\w{0,62}\.)?[a-z_]\w{0,40}$/i.test(text)) return text;
    this.problems.push(
      `${name} is '${text.slice(0, 100)}', but must be the beginning of a table's name, such as ${standard}, perhaps with its schema before a dot.`,
    );
    return standard;
  }
}

function madeTask({ executionId, ...options }: RunnerOptions): MadeTask | undefined {
  return executionId === null || options.database === NO_CONNECTION ? undefined : { executionId, ...options };
}

const SETTINGS = [
  'composed-task-arguments',
  'composed-task-properties',
  'platform-name',
  'max-wait-time',
  'max-start-wait-time',
  'split-thread-core-pool-size',
  'increment-instance-enabled',
  'uuid-instance-enabled',
];

/** Of the run as a whole. */
const LIMITS = ['timeout', 'max-at-once'];

/** Stands where there is none; options with a problem are never used. */
const NO_CONNECTION: PostgresConnection = {
  hosts: [],
  database: '',
  user: undefined,
  password: undefined,
  schema: undefined,
  ssl: false,
  sslMode: 'disable',
  applicationName: undefined,
  targetServerType: 'any',
  connectTimeout: 0,
  socketTimeout: 0,
};
