/**
 * The settings of a Local account and what a launch may override of them, with SCDF's names (`spring.cloud.deployer.local.*`).
 *
 * One table says which names exist, what their values look like and where they go; account and launch are bound by it alike.
 */
import { nearestName } from '../nearest-name.js';
import {
  flag,
  integer,
  javaOptions,
  mappings,
  memoryMebibytes,
  path,
  patterns,
  suspend,
  text,
  UnacceptableValue,
  type SettingText,
} from './setting-values.js';

/** Everything that decides how a task runs on this machine; account settings overlaid by deployment properties. */
export interface LocalSettings {
  /** `working-directories-root`; undefined: the platform's own directory. */
  readonly workingDirectoriesRoot: string | undefined;
  /** `delete-files-on-exit`: clean-up removes the program's files too, not only what the platform knows of the execution. */
  readonly deleteFilesOnExit: boolean;
  /** `env-vars-to-inherit` as configured, each a regular expression for a whole name. */
  readonly envVarsToInherit: readonly string[];
  readonly javaCmd: string | undefined;
  /** `java-home-path.<2|3>` */
  readonly javaHomePath: Readonly<Record<string, string>>;
  /** `java-opts`, split at blanks outside quotes. */
  readonly javaOpts: readonly string[] | undefined;
  /** `shutdown-timeout`, seconds between SIGTERM and SIGKILL; 0: never SIGKILL. */
  readonly shutdownTimeout: number;
  readonly useSpringApplicationJson: boolean;
  readonly portRange: { readonly low: number | undefined; readonly high: number | undefined };
  readonly maximumConcurrentTasks: number;
  readonly debugPort: number | undefined;
  readonly debugAddress: string | undefined;
  readonly debugSuspend: 'y' | 'n';
  /** `inherit-logging`: the program writes to the server's own output; the platform keeps no log then. */
  readonly inheritLogging: boolean;
  readonly docker: {
    readonly network: string;
    readonly deleteContainerOnExit: boolean;
    readonly portMappings: readonly string[];
    readonly volumeMounts: readonly string[];
    readonly additionalHosts: readonly string[];
  };
  /** Generic deployer property `memory`, MiB. */
  readonly memory: number | undefined;
  /** Generic deployer property `cpu`, as number of processors. */
  readonly cpu: number | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<Omit<LocalSettings, 'docker' | 'portRange' | 'javaHomePath'>> & {
  docker: Mutable<LocalSettings['docker']>;
  portRange: Mutable<LocalSettings['portRange']>;
  javaHomePath: Record<string, string>;
};

/** SCDF's defaults (its list of deployer properties and its platform description). */
export const DEFAULT_LOCAL_SETTINGS: LocalSettings = {
  workingDirectoriesRoot: undefined,
  deleteFilesOnExit: true,
  envVarsToInherit: ['TMP', 'LANG', 'LANGUAGE', 'LC_.*', 'PATH', 'SPRING_APPLICATION_JSON'],
  javaCmd: undefined,
  javaHomePath: {},
  javaOpts: undefined,
  shutdownTimeout: 30,
  useSpringApplicationJson: true,
  portRange: { low: undefined, high: undefined },
  maximumConcurrentTasks: 20,
  debugPort: undefined,
  debugAddress: undefined,
  debugSuspend: 'y',
  inheritLogging: false,
  docker: {
    network: 'bridge',
    deleteContainerOnExit: true,
    portMappings: [],
    volumeMounts: [],
    additionalHosts: [],
  },
  memory: undefined,
  cpu: undefined,
};

type Bind = (draft: Draft, value: SettingText) => void;

const port = (value: SettingText) => integer(value, 1, 65_535);
/** Settings of SCDF's deployer that concern long-running applications only: known, and without effect on tasks. */
const withoutEffect: Bind = (_draft, value) => void text(value);

const BINDINGS: Readonly<Record<string, Bind>> = {
  'working-directories-root': (draft, value) => (draft.workingDirectoriesRoot = path(value)),
  'delete-files-on-exit': (draft, value) => (draft.deleteFilesOnExit = flag(value)),
  'env-vars-to-inherit': (draft, value) => (draft.envVarsToInherit = patterns(value)),
  'java-cmd': (draft, value) => (draft.javaCmd = text(value)),
  'java-home-path.2': (draft, value) => (draft.javaHomePath['2'] = path(value)),
  'java-home-path.3': (draft, value) => (draft.javaHomePath['3'] = path(value)),
  'java-opts': (draft, value) => (draft.javaOpts = javaOptions(value)),
  'shutdown-timeout': (draft, value) => (draft.shutdownTimeout = integer(value, 0, 604_800)),
  'use-spring-application-json': (draft, value) => (draft.useSpringApplicationJson = flag(value)),
  'port-range.low': (draft, value) => (draft.portRange.low = port(value)),
  'port-range.high': (draft, value) => (draft.portRange.high = port(value)),
  'maximum-concurrent-tasks': (draft, value) => (draft.maximumConcurrentTasks = integer(value, 0, 1_000_000)),
  'debug-port': (draft, value) => (draft.debugPort = port(value)),
  'debug-address': (draft, value) => (draft.debugAddress = text(value)),
  'debug-suspend': (draft, value) => (draft.debugSuspend = suspend(value)),
  'inherit-logging': (draft, value) => (draft.inheritLogging = flag(value)),
  'docker.network': (draft, value) => (draft.docker.network = text(value)),
  'docker.delete-container-on-exit': (draft, value) => (draft.docker.deleteContainerOnExit = flag(value)),
  'docker.port-mappings': (draft, value) => (draft.docker.portMappings = mappings(value)),
  'docker.volume-mounts': (draft, value) => (draft.docker.volumeMounts = mappings(value)),
  'docker.additional-hosts': (draft, value) => (draft.docker.additionalHosts = mappings(value)),
  'docker.port-range.low': (_draft, value) => void port(value),
  'docker.port-range.high': (_draft, value) => void port(value),
  hostname: withoutEffect,
  'startup-probe.path': withoutEffect,
  'health-probe.path': withoutEffect,
  'app-admin.user': withoutEffect,
  'app-admin.password': withoutEffect,
};

/** Deployer properties that SCDF has for every platform; they carry no platform prefix. */
const GENERIC_BINDINGS: Readonly<Record<string, Bind>> = {
  memory: (draft, value) => (draft.memory = memoryMebibytes(value)),
  cpu: (draft, value) => (draft.cpu = cpuCount(value)),
};

/** `0.5`, `2` or, as on Kubernetes, thousandths: `500m`. */
function cpuCount(value: SettingText): number {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(text(value));
  const count = match === null ? 0 : Number(match[1]) / (match[2] === 'm' ? 1000 : 1);
  if (count <= 0) {
    throw new UnacceptableValue('a number of processors above 0 such as 0.5, 2 or 500m');
  }
  return count;
}

/** One value and where it was written. */
export interface WrittenSetting {
  /** The name as its author wrote it, for messages. */
  readonly writtenName: string;
  /** Name below `local.`, in any of Spring's relaxed forms. */
  readonly name: string;
  readonly value: SettingText;
  /** True for properties that belong to every platform (`memory`, `cpu`). */
  readonly generic?: boolean;
}

/** What {@link bindLocalSettings} does with what it cannot bind. */
export interface BindingTrouble {
  /** A value that does not parse. `allowed` completes «it must be …». */
  readonly unacceptable: (setting: WrittenSetting, allowed: string) => void;
  /** A name that nobody knows; `nearest` is the known name that resembles it most, without prefix. */
  readonly unknown: (setting: WrittenSetting, nearest: string) => void;
}

/** Lays the written settings over `base`; troubles are reported, not thrown, and leave the base's value. */
export function bindLocalSettings(
  base: LocalSettings,
  written: readonly WrittenSetting[],
  trouble: BindingTrouble,
): LocalSettings {
  const draft: Draft = {
    ...base,
    docker: { ...base.docker },
    portRange: { ...base.portRange },
    javaHomePath: { ...base.javaHomePath },
  };
  for (const setting of written) {
    const bindings = setting.generic === true ? GENERIC : LOCAL;
    const bind = bindings.get(uniformName(setting.name));
    if (bind === undefined) {
      trouble.unknown(setting, nearestName(setting.name, Object.keys(BINDINGS), uniformName) ?? '');
      continue;
    }
    try {
      bind(draft, setting.value);
    } catch (error) {
      if (!(error instanceof UnacceptableValue)) throw error;
      trouble.unacceptable(setting, error.allowed);
    }
  }
  return draft;
}

/** Spring's relaxed binding: case, dashes and underscores of a name do not count. */
export function uniformName(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

const index = (bindings: Readonly<Record<string, Bind>>) =>
  new Map(Object.entries(bindings).map(([name, bind]) => [uniformName(name), bind]));
const LOCAL = index(BINDINGS);
const GENERIC = index(GENERIC_BINDINGS);

/** Whether a deployer property without platform prefix is one of those that this platform reads. */
export function isGenericName(name: string): boolean {
  return GENERIC.has(uniformName(name));
}
