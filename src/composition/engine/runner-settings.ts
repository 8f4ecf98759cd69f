import { canonicalName } from './setting-names.js';
import { SettingsError } from './settings-error.js';

/** What a launch asks of the runner, see SCDF's composed-task-runner application. Times are in milliseconds. */
export interface RunnerSettings {
  readonly composedTaskArguments: string | null;
  /** As text; properties are taken apart as those of a launch. */
  readonly composedTaskProperties: string | null;
  /** Keys plain or in Base64 form, in the order given. */
  readonly composedTaskAppArguments: ReadonlyMap<string, string>;
  readonly composedTaskAppProperties: ReadonlyMap<string, string>;
  readonly platformName: string | null;
  /** 0 for no limit. */
  readonly maxWaitTime: number;
  /** 0 for no limit. */
  readonly maxStartWaitTime: number;
  /** How many branches of splits run at once, and how many splits may lie in one, see `PlanLimits`. */
  readonly splitThreadCorePoolSize: number;
  /** Whether each launch gets `run.id` as a job parameter, one higher than the last time. */
  readonly incrementInstanceEnabled: boolean;
  /** Whether each launch gets `ctr.id`, a random UUID, instead; wins over the former. */
  readonly uuidInstanceEnabled: boolean;
}

/** Settings of the runner with values that cannot be used. */
export class RunnerSettingsError extends SettingsError {}

const APP_ARGUMENTS = 'composedtaskapparguments';
const APP_PROPERTIES = 'composedtaskappproperties';

/**
 * Reads the runner's settings. Names are found in every spelling that Spring knows (`max-wait-time`, `maxWaitTime`,
 * `MAX_WAIT_TIME`); arguments `--name=value` win over properties, later ones over earlier ones.
 *
 * @param properties those under `app.composed-task-runner.`, without that prefix
 * @param given the runner's arguments, see `runnerArguments`
 * @throws RunnerSettingsError with a sentence for each value that is wrong
 */
export function runnerSettings(properties: ReadonlyMap<string, string>, given: readonly string[]): RunnerSettings {
  const values = new Map<string, string>();
  const maps = new Map([
    [APP_ARGUMENTS, new Map<string, string>()],
    [APP_PROPERTIES, new Map<string, string>()],
  ]);
  const take = (name: string, value: string): void => {
    const [, head = '', key = ''] = /^([^.]*)\.?(.*)$/s.exec(name) ?? [];
    const map = maps.get(canonicalName(head));
    if (map !== undefined && key !== '') map.set(key, value);
    else values.set(canonicalName(name), value);
  };
  for (const [name, value] of properties) take(name, value);
  for (const argument of given) {
    const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(argument) ?? [];
    if (name !== '') take(name, value);
  }
  return new Reader(values).read(maps.get(APP_ARGUMENTS) ?? new Map(), maps.get(APP_PROPERTIES) ?? new Map());
}

class Reader {
  private readonly problems: string[] = [];

  constructor(private readonly values: ReadonlyMap<string, string>) {}

  read(appArguments: ReadonlyMap<string, string>, appProperties: ReadonlyMap<string, string>): RunnerSettings {
    const settings = {
      composedTaskArguments: this.text('composed-task-arguments'),
      composedTaskProperties: this.text('composed-task-properties'),
      composedTaskAppArguments: appArguments,
      composedTaskAppProperties: appProperties,
      platformName: this.text('platform-name'),
      maxWaitTime: this.integer('max-wait-time', 0, 0),
      maxStartWaitTime: this.integer('max-start-wait-time', 0, 0),
      splitThreadCorePoolSize: this.integer('split-thread-core-pool-size', 4, 1),
      incrementInstanceEnabled: this.boolean('increment-instance-enabled', true),
      uuidInstanceEnabled: this.boolean('uuid-instance-enabled', false),
    };
    if (this.problems.length > 0) throw new RunnerSettingsError(this.problems);
    return settings;
  }

  private text(name: string): string | null {
    return this.values.get(canonicalName(name)) ?? null;
  }

  private integer(name: string, standard: number, least: number): number {
    const text = this.text(name)?.trim() ?? '';
    if (text === '') return standard;
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= 0x7fffffff) return value;
    return this.refuse(name, text, `a whole number from ${least} to ${0x7fffffff}`, standard);
  }

  private boolean(name: string, standard: boolean): boolean {
    const text = this.text(name)?.trim() ?? '';
    if (text === '') return standard;
    if (/^(true|on|yes|1)$/i.test(text)) return true;
    if (/^(false|off|no|0)$/i.test(text)) return false;
    return this.refuse(name, text, 'true or false', standard);
  }

  private refuse<T>(name: string, text: string, allowed: string, standard: T): T {
    this.problems.push(`The composed task's setting '${name}' is '${text.slice(0, 100)}', but must be ${allowed}.`);
    return standard;
  }
}
